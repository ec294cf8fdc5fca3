#include "base/metric.h"

#include "base/mem.h"
#include "base/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { SENT, OPEN, TIMES, BUILD, ROWS };

static const char *const kinds[] = { "kind=\"a\"", "kind=\"b\"" };
static const int64_t bounds[] = { 10, 1000000 };
static const char *const version[] = { "version=\"1\"" };

static const struct metric table[ROWS] = {
	[SENT] = { .name = "x_sent_bytes",
	    .type = METRIC_COUNTER,
	    .unit = "bytes",
	    .help = "Sent.",
	    .series = kinds,
	    .n_series = 2,
	    .quiet = true },
	[OPEN] = { .name = "x_open", .type = METRIC_GAUGE, .help = "Open." },
	[TIMES] = { .name = "x_times_seconds",
	    .type = METRIC_HISTOGRAM,
	    .unit = "seconds",
	    .step = 1e-6,
	    .help = "Times.",
	    .bounds = bounds,
	    .n_bounds = 2 },
	[BUILD] = { .name = "x_build",
	    .type = METRIC_INFO,
	    .help = "Build.",
	    .series = version,
	    .n_series = 1 },
};

static int
setup(void **state)
{
	*state = metrics_new(NULL, table, ROWS);
	return 0;
}

static int
teardown(void **state)
{
	talloc_free(*state);
	return 0;
}

static void
text_is_openmetrics(void **state)
{
	struct metrics *metrics = *state;
	struct buf *buf = buf_new(metrics);

	metrics_add(metrics, SENT, 1, 5);
	metrics_add(metrics, OPEN, 0, 3);
	metrics_add(metrics, OPEN, 0, -1);
	metrics_note(metrics, TIMES, 0, 10);
	metrics_note(metrics, TIMES, 0, 11);
	metrics_note(metrics, TIMES, 0, 1500000);
	metrics_print(metrics, buf);
	assert_string_equal(buf->text,
	    "# TYPE x_sent_bytes counter\n"
	    "# UNIT x_sent_bytes bytes\n"
	    "# HELP x_sent_bytes Sent.\n"
	    "x_sent_bytes_total{kind=\"b\"} 5\n"
	    "# TYPE x_open gauge\n"
	    "# HELP x_open Open.\n"
	    "x_open 2\n"
	    "# TYPE x_times_seconds histogram\n"
	    "# UNIT x_times_seconds seconds\n"
	    "# HELP x_times_seconds Times.\n"
	    "x_times_seconds_bucket{le=\"1e-05\"} 1\n"
	    "x_times_seconds_bucket{le=\"1.0\"} 2\n"
	    "x_times_seconds_bucket{le=\"+Inf\"} 3\n"
	    "x_times_seconds_count 3\n"
	    "x_times_seconds_sum 1.500021\n"
	    "# TYPE x_build info\n"
	    "# HELP x_build Build.\n"
	    "x_build_info{version=\"1\"} 1\n");
}

enum { THREADS = 12, TIMES_EACH = 10000 };

static void *
count(void *arg)
{
	for (int i = 0; i < TIMES_EACH; i++)
		metrics_add(arg, SENT, 0, 1);
	return NULL;
}

static void
nothing_is_lost_between_threads(void **state)
{
	struct error err = { 0 };
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert_true(
		    thread_start(&threads[i], "count", count, *state, &err));
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
	assert_int_equal(metrics_get(*state, SENT, 0), THREADS * TIMES_EACH);
}

static void
gauge_can_be_set(void **state)
{
	metrics_set(*state, OPEN, 0, 7);
	metrics_set(*state, OPEN, 0, 4);
	assert_int_equal(metrics_get(*state, OPEN, 0), 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    text_is_openmetrics, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    nothing_is_lost_between_threads, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    gauge_can_be_set, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
