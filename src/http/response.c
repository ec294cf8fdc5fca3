/* SPDX-License-Identifier: ISC */
#include "http/engine.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"

#include <string.h>
#include <strings.h>

/* From an answer, complete as it is to be sent, to libmicrohttpd's response. */

/* Stands in every answer that does not set it itself. */
static const struct form_field always[] = {
	{ "Content-Security-Policy",
	    "default-src 'none'; style-src 'self'; script-src 'self'; "
	    "img-src 'self'; connect-src 'self'; form-action 'self'; "
	    "base-uri 'none'; frame-ancestors 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "no-referrer" },
};

static void
put(struct MHD_Response *response, const char *name, const char *value)
{
	unsigned tries = 0;

	while (MHD_add_response_header(response, name, value) != MHD_YES) {
		/* it takes every other one if it has memory for it */
		CHECK(value[0] != '\0' && strpbrk(value, "\t\r\n") == NULL);
		mem_lack(&tries);
	}
}

bool
answer_has_header(const struct answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->n_headers; i++)
		if (strcasecmp(answer->headers[i].name, name) == 0)
			return true;
	return false;
}

/*
 * A Location goes out as the ASCII of a URI, whatever it was made from, so no
 * address can end the header.
 */
static const char *
location_escaped(void *memory, const char *location)
{
	struct buf *uri = buf_new(memory);

	for (const char *c = location; *c != '\0'; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f ||
		    strchr("\"<>\\^`{|}", *c) != NULL)
			buf_printf(uri, "%%%02X", (unsigned char)*c);
		else
			buf_char(uri, *c);
	return uri->text;
}

/* Of a 304 and of what it stands for (RFC 9110 section 15.4.5). */
static void
put_validators(
    struct MHD_Response *response, void *memory, const struct answer *answer)
{
	int64_t modified = answer->modified, now = clock_second();

	if (answer->etag != NULL)
		put(response, "ETag", answer->etag);
	/* section 8.8.2.1: never later than Date */
	if (modified > now)
		modified = now;
	if (modified > 0)
		put(response, "Last-Modified", date_http(memory, modified));
	put(response, "Cache-Control",
	    answer->cache_control != NULL ? answer->cache_control : "no-store");
	if (answer->vary != NULL)
		put(response, "Vary", answer->vary);
}

static bool
goes_with_304(const char *name)
{
	return strcasecmp(name, "Content-Location") == 0 ||
	    strcasecmp(name, "Expires") == 0;
}

/* What a client that has the body has already, too. */
static void
put_others(
    struct MHD_Response *response, void *memory, const struct answer *answer)
{
	for (size_t i = 0; i < answer->n_headers; i++)
		put(response, answer->headers[i].name,
		    answer->headers[i].value);
	if (answer->type != NULL && answer->status != MHD_HTTP_NO_CONTENT)
		put(response, "Content-Type", answer->type);
	if (answer->encoding != ENCODING_IDENTITY)
		put(response, "Content-Encoding",
		    encoding_name(answer->encoding));
	if (answer->location != NULL)
		put(response, "Location",
		    location_escaped(memory, answer->location));
	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		if (!answer_has_header(answer, always[i].name))
			put(response, always[i].name, always[i].value);
}

void
response_headers(
    struct MHD_Response *response, void *memory, const struct answer *answer)
{
	bool is_current = answer->status == MHD_HTTP_NOT_MODIFIED;

	put_validators(response, memory, answer);
	if (!is_current)
		put_others(response, memory, answer);
	for (size_t i = 0; is_current && i < answer->n_headers; i++)
		if (goes_with_304(answer->headers[i].name))
			put(response, answer->headers[i].name,
			    answer->headers[i].value);
}

struct MHD_Response *
response_made(void *memory, const struct answer *answer, bool closes)
{
	/* it takes a pointer to what it does not change */
	struct MHD_Response *response;

	mem_insist(
	    (response = MHD_create_response_from_buffer(answer->length,
		 (void *)(uintptr_t)(answer->length == 0 ? "" : answer->body),
		 MHD_RESPMEM_PERSISTENT)) != NULL);
	response_headers(response, memory, answer);
	if (closes)
		put(response, "Connection", "close");
	return response;
}
