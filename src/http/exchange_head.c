/* SPDX-License-Identifier: ISC */
#include "http/engine.h"

#include "base/clock.h"
#include "base/mem.h"
#include "http/fields.h"
#include "http/response_cache.h"
#include "http/route.h"

#include <string.h>

/*
 * The head of a request: it is read, guarded, and its route found. Whatever can
 * be refused from the head alone is known here, before the body is read; and
 * what the same request got before is the answer here already, if it still
 * holds.
 */

/* White space behind a value is none of it (RFC 9110 section 5.5). */
static const char *
value_trimmed(void *owner, const char *value)
{
	size_t length = strlen(value), whole = length;

	while (length > 0 &&
	    (value[length - 1] == ' ' || value[length - 1] == '\t'))
		length--;
	return length == whole ? value : mem_copy_n(owner, value, length);
}

static enum MHD_Result
header_take(
    void *closure, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct exchange *exchange = closure;
	struct form_field *headers = (struct form_field *)(uintptr_t)
					 exchange->request.headers;

	(void)kind;
	*mem_push(exchange->request.memory, &headers,
	    &exchange->request.n_headers) = (struct form_field){ name,
		value != NULL ? value : "" };
	exchange->request.headers = headers;
	return MHD_YES;
}

static const char *const methods[HTTP_METHODS] = { "GET", "POST", "PUT",
	"PATCH", "DELETE" };

static void
method_set(struct request *request, const char *method)
{
	request->method = HTTP_METHODS;
	request->head = strcmp(method, "HEAD") == 0;
	if (request->head)
		method = methods[HTTP_GET];
	for (int i = 0; i < HTTP_METHODS; i++)
		if (strcmp(method, methods[i]) == 0) {
			request->method = i;
			break;
		}
}

static void
target_split(struct exchange *exchange)
{
	struct request *request = &exchange->request;
	size_t length = strcspn(exchange->target, "?");

	request->path = mem_copy_n(request->memory, exchange->target, length);
	request->query = exchange->target[length] == '?'
	    ? exchange->target + length + 1
	    : "";
}

static bool
length_is_taken(const struct exchange *exchange,
    const struct body_framing *framing, struct error *err)
{
	size_t limit = exchange->request.route->body_limit;

	if (framing->has_body && limit == 0)
		return error_set(
		    err, ERROR_TOO_LARGE, "this takes no request body");
	if (framing->length > limit)
		return error_set(err, ERROR_TOO_LARGE,
		    "the request body has over %zu bytes", limit);
	return true;
}

static bool
query_is_right(const struct exchange *exchange, struct error *err)
{
	return field_decoded(exchange->request.memory,
		   span_of(exchange->request.query), true) != NULL ||
	    error_set(err, ERROR_MALFORMED,
		"the query has a broken escape or is not UTF-8");
}

/* A proxy's connections are many people's: their requests are counted. */
static bool
client_may_ask(struct exchange *exchange, struct error *err)
{
	const char *address = exchange->request.address;

	if (exchange->is_counted || address == exchange->link->address)
		return true;
	exchange->is_counted = link_count_client(exchange->server, address);
	if (exchange->is_counted)
		return true;
	err->retry_after = 1;
	return error_set(
	    err, ERROR_RATE, "too many requests at one time from one address");
}

static void
head_read(struct exchange *exchange, const struct body_framing *framing)
{
	struct request *request = &exchange->request;

	method_set(request, exchange->method);
	request->has_body = framing->has_body;
	request->closes = exchange->must_close ||
	    atomic_load(&exchange->server->stopping);
	request->address = address_of_client(
	    exchange->server->proxies, exchange->link->address, request);
	request->proxied = NULL;
	if (exchange->server->person_header[0] != '\0' &&
	    networks_have(exchange->server->proxies, exchange->link->address))
		request->proxied = request_header(
		    request, exchange->server->person_header);
}

/* Everything that can be said from the head alone. */
static bool
head_is_taken(struct exchange *exchange, const struct body_framing *framing,
    struct error *err)
{
	const struct http_server *server = exchange->server;
	struct request *request = &exchange->request;

	target_split(exchange);
	return client_may_ask(exchange, err) && query_is_right(exchange, err) &&
	    route_find(server->routes, server->n_routes, request,
		exchange->method, &exchange->allow, err) &&
	    length_is_taken(exchange, framing, err);
}

/*
 * A body that is refused is read all the same if it is short and on its way:
 * where a connection closes with bytes unread, the client's system throws away
 * the answer, and she never learns why.
 */
static bool
may_come_in(const struct exchange *exchange, const struct body_framing *framing)
{
	return request_header(&exchange->request, "Expect") == NULL &&
	    framing->length <= exchange_body_most(exchange);
}

/* Looks at libmicrohttpd's own memory, where the head still lies. */
static bool
bytes_are_guarded(struct exchange *exchange, const struct head *head)
{
	size_t length = MHD_get_connection_info(
	    exchange->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)
			    ->header_size;

	exchange->link->room = (uintptr_t)head->method;
	exchange->link->heads += length;
	return guard_check_bytes(
	    head, exchange->target_at, length, &exchange->err);
}

/* Whether the guard lets it pass. */
static bool
head_is_guarded(struct exchange *exchange, const char *method,
    const char *version, struct body_framing *framing)
{
	struct request *request = &exchange->request;
	struct form_field *headers;
	struct head head;

	(void)MHD_get_connection_values(
	    exchange->connection, MHD_HEADER_KIND, header_take, exchange);
	head = (struct head){ method, exchange->target, version,
		request->headers, request->n_headers };
	if (exchange->server->sees_bytes && !bytes_are_guarded(exchange, &head))
		return false;
	headers = (struct form_field *)(uintptr_t)request->headers;
	for (size_t i = 0; i < request->n_headers; i++)
		headers[i].value = value_trimmed(
		    request->memory, headers[i].value);
	return guard_check(&head, framing, &exchange->err);
}

/* What the same request got before, if that is still right. */
static bool
answer_as_before(struct exchange *exchange)
{
	const struct http_server *server = exchange->server;
	struct request *request = &exchange->request;

	if (server->hooks.cache == NULL || request->has_body ||
	    !client_may_ask(exchange, &exchange->err) ||
	    !response_cache_again(server->hooks.cache, request,
		exchange->target, &exchange->answer))
		return false;
	reply_make(exchange);
	exchange->stage = STAGE_ANSWERED;
	return true;
}

enum MHD_Result
exchange_head(
    struct exchange *exchange, const char *method, const char *version)
{
	struct body_framing framing = { 0 };

	atomic_fetch_add(&exchange->server->running, 1);
	exchange->is_running = true;
	exchange->stage = STAGE_BODY;
	exchange->method = method;
	if (!head_is_guarded(exchange, method, version, &framing)) {
		exchange->must_close = true;
		return exchange_refuse(exchange, false);
	}
	/* what a hidden second request might ride on does not stay open */
	exchange->must_close = strcmp(method, "GET") != 0 &&
	    strcmp(method, "HEAD") != 0;
	head_read(exchange, &framing);
	if (answer_as_before(exchange))
		return MHD_YES;
	link_expect(exchange->link, LINK_BODY,
	    exchange->server->body_within +
		(int64_t)(framing.length / 1024) * SECOND);
	if (!head_is_taken(exchange, &framing, &exchange->err) &&
	    framing.has_body && !may_come_in(exchange, &framing))
		return exchange_refuse(exchange, true);
	return MHD_YES;
}
