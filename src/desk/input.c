/* SPDX-License-Identifier: ISC */
#include "desk/input.h"

#include "base/mem.h"
#include "base/span.h"
#include "base/utf8.h"
#include "desk/incident.h"
#include "filter/tag.h"

#include <stdlib.h>
#include <string.h>

bool
input_line(void *owner, const char *field, const char *text, size_t most,
    char **ret, struct error *err)
{
	char *line = utf8_one_line(owner, text == NULL ? "" : text);

	if (utf8_length(line) > most)
		return error_field(
		    err, field, 0, "must have at most %zu characters", most);
	*ret = line;
	return true;
}

bool
input_text(void *owner, const char *field, const char *text, size_t most,
    char **ret, struct error *err)
{
	char *lines = utf8_unix_lines(owner, text == NULL ? "" : text);

	if (strlen(lines) > most)
		return error_field(
		    err, field, 0, "must have at most %zu bytes", most);
	*ret = lines;
	return true;
}

bool
input_words(void *owner, const char *field, const char *text, size_t most,
    char **ret, struct error *err)
{
	if (text == NULL || utf8_is_blank(text))
		return error_field(err, field, 0, "must not be empty");
	return input_text(owner, field, text, most, ret, err);
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool
input_tags(void *owner, const char *field, const char *const *tags, size_t n,
    char ***ret, size_t *n_ret, struct error *err)
{
	char **folded = mem_array(owner, char *, n + 1);
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!tag_parse(
			folded, span_of(tags[i]), field, &folded[i], err))
			return false;
	if (n > 1)
		qsort(folded, n, sizeof *folded, by_bytes);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || strcmp(folded[kept - 1], folded[i]) != 0)
			folded[kept++] = folded[i];
	if (kept > TAGS_MAX)
		return error_field(
		    err, field, 0, "must be at most %d tags", TAGS_MAX);
	*ret = folded;
	*n_ret = kept;
	return true;
}

bool
input_severity(const char *name, enum filter_severity *ret, struct error *err)
{
	return filter_severity_find(name, ret) ||
	    error_field(
		err, "severity", 0, "must be low, normal, high or critical");
}

bool
input_email(void *owner, const char *field, const char *text, char **ret,
    struct error *err)
{
	enum { MOST = 254 }; /* RFC 5321, 4.5.3.1.3 */
	char *line;
	const char *at;

	*ret = NULL;
	if (!input_line(owner, field, text, MOST, &line, err))
		return false;
	if (line[0] == '\0')
		return true;
	at = strchr(line, '@');
	if (at == NULL || at == line || at[1] == '\0' ||
	    strchr(line, ' ') != NULL)
		return error_field(
		    err, field, 0, "must be an address like ana@example.org");
	*ret = line;
	return true;
}
