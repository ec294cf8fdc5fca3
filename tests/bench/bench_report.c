/* SPDX-License-Identifier: ISC */
/*
 * How many reports a second the desk makes durable, without HTTP: threads that
 * report as fast as they are answered, on a store with its subscriptions:
 * bench_report STORE INCIDENTS.jsonl SECONDS THREADS. Prints
 * reports a second.
 */
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "desk/desk.h"
#include "desk/steps.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 4000, LINE = 4 << 20, THREADS = 256 };

static struct report reports[MOST];
static size_t n_reports;
static struct desk *desk;
static int64_t end;

struct reporter {
	pthread_t thread;
	size_t from;
	int64_t n;
};

static void
report_read(void *owner, const json_t *row, struct report *report)
{
	const json_t *tags = json_object_get(row, "tags");
	size_t n = json_array_size(tags);
	const char **words = mem_array(owner, const char *, n + 1);
	struct error err = { 0 };

	if (!json_text(row, "title", &report->title, &err) ||
	    !json_text(row, "body", &report->body, &err))
		exit(EXIT_FAILURE);
	for (size_t i = 0; i < n; i++)
		words[i] = json_string_value(json_array_get(tags, i));
	report->tags = words;
	report->n_tags = n;
}

static void
reports_read(void *owner, const char *path)
{
	char *line = mem_array(owner, char, LINE);
	FILE *file = fopen(path, "r");

	while (file != NULL && n_reports < MOST &&
	    fgets(line, LINE, file) != NULL) {
		struct error err = { 0 };
		json_t *row = NULL;

		if (json_parse(owner, line, strlen(line), &row, &err))
			report_read(owner, row, &reports[n_reports++]);
	}
	if (n_reports == 0) {
		fprintf(stderr, "bench_report: no incidents in %s\n", path);
		exit(EXIT_FAILURE);
	}
	(void)fclose(file);
}

static void *
reporter_run(void *arg)
{
	static const struct actor public = { .source = "api",
		.address = "127.0.0.1" };
	struct reporter *reporter = arg;

	for (size_t i = reporter->from; clock_monotonic() < end; i++) {
		struct error err = { 0 };
		struct reported reported;

		if (!desk_report(desk, &public, &reports[i % n_reports],
			&reported, &err)) {
			char text[ERROR_TEXT];

			fprintf(stderr, "bench_report: %s\n",
			    error_text(&err, text));
			exit(EXIT_FAILURE);
		}
		reporter->n++;
	}
	return NULL;
}

static void
measure(size_t threads, double seconds)
{
	struct reporter reporters[THREADS] = { 0 };
	int64_t began = clock_monotonic(), n = 0;

	end = began + (int64_t)(seconds * SECOND);
	for (size_t i = 0; i < threads; i++) {
		reporters[i].from = i * 61;
		if (pthread_create(&reporters[i].thread, NULL, reporter_run,
			&reporters[i]) != 0)
			exit(EXIT_FAILURE);
	}
	for (size_t i = 0; i < threads; i++) {
		(void)pthread_join(reporters[i].thread, NULL);
		n += reporters[i].n;
	}
	printf(
	    "%.0f\n", (double)n * SECOND / (double)(clock_monotonic() - began));
}

int
main(int argc, char **argv)
{
	void *here = mem_root("bench");
	struct desk_settings settings = { .orphan_after = 1800 * SECOND,
		.close_after = 86400 * SECOND,
		.regex_budget = SECOND / 200 };
	size_t threads = argc == 5 ? strtoul(argv[4], NULL, 10) : 0;
	struct error err = { 0 };

	if (argc != 5 || threads == 0 || threads > THREADS) {
		fprintf(stderr,
		    "usage: bench_report STORE INCIDENTS.jsonl SECONDS "
		    "THREADS\n");
		return 2;
	}
	reports_read(here, argv[2]);
	settings.store = mem_printf(here, "sqlite:%s", argv[1]);
	if (!desk_open(here, DESK_SERVE, &settings, &desk, &err)) {
		char text[ERROR_TEXT];

		fprintf(stderr, "bench_report: %s\n", error_text(&err, text));
		return EXIT_FAILURE;
	}
	measure(threads, strtod(argv[3], NULL));
	desk_end(desk);
	talloc_free(here);
	return EXIT_SUCCESS;
}
