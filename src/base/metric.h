/* SPDX-License-Identifier: ISC */
#ifndef BASE_METRIC_H
#define BASE_METRIC_H

/*
 * Counting what happens, for whoever watches the server, and saying it as
 * OpenMetrics 1.0 text. Each part of the program has a table of what it counts
 * and one struct metrics that holds the numbers. Counting is meant for hot
 * paths: a few nanoseconds, no lock, and threads seldom touch the same cache
 * line. Any thread may count and print.
 */

#include "base/buf.h"

#include <stddef.h>
#include <stdint.h>

enum metric_type {
	METRIC_COUNTER, /* only grows; "_total" is put behind its name */
	METRIC_GAUGE, /* goes up and down */
	METRIC_HISTOGRAM, /* how many values were up to each bound, and their
			     sum */
	METRIC_INFO, /* labels that say something; "_info" is put behind */
};

/* A row of a table. */
struct metric {
	const char *name; /* ends in _UNIT if there is a unit */
	enum metric_type type;
	const char *unit; /* "seconds", "bytes" or NULL */
	double step; /* what 1 is in that unit: 1e-6; 0 is 1 */
	const char *help;
	/*
	 * Labels of each series as they are printed: route="/",status="200".
	 * NULL: one series without labels. quiet: a series is printed from its
	 * first count on.
	 */
	const char *const *series;
	size_t n_series;
	bool quiet;
	const int64_t *bounds; /* of a histogram, in steps, ascending */
	size_t n_bounds;
};

struct metrics;

/* The table (and what it points to) lives as long as the metrics. */
struct metrics *metrics_new(void *owner, const struct metric *table, size_t n);

/* which is the row's index, series one of its series (0 if it has none). */
void
metrics_add(struct metrics *metrics, size_t which, size_t series, int64_t by);
/* Of a gauge that one place sets. */
void metrics_set(
    struct metrics *metrics, size_t which, size_t series, int64_t value);
/* A value of a histogram. */
void metrics_note(
    struct metrics *metrics, size_t which, size_t series, int64_t value);

/* What was counted so far; of a histogram how many values. */
int64_t metrics_get(const struct metrics *metrics, size_t which, size_t series);

/* All of the table. The end of a text is METRICS_END. */
void metrics_print(const struct metrics *metrics, struct buf *buf);
#define METRICS_END "# EOF\n"
#define METRICS_TYPE \
	"application/openmetrics-text; version=1.0.0; charset=utf-8"

/* Bounds for times in microseconds, from 100 us to 10 s. */
enum { METRIC_TIMES = 15 };
extern const int64_t metric_times[METRIC_TIMES];

#endif
