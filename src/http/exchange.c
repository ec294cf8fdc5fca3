/* SPDX-License-Identifier: ISC */
#include "http/engine.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "http/fields.h"
#include "http/negotiate.h"
#include "http/prepared.h"
#include "http/response_cache.h"
#include "http/route.h"

#include <stdlib.h>
#include <string.h>

/*
 * One request's way. libmicrohttpd calls exchange_begin with the first line,
 * exchange_go_on with the head, once for each piece of the body and at its
 * end, and exchange_end when the answer was sent. At the end of the body the
 * connection is suspended and a worker takes over; when it has the answer it
 * resumes the connection, and exchange_go_on is called once more and queues
 * it. (An answer that is queued at the first call costs the connection.)
 */

enum {
	REQUEST_POOL = 8192, /* the memory of most requests in one piece */
	/* what may come after a body's limit before we hang up */
	BODY_OVERRUN = 1024 * 1024,
};

/* From an answer to the next request's first line. */
#define IDLE_MOST (15 * SECOND)

/*
 * Each event thread keeps the memory of its last request for the next: the way
 * from one poll to the other has no malloc of that size.
 */
static pthread_key_t spare_key;
static pthread_once_t spare_once = PTHREAD_ONCE_INIT;

static void
spare_end(void *memory)
{
	talloc_free(memory);
}

static void
spare_begin(void)
{
	CHECK(pthread_key_create(&spare_key, spare_end) == 0);
}

static void *
memory_take(void)
{
	void *spare;

	CHECK(pthread_once(&spare_once, spare_begin) == 0);
	spare = pthread_getspecific(spare_key);
	if (spare == NULL)
		return mem_made(talloc_pool(NULL, REQUEST_POOL));
	CHECK(pthread_setspecific(spare_key, NULL) == 0);
	return spare;
}

static void
memory_give(void *memory)
{
	if (pthread_getspecific(spare_key) != NULL) {
		talloc_free(memory);
		return;
	}
	talloc_free_children(memory);
	CHECK(pthread_setspecific(spare_key, memory) == 0);
}

void *
exchange_begin(
    void *closure, const char *target, struct MHD_Connection *connection)
{
	struct http_server *server = closure;
	void *memory = memory_take();
	struct exchange *exchange = mem_new(memory, struct exchange);
	char *query;

	CHECK_MAGIC(server, SERVER_MAGIC);
	exchange->magic = EXCHANGE_MAGIC;
	exchange->server = server;
	exchange->connection = connection;
	exchange->link = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
			     ->socket_context;
	CHECK_MAGIC(exchange->link, LINK_MAGIC);
	exchange->link->exchange = exchange;
	idle_leave(exchange->link);
	exchange->request.memory = memory;
	exchange->request.path = exchange->request.query = "";
	exchange->request.ending = "";
	/* a page of an error may look at what was typed, before it is read */
	exchange->request.body = "";
	exchange->request.address = exchange->link->address;
	exchange->request.context = server->hooks.context;
	exchange->target_at = target;
	exchange->request.server = server;
	exchange->target = mem_copy(memory, target == NULL ? "" : target);
	exchange->method = "-";
	exchange->began = clock_monotonic();
	if (exchange->link->was_used)
		link_expect(exchange->link, LINK_HEAD, server->headers_within);
	/*
	 * We read the query ourselves. target is libmicrohttpd's own buffer,
	 * and its reading of hundreds of parameters fills the connection's
	 * memory so that no answer comes at all: with the end right behind the
	 * question mark it finds none.
	 */
	query = target == NULL ? NULL : strchr((char *)(uintptr_t)target, '?');
	if (query != NULL)
		query[1] = '\0';
	return exchange;
}

void
exchange_end(void *closure, struct MHD_Connection *connection, void **at,
    enum MHD_RequestTerminationCode why)
{
	struct http_server *server = closure;
	struct exchange *exchange = *at;

	(void)connection;
	(void)why;
	if (exchange == NULL)
		return;
	CHECK_MAGIC(exchange, EXCHANGE_MAGIC);
	if (exchange->response != NULL)
		MHD_destroy_response(exchange->response);
	if (exchange->prepared != NULL)
		prepared_drop(exchange->prepared);
	if (exchange->is_counted)
		link_forget_client(server, exchange->request.address);
	exchange->link->exchange = NULL;
	exchange->link->was_used = true;
	link_expect(exchange->link, LINK_IDLE, IDLE_MOST);
	idle_enter(exchange->link);
	atomic_fetch_sub(&server->body_bytes, exchange->body_counted);
	if (exchange->is_running)
		atomic_fetch_sub(&server->running, 1);
	exchange->magic = 0;
	memory_give(exchange->request.memory);
	*at = NULL;
}

static enum MHD_Result
send_answer(struct exchange *exchange)
{
	link_expect(exchange->link, LINK_ANSWER,
	    exchange->server->answer_within +
		(int64_t)(exchange->answer.length / 1024) * SECOND);
	return MHD_queue_response(exchange->connection, exchange->answer.status,
	    exchange->prepared != NULL ? exchange->prepared->response
				       : exchange->response);
}

/* Answers what never reaches a handler. */
static enum MHD_Result
refuse(struct exchange *exchange, bool may_be_page)
{
	reply_error(exchange, may_be_page);
	reply_make(exchange);
	exchange->stage = STAGE_ANSWERED;
	return send_answer(exchange);
}

/* --- the head */

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
		request->method = HTTP_GET;
	for (int i = 0; i < HTTP_METHODS; i++)
		if (strcmp(method, methods[i]) == 0)
			request->method = i;
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

	target_split(exchange);
	method_set(request, exchange->method);
	request->has_body = framing->has_body;
	request->closes = exchange->must_close ||
	    atomic_load(&exchange->server->stopping);
	request->address = address_of_client(
	    exchange->server->proxies, exchange->link->address, request);
}

/* Everything that can be said from the head alone. */
static bool
head_is_taken(struct exchange *exchange, const struct body_framing *framing,
    struct error *err)
{
	const struct http_server *server = exchange->server;
	struct request *request = &exchange->request;

	return client_may_ask(exchange, err) && query_is_right(exchange, err) &&
	    route_find(server->routes, server->n_routes, request,
		exchange->method, &exchange->allow, err) &&
	    length_is_taken(exchange, framing, err);
}

/* How much of a body is read to its end, kept or not. */
static size_t
read_most(const struct exchange *exchange)
{
	const struct route *route = exchange->request.route;

	return (route == NULL ? 0 : route->body_limit) + BODY_OVERRUN;
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
	    framing->length <= read_most(exchange);
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

static enum MHD_Result
take_head(struct exchange *exchange, const char *method, const char *version)
{
	struct request *request = &exchange->request;
	struct body_framing framing = { 0 };

	atomic_fetch_add(&exchange->server->running, 1);
	exchange->is_running = true;
	exchange->stage = STAGE_BODY;
	exchange->method = mem_copy(request->memory, method);
	if (!head_is_guarded(exchange, method, version, &framing)) {
		exchange->must_close = true;
		return refuse(exchange, false);
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
		return refuse(exchange, true);
	return MHD_YES;
}

/* --- the body */

static void
take_body(struct exchange *exchange, const char *piece, size_t length)
{
	struct http_server *server = exchange->server;
	const struct route *route = exchange->request.route;
	size_t limit = route == NULL ? 0 : route->body_limit;
	bool is_much;

	if (exchange->body == NULL)
		exchange->body = buf_new(exchange->request.memory);
	exchange->body_counted += length;
	is_much = atomic_fetch_add(&server->body_bytes, length) >
	    atomic_load(&server->body_bytes_most);
	if (exchange->err.kind != ERROR_NONE)
		return; /* what is wrong is known already */
	if (is_much) {
		metrics_add(server->counts, COUNT_REFUSED, REFUSED_BODIES, 1);
		error_set(&exchange->err, ERROR_BUSY,
		    "too many requests with large bodies");
	} else if (exchange->body_counted > limit)
		error_set(&exchange->err, ERROR_TOO_LARGE,
		    "the request body has over %zu bytes", limit);
	else
		buf_add(exchange->body, piece, length);
}

static bool
body_is_text(const struct request *request, struct error *err)
{
	if (!negotiate_is_json(request_type(request)))
		return true;
	return (memchr(request->body, '\0', request->body_length) == NULL &&
		   utf8_is_valid(request->body, request->body_length)) ||
	    error_set(err, ERROR_MALFORMED, "the request body is not UTF-8");
}

/* --- the answer */

static bool
handle(struct exchange *exchange)
{
	const struct http_hooks *hooks = &exchange->server->hooks;
	struct request *request = &exchange->request;
	struct answer *answer = &exchange->answer;
	struct error *err = &exchange->err;

	return body_is_text(request, err) &&
	    (hooks->admit == NULL || hooks->admit(request, answer, err)) &&
	    request->route->handle(request, answer, err);
}

static void
finish(struct exchange *exchange, bool done)
{
	const struct http_hooks *hooks = &exchange->server->hooks;

	if (!done)
		reply_error(exchange, true);
	else if (exchange->answer.is_recalled) {
		(void)reply_path_shown(&exchange->request);
		response_cache_note(hooks->cache, &exchange->request,
		    exchange->target, &exchange->answer);
	}
	reply_make(exchange);
	if (hooks->finished != NULL)
		hooks->finished(&exchange->request, &exchange->answer);
	exchange->stage = STAGE_ANSWERED;
}

static void
run(struct exchange *exchange)
{
	finish(exchange, handle(exchange));
}

/* It could not be done: everything is as before the handler. */
static void
forget(struct exchange *exchange)
{
	const struct http_hooks *hooks = &exchange->server->hooks;

	if (hooks->finished != NULL)
		hooks->finished(&exchange->request, &exchange->answer);
	exchange->request.user = NULL;
	answer_reset(&exchange->answer);
	exchange->err = (struct error){ 0 };
}

/* False if it has to wait; then nothing was done yet. */
static bool
try_here(struct exchange *exchange)
{
	struct request *request = &exchange->request;
	bool done;

	request->is_tried = true;
	done = handle(exchange);
	request->is_tried = false;
	if (!request->put_off && request->waits_for == NULL) {
		finish(exchange, done);
		return true;
	}
	CHECK(!done);
	forget(exchange);
	return false;
}

bool
request_must_wait(struct request *request)
{
	if (request->is_tried)
		request->put_off = true;
	return request->is_tried;
}

static void
give_up(struct exchange *exchange)
{
	exchange->err.retry_after = 2;
	metrics_add(exchange->server->counts, COUNT_REFUSED, REFUSED_QUEUE, 1);
	error_set(&exchange->err, ERROR_BUSY, "too busy just now");
	reply_error(exchange, false);
	reply_make(exchange);
	exchange->stage = STAGE_ANSWERED;
}

static struct exchange *
exchange_of(struct request *request)
{
	char *at = (char *)request - offsetof(struct exchange, request);
	struct exchange *exchange = (struct exchange *)(void *)at;

	CHECK_MAGIC(exchange, EXCHANGE_MAGIC);
	return exchange;
}

/* False if it now waits for what another request makes. */
static bool
work(struct exchange *exchange)
{
	struct response_cache *cache = exchange->server->hooks.cache;
	struct request *request = &exchange->request;
	bool done;

	for (;;) {
		if (atomic_load(&exchange->server->hurrying)) {
			give_up(exchange);
			return true;
		}
		done = handle(exchange);
		if (request->waits_for == NULL) {
			finish(exchange, done);
			return true;
		}
		CHECK(!done);
		forget(exchange);
		if (response_cache_wait(cache, request))
			return false;
	}
}

/*
 * Adds those that waited to what this worker has to do: what was made is there
 * now, so they take no other's time. Where nothing was made each has to do it
 * itself, and other workers help.
 */
static struct request *
joined(struct http_server *server, struct request *todo, struct request *waited)
{
	while (waited != NULL) {
		struct request *next = waited->next_waiting;

		waited->next_waiting = NULL;
		if (!waited->is_alone ||
		    !queue_try_put(
			server->readers.waiting, exchange_of(waited))) {
			waited->next_waiting = todo;
			todo = waited;
		}
		waited = next;
	}
	return todo;
}

static void
work_off(struct http_server *server, struct exchange *exchange)
{
	struct request *todo = &exchange->request;

	while (todo != NULL) {
		struct request *request = todo;
		struct MHD_Connection *connection = exchange_of(request)
							->connection;

		todo = request->next_waiting;
		request->next_waiting = NULL;
		if (!work(exchange_of(request)))
			continue;
		todo = joined(server, todo,
		    response_cache_land(server->hooks.cache, request));
		MHD_resume_connection(connection);
	}
}

void *
exchange_work(void *closure)
{
	struct crew *crew = closure;
	struct exchange *exchange;

	CHECK_MAGIC(crew->server, SERVER_MAGIC);
	while ((exchange = queue_take(crew->waiting)) != NULL) {
		CHECK_MAGIC(exchange, EXCHANGE_MAGIC);
		work_off(crew->server, exchange);
	}
	return NULL;
}

static struct crew *
crew_of(struct exchange *exchange)
{
	return exchange->request.method == HTTP_GET
	    ? &exchange->server->readers
	    : &exchange->server->writers;
}

/* The request is complete: a worker takes it. */
static enum MHD_Result
hand_over(struct exchange *exchange)
{
	struct request *request = &exchange->request;

	if (exchange->err.kind != ERROR_NONE)
		return refuse(exchange, true);
	request->body = exchange->body == NULL ? "" : exchange->body->text;
	request->body_length = exchange->body == NULL ? 0
						      : exchange->body->length;
	link_expect(exchange->link, LINK_WORK, 0);
	if (request->route->where == HTTP_QUICK) {
		run(exchange);
		return send_answer(exchange);
	}
	if (request->route->where == HTTP_TRIED && try_here(exchange))
		return send_answer(exchange);
	/* once it is queued, the worker may resume it at any moment */
	MHD_suspend_connection(exchange->connection);
	if (request->waits_for != NULL &&
	    response_cache_wait(exchange->server->hooks.cache, request))
		return MHD_YES;
	if (!queue_try_put(crew_of(exchange)->waiting, exchange)) {
		give_up(exchange);
		MHD_resume_connection(exchange->connection);
	}
	return MHD_YES;
}

enum MHD_Result
exchange_go_on(void *closure, struct MHD_Connection *connection,
    const char *target, const char *method, const char *version,
    const char *upload, size_t *length, void **at)
{
	struct exchange *exchange = *at;
	size_t n = *length;

	(void)closure;
	(void)connection;
	(void)target;
	CHECK_MAGIC(exchange, EXCHANGE_MAGIC);
	switch (exchange->stage) {
	case STAGE_HEAD:
		return take_head(exchange, method, version);
	case STAGE_BODY:
		if (n == 0)
			return hand_over(exchange);
		*length = 0;
		take_body(exchange, upload, n);
		return exchange->body_counted > read_most(exchange) ? MHD_NO
								    : MHD_YES;
	case STAGE_ANSWERED:
		*length = 0;
		return send_answer(exchange);
	}
	return MHD_NO;
}
