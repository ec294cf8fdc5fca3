/* SPDX-License-Identifier: ISC */
#include "http/engine.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/reserve.h"
#include "http/prepared.h"

#include <string.h>

/*
 * One request's way. libmicrohttpd calls exchange_begin with the first line,
 * exchange_go_on with the head, once for each piece of the body and at its
 * end, and exchange_end when the answer was sent. At the end of the body the
 * answer is made, here or by a worker; a worker's is queued when
 * exchange_go_on is called once more. (An answer that is queued at the first
 * call costs the connection.) This file has the memory, the order of the steps
 * and the body; exchange_head.c has the head, exchange_work.c how the answer is
 * made.
 */

enum {
	REQUEST_POOL = 8192, /* the memory of most requests in one piece */
	BODY_LARGE = 256 * 1024,
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
		return mem_pool("a request", REQUEST_POOL);
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
	struct exchange *exchange = mem_size(memory, sizeof *exchange);
	char *query;

	CHECK_MAGIC(server, SERVER_MAGIC);
	/* an error has room for much text, and most requests have none */
	memset(exchange, 0, offsetof(struct exchange, err));
	error_clear(&exchange->err);
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
	if (exchange->body_counted > 0)
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

enum MHD_Result
exchange_refuse(struct exchange *exchange, bool may_be_page)
{
	reply_error(exchange, may_be_page);
	reply_make(exchange);
	exchange->stage = STAGE_ANSWERED;
	return send_answer(exchange);
}

/* --- the body */

size_t
exchange_body_most(const struct exchange *exchange)
{
	const struct route *route = exchange->request.route;

	return (route == NULL ? 0 : route->body_limit) + BODY_OVERRUN;
}

/*
 * A body is the one thing here that may be large, and can still be refused: so
 * whether there is memory for it is asked first.
 */
static bool
has_memory(const struct buf *body, size_t length)
{
	size_t all = body->length + length + 1;

	if (memory_is_short())
		return false;
	if (all < body->room || all < BODY_LARGE || memory_can_be_had(2 * all))
		return true;
	(void)reserve_spend();
	return false;
}

void
exchange_short(struct exchange *exchange)
{
	exchange->err.retry_after = 60;
	error_set(&exchange->err, ERROR_BUSY,
	    "short of memory; try again in a minute");
}

static void
refuse_body(struct exchange *exchange, enum http_refused why)
{
	metrics_add(exchange->server->counts, COUNT_REFUSED, why, 1);
	TALLOC_FREE(exchange->body);
	if (why == REFUSED_MEMORY)
		exchange_short(exchange);
	else
		error_set(&exchange->err, ERROR_BUSY,
		    "too many requests with large bodies");
}

static void
take_body(struct exchange *exchange, const char *piece, size_t length)
{
	struct http_server *server = exchange->server;
	const struct route *route = exchange->request.route;
	size_t limit = route == NULL ? 0 : route->body_limit;
	bool is_much;

	exchange->body_counted += length;
	is_much = atomic_fetch_add(&server->body_bytes, length) >
	    atomic_load(&server->body_bytes_most);
	if (exchange->err.kind != ERROR_NONE)
		return; /* what is wrong is known already */
	if (exchange->body == NULL)
		exchange->body = buf_new(exchange->request.memory);
	if (exchange->body_counted > limit)
		error_set(&exchange->err, ERROR_TOO_LARGE,
		    "the request body has over %zu bytes", limit);
	else if (!has_memory(exchange->body, length))
		refuse_body(exchange, REFUSED_MEMORY);
	else if (is_much)
		refuse_body(exchange, REFUSED_BODIES);
	else
		buf_add(exchange->body, piece, length);
}

/* The request is complete. */
static enum MHD_Result
end_body(struct exchange *exchange)
{
	struct request *request = &exchange->request;

	if (exchange->err.kind != ERROR_NONE)
		return exchange_refuse(exchange, true);
	request->body = exchange->body == NULL ? "" : exchange->body->text;
	request->body_length = exchange->body == NULL ? 0
						      : exchange->body->length;
	link_expect(exchange->link, LINK_WORK, 0);
	return exchange_answer(exchange) ? send_answer(exchange) : MHD_YES;
}

/* --- the steps */

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
		return exchange_head(exchange, method, version);
	case STAGE_BODY:
		if (n == 0)
			return end_body(exchange);
		*length = 0;
		take_body(exchange, upload, n);
		return exchange->body_counted > exchange_body_most(exchange)
		    ? MHD_NO
		    : MHD_YES;
	case STAGE_ANSWERED:
		*length = 0;
		return send_answer(exchange);
	}
	return MHD_NO;
}
