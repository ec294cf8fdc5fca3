/* SPDX-License-Identifier: ISC */
#include "web/metrics.h"

/*
 * What the server counts, as OpenMetrics: web's own numbers and those of the
 * process; http/ and desk/ print theirs.
 */

#include "base/clock.h"
#include "base/mem.h"
#include "base/reserve.h"
#include "http/response_cache.h"
#include "web/limits.h"
#include "web/resources.h"
#include "web/site.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

static const char *const lookups[] = {
	[LOOKUP_HIT] = "outcome=\"hit\"",
	[LOOKUP_MISS] = "outcome=\"miss\"",
};

static const char *const limits[] = {
	[LIMIT_REPORTS] = "limit=\"reports\"",
	[LIMIT_SIGNIN] = "limit=\"signin\"",
	[LIMIT_WRITES] = "limit=\"writes\"",
};

static const char *const build[] = { "version=\"" PACKAGE_VERSION "\"" };

static const struct metric table[WEB_COUNTS] = {
	[WEB_LOOKUPS] = { .name = "barnraise_cache_lookups",
	    .type = METRIC_COUNTER,
	    .help = "Feeds asked for that were in memory, or were not.",
	    .series = lookups,
	    .n_series = LOOKUPS },
	[WEB_LIMITED] = { .name = "barnraise_limit_refused",
	    .type = METRIC_COUNTER,
	    .help = "Requests answered 429, by the limit.",
	    .series = limits,
	    .n_series = LIMITS },
	[WEB_BUILD] = { .name = "barnraise_build",
	    .type = METRIC_INFO,
	    .help = "The version of the program.",
	    .series = build,
	    .n_series = 1 },
	[WEB_STARTED] = { .name = "process_start_time_seconds",
	    .type = METRIC_GAUGE,
	    .unit = "seconds",
	    .step = 1e-6,
	    .help = "When the process started, since 1970." },
	[WEB_CPU] = { .name = "process_cpu_seconds",
	    .type = METRIC_COUNTER,
	    .unit = "seconds",
	    .step = 1e-6,
	    .help = "Processor time of the process." },
	[WEB_RESIDENT] = { .name = "process_resident_memory_bytes",
	    .type = METRIC_GAUGE,
	    .unit = "bytes",
	    .help = "Memory of the process." },
	[WEB_ALLOCATED] = { .name = "barnraise_allocated_memory_bytes",
	    .type = METRIC_GAUGE,
	    .unit = "bytes",
	    .help = "Memory that the program has allocated." },
	[WEB_SHORT] = { .name = "barnraise_memory_short",
	    .type = METRIC_GAUGE,
	    .help = "1 while memory is short and only the cheap is done." },
	[WEB_SHORTAGES] = { .name = "barnraise_memory_shortages",
	    .type = METRIC_COUNTER,
	    .help = "How often memory became short." },
	[WEB_FILES] = { .name = "process_max_fds",
	    .type = METRIC_GAUGE,
	    .help = "Descriptors that the process may have open." },
};

struct metrics *
web_metrics_new(void *owner)
{
	struct metrics *metrics = metrics_new(owner, table, WEB_COUNTS);

	metrics_set(metrics, WEB_STARTED, 0, clock_now());
	return metrics;
}

/* Pages that are in memory, as the kernel says; 0 if it does not. */
static int64_t
resident(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long all = 0, pages = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%ld %ld", &all, &pages) != 2)
		pages = 0;
	(void)fclose(file);
	return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

static void
measure_process(struct metrics *metrics)
{
	struct mallinfo2 memory = mallinfo2();

	metrics_set(metrics, WEB_RESIDENT, 0, resident());
	metrics_set(metrics, WEB_ALLOCATED, 0,
	    (int64_t)(memory.uordblks + memory.hblkhd));
	metrics_set(metrics, WEB_SHORT, 0, memory_is_short() ? 1 : 0);
	metrics_set(metrics, WEB_SHORTAGES, 0, reserve_shortages());
	metrics_set(metrics, WEB_FILES, 0, sysconf(_SC_OPEN_MAX));
	metrics_set(metrics, WEB_CPU, 0, clock_process_cpu());
}

static void
measure_cache(struct metrics *metrics, struct response_cache *cache)
{
	struct response_cache_fill fill = response_cache_fill(cache);

	metrics_set(metrics, WEB_LOOKUPS, LOOKUP_HIT, (int64_t)fill.hits);
	metrics_set(metrics, WEB_LOOKUPS, LOOKUP_MISS, (int64_t)fill.misses);
}

bool
openmetrics_get(
    struct request *request, struct answer *answer, struct error *err)
{
	struct site *site = visit_of(request)->site;
	struct buf *text = buf_new(request->memory);

	(void)err;
	measure_process(site->metrics);
	measure_cache(site->metrics, site->cache);
	metrics_print(site->metrics, text);
	http_server_print_metrics(request->server, text);
	desk_print_metrics(site->desk, text);
	buf_text(text, METRICS_END);
	answer_body(answer, METRICS_TYPE, text->text, text->length);
	return true;
}
