/* SPDX-License-Identifier: ISC */
#include "http/engine.h"

#include "base/check.h"
#include "base/reserve.h"
#include "base/utf8.h"
#include "http/negotiate.h"
#include "http/response_cache.h"

#include <string.h>

/*
 * How the answer of a complete request is made: by its handler, on the event
 * thread if that never waits, or by a worker of the crew. For a worker the
 * connection is suspended, and resumed when the answer is there. A request that
 * wants what another one is making holds no thread: it waits at that one, whose
 * worker does it afterwards.
 */

static bool
body_is_text(const struct request *request, struct error *err)
{
	if (!negotiate_is_json(request_type(request)))
		return true;
	return (memchr(request->body, '\0', request->body_length) == NULL &&
		   utf8_is_valid(request->body, request->body_length)) ||
	    error_set(err, ERROR_MALFORMED, "the request body is not UTF-8");
}

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

/* It could not be done: everything is as before the handler. */
static void
forget(struct exchange *exchange)
{
	const struct http_hooks *hooks = &exchange->server->hooks;

	if (hooks->finished != NULL)
		hooks->finished(&exchange->request, &exchange->answer);
	exchange->request.user = NULL;
	answer_reset(&exchange->answer);
	error_clear(&exchange->err);
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
	bool is_short = memory_is_short();

	metrics_add(exchange->server->counts, COUNT_REFUSED,
	    is_short ? REFUSED_MEMORY : REFUSED_QUEUE, 1);
	if (is_short) {
		exchange_short(exchange);
	} else {
		exchange->err.retry_after = 2;
		error_set(&exchange->err, ERROR_BUSY, "too busy just now");
	}
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
		if (atomic_load(&exchange->server->hurrying) ||
		    memory_is_short()) {
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

static void
hand_over(struct exchange *exchange)
{
	/* once it is queued, the worker may resume it at any moment */
	MHD_suspend_connection(exchange->connection);
	if (exchange->request.waits_for != NULL &&
	    response_cache_wait(
		exchange->server->hooks.cache, &exchange->request))
		return;
	if (memory_is_short() ||
	    !queue_try_put(crew_of(exchange)->waiting, exchange)) {
		give_up(exchange);
		MHD_resume_connection(exchange->connection);
	}
}

bool
exchange_answer(struct exchange *exchange)
{
	enum http_where where = exchange->request.route->where;

	if (where == HTTP_QUICK) {
		finish(exchange, handle(exchange));
		return true;
	}
	if (where == HTTP_TRIED && try_here(exchange))
		return true;
	hand_over(exchange);
	return false;
}
