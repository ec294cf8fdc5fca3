/* SPDX-License-Identifier: ISC */
#include "desk/past.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "desk/inside.h"
#include "desk/journal.h"
#include "desk/scan.h"

#include <string.h>

/*
 * The last incidents are read newest first, in slices that are read forwards
 * (a store reads ahead in that direction), with one matcher for all filters;
 * a filter that has enough leaves it. What changes while this goes on is looked
 * at again: on the calling thread as often as helps, and the last few inside
 * of the job, since under steady writing there is always one more.
 */
enum {
	SLICE_FIRST = 250, /* small: slow filters too get the newest */
	INDEX_FROM = 64, /* filters; fewer are as quickly read each */
	SLICE_MAX = 2000,
	ROUNDS = 3, /* on the thread, before the job looks for itself */
	LOOK_MAX = 64, /* incidents that the job looks at */
	LOOK_TIME = 10000, /* microseconds that it should take */
	PATIENCE = 16, /* rounds that are done to keep to that */
};

struct past_filter {
	char *text;
	int64_t since;
	struct past_cost cost; /* but the usual */
	int64_t dear; /* CPU time on all that it was dear on */
	int64_t looked; /* how many texts it had when it was stopped */
	bool runs; /* is in the matcher */
	struct caught caught[PAST_MAX]; /* newest first */
	size_t n;
	struct caught slice[PAST_MAX]; /* the last of this slice, a ring */
	size_t n_slice;
};

struct past {
	struct desk *desk;
	int64_t time, deadline;
	struct matcher *matcher;
	struct past_filter **filters;
	size_t n;
	struct map *by_text;
	bool whole; /* counts on when a filter has enough */
	bool has_looked;
	bool ran_out; /* of time, before it saw all */
	int64_t seen; /* journal number that all was looked at as of */
	int64_t oldest; /* the oldest incident of the window */
	int64_t looked, matched, created; /* for counting */
	unsigned round;
	bool stale;
};

struct past *
past_new(void *owner, struct desk *desk, int64_t time)
{
	struct past *past = mem_new(owner, struct past);

	past->desk = desk;
	past->time = time;
	past->matcher = matcher_new(past);
	past->by_text = map_new(past);
	return past;
}

/* The number of a filter in the matcher: numbers begin at 1. */
static int64_t
number_of(size_t filter)
{
	return (int64_t)filter + 1;
}

static void
run_filter(struct past *past, size_t i)
{
	struct past_filter *each = past->filters[i];
	struct filter *filter;
	struct error err;

	if (each->runs || each->cost.n_over >= PAST_OVER)
		return;
	/* what was printed by filter_text() is read back */
	CHECK(filter_parse_stored(NULL, each->text, &filter, &err));
	matcher_add(past->matcher, number_of(i), filter);
	each->runs = true;
}

static void
stop_filter(struct past *past, size_t i)
{
	if (!past->filters[i]->runs)
		return;
	matcher_remove(past->matcher, number_of(i));
	past->filters[i]->runs = false;
	past->filters[i]->looked = past->looked;
}

size_t
past_add(struct past *past, const char *text, int64_t since)
{
	char *key = mem_printf(past, "%jd %s", (intmax_t)since, text);
	struct past_filter *each = map_get_text(past->by_text, key);
	size_t i = 0;

	if (each == NULL) {
		CHECK(!past->has_looked);
		each = mem_new(past, struct past_filter);
		each->text = mem_copy(each, text);
		each->since = since;
		i = past->n;
		*mem_push(past, &past->filters, &past->n) = each;
		map_set_text(past->by_text, key, each);
		run_filter(past, i);
	} else {
		while (past->filters[i] != each)
			i++;
	}
	talloc_free(key);
	return i;
}

const struct caught *
past_caught(const struct past *past, size_t filter, size_t *n)
{
	CHECK(filter < past->n);
	*n = past->filters[filter]->n;
	return past->filters[filter]->caught;
}

struct past_cost
past_cost(const struct past *past, size_t filter)
{
	const struct past_filter *each = past->filters[filter];
	int64_t looked = each->runs ? past->looked : each->looked;

	struct past_cost cost = each->cost;

	cost.usual = looked > 0 ? each->dear / looked : 0;
	return cost;
}

/* --- the first look */

/*
 * An incident from before since is not asked about: those that a filter was
 * paused for do not keep it from what it missed.
 */
static void
too_slow(struct past *past, const struct matches *matches,
    const struct incident *incident)
{
	for (size_t i = 0; i < matches->n_over; i++) {
		size_t filter = (size_t)matches->over[i] - 1;
		struct past_filter *each = past->filters[filter];

		if (incident->changed <= each->since ||
		    each->cost.n_over >= PAST_OVER)
			continue;
		each->cost.over_at[each->cost.n_over++] = incident->number;
		if (each->cost.n_over >= PAST_OVER)
			stop_filter(past, filter);
	}
}

static void
keep_dear(struct past_cost *cost, int64_t incident)
{
	size_t place = 0;

	while (place < cost->n_dear && cost->dear_at[place] > incident)
		place++;
	if (place == PAST_DEAR ||
	    (place < cost->n_dear && cost->dear_at[place] == incident))
		return;
	if (cost->n_dear < PAST_DEAR)
		cost->n_dear++;
	memmove(&cost->dear_at[place + 1], &cost->dear_at[place],
	    (cost->n_dear - 1 - place) * sizeof *cost->dear_at);
	cost->dear_at[place] = incident;
}

static void
note_costs(struct past *past, const struct matches *matches, int64_t incident)
{
	for (size_t i = 0; i < matches->n_dear; i++) {
		struct past_filter
		    *each = past->filters[matches->dear[i].id - 1];

		each->dear += matches->dear[i].cost;
		keep_dear(&each->cost, incident);
	}
}

static bool
is_open(const struct incident *incident)
{
	return incident->status == STATUS_OPEN ||
	    incident->status == STATUS_SWARMING;
}

/* Calls catch for each filter that matches what is seen. */
static void
match_seen(struct past *past, const struct scanned *seen,
    void (*catch)(struct past *, struct past_filter *, const struct incident *))
{
	struct matches *matches = matcher_read(seen->memory, past->matcher,
	    &seen->document, FILTER_USES_ALL, desk_scratch(past->desk));

	for (size_t i = 0; i < matches->n; i++) {
		struct past_filter
		    *each = past->filters[matches->all[i].id - 1];

		if (seen->incident->changed > each->since &&
		    match_holds(&matches->all[i], &seen->state))
			catch (past, each, seen->incident);
	}
	note_costs(past, matches, seen->incident->number);
	too_slow(past, matches, seen->incident);
}

static void
catch_in_slice(struct past *past, struct past_filter *each,
    const struct incident *incident)
{
	past->matched++;
	each->slice[each->n_slice++ % PAST_MAX] = (struct caught){
		incident->number, is_open(incident)
	};
}

static bool
look_at(const struct scanned *seen, void *arg)
{
	struct past *past = arg;

	past->looked++;
	if (past->created == 0 || seen->incident->created < past->created)
		past->created = seen->incident->created;
	match_seen(past, seen, catch_in_slice);
	return clock_monotonic() < past->deadline;
}

/* Puts what a slice gave behind what is newer. */
static void
end_slice(struct past *past)
{
	for (size_t i = 0; i < past->n; i++) {
		struct past_filter *each = past->filters[i];
		size_t left = each->n_slice;
		size_t least = left > PAST_MAX ? left - PAST_MAX : 0;

		for (; left > least && each->n < PAST_MAX; left--)
			each->caught[each->n++] =
			    each->slice[(left - 1) % PAST_MAX];
		each->n_slice = 0;
		if (each->n == PAST_MAX && !past->whole)
			stop_filter(past, i);
	}
}

/*
 * Twice as many, but no more than there is likely time for: a slice that is
 * broken off has seen its older half, not the newer one.
 */
static int64_t
next_slice(const struct past *past, int64_t slice)
{
	int64_t left = past->deadline - clock_monotonic();
	int64_t spent = past->time - left;
	int64_t most = slice * 2 < SLICE_MAX ? slice * 2 : SLICE_MAX;

	if (spent > 0 && past->looked * left / spent < most)
		most = past->looked * left / spent;
	return most > 0 ? most : 1;
}

static bool
look_back(struct past *past, struct db *db, struct error *err)
{
	int64_t slice = SLICE_FIRST, last;

	if (!journal_last(db, &past->seen, err) || !scan_newest(db, &last, err))
		return false;
	past->deadline = clock_monotonic() + past->time;
	if (matcher_count(past->matcher) >= INDEX_FROM)
		matcher_index(past->matcher);
	past->oldest = last > PAST_INCIDENTS ? last - PAST_INCIDENTS + 1 : 1;
	while (last >= past->oldest && matcher_count(past->matcher) > 0 &&
	    clock_monotonic() < past->deadline) {
		int64_t first = last - slice + 1;

		if (first < past->oldest)
			first = past->oldest;
		if (!scan_range(db, first, last, look_at, past, err))
			return false;
		end_slice(past);
		last = first - 1;
		slice = next_slice(past, slice);
	}
	past->has_looked = true;
	past->ran_out = clock_monotonic() >= past->deadline;
	return true;
}

/* --- what changed since */

static const struct db_statement changed_after = {
	"incidents changed after",
	"SELECT id FROM incident WHERE changed > ? ORDER BY changed LIMIT ?",
};

static bool
read_changed(void *owner, struct db *db, const struct past *past, size_t most,
    int64_t **ret, size_t *n, struct error *err)
{
	struct db_query *query = db_query(db, &changed_after,
	    DB_VALUES(db_int(past->seen), db_int((int64_t)most)));
	int64_t *numbers = NULL;
	struct db_row *row;
	size_t count = 0;

	while ((row = db_next(query)) != NULL) {
		*mem_push(owner, &numbers, &count) = db_next_int(row);
		db_end_of_row(row);
	}
	*ret = numbers;
	*n = count;
	return db_done(query, err);
}

static void
drop(struct past_filter *each, int64_t incident)
{
	for (size_t i = 0; i < each->n; i++)
		if (each->caught[i].incident == incident) {
			each->n--;
			memmove(&each->caught[i], &each->caught[i + 1],
			    (each->n - i) * sizeof *each->caught);
			return;
		}
}

/* In its place by number; the oldest falls out if there are too many. */
static void
catch_again(struct past *past, struct past_filter *each,
    const struct incident *incident)
{
	size_t place = 0;

	(void)past;
	while (
	    place < each->n && each->caught[place].incident > incident->number)
		place++;
	if (place == PAST_MAX)
		return;
	if (each->n < PAST_MAX)
		each->n++;
	memmove(&each->caught[place + 1], &each->caught[place],
	    (each->n - 1 - place) * sizeof *each->caught);
	each->caught[place] = (struct caught){ incident->number,
		is_open(incident) };
}

static bool
look_again_at(const struct scanned *seen, void *arg)
{
	match_seen(arg, seen, catch_again);
	return true;
}

static bool
look_again(struct past *past, struct db *db, const int64_t *numbers, size_t n,
    struct error *err)
{
	for (size_t i = 0; i < past->n; i++)
		run_filter(past, i);
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < past->n; k++)
			drop(past->filters[k], numbers[i]);
		if (numbers[i] >= past->oldest &&
		    !scan_range(
			db, numbers[i], numbers[i], look_again_at, past, err))
			return false;
	}
	return true;
}

static bool
look_on_thread(void *owner, struct past *past, struct db *db, struct error *err)
{
	int64_t *numbers, last;
	size_t n;

	if (!past->has_looked)
		return look_back(past, db, err);
	if (!journal_last(db, &last, err) ||
	    !read_changed(owner, db, past, INT32_MAX, &numbers, &n, err) ||
	    !look_again(past, db, numbers, n, err))
		return false;
	past->seen = last;
	return true;
}

/* --- with a transaction */

struct past_job {
	struct past *past;
	void *memory;
	writer_job *job;
	void *arg;
};

/*
 * Nobody else's change waits for a filter that is dear: then the job looks at
 * less, unless incidents change so fast that there is always more.
 */
static size_t
look_most(const struct past *past)
{
	int64_t usual = 0;

	for (size_t i = 0; i < past->n; i++)
		usual += past_cost(past, i).usual;
	if (past->round >= PATIENCE || usual <= LOOK_TIME / LOOK_MAX)
		return LOOK_MAX;
	return usual < LOOK_TIME ? (size_t)(LOOK_TIME / usual) : 1;
}

static bool
run_job(struct db *db, void *arg, struct error *err)
{
	struct past_job *with = arg;
	struct past *past = with->past;
	int64_t *numbers;
	size_t n = 0;

	if (past->n > 0) {
		if (!read_changed(with->memory, db, past, LOOK_MAX + 1,
			&numbers, &n, err))
			return false;
		if (n > look_most(past) || (n > 0 && past->round < ROUNDS)) {
			past->stale = true;
			return error_set(
			    err, ERROR_BUSY, "incidents changed meanwhile");
		}
		if (!look_again(past, db, numbers, n, err))
			return false;
	}
	return with->job(db, with->arg, err);
}

static bool
look(void *owner, struct past *past, struct error *err)
{
	struct db *db;
	bool ok;

	if (past->n == 0)
		return true;
	if (!desk_reader(past->desk, &db, err))
		return false;
	ok = look_on_thread(owner, past, db, err);
	desk_reader_done(past->desk, db);
	return ok;
}

bool
past_write(struct past *past, writer_job *job, void *arg, struct error *err)
{
	struct past_job with = { .past = past, .job = job, .arg = arg };

	for (past->round = 0;; past->round++) {
		struct error failed = { 0 };
		bool ok;

		past->stale = false;
		with.memory = mem_size(past, 0);
		ok = look(with.memory, past, &failed) &&
		    desk_write(past->desk, run_job, &with, &failed);
		talloc_free(with.memory);
		if (ok)
			return true;
		if (!past->stale) {
			*err = failed;
			return false;
		}
	}
}

/* --- without */

bool
past_count(struct desk *desk, struct db *db, const char *text, int64_t time,
    struct counted *ret, struct error *err)
{
	struct past *past = past_new(NULL, desk, time);
	const struct past_filter *only;
	size_t number = past_add(past, text, 0);
	bool ok;

	past->whole = true;
	only = past->filters[number];
	ok = look_back(past, db, err);
	if (ok) {
		*ret = (struct counted){
			.matches = past->matched,
			.of = past->looked,
			.oldest = past->created,
			.cost = past_cost(past, number),
			.ran_out = past->ran_out,
			.n_newest = only->n,
		};
		memcpy(ret->newest, only->caught, sizeof ret->newest);
	}
	talloc_free(past);
	return ok;
}
