/* SPDX-License-Identifier: ISC */
#include "desk/count.h"

#include "base/clock.h"
#include "desk/lists_inside.h"

static const char *const followers[FOLLOWERS] = {
	[FOLLOWER_LISTS] = "follower=\"lists\"",
	[FOLLOWER_SEARCH] = "follower=\"search\"",
};

static const struct metric table[DESK_COUNTS] = {
	[DESK_READINGS] = { .name = "barnraise_matcher_readings",
	    .type = METRIC_COUNTER,
	    .help = "Texts that were read with the filters." },
	[DESK_MATCHES] = { .name = "barnraise_matcher_matches",
	    .type = METRIC_COUNTER,
	    .help = "Filters that matched, or may in some state, of all "
		    "readings." },
	[DESK_CANDIDATES] = { .name = "barnraise_matcher_candidates",
	    .type = METRIC_COUNTER,
	    .help = "Filters that the index let through and that were read, "
		    "of all readings." },
	[DESK_READING_SECONDS] = { .name = "barnraise_matcher_reading_seconds",
	    .type = METRIC_HISTOGRAM,
	    .unit = "seconds",
	    .step = 1e-6,
	    .help = "Time of one reading.",
	    .bounds = metric_times,
	    .n_bounds = METRIC_TIMES },
	[DESK_READING_CPU] = { .name = "barnraise_matcher_dear_cpu_seconds",
	    .type = METRIC_COUNTER,
	    .unit = "seconds",
	    .step = 1e-6,
	    .help = "Processor time of filters that were dear on a text." },
	[DESK_OVER] = { .name = "barnraise_matcher_over_budget",
	    .type = METRIC_COUNTER,
	    .help = "Times that a filter ran out of regex-budget." },
	[DESK_AGAIN] = { .name = "barnraise_matcher_again",
	    .type = METRIC_COUNTER,
	    .help = "Changes read anew since filters or text were newer." },
	[DESK_FILTERS] = { .name = "barnraise_filters",
	    .type = METRIC_GAUGE,
	    .help = "Distinct filters that run." },
	[DESK_PAUSES] = { .name = "barnraise_filter_pauses",
	    .type = METRIC_COUNTER,
	    .help = "Filters that were paused for their time." },
	[DESK_PLACE] = { .name = "barnraise_journal_events",
	    .type = METRIC_GAUGE,
	    .help = "Newest number of the journal that memory knows." },
	[DESK_LAG] = { .name = "barnraise_follower_lag_events",
	    .type = METRIC_GAUGE,
	    .help = "Numbers of the journal that a follower is behind.",
	    .series = followers,
	    .n_series = FOLLOWERS },
	[DESK_READERS] = { .name = "barnraise_store_idle_readers",
	    .type = METRIC_GAUGE,
	    .help = "Read connections that nobody uses." },
};

struct metrics *
count_desk_new(void *owner)
{
	return metrics_new(owner, table, DESK_COUNTS);
}

struct matches *
desk_match(void *owner, struct desk *desk,
    const struct filter_document *document, unsigned uses)
{
	int64_t began = clock_monotonic(), dear = 0;
	struct matches *matches = matcher_read(
	    owner, desk->matcher, document, uses, desk_scratch(desk));
	struct metrics *counts = desk->counts;

	for (size_t i = 0; i < matches->n_dear; i++)
		dear += matches->dear[i].cost;
	metrics_add(counts, DESK_READING_CPU, 0, dear);
	metrics_note(
	    counts, DESK_READING_SECONDS, 0, clock_monotonic() - began);
	metrics_add(counts, DESK_READINGS, 0, 1);
	metrics_add(counts, DESK_CANDIDATES, 0, (int64_t)matches->read);
	metrics_add(counts, DESK_MATCHES, 0, (int64_t)matches->n);
	metrics_add(counts, DESK_OVER, 0, (int64_t)matches->n_over);
	return matches;
}

/* The full text follows what changes articles: it is behind only of that. */
static int64_t
search_lag(const struct desk *desk)
{
	int64_t kb = desk->kb_version, indexed = desk->indexed;

	return indexed < 0 || kb <= indexed ? 0 : kb - indexed;
}

void
desk_print_metrics(struct desk *desk, struct buf *buf)
{
	struct metrics *counts = desk->counts;
	int64_t place = desk->place;

	metrics_set(
	    counts, DESK_FILTERS, 0, (int64_t)matcher_count(desk->matcher));
	metrics_set(counts, DESK_PLACE, 0, place);
	if (desk->lists != NULL)
		metrics_set(counts, DESK_LAG, FOLLOWER_LISTS,
		    place - desk->lists->written);
	metrics_set(counts, DESK_LAG, FOLLOWER_SEARCH, search_lag(desk));
	metrics_set(
	    counts, DESK_READERS, 0, (int64_t)db_pool_idle(desk->readers));
	metrics_print(counts, buf);
	writer_print_metrics(desk->writer, buf);
}
