/* SPDX-License-Identifier: ISC */
#include "http/request.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "http/fields.h"

#include <stdio.h>
#include <string.h>

/*
 * Both kinds of form bodies. libmicrohttpd's own parser is not used: it had
 * two memory bugs (CVE-2021-3466, CVE-2023-27371).
 */
enum {
	FORM_FIELDS = 200,
	BOUNDARY_MOST = 70, /* RFC 2046 section 5.1.1 */
	PART_HEAD_MOST = 8192,
};

static bool
field_add(
    void *owner, struct form *form, struct form_field field, struct error *err)
{
	if (form->n == FORM_FIELDS)
		return error_set(err, ERROR_MALFORMED,
		    "the form has over %d fields", FORM_FIELDS);
	*mem_push(owner, &form->fields, &form->n) = field;
	return true;
}

/* application/x-www-form-urlencoded, as the URL standard (WHATWG) reads it. */
static bool
urlencoded_parse(
    const struct request *request, struct form *form, struct error *err)
{
	const char *at = request->body, *end = at + request->body_length;

	while (at < end) {
		const char *stop = memchr(at, '&', (size_t)(end - at));
		const char *equals, *key_end;
		struct form_field field = { NULL, "" };

		stop = stop == NULL ? end : stop;
		equals = memchr(at, '=', (size_t)(stop - at));
		key_end = equals == NULL ? stop : equals;
		field.name = field_decoded(request->memory,
		    (struct span){ at, (size_t)(key_end - at) }, true);
		if (equals != NULL)
			field.value = field_decoded(request->memory,
			    (struct span){
				equals + 1, (size_t)(stop - equals) - 1 },
			    true);
		if (field.name == NULL || field.value == NULL)
			return error_set(err, ERROR_MALFORMED,
			    "the form is not UTF-8, or has a broken escape "
			    "or U+0000");
		if (stop > at && !field_add(request->memory, form, field, err))
			return false;
		at = stop + 1;
	}
	return true;
}

/* What is left of a multipart body, and what divides it. */
struct parts {
	const char *at;
	const char *end;
	char delimiter[BOUNDARY_MOST + 5]; /* CR LF -- boundary */
	size_t length;
};

static const char *
find(const char *at, const char *end, const char *what, size_t length)
{
	return memmem(at, (size_t)(end - at), what, length);
}

/*
 * Goes behind the next delimiter line; *content is what stood before it, *last
 * says that it was the closing one. False if there is none.
 */
static bool
parts_next(struct parts *parts, struct span *content, bool *last)
{
	const char *start = parts->at, *from = start, *found;

	while ((found = find(from, parts->end, parts->delimiter,
		    parts->length)) != NULL) {
		const char *rest = found + parts->length;

		*content = (struct span){ start, (size_t)(found - start) };
		*last = parts->end - rest >= 2 && memcmp(rest, "--", 2) == 0;
		if (*last)
			return true;
		while (rest < parts->end && (*rest == ' ' || *rest == '\t'))
			rest++;
		if (parts->end - rest >= 2 && memcmp(rest, "\r\n", 2) == 0) {
			parts->at = rest + 2;
			return true;
		}
		from = found + 1; /* the beginning of a longer line */
	}
	return false;
}

/* A copy of text that is UTF-8 without U+0000, or NULL. */
static const char *
text_checked(void *owner, struct span text)
{
	if (memchr(text.text, '\0', text.length) != NULL ||
	    !utf8_is_valid(text.text, text.length))
		return NULL;
	return mem_copy_n(owner, text.text, text.length);
}

/* The name in a part's Content-Disposition (RFC 7578), or NULL. */
static const char *
part_name(void *owner, struct span head)
{
	static const char wanted[] = "Content-Disposition:";
	const char *text = text_checked(owner, head);

	while (text != NULL && *text != '\0') {
		size_t length = strcspn(text, "\r\n");
		struct span name = { text, sizeof wanted - 1 };

		if (length > name.length && field_is(name, wanted))
			return field_parameter(owner,
			    mem_copy_n(owner, text + name.length,
				length - name.length),
			    "name");
		text += length;
		text += strspn(text, "\r\n");
	}
	return NULL;
}

static bool
part_parse(void *owner, struct span part, struct form *form, struct error *err)
{
	const char *end = part.text + part.length;
	const char *blank = find(part.text, end, "\r\n\r\n", 4);
	struct form_field field;
	struct span head;

	if (blank == NULL || blank - part.text > PART_HEAD_MOST)
		return error_set(
		    err, ERROR_MALFORMED, "a part of the form has no head");
	head = (struct span){ part.text, (size_t)(blank - part.text) };
	field.name = part_name(owner, head);
	if (field.name == NULL)
		return error_set(
		    err, ERROR_MALFORMED, "a part of the form has no name");
	field.value = text_checked(
	    owner, (struct span){ blank + 4, (size_t)(end - blank) - 4 });
	if (field.value == NULL)
		return error_set(err, ERROR_MALFORMED,
		    "the form is not UTF-8 or has U+0000");
	return field_add(owner, form, field, err);
}

static bool
parts_begin(struct parts *parts, const char *boundary)
{
	if (boundary == NULL || boundary[0] == '\0' ||
	    strlen(boundary) > BOUNDARY_MOST)
		return false;
	(void)snprintf(
	    parts->delimiter, sizeof parts->delimiter, "\r\n--%s", boundary);
	parts->length = strlen(parts->delimiter);
	return true;
}

static bool
multipart_parse(
    const struct request *request, struct form *form, struct error *err)
{
	struct parts parts = { 0 };
	struct span content;
	bool is_whole, last = false;
	char *text;

	if (!parts_begin(&parts,
		field_parameter(request->memory,
		    request_header(request, "Content-Type"), "boundary")))
		return error_set(err, ERROR_MALFORMED,
		    "multipart/form-data has no boundary");
	/* with a line end in front even the first delimiter is a whole one */
	text = mem_array(request->memory, char, request->body_length + 2);
	text[0] = '\r';
	text[1] = '\n';
	if (request->body_length > 0)
		memcpy(text + 2, request->body, request->body_length);
	parts.at = text;
	parts.end = text + request->body_length + 2;
	is_whole = parts_next(&parts, &content, &last);
	while (is_whole && !last) {
		is_whole = parts_next(&parts, &content, &last);
		if (is_whole &&
		    !part_parse(request->memory, content, form, err))
			return false;
	}
	return is_whole ||
	    error_set(err, ERROR_MALFORMED, "the form is cut off");
}

bool
request_form(const struct request *request, struct form *ret, struct error *err)
{
	const char *type = request_type(request);
	struct form form = { 0 };
	bool ok;

	if (strcmp(type, "application/x-www-form-urlencoded") == 0)
		ok = urlencoded_parse(request, &form, err);
	else if (strcmp(type, "multipart/form-data") == 0)
		ok = multipart_parse(request, &form, err);
	else
		ok = error_set(err, ERROR_UNSUPPORTED, "this is no form");
	if (ok)
		*ret = form;
	return ok;
}

const char *
form_value(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->n; i++)
		if (strcmp(form->fields[i].name, name) == 0)
			return form->fields[i].value;
	return NULL;
}
