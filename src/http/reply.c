/* SPDX-License-Identifier: ISC */
#include "http/engine.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/condition.h"
#include "http/fields.h"
#include "http/problem.h"

#include <string.h>
#include <strings.h>

/* Stands in every answer that does not set it itself. */
static const struct form_field always[] = {
	{ "Content-Security-Policy",
	    "default-src 'none'; style-src 'self'; script-src 'self'; "
	    "img-src 'self'; connect-src 'self'; form-action 'self'; "
	    "base-uri 'none'; frame-ancestors 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "no-referrer" },
};

/* --- filling an answer */

void
answer_header(struct request *request, struct answer *answer, const char *name,
    const char *value)
{
	CHECK(strpbrk(value, "\r\n") == NULL);
	*mem_push(request->memory, &answer->headers,
	    &answer->n_headers) = (struct form_field){ mem_copy(request->memory,
							   name),
		mem_copy(request->memory, value) };
}

void
answer_body(
    struct answer *answer, const char *type, const char *body, size_t length)
{
	answer->type = type;
	answer->body = body;
	answer->length = length;
}

void
answer_see_other(struct answer *answer, const char *location)
{
	answer->status = MHD_HTTP_SEE_OTHER;
	answer->location = location;
}

/* RFC 9110 section 11.6.1: all schemes that would help, but no page asks a
 * browser for its password box. */
static void
offer_schemes(struct exchange *exchange, bool is_page)
{
	answer_header(&exchange->request, &exchange->answer, "WWW-Authenticate",
	    "Bearer realm=\"Barnraise\"");
	if (!is_page)
		answer_header(&exchange->request, &exchange->answer,
		    "WWW-Authenticate",
		    "Basic realm=\"Barnraise\", charset=\"UTF-8\"");
}

static bool
has_header(const struct answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->n_headers; i++)
		if (strcasecmp(answer->headers[i].name, name) == 0)
			return true;
	return false;
}

static void
error_headers(struct exchange *exchange, bool is_page)
{
	struct answer *answer = &exchange->answer;
	struct request *request = &exchange->request;
	const struct error *err = &exchange->err;

	if (err->kind == ERROR_UNAUTHORIZED &&
	    !has_header(answer, "WWW-Authenticate"))
		offer_schemes(exchange, is_page);
	if (err->kind == ERROR_METHOD && exchange->allow != NULL)
		answer_header(request, answer, "Allow", exchange->allow);
	if (err->kind == ERROR_RATE || err->kind == ERROR_BUSY)
		answer_header(request, answer, "Retry-After",
		    mem_printf(request->memory, "%u",
			err->retry_after > 0 ? err->retry_after : 1));
}

void
reply_error(struct exchange *exchange, bool may_be_page)
{
	struct request *request = &exchange->request;
	struct answer *answer = &exchange->answer;
	const struct http_hooks *hooks = &exchange->server->hooks;
	const char *json;
	bool is_page;

	CHECK(exchange->err.kind != ERROR_NONE);
	if (exchange->err.kind == ERROR_SYSTEM)
		log_event("failed", "method", exchange->method, "why",
		    exchange->err.message, (char *)NULL);
	*answer = (struct answer){ .status = http_status_of(
				       exchange->err.kind) };
	is_page = may_be_page && hooks->error_page != NULL &&
	    request_wants_html(request) &&
	    hooks->error_page(request, answer, &exchange->err);
	if (!is_page) {
		json = problem_json(request->memory, &exchange->err);
		*answer = (struct answer){ .status = answer->status };
		answer_body(answer, PROBLEM_TYPE, json, strlen(json));
	}
	answer->etag = NULL;
	answer->modified = 0;
	answer->cache_control = NULL;
	error_headers(exchange, is_page);
}

/* --- making the response */

static void
put(struct MHD_Response *response, const char *name, const char *value)
{
	CHECK(MHD_add_response_header(response, name, value) == MHD_YES);
}

static bool
list_names(const char *list, const char *name)
{
	struct span element;

	while (list != NULL && field_next(&list, ',', &element))
		if (field_is(element, name))
			return true;
	return false;
}

/* Where there is a choice by Accept, caches must know. */
static void
put_vary(struct exchange *exchange)
{
	const struct request *request = &exchange->request;
	const struct route *route = request->route;
	const char *vary = exchange->answer.vary;
	bool chosen = route != NULL && request->ending[0] == '\0' &&
	    (route->forms & (route->forms - 1)) != 0;

	if (chosen && !list_names(vary, "Accept"))
		vary = vary == NULL
		    ? "Accept"
		    : mem_printf(request->memory, "Accept, %s", vary);
	if (vary != NULL)
		put(exchange->response, "Vary", vary);
}

/*
 * A Location goes out as the ASCII of a URI, whatever it was made from, so no
 * address can end the header.
 */
static const char *
location_escaped(void *owner, const char *location)
{
	struct buf *uri = buf_new(owner);

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
put_validators(struct exchange *exchange)
{
	const struct answer *answer = &exchange->answer;
	int64_t modified = answer->modified, now = clock_second();

	if (answer->etag != NULL)
		put(exchange->response, "ETag", answer->etag);
	/* section 8.8.2.1: never later than Date */
	if (modified > now)
		modified = now;
	if (modified > 0)
		put(exchange->response, "Last-Modified",
		    date_http(exchange->request.memory, modified));
	put(exchange->response, "Cache-Control",
	    answer->cache_control != NULL ? answer->cache_control : "no-store");
	put_vary(exchange);
}

static void
put_always(struct exchange *exchange)
{
	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		if (!has_header(&exchange->answer, always[i].name))
			put(exchange->response, always[i].name,
			    always[i].value);
	if (exchange->must_close || atomic_load(&exchange->server->stopping))
		put(exchange->response, "Connection", "close");
}

static bool
goes_with_304(const char *name)
{
	return strcasecmp(name, "Content-Location") == 0 ||
	    strcasecmp(name, "Expires") == 0;
}

static void
put_others(struct exchange *exchange)
{
	const struct answer *answer = &exchange->answer;
	bool is_current = answer->status == MHD_HTTP_NOT_MODIFIED;

	for (size_t i = 0; i < answer->n_headers; i++)
		if (!is_current || goes_with_304(answer->headers[i].name))
			put(exchange->response, answer->headers[i].name,
			    answer->headers[i].value);
	if (is_current)
		return;
	if (answer->type != NULL && answer->status != MHD_HTTP_NO_CONTENT)
		put(exchange->response, "Content-Type", answer->type);
	if (answer->location != NULL)
		put(exchange->response, "Location",
		    location_escaped(
			exchange->request.memory, answer->location));
}

/* RFC 9110 section 13.2.1: only where the answer would be a success. */
static void
apply_condition(struct exchange *exchange)
{
	struct answer *answer = &exchange->answer;

	if (exchange->request.method != HTTP_GET ||
	    answer->status != MHD_HTTP_OK)
		return;
	switch (condition_of(&exchange->request, answer)) {
	case CONDITION_MET:
		break;
	case CONDITION_CURRENT:
		answer->status = MHD_HTTP_NOT_MODIFIED;
		/*
		 * libmicrohttpd sends a Content-Length with a 304 whatever we
		 * do. RFC 9110 section 8.6 wants that of the 200, but parsers
		 * in wide use (http_parser, llhttp) then wait for a body.
		 */
		answer->length = 0;
		break;
	case CONDITION_FAILED:
		error_set(&exchange->err, ERROR_PRECONDITION,
		    "it is not what If-Match or If-Unmodified-Since says");
		reply_error(exchange, true);
		break;
	}
}

/* The path without what would open something: secrets to their beginning. */
static const char *
path_masked(struct exchange *exchange)
{
	void *memory = exchange->request.memory;
	const char *path = exchange->request.path;
	const char *decoded = field_decoded(memory, span_of(path), false);
	const char *at = decoded != NULL ? decoded : path, *secret;
	struct buf *masked = buf_new(memory);
	char shown[16];

	while ((secret = strstr(at, "brn_")) != NULL) {
		buf_add(masked, at, (size_t)(secret - at));
		buf_text(masked, log_secret(secret, shown));
		at = secret + strcspn(secret, "/.");
	}
	buf_text(masked, at);
	return masked->text;
}

static void
log_request(struct exchange *exchange)
{
	const struct answer *answer = &exchange->answer;
	int64_t took = clock_monotonic() - exchange->began;
	char status[12], bytes[24], ms[24];

	(void)snprintf(status, sizeof status, "%u", answer->status);
	(void)snprintf(bytes, sizeof bytes, "%zu",
	    exchange->request.head || answer->status == MHD_HTTP_NOT_MODIFIED
		? 0
		: answer->length);
	(void)snprintf(ms, sizeof ms, "%.1f", (double)took / 1000);
	log_event("request", "method", exchange->method, "path",
	    path_masked(exchange), "status", status, "bytes", bytes, "ms", ms,
	    "address", exchange->request.address, (char *)NULL);
}

void
reply_make(struct exchange *exchange)
{
	struct answer *answer = &exchange->answer;

	if (answer->status == 0)
		answer->status = MHD_HTTP_OK;
	apply_condition(exchange);
	/* it takes a pointer to what it does not change */
	exchange->response = mem_made(
	    MHD_create_response_from_buffer(answer->length,
		(void *)(uintptr_t)(answer->length == 0 ? "" : answer->body),
		MHD_RESPMEM_PERSISTENT));
	put_others(exchange);
	put_validators(exchange);
	put_always(exchange);
	log_request(exchange);
}
