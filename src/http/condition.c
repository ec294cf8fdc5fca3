/* SPDX-License-Identifier: ISC */
#include "http/condition.h"

#include "base/clock.h"
#include "base/date.h"
#include "http/fields.h"

#include <stdlib.h>
#include <string.h>

/* An entity tag in a list: with its quotes, whether it is weak. */
struct tag {
	struct span text;
	bool is_weak;
};

/*
 * RFC 9110 section 8.8.3: there is no escape inside the quotes, a comma there
 * is part of the tag. What is no tag is passed over up to the next comma.
 */
static bool
tag_next(const char **at, struct tag *ret)
{
	for (;;) {
		const char *end;

		*at += strspn(*at, " \t,");
		if (**at == '\0')
			return false;
		ret->is_weak = strncmp(*at, "W/", 2) == 0;
		if (ret->is_weak)
			*at += 2;
		if (**at == '"' && (end = strchr(*at + 1, '"')) != NULL) {
			ret->text = (struct span){ *at,
				(size_t)(end - *at) + 1 };
			*at = end + 1;
			return true;
		}
		*at += strcspn(*at, ",");
	}
}

static bool
is_star(const char *header)
{
	return field_is(field_trimmed(span_of(header)), "*");
}

/* What coding of the thing with that plain etag a tag names. */
static bool
tag_is_of(struct span tag, const char *etag, enum encoding *ret)
{
	size_t length = strlen(etag) - 1; /* without the closing quote */
	struct span rest;

	if (tag.length <= length || memcmp(tag.text, etag, length) != 0)
		return false;
	rest = (struct span){ tag.text + length, tag.length - length - 1 };
	*ret = ENCODING_IDENTITY;
	if (rest.length == 0)
		return true;
	*ret = encoding_find((struct span){ rest.text + 1, rest.length - 1 });
	return rest.text[0] == '-' && *ret != ENCODING_IDENTITY;
}

/*
 * Section 8.8.3.2: strong comparison takes no weak tag on either side. Of the
 * tags that are there, that of the coding asked for comes first.
 */
static bool
list_has(const struct request *request, const char *header, const char *etag,
    bool strong, enum encoding *encoding)
{
	struct encoding_liking liking;
	bool is_liking_known = false;
	enum encoding of, found = ENCODINGS;
	bool is_weak;
	struct tag tag;

	if (is_star(header))
		return true;
	if (etag == NULL)
		return false;
	is_weak = strncmp(etag, "W/", 2) == 0;
	if (strong && is_weak)
		return false;
	while (tag_next(&header, &tag)) {
		if ((strong && tag.is_weak) ||
		    !tag_is_of(tag.text, is_weak ? etag + 2 : etag, &of))
			continue;
		if (of == *encoding)
			return true;
		if (!is_liking_known)
			liking = encoding_liking_of(
			    request_header(request, "Accept-Encoding"));
		is_liking_known = true;
		if (found == ENCODINGS && encoding_is_taken(&liking, of))
			found = of;
	}
	if (found == ENCODINGS)
		return false;
	*encoding = found;
	return true;
}

/* True if the thing was changed after the date of that header. */
static bool
is_changed_since(const struct answer *answer, const char *date, bool unreadable)
{
	int64_t since;

	if (!date_parse_http(date, &since))
		return unreadable;
	return answer->modified / SECOND > since / SECOND;
}

static bool
is_current(const struct request *request, const struct answer *answer,
    enum encoding *encoding)
{
	const char *header = request_header(request, "If-None-Match");

	if (request->method != HTTP_GET)
		return false;
	if (header != NULL)
		return list_has(request, header, answer->etag, false, encoding);
	header = request_header(request, "If-Modified-Since");
	return header != NULL && answer->modified != 0 &&
	    !answer->modified_is_vague &&
	    !is_changed_since(answer, header, true);
}

bool
answer_is_current(const struct request *request, const struct answer *answer)
{
	enum encoding any = ENCODING_IDENTITY;

	return is_current(request, answer, &any);
}

enum condition
condition_of(const struct request *request, const struct answer *answer,
    enum encoding *encoding)
{
	const char *match = request_header(request, "If-Match");
	const char *since = request_header(request, "If-Unmodified-Since");

	if (match != NULL &&
	    !list_has(request, match, answer->etag, true, encoding))
		return CONDITION_FAILED;
	if (match == NULL && since != NULL && answer->modified != 0 &&
	    is_changed_since(answer, since, false))
		return CONDITION_FAILED;
	return is_current(request, answer, encoding) ? CONDITION_CURRENT
						     : CONDITION_MET;
}

/* "N" or "N-...", whatever its form and encoding were. */
static bool
tag_names(struct tag tag, int64_t number)
{
	const char *digits = tag.text.text + 1;
	char *end;

	return *digits >= '1' && *digits <= '9' &&
	    strtoll(digits, &end, 10) == number && (*end == '"' || *end == '-');
}

static bool
list_names(const char *header, int64_t number, bool strong)
{
	struct tag tag;

	if (is_star(header))
		return true;
	while (tag_next(&header, &tag))
		if (!(strong && tag.is_weak) && tag_names(tag, number))
			return true;
	return false;
}

bool
request_may_change(const struct request *request, int64_t number, bool required,
    struct error *err)
{
	const char *match = request_header(request, "If-Match");
	const char *none = request_header(request, "If-None-Match");

	if (match == NULL && required)
		return error_set(err, ERROR_PRECONDITION_REQUIRED,
		    "If-Match is needed, with the ETag that you changed");
	if (match != NULL && !list_names(match, number, true))
		return error_set(err, ERROR_PRECONDITION,
		    "it was changed meanwhile: look again");
	if (none != NULL && list_names(none, number, false))
		return error_set(err, ERROR_PRECONDITION,
		    "If-None-Match: that is what it is");
	return true;
}
