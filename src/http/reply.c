/* SPDX-License-Identifier: ISC */
#include "http/engine.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/condition.h"
#include "http/fields.h"
#include "http/prepared.h"
#include "http/problem.h"
#include "http/response_cache.h"

#include <string.h>
#include <strings.h>

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

static void
error_headers(struct exchange *exchange, bool is_page)
{
	struct answer *answer = &exchange->answer;
	struct request *request = &exchange->request;
	const struct error *err = &exchange->err;

	if (err->kind == ERROR_UNAUTHORIZED &&
	    !answer_has_header(answer, "WWW-Authenticate"))
		offer_schemes(exchange, is_page || request->is_of_page);
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
	/* who sends this may not be of one mind with us about what follows */
	if (exchange->err.kind == ERROR_MALFORMED)
		exchange->must_close = true;
	if (exchange->err.kind == ERROR_SYSTEM)
		log_event("failed", "method", exchange->method, "why",
		    exchange->err.message, (char *)NULL);
	answer_reset(answer);
	answer->status = http_status_of(exchange->err.kind);
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

static bool
list_names(const char *list, const char *name)
{
	struct span element;

	while (list != NULL && field_next(&list, ',', &element))
		if (field_is(element, name))
			return true;
	return false;
}

static void
vary_add(struct request *request, struct answer *answer, const char *name)
{
	if (list_names(answer->vary, name))
		return;
	answer->vary = answer->vary == NULL
	    ? name
	    : mem_printf(request->memory, "%s, %s", answer->vary, name);
}

void
reply_vary(struct request *request, struct answer *answer)
{
	const struct route *route = request->route;
	bool chosen = route != NULL && request->ending[0] == '\0' &&
	    (route->forms & (route->forms - 1)) != 0;

	if (chosen)
		vary_add(request, answer, "Accept");
	if (request->method == HTTP_GET && encoding_helps(answer->type))
		vary_add(request, answer, "Accept-Encoding");
}

static void
fail(struct exchange *exchange, enum error_kind kind, const char *why)
{
	error_set(&exchange->err, kind, "%s", why);
	reply_error(exchange, true);
}

/* Which coding is worth it, if the answer is sent. */
static bool
encoding_wanted(const struct request *request, const struct answer *answer,
    enum encoding *ret)
{
	const struct encoding_liking liking = encoding_liking_of(
	    request_header(request, "Accept-Encoding"));

	return encoding_choose(&liking,
	    answer->length >= ENCODING_LEAST && !request->is_plain &&
		encoding_helps(answer->type),
	    ret);
}

static void
apply_encoding(struct exchange *exchange, enum encoding encoding)
{
	struct answer *answer = &exchange->answer;
	const struct span plain = { answer->body, answer->length };
	struct span coded;

	if (encoding == ENCODING_IDENTITY)
		return;
	coded = encoding_made(exchange->request.memory, encoding, plain);
	answer->body = coded.text;
	answer->length = coded.length;
	answer->encoding = encoding;
	answer->etag = encoding_etag(
	    exchange->request.memory, encoding, answer->etag);
}

static void
not_modified(struct exchange *exchange, enum encoding encoding)
{
	struct answer *answer = &exchange->answer;

	answer->status = MHD_HTTP_NOT_MODIFIED;
	/*
	 * libmicrohttpd sends a Content-Length with a 304 whatever we do. RFC
	 * 9110 section 8.6 wants that of the 200, but parsers in wide use
	 * (http_parser, llhttp) then wait for a body.
	 */
	answer->length = 0;
	answer->etag = encoding_etag(
	    exchange->request.memory, encoding, answer->etag);
}

/* RFC 9110 section 13.2.1: only where the answer would be a success. */
static void
apply_request(struct exchange *exchange)
{
	struct answer *answer = &exchange->answer;
	enum encoding encoding;

	if (exchange->request.method != HTTP_GET ||
	    answer->status != MHD_HTTP_OK)
		return;
	if (!encoding_wanted(&exchange->request, answer, &encoding)) {
		fail(exchange, ERROR_NOT_ACCEPTABLE,
		    "there is no coding here that Accept-Encoding takes");
		return;
	}
	switch (condition_of(&exchange->request, answer, &encoding)) {
	case CONDITION_MET:
		apply_encoding(exchange, encoding);
		break;
	case CONDITION_CURRENT:
		not_modified(exchange, encoding);
		break;
	case CONDITION_FAILED:
		fail(exchange, ERROR_PRECONDITION,
		    "it is not what If-Match or If-Unmodified-Since says");
		break;
	}
}

/*
 * The path without what would open something: each segment that is a secret by
 * its route, and whatever begins as our secrets do. The query is never logged.
 */
static const char *
path_masked(const struct request *request)
{
	const char *path = request->path, *at, *secret;
	const char *pattern = request->route == NULL ? ""
						     : request->route->path;
	const char *decoded, *hidden = strstr(pattern, "{secret}");
	struct buf *masked;
	char shown[16];

	if (hidden == NULL && strstr(path, "brn_") == NULL &&
	    strchr(path, '%') == NULL)
		return path;
	decoded = field_decoded(request->memory, span_of(path), false);
	at = decoded != NULL ? decoded : path;
	masked = buf_new(request->memory);
	if (hidden != NULL) { /* what stands before it has no parts */
		buf_add(masked, at, (size_t)(hidden - pattern));
		at += hidden - pattern;
		buf_text(masked, log_secret(at, shown));
		at += strcspn(at, "/.");
	}
	while ((secret = strstr(at, "brn_")) != NULL) {
		buf_add(masked, at, (size_t)(secret - at));
		buf_text(masked, log_secret(secret, shown));
		at = secret + strcspn(secret, "/.");
	}
	buf_text(masked, at);
	return masked->text;
}

const char *
reply_path_shown(struct request *request)
{
	if (request->shown == NULL)
		request->shown = path_masked(request);
	return request->shown;
}

/* The digits of n, before end; each request needs some, so no snprintf. */
static char *
digits_before(char *end, uint64_t n)
{
	do
		*--end = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	return end;
}

static void
log_request(struct exchange *exchange, size_t length, int64_t took)
{
	enum { ROOM = 24 };
	char status[ROOM] = "", bytes[ROOM] = "", ms[ROOM] = "";
	uint64_t tenths = took < 0 ? 0 : (uint64_t)took / 100;

	ms[ROOM - 2] = (char)('0' + tenths % 10);
	ms[ROOM - 3] = '.';
	log_event("request", "method", exchange->method, "path",
	    reply_path_shown(&exchange->request), "#status",
	    digits_before(status + ROOM - 1, exchange->answer.status), "#bytes",
	    digits_before(bytes + ROOM - 1, length), "#ms",
	    digits_before(ms + ROOM - 3, tenths / 10), "address",
	    exchange->request.address, (char *)NULL);
}

static void
note_answer(struct exchange *exchange)
{
	const struct http_server *server = exchange->server;
	const struct answer *answer = &exchange->answer;
	int64_t took = clock_monotonic() - exchange->began;
	size_t length = exchange->request.head ||
		answer->status == MHD_HTTP_NOT_MODIFIED
	    ? 0
	    : answer->length;

	count_answer(server->counts, server->routes, server->n_routes,
	    exchange->request.route, answer->status, took, length);
	if (log_has_requests())
		log_request(exchange, length, took);
}

void
reply_make(struct exchange *exchange)
{
	struct answer *answer = &exchange->answer;

	if (answer->status == 0)
		answer->status = MHD_HTTP_OK;
	exchange->prepared = answer->prepared;
	answer->prepared = NULL;
	if (exchange->prepared != NULL) {
		note_answer(exchange);
		return;
	}
	reply_vary(&exchange->request, answer);
	apply_request(exchange);
	exchange->response = response_made(exchange->request.memory, answer,
	    exchange->must_close || atomic_load(&exchange->server->stopping));
	note_answer(exchange);
}
