/* SPDX-License-Identifier: ISC */
#include "http/count.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

/* What we answer with; others are counted as "other". */
static const unsigned statuses[] = { 200, 201, 204, 206, 226, 303, 304, 308,
	400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 414, 415, 422, 428,
	429, 431, 500, 503 };

enum { STATUSES = sizeof statuses / sizeof *statuses + 1 };

/* Routes that take about as long as each other. */
enum class { CLASS_FEED, CLASS_QUICK, CLASS_READ, CLASS_WRITE, CLASS_NONE };

static const char *const classes[] = {
	[CLASS_FEED] = "class=\"feed\"",
	[CLASS_QUICK] = "class=\"quick\"",
	[CLASS_READ] = "class=\"read\"",
	[CLASS_WRITE] = "class=\"write\"",
	[CLASS_NONE] = "class=\"none\"",
};

static const char *const crews[] = { "crew=\"readers\"", "crew=\"writers\"" };

static const char *const refusals[] = {
	[REFUSED_ADDRESS] = "why=\"address\"",
	[REFUSED_STOPPING] = "why=\"stopping\"",
	[REFUSED_QUEUE] = "why=\"queue\"",
	[REFUSED_BODIES] = "why=\"bodies\"",
	[REFUSED_MEMORY] = "why=\"memory\"",
};
static_assert(
    sizeof refusals / sizeof *refusals == REFUSALS, "a new refusal: name it");

#define SERIES(names) (names), sizeof(names) / sizeof *(names)

static const struct metric table[COUNTS] = {
	[COUNT_REQUESTS] = { "barnraise_http_requests", METRIC_COUNTER, NULL, 0,
	    "Requests answered, by route and status.", NULL, 0, true, NULL, 0 },
	[COUNT_SECONDS] = { "barnraise_http_request_duration_seconds",
	    METRIC_HISTOGRAM, "seconds", 1e-6,
	    "From the request line to the answer that is ready to be sent.",
	    SERIES(classes), false, metric_times, METRIC_TIMES },
	[COUNT_BYTES] = { "barnraise_http_response_bytes", METRIC_COUNTER,
	    "bytes", 0, "Bodies of answers.", NULL, 0, false, NULL, 0 },
	[COUNT_RUNNING] = { "barnraise_http_running_requests", METRIC_GAUGE,
	    NULL, 0, "Requests that are not yet sent.", NULL, 0, false, NULL,
	    0 },
	[COUNT_WAITING] = { "barnraise_http_waiting_requests", METRIC_GAUGE,
	    NULL, 0, "Requests that wait for a worker.", SERIES(crews), false,
	    NULL, 0 },
	[COUNT_BODIES] = { "barnraise_http_body_bytes", METRIC_GAUGE, "bytes",
	    0, "Bodies of requests in memory.", NULL, 0, false, NULL, 0 },
	[COUNT_CONNECTIONS] = { "barnraise_http_connections", METRIC_GAUGE,
	    NULL, 0, "Connections that are open.", NULL, 0, false, NULL, 0 },
	[COUNT_OPENED] = { "barnraise_http_opened_connections", METRIC_COUNTER,
	    NULL, 0, "Connections that were opened.", NULL, 0, false, NULL, 0 },
	[COUNT_REFUSED] = { "barnraise_http_refused", METRIC_COUNTER, NULL, 0,
	    "Connections and requests that were turned away.", SERIES(refusals),
	    false, NULL, 0 },
	[COUNT_LATE] = { "barnraise_http_late_connections", METRIC_COUNTER,
	    NULL, 0, "Connections closed since the client was too slow.", NULL,
	    0, false, NULL, 0 },
};

static const char *
request_labels(void *owner, const struct route *route, size_t status)
{
	const char *method = route == NULL ? "none" : route->method;
	const char *path = route == NULL ? "none" : route->path;

	if (status == STATUSES - 1)
		return mem_printf(owner,
		    "method=\"%s\",route=\"%s\",status=\"other\"", method,
		    path);
	return mem_printf(owner, "method=\"%s\",route=\"%s\",status=\"%u\"",
	    method, path, statuses[status]);
}

struct metrics *
count_new(void *owner, const struct route *routes, size_t n_routes)
{
	struct metric *rows = mem_array(owner, struct metric, COUNTS);
	size_t n = (n_routes + 1) * STATUSES;
	const char **labels = mem_array(rows, const char *, n);

	memcpy(rows, table, sizeof table);
	for (size_t i = 0; i < n; i++)
		labels[i] = request_labels(rows,
		    i / STATUSES == n_routes ? NULL : &routes[i / STATUSES],
		    i % STATUSES);
	rows[COUNT_REQUESTS].series = labels;
	rows[COUNT_REQUESTS].n_series = n;
	return metrics_new(rows, rows, COUNTS);
}

static enum class class_of(const struct route *route) {
	if (route == NULL) return CLASS_NONE;
	if (strcmp(route->method, "GET") != 0) return CLASS_WRITE;
	if (route->where == HTTP_QUICK) return CLASS_QUICK;
	return (route->forms & HTTP_ATOM) != 0 ? CLASS_FEED : CLASS_READ;
}

static size_t
status_at(unsigned status)
{
	size_t at = 0;

	while (at < STATUSES - 1 && statuses[at] != status)
		at++;
	return at;
}

void
count_answer(struct metrics *metrics, const struct route *routes,
    size_t n_routes, const struct route *route, unsigned status, int64_t took,
    size_t bytes)
{
	size_t row = route == NULL ? n_routes : (size_t)(route - routes);

	metrics_add(
	    metrics, COUNT_REQUESTS, row * STATUSES + status_at(status), 1);
	metrics_note(metrics, COUNT_SECONDS, class_of(route), took);
	if (bytes > 0)
		metrics_add(metrics, COUNT_BYTES, 0, (int64_t)bytes);
}
