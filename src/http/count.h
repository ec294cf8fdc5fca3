/* SPDX-License-Identifier: ISC */
#ifndef HTTP_COUNT_H
#define HTTP_COUNT_H

/*
 * For http/ only: what the server counts of itself. The rows of the table are
 * made at the start, since their series are the application's routes.
 */

#include "base/metric.h"
#include "http/server.h"

enum http_count {
	COUNT_REQUESTS, /* by route and status: count_answer */
	COUNT_SECONDS, /* by class of route: count_answer */
	COUNT_BYTES,
	COUNT_RUNNING,
	COUNT_WAITING,
	COUNT_BODIES,
	COUNT_CONNECTIONS,
	COUNT_OPENED,
	COUNT_REFUSED, /* by enum http_refused */
	COUNT_LATE,
	COUNTS
};

/* Why somebody was not served. */
enum http_refused {
	REFUSED_ADDRESS, /* its connections are as many as may be */
	REFUSED_STOPPING,
	REFUSED_QUEUE, /* a request: no worker in time */
	REFUSED_BODIES, /* a request: too much of bodies in memory */
	REFUSED_MEMORY, /* a request: memory is short */
	REFUSALS
};

struct metrics *
count_new(void *owner, const struct route *routes, size_t n_routes);

/* An answer: route NULL is none; took in microseconds. */
void count_answer(struct metrics *metrics, const struct route *routes,
    size_t n_routes, const struct route *route, unsigned status, int64_t took,
    size_t bytes);

#endif
