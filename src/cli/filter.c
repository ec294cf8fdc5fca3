/* SPDX-License-Identifier: ISC */
#include "filter/filter.h"

#include "base/mem.h"
#include "cli/commands.h"
#include "cli/incident_line.h"
#include "cli/input.h"

#include <stdio.h>
#include <string.h>

/* The commands that try a filter without a store. */

static bool
parse(struct line *line, struct filter **ret, struct error *err)
{
	/* on the command line nobody is "me" */
	const struct filter_context context = { 0 };

	return filter_parse(
	    line_memory(line), line_text(line, 0), &context, ret, err);
}

bool
filter_check(struct line *line, struct error *err)
{
	struct filter *filter;
	const char *warning;

	if (!parse(line, &filter, err))
		return false;
	warning = filter_warning(filter);
	if (warning != NULL)
		line_warn(line, "%s", warning);
	(void)puts(filter_text(filter));
	return true;
}

/* --- match */

static bool
match_line(const struct filter *filter, const struct incident_line *incident,
    struct filter_scratch *scratch)
{
	const struct filter_document document = {
		.texts = incident->texts,
		.n_texts = FIELD_COUNT,
		.tags = incident->tags,
		.n_tags = incident->n_tags,
	};

	return filter_matches(filter, &document, &incident->state, scratch);
}

/* Warns of a wrong line and goes on; false if a line cannot even be read. */
static bool
match_all(struct line *line, struct input *input, const struct filter *filter,
    size_t *bad, struct error *err)
{
	struct filter_scratch *scratch = filter_scratch_new(
	    line_memory(line), 0);
	struct input_line at;

	while (input_next(input, &at, err)) {
		void *memory = mem_root("incident line");
		struct incident_line incident;
		struct error wrong = { 0 };
		char text[ERROR_TEXT];

		if (!incident_line_read(memory, at.text, &incident, &wrong)) {
			line_warn(line, "line %zu: %s", at.number,
			    error_text(&wrong, text));
			*bad += 1;
		} else if (match_line(filter, &incident, scratch)) {
			(void)fwrite(at.bytes, 1, at.length, stdout);
			(void)putchar('\n');
		}
		talloc_free(memory);
	}
	return err->kind == ERROR_NONE;
}

bool
filter_match(struct line *line, struct error *err)
{
	struct filter *filter;
	struct input *input;
	size_t bad = 0;

	if (!parse(line, &filter, err) ||
	    !input_open(line, line_path(line, 1), &input, err) ||
	    !match_all(line, input, filter, &bad, err))
		return false;
	if (bad > 0)
		return error_set(err, ERROR_INVALID,
		    "%zu line%s could not be read", bad, bad == 1 ? "" : "s");
	return true;
}
