/* SPDX-License-Identifier: ISC */
#include "desk/lists.h"

#include "base/check.h"
#include "base/map.h"
#include "base/mem.h"
#include "desk/chunks.h"
#include "desk/inside.h"
#include "desk/journal.h"
#include "desk/lists_inside.h"
#include "desk/matched.h"
#include "desk/numbers.h"

#include <stdlib.h>
#include <string.h>

struct lists_bounds lists_bounds = { 64, 32768, 1 << 21, 1 << 23 };

static int
lists_free(struct lists *lists)
{
	struct ascending *past;

	for (size_t i = 0; i < lists->n_filters; i++)
		ascending_free(&lists->filters[i].seqs);
	for (size_t i = 0; i < lists->n_people; i++) {
		ascending_free(&lists->people[i].own.seqs);
		free(lists->people[i].parts);
	}
	for (size_t at = 0; (past = map_next(lists->past, &at, NULL)) != NULL;)
		ascending_free(past);
	(void)pthread_rwlock_destroy(&lists->lock);
	return 0;
}

struct lists *
lists_new(void *owner)
{
	struct lists *lists = mem_new(owner, struct lists);

	CHECK(pthread_rwlock_init(&lists->lock, NULL) == 0);
	lists->past = map_new(lists);
	talloc_set_destructor(lists, lists_free);
	return lists;
}

/* Room for that number, and as much again. */
static void *
widened(void *owner, void *array, size_t size, size_t *n, int64_t number)
{
	size_t wide = (size_t)number + (size_t)number / 2 + 64;

	CHECK(number > 0 && number <= UINT32_MAX);
	array = mem_sized(owner, array, wide * size);
	memset((char *)array + *n * size, 0, (wide - *n) * size);
	*n = wide;
	return array;
}

struct log *
log_of(struct lists *lists, int64_t filter)
{
	if (filter <= 0 || (size_t)filter >= lists->n_filters)
		lists->filters = widened(lists, lists->filters,
		    sizeof *lists->filters, &lists->n_filters, filter);
	return &lists->filters[filter];
}

/* NULL if memory has no list of that filter. */
static const struct log *
log_find(const struct lists *lists, int64_t filter)
{
	return filter > 0 && (size_t)filter < lists->n_filters
	    ? &lists->filters[filter]
	    : NULL;
}

struct reader *
reader_of(struct lists *lists, int64_t person)
{
	if (person <= 0 || (size_t)person >= lists->n_people)
		lists->people = widened(lists, lists->people,
		    sizeof *lists->people, &lists->n_people, person);
	return &lists->people[person];
}

const struct reader *
reader_find(const struct lists *lists, int64_t person)
{
	return person > 0 && (size_t)person < lists->n_people
	    ? &lists->people[person]
	    : NULL;
}

static void
log_touch(struct log *log, int64_t seq)
{
	CHECK(seq <= UINT32_MAX);
	if ((int64_t)log->version < seq)
		log->version = (uint32_t)seq;
}

void
log_add(struct log *log, int64_t seq)
{
	struct ascending *seqs = &log->seqs;

	if (seqs->n == 0 || (int64_t)seqs->all[seqs->n - 1] < seq)
		ascending_push(seqs, seq);
	log_touch(log, seq);
}

/* --- forgetting */

static void
log_forget(struct log *log, int64_t upto)
{
	struct ascending *seqs = &log->seqs;
	size_t keep = lists_bounds.keep, cut = 0;

	while (seqs->n - cut > keep && (int64_t)seqs->all[cut] <= upto)
		cut++;
	if (cut == 0)
		return;
	log->forgotten = seqs->all[cut - 1];
	ascending_cut(seqs, cut);
}

void
lists_forget(struct lists *lists, int64_t upto)
{
	size_t keep = lists_bounds.keep;

	lists->spare = 0;
	for (size_t i = 0; i < lists->n_filters; i++) {
		struct log *log = &lists->filters[i];

		log_forget(log, upto);
		if (log->seqs.n > keep)
			lists->spare += log->seqs.n - keep;
	}
}

void
lists_make_room(struct lists *lists, int64_t newest)
{
	if (lists->spare <= lists_bounds.spare_most)
		return;
	lists_forget(lists, newest);
	lists->dropped = newest;
}

/* --- events */

/*
 * All who have an event of that incident, or of a duplicate, which follows it,
 * addressed to them; is it this one?
 */
static const struct db_statement addressed_by = {
	"people an incident's events are addressed to",
	"SELECT a.person, a.seq = ? FROM journal j"
	" JOIN addressed a ON a.seq = j.seq WHERE j.incident IN ("
	"SELECT ? UNION ALL SELECT id FROM incident WHERE duplicate_of = ?)",
};

/* The incident's changes are changes of their own lists. */
static bool
add_addressed(struct lists *lists, struct db *db, const struct event *event,
    struct error *err)
{
	struct db_query *query = db_query(db, &addressed_by,
	    DB_VALUES(db_int(event->seq), db_int(event->incident),
		db_int(event->incident)));
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		int64_t person = db_next_int(row);
		bool to_her = db_next_bool(row);
		struct log *own = &reader_of(lists, person)->own;

		db_end_of_row(row);
		if (to_her)
			log_add(own, event->seq);
		else
			log_touch(own, event->seq);
	}
	return db_done(query, err);
}

/*
 * The ends of lists lie anywhere in memory: asked for some ahead, they are
 * there when their turn comes.
 */
static void
ask_ahead(const struct lists *lists, const struct matched *matched, size_t k)
{
	enum { AHEAD = 16 };
	const struct log *log;

	if (k + AHEAD >= matched->n)
		return;
	log = log_find(lists, matched->filters[k + AHEAD]);
	if (log != NULL && log->seqs.n > 0)
		__builtin_prefetch(&log->seqs.all[log->seqs.n - 1]);
}

static void
filter_add(struct lists *lists, struct log *log, int64_t seq)
{
	size_t n = log->seqs.n;

	log_add(log, seq);
	if (log->seqs.n > n && n >= lists_bounds.keep)
		lists->spare++;
}

/* What memory does about one event, given all that its incident matched. */
static void
add_event(struct lists *lists, const struct event *event,
    const struct matched *matched, size_t n)
{
	bool notice = event_is_notice(event);
	const struct ascending *past = past_of(lists, event->incident);

	for (size_t i = 0; i < n && matched[i].seq <= event->seq; i++)
		for (size_t k = 0; k < matched[i].n; k++) {
			struct log *log = log_of(lists, matched[i].filters[k]);

			ask_ahead(lists, &matched[i], k);
			if (notice || matched[i].seq == event->seq)
				filter_add(lists, log, event->seq);
			else if (event->kind != JOURNAL_NOTE)
				log_touch(log, event->seq);
		}
	for (size_t i = 0; past != NULL && i < past->n; i++) {
		struct log *own = &reader_of(lists, past->all[i])->own;

		if (notice)
			log_add(own, event->seq);
		else
			log_touch(own, event->seq);
	}
	lists_make_room(lists, event->seq);
}

bool
lists_event(struct lists *lists, struct db *db, const struct event *event,
    struct error *err)
{
	void *memory = mem_root("lists event");
	struct matched *matched = NULL;
	size_t n = 0;
	bool ok;

	ok = event->incident == 0 ||
	    matched_of(memory, db, event->incident, &matched, &n, err);
	if (ok) {
		pthread_rwlock_wrlock(&lists->lock);
		add_event(lists, event, matched, n);
		/* nobody can have been told of it before */
		ok = event->kind == JOURNAL_REPORT ||
		    add_addressed(lists, db, event, err);
		pthread_rwlock_unlock(&lists->lock);
	}
	talloc_free(memory);
	return ok;
}

/* Nothing was before it: no other match, and nobody was told of it. */
void
lists_report(struct lists *lists, const struct event *event,
    const int64_t *filters, size_t n)
{
	const struct matched matched = {
		.seq = event->seq,
		.n = n,
		.filters = (int64_t *)(uintptr_t)filters,
	};

	pthread_rwlock_wrlock(&lists->lock);
	add_event(lists, event, &matched, 1);
	pthread_rwlock_unlock(&lists->lock);
}

/* A filter was paused: an entry in the feeds of all who use it. */

static const struct db_statement users_of = {
	"people with a filter",
	"SELECT DISTINCT s.person FROM stretch t"
	" JOIN subscription s ON s.id = t.subscription"
	" WHERE t.filter = ? AND t.from_seq < ?"
	" AND (t.to_seq IS NULL OR t.to_seq >= ?)",
};

bool
lists_users(void *owner, struct db *db, int64_t filter, int64_t seq,
    int64_t **ret, size_t *n, struct error *err)
{
	struct db_query *query = db_query(
	    db, &users_of, DB_VALUES(db_int(filter), db_int(seq), db_int(seq)));
	struct db_row *row;

	*ret = NULL;
	*n = 0;
	while ((row = db_next(query)) != NULL) {
		*mem_push(owner, ret, n) = db_next_int(row);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

bool
lists_pause(struct lists *lists, struct db *db, int64_t filter, int64_t seq,
    struct error *err)
{
	void *memory = mem_root("pause");
	int64_t *people;
	size_t n;
	bool ok = lists_users(memory, db, filter, seq, &people, &n, err);

	if (ok) {
		pthread_rwlock_wrlock(&lists->lock);
		for (size_t i = 0; i < n; i++)
			log_add(&reader_of(lists, people[i])->own, seq);
		pthread_rwlock_unlock(&lists->lock);
	}
	talloc_free(memory);
	return ok;
}

/* --- the follower */

static void
forget_written(struct lists *lists)
{
	int64_t written = lists->written;

	if (lists->forgot == written)
		return;
	pthread_rwlock_wrlock(&lists->lock);
	lists_forget(lists, written);
	pthread_rwlock_unlock(&lists->lock);
	lists->forgot = written;
}

/* Whether memory has much to spare, or reads from the journal what it had. */
static bool
is_pressed(struct lists *lists)
{
	size_t spare;

	pthread_rwlock_rdlock(&lists->lock);
	spare = lists->spare;
	pthread_rwlock_unlock(&lists->lock);
	return spare >= lists_bounds.spare || lists->dropped > lists->written;
}

bool
lists_follow(struct desk *desk, bool idle, struct error *err)
{
	struct lists *lists = desk->lists;
	int64_t place, gathered;

	forget_written(lists);
	gathered = desk->place - lists->written;
	if (gathered < 1 ||
	    (!idle && gathered < lists_bounds.batch && !is_pressed(lists)))
		return true;
	if (!chunks_follow(desk, &place, err))
		return false;
	lists->written = place;
	return true;
}

/* --- reading */

static size_t
log_newest(const struct log *log, int64_t before, int64_t *ret, size_t most)
{
	size_t high, n = 0;

	if (log == NULL)
		return 0;
	high = before == 0 ? log->seqs.n : ascending_find(&log->seqs, before);
	while (high > 0 && n < most)
		ret[n++] = log->seqs.all[--high];
	return n;
}

/*
 * db's view may be older than the last batch: then what memory has forgotten
 * since is gathered anew. Rare, since a view lives for one request and memory
 * forgets a while after the batch.
 */
static bool
gather_unwritten(struct db *db, int64_t filter, int64_t after, int64_t upto,
    struct entries *ret, struct error *err)
{
	*ret = (struct entries){ .upto = after };
	while (ret->upto < upto) {
		void *memory = mem_root("unwritten");
		struct entries some;
		bool ok = chunks_gather(
		    memory, db, ret->upto, upto, &some, err);

		for (size_t i = 0; ok && i < some.n; i++)
			if (entry_filter(some.all[i]) == filter)
				*mem_push(NULL, &ret->all, &ret->n) = entry_seq(
				    some.all[i]);
		ret->upto = some.upto;
		talloc_free(memory);
		if (!ok)
			return false;
	}
	ret->n = numbers_sort(ret->all, ret->n);
	return true;
}

/* Those before `before`, all of which are at most `forgotten`. */
static bool
forgotten_of_filter(struct db *db, int64_t filter, int64_t forgotten,
    int64_t before, int64_t *ret, size_t most, size_t *n, struct error *err)
{
	struct entries unwritten = { 0 };
	int64_t place;
	bool ok = true;

	*n = 0;
	if (!chunks_place(db, &place, err))
		return false;
	if (before == 0 || before > forgotten)
		before = forgotten + 1;
	if (place + 1 < before) {
		ok = gather_unwritten(
		    db, filter, place, before - 1, &unwritten, err);
		while (
		    ok && unwritten.all != NULL && unwritten.n > 0 && *n < most)
			ret[(*n)++] = unwritten.all[--unwritten.n];
		talloc_free(unwritten.all);
		before = place + 1;
	}
	if (ok && *n < most) {
		size_t written;

		ok = chunks_newest(
		    db, filter, before, ret + *n, most - *n, &written, err);
		*n += ok ? written : 0;
	}
	return ok;
}

bool
lists_of_filter(struct lists *lists, struct db *db, int64_t filter,
    int64_t before, int64_t *ret, size_t most, size_t *n, struct error *err)
{
	int64_t forgotten = 0;
	size_t older;
	const struct log *log;

	pthread_rwlock_rdlock(&lists->lock);
	log = log_find(lists, filter);
	*n = log_newest(log, before, ret, most);
	if (log != NULL)
		forgotten = log->forgotten;
	pthread_rwlock_unlock(&lists->lock);
	if (*n == most || forgotten == 0)
		return true;
	if (!forgotten_of_filter(db, filter, forgotten, before, ret + *n,
		most - *n, &older, err))
		return false;
	*n += older;
	return true;
}

size_t
lists_of_person(struct lists *lists, int64_t person, int64_t before,
    int64_t *ret, size_t most)
{
	const struct reader *reader;
	size_t n;

	pthread_rwlock_rdlock(&lists->lock);
	reader = reader_find(lists, person);
	n = log_newest(reader == NULL ? NULL : &reader->own, before, ret, most);
	pthread_rwlock_unlock(&lists->lock);
	return n;
}

static int64_t
version_of(const struct lists *lists, const struct reader *reader,
    int64_t subscription)
{
	int64_t version = 0;

	if (reader == NULL)
		return 0;
	version = reader->edited > reader->own.version ? reader->edited
						       : reader->own.version;
	for (size_t i = 0; i < reader->n_parts; i++) {
		const struct part *part = &reader->parts[i];
		const struct log *log;

		if (subscription != 0 && part->subscription != subscription)
			continue;
		log = log_find(lists, part->filter);
		if (log != NULL && log->version > version)
			version = log->version;
	}
	return version;
}

int64_t
lists_version_of_person(struct lists *lists, int64_t person)
{
	int64_t version;

	pthread_rwlock_rdlock(&lists->lock);
	version = version_of(lists, reader_find(lists, person), 0);
	pthread_rwlock_unlock(&lists->lock);
	return version;
}

int64_t
lists_version_of_subscription(
    struct lists *lists, int64_t person, int64_t subscription)
{
	int64_t version;

	pthread_rwlock_rdlock(&lists->lock);
	version = version_of(lists, reader_find(lists, person), subscription);
	pthread_rwlock_unlock(&lists->lock);
	return version;
}
