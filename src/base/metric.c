/* SPDX-License-Identifier: ISC */
#include "base/metric.h"

#include "base/check.h"
#include "base/mem.h"

#include <stdatomic.h>
#include <stdio.h>

/*
 * A number stands in several stripes, of which each thread uses one, and is
 * their sum. A stripe is one piece of memory, so that threads of different
 * stripes share no cache line.
 */
enum { STRIPES = 8, LINE = 64 };

struct metrics {
	const struct metric *table;
	size_t n;
	size_t *first; /* of each row: the cell of its first series */
	_Atomic int64_t *stripes[STRIPES];
};

const int64_t metric_times[METRIC_TIMES] = { 100, 250, 500, 1000, 2500, 5000,
	10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000,
	10000000 };

static unsigned
stripe_of_thread(void)
{
	static atomic_uint threads;
	static _Thread_local unsigned mine; /* 0: none yet */

	if (mine == 0)
		mine = 1 + atomic_fetch_add(&threads, 1) % STRIPES;
	return mine - 1;
}

static size_t
series_of(const struct metric *metric)
{
	return metric->series == NULL ? 1 : metric->n_series;
}

/* Of a histogram: a cell a bound, one for what is above all, the sum. */
static size_t
cells_of(const struct metric *metric)
{
	return metric->type == METRIC_HISTOGRAM ? metric->n_bounds + 2 : 1;
}

struct metrics *
metrics_new(void *owner, const struct metric *table, size_t n)
{
	struct metrics *metrics = mem_new(owner, struct metrics);
	size_t cells = 0;

	metrics->table = table;
	metrics->n = n;
	metrics->first = mem_array(metrics, size_t, n);
	for (size_t i = 0; i < n; i++) {
		metrics->first[i] = cells;
		cells += series_of(&table[i]) * cells_of(&table[i]);
	}
	for (size_t i = 0; i < STRIPES; i++)
		metrics->stripes[i] = mem_array(
		    metrics, _Atomic int64_t, cells + LINE / sizeof(int64_t));
	return metrics;
}

static size_t
cell_of(const struct metrics *metrics, size_t which, size_t series)
{
	const struct metric *metric = &metrics->table[which];

	CHECK(which < metrics->n && series < series_of(metric));
	return metrics->first[which] + series * cells_of(metric);
}

static void
cell_add(struct metrics *metrics, size_t cell, int64_t by)
{
	(void)atomic_fetch_add_explicit(
	    &metrics->stripes[stripe_of_thread()][cell], by,
	    memory_order_relaxed);
}

static int64_t
cell_sum(const struct metrics *metrics, size_t cell)
{
	int64_t sum = 0;

	for (size_t i = 0; i < STRIPES; i++)
		sum += atomic_load_explicit(
		    &metrics->stripes[i][cell], memory_order_relaxed);
	return sum;
}

void
metrics_add(struct metrics *metrics, size_t which, size_t series, int64_t by)
{
	cell_add(metrics, cell_of(metrics, which, series), by);
}

void
metrics_set(struct metrics *metrics, size_t which, size_t series, int64_t value)
{
	atomic_store_explicit(
	    &metrics->stripes[0][cell_of(metrics, which, series)], value,
	    memory_order_relaxed);
}

void
metrics_note(
    struct metrics *metrics, size_t which, size_t series, int64_t value)
{
	const struct metric *metric = &metrics->table[which];
	size_t first = cell_of(metrics, which, series), at = 0;

	while (at < metric->n_bounds && value > metric->bounds[at])
		at++;
	cell_add(metrics, first + at, 1);
	cell_add(metrics, first + metric->n_bounds + 1, value);
}

int64_t
metrics_get(const struct metrics *metrics, size_t which, size_t series)
{
	const struct metric *metric = &metrics->table[which];
	size_t first = cell_of(metrics, which, series);
	int64_t sum = 0;

	if (metric->type != METRIC_HISTOGRAM)
		return cell_sum(metrics, first);
	for (size_t i = 0; i <= metric->n_bounds; i++)
		sum += cell_sum(metrics, first + i);
	return sum;
}

/* --- printing */

static const struct {
	const char *type;
	const char *suffix; /* of the one sample */
} types[] = {
	[METRIC_COUNTER] = { "counter", "_total" },
	[METRIC_GAUGE] = { "gauge", "" },
	[METRIC_HISTOGRAM] = { "histogram", "" },
	[METRIC_INFO] = { "info", "_info" },
};

static const char *
labels_of(const struct metric *metric, size_t series)
{
	return metric->series == NULL ? "" : metric->series[series];
}

/* Numbers without a step are whole. */
static void
print_number(struct buf *buf, const struct metric *metric, int64_t value)
{
	if (metric->step == 0)
		buf_printf(buf, "%jd", (intmax_t)value);
	else
		buf_printf(buf, "%.15g", (double)value * metric->step);
}

static void
print_one(
    const struct metrics *metrics, size_t which, size_t series, struct buf *buf)
{
	const struct metric *metric = &metrics->table[which];
	const char *labels = labels_of(metric, series);
	int64_t value = cell_sum(metrics, cell_of(metrics, which, series));

	if (metric->quiet && value == 0)
		return;
	buf_printf(buf, "%s%s", metric->name, types[metric->type].suffix);
	if (*labels != '\0')
		buf_printf(buf, "{%s}", labels);
	buf_char(buf, ' ');
	if (metric->type == METRIC_INFO)
		buf_char(buf, '1');
	else
		print_number(buf, metric, value);
	buf_char(buf, '\n');
}

/* OpenMetrics wants a bound as a number with a point. */
static void
print_bound(struct buf *buf, const struct metric *metric, size_t at)
{
	double bound;

	if (at == metric->n_bounds) {
		buf_text(buf, "+Inf");
		return;
	}
	bound = (double)metric->bounds[at] *
	    (metric->step == 0 ? 1 : metric->step);
	if (bound == (double)(int64_t)bound)
		buf_printf(buf, "%.1f", bound);
	else
		buf_printf(buf, "%.9g", bound);
}

static void
print_histogram(
    const struct metrics *metrics, size_t which, size_t series, struct buf *buf)
{
	const struct metric *metric = &metrics->table[which];
	const char *labels = labels_of(metric, series);
	const char *comma = *labels == '\0' ? "" : ",";
	size_t first = cell_of(metrics, which, series);
	int64_t count = 0;

	for (size_t at = 0; at <= metric->n_bounds; at++) {
		count += cell_sum(metrics, first + at);
		buf_printf(
		    buf, "%s_bucket{%s%sle=\"", metric->name, labels, comma);
		print_bound(buf, metric, at);
		buf_printf(buf, "\"} %jd\n", (intmax_t)count);
	}
	for (int i = 0; i < 2; i++) {
		buf_printf(
		    buf, "%s_%s", metric->name, i == 0 ? "count" : "sum");
		if (*labels != '\0')
			buf_printf(buf, "{%s}", labels);
		buf_char(buf, ' ');
		if (i == 0)
			buf_printf(buf, "%jd", (intmax_t)count);
		else
			print_number(buf, metric,
			    cell_sum(metrics, first + metric->n_bounds + 1));
		buf_char(buf, '\n');
	}
}

void
metrics_print(const struct metrics *metrics, struct buf *buf)
{
	for (size_t i = 0; i < metrics->n; i++) {
		const struct metric *metric = &metrics->table[i];

		buf_printf(buf, "# TYPE %s %s\n", metric->name,
		    types[metric->type].type);
		if (metric->unit != NULL)
			buf_printf(
			    buf, "# UNIT %s %s\n", metric->name, metric->unit);
		buf_printf(buf, "# HELP %s %s\n", metric->name, metric->help);
		for (size_t k = 0; k < series_of(metric); k++)
			if (metric->type == METRIC_HISTOGRAM)
				print_histogram(metrics, i, k, buf);
			else
				print_one(metrics, i, k, buf);
	}
}
