/* SPDX-License-Identifier: ISC */
#include "http/guard.h"

#include "http/fields.h"

#include <string.h>
#include <strings.h>

/* Headers that may stand once at most: a second one is read by some, not all.*/
static const char *const single[] = {
	"Host",
	"Content-Length",
	"Transfer-Encoding",
	"Content-Type",
	"Authorization",
	"If-Modified-Since",
	"If-Unmodified-Since",
	"Origin",
	"Sec-Fetch-Site",
};

static const char *
value_of(const struct head *head, const char *name)
{
	for (size_t i = 0; i < head->n_headers; i++)
		if (field_is_named(head->headers[i].name, name))
			return head->headers[i].value;
	return NULL;
}

static bool
is_token(const char *text)
{
	size_t length = field_span(text, FIELD_TOKEN);

	return length > 0 && text[length] == '\0';
}

static bool
is_whole(const char *text, enum field_class class)
{
	return text[field_span(text, class)] == '\0';
}

static bool
headers_are_fields(const struct head *head, struct error *err)
{
	for (size_t i = 0; i < head->n_headers; i++) {
		if (!is_token(head->headers[i].name))
			return error_set(err, ERROR_MALFORMED,
			    "a header's name is not a token");
		if (!is_whole(head->headers[i].value, FIELD_VALUE))
			return error_set(err, ERROR_MALFORMED,
			    "a header's value has control characters");
	}
	return true;
}

static bool
headers_are_single(const struct head *head, struct error *err)
{
	for (size_t i = 0; i < sizeof single / sizeof *single; i++) {
		unsigned n = 0;

		for (size_t k = 0; k < head->n_headers; k++)
			n += field_is_named(head->headers[k].name, single[i]);
		if (n > 1)
			return error_set(err, ERROR_MALFORMED,
			    "the header %s is there %u times", single[i], n);
	}
	return true;
}

static bool
request_line_is_right(const struct head *head, struct error *err)
{
	if (!is_token(head->method))
		return error_set(
		    err, ERROR_MALFORMED, "the method is not a token");
	if (head->target[0] != '/')
		return error_set(err, ERROR_MALFORMED,
		    "the address must begin with a slash");
	if (!is_whole(head->target, FIELD_TARGET))
		return error_set(err, ERROR_MALFORMED,
		    "the address has spaces, control characters or a fragment");
	if (strcmp(head->version, "HTTP/1.1") != 0 &&
	    strcmp(head->version, "HTTP/1.0") != 0)
		return error_set(
		    err, ERROR_MALFORMED, "only HTTP/1.1 is spoken here");
	return true;
}

static bool
host_is_right(const struct head *head, struct error *err)
{
	const char *host = value_of(head, "Host");

	if (host == NULL && strcmp(head->version, "HTTP/1.0") == 0)
		return true;
	if (host == NULL)
		return error_set(err, ERROR_MALFORMED, "Host is missing");
	if (host[0] == '\0' || strpbrk(host, " \t,/?#@\\\"<>") != NULL)
		return error_set(err, ERROR_MALFORMED, "Host is wrong");
	return true;
}

static bool
length_parse(const char *text, uint64_t *ret)
{
	uint64_t length = 0;

	/* 18 digits do not overflow and are more than anybody may send */
	if (text[0] == '\0' || strlen(text) > 18)
		return false;
	for (; *text >= '0' && *text <= '9'; text++)
		length = length * 10 + (uint64_t)(*text - '0');
	if (*text != '\0')
		return false;
	*ret = length;
	return true;
}

/* RFC 9112 section 6: one way only to tell where the body ends. */
static bool
framing_is_right(
    const struct head *head, struct body_framing *ret, struct error *err)
{
	const char *length = value_of(head, "Content-Length");
	const char *coding = value_of(head, "Transfer-Encoding");
	struct body_framing framing = { 0 };

	if (length != NULL && coding != NULL)
		return error_set(err, ERROR_MALFORMED,
		    "Content-Length and Transfer-Encoding exclude each other");
	if (length != NULL && !length_parse(length, &framing.length))
		return error_set(
		    err, ERROR_MALFORMED, "Content-Length is not a number");
	if (coding != NULL && !field_is_named(coding, "chunked"))
		return error_set(err, ERROR_MALFORMED,
		    "the only Transfer-Encoding taken is chunked");
	if (coding != NULL && strcmp(head->version, "HTTP/1.1") != 0)
		return error_set(
		    err, ERROR_MALFORMED, "Transfer-Encoding needs HTTP/1.1");
	framing.chunked = coding != NULL;
	framing.has_body = framing.chunked || framing.length > 0;
	if (framing.has_body &&
	    (strcmp(head->method, "GET") == 0 ||
		strcmp(head->method, "HEAD") == 0))
		return error_set(err, ERROR_MALFORMED,
		    "a %s request has no body", head->method);
	*ret = framing;
	return true;
}

/* Whether next stands so far behind the end of text. */
static bool
is_behind(const char *text, size_t length, size_t gap, const char *next)
{
	return (uintptr_t)text + length + gap == (uintptr_t)next;
}

/* White space after the colon is skipped. */
static bool
is_behind_colon(const struct form_field *header)
{
	size_t length = strlen(header->name) + 1;

	return is_behind(header->name, length,
	    strspn(header->name + length, " \t"), header->value);
}

/* Two NUL stand where CR LF was, and once more at the end. */
bool
guard_check_bytes(const struct head *head, const char *target_at, size_t length,
    struct error *err)
{
	const char *line = head->version;

	if (!is_behind(head->method, strlen(head->method), 1, target_at) ||
	    !is_behind(target_at, strlen(head->target), 1, line))
		return error_set(err, ERROR_MALFORMED,
		    "the request line is not three words, a space between");
	for (size_t i = 0; i < head->n_headers; i++) {
		const struct form_field *header = &head->headers[i];

		if (!is_behind(line, strlen(line), 2, header->name) ||
		    !is_behind_colon(header))
			return error_set(err, ERROR_MALFORMED,
			    "a line has a NUL, ends without CR, or goes on in "
			    "the next");
		line = header->value;
	}
	return is_behind(line, strlen(line), 4, head->method + length) ||
	    error_set(err, ERROR_MALFORMED,
		"the last line has a NUL or ends without CR");
}

bool
guard_check(
    const struct head *head, struct body_framing *ret, struct error *err)
{
	return request_line_is_right(head, err) &&
	    headers_are_fields(head, err) && headers_are_single(head, err) &&
	    host_is_right(head, err) && framing_is_right(head, ret, err);
}
