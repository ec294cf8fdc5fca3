/* SPDX-License-Identifier: ISC */
#include "desk/lists_inside.h"

/* The start: memory is filled from the store. */

#include "base/check.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "desk/chunks.h"
#include "desk/inside.h"
#include "desk/journal.h"
#include "desk/numbers.h"

#include <stdlib.h>

/* --- people: their stretches and their own lists */

static const struct db_statement all_parts = {
	"stretches of everybody",
	"SELECT s.person, t.subscription, t.filter FROM subscription s"
	" JOIN stretch t ON t.subscription = s.id",
};

static bool
load_parts(struct lists *lists, struct db *db, struct error *err)
{
	struct db_query *query = db_query(db, &all_parts, DB_NO_VALUES);
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		struct reader *reader = reader_of(lists, db_next_int(row));
		struct part *part = mem_push(
		    reader, &reader->parts, &reader->n_parts);

		part->subscription = db_next_int(row);
		part->filter = db_next_int(row);
		db_end_of_row(row);
		reader->edited = 1;
	}
	return db_done(query, err);
}

static const struct db_statement all_past = {
	"past of everybody",
	"SELECT a.incident, s.person FROM past a"
	" JOIN stretch t ON t.id = a.stretch"
	" JOIN subscription s ON s.id = t.subscription",
};

static bool
load_past(struct lists *lists, struct db *db, struct error *err)
{
	struct db_query *query = db_query(db, &all_past, DB_NO_VALUES);
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		int64_t incident = db_next_int(row);

		remember(lists, incident, db_next_int(row));
		db_end_of_row(row);
	}
	return db_done(query, err);
}

/* An own list is gathered from three sides, and put in order at the end. */
static void
own_push(struct lists *lists, int64_t person, int64_t seq)
{
	struct reader *reader = reader_of(lists, person);

	CHECK(seq <= UINT32_MAX);
	*mem_push(reader, &reader->own.seqs, &reader->own.n) = (uint32_t)seq;
}

static const struct db_statement all_addressed = {
	"what is addressed to people",
	"SELECT person, seq FROM addressed",
};

static bool
load_addressed(struct lists *lists, struct db *db, struct error *err)
{
	struct db_query *query = db_query(db, &all_addressed, DB_NO_VALUES);
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		int64_t person = db_next_int(row);

		own_push(lists, person, db_next_int(row));
		db_end_of_row(row);
	}
	return db_done(query, err);
}

/* Journal rows: all pauses; what may be a notice of an incident. */
static const struct db_statement all_pauses = {
	"journal numbers of pauses",
	"SELECT seq FROM journal WHERE kind = 'pause'",
};

static const struct db_statement notices_of = {
	"journal numbers of an incident's notices",
	"SELECT seq FROM journal WHERE incident = ?"
	" AND (journal.raise > 1 OR kind = 'fix')",
};

static bool
read_events(void *owner, struct db *db, struct db_query *query,
    struct event ***ret, size_t *n, struct error *err)
{
	int64_t *seqs = NULL;
	struct db_row *row;
	size_t n_seqs = 0;

	*ret = NULL;
	*n = 0;
	while ((row = db_next(query)) != NULL) {
		*mem_push(owner, &seqs, &n_seqs) = db_next_int(row);
		db_end_of_row(row);
	}
	if (!db_done(query, err))
		return false;
	for (size_t i = 0; i < n_seqs; i++)
		if (!journal_find(
			owner, db, seqs[i], mem_push(owner, ret, n), err))
			return false;
	return true;
}

static bool
load_pause(struct lists *lists, struct db *db, const struct event *event,
    void *memory, struct error *err)
{
	int64_t filter = 0, *people;
	size_t n;

	if (!json_int(event->detail, "filter", &filter, err) ||
	    !lists_users(memory, db, filter, event->seq, &people, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		own_push(lists, people[i], event->seq);
	return true;
}

static bool
load_pauses(struct lists *lists, struct db *db, struct error *err)
{
	void *memory = mem_root("pauses");
	struct event **events;
	size_t n;
	bool ok = read_events(memory, db,
	    db_query(db, &all_pauses, DB_NO_VALUES), &events, &n, err);

	for (size_t i = 0; i < n && ok; i++)
		ok = load_pause(lists, db, events[i], memory, err);
	talloc_free(memory);
	return ok;
}

static bool
load_notices(struct lists *lists, struct db *db, int64_t incident,
    const struct remembered *past, struct error *err)
{
	void *memory = mem_root("notices");
	struct event **events;
	size_t n;
	bool ok = read_events(memory, db,
	    db_query(db, &notices_of, DB_VALUES(db_int(incident))), &events, &n,
	    err);

	for (size_t i = 0; i < n && ok; i++)
		for (size_t k = 0; event_is_notice(events[i]) && k < past->n;
		     k++)
			own_push(lists, past->people[k], events[i]->seq);
	talloc_free(memory);
	return ok;
}

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void
log_sort(struct log *log)
{
	size_t kept = 0;

	if (log->n > 1)
		qsort(log->seqs, log->n, sizeof *log->seqs, by_number);
	for (size_t i = 0; i < log->n; i++)
		if (kept == 0 || log->seqs[kept - 1] != log->seqs[i])
			log->seqs[kept++] = log->seqs[i];
	log->n = kept;
	log->version = kept > 0 ? (int64_t)log->seqs[kept - 1] : 0;
}

static bool
load_people(struct lists *lists, struct db *db, struct error *err)
{
	struct remembered *past;
	struct reader *reader;
	int64_t incident;

	if (!load_parts(lists, db, err) || !load_past(lists, db, err) ||
	    !load_addressed(lists, db, err) || !load_pauses(lists, db, err))
		return false;
	for (size_t at = 0;
	     (past = map_next(lists->past, &at, &incident)) != NULL;)
		if (!load_notices(lists, db, incident, past, err))
			return false;
	for (size_t at = 0;
	     (reader = map_next(lists->people, &at, NULL)) != NULL;)
		log_sort(&reader->own);
	return true;
}

/* --- lists of filters */

static const struct db_statement all_filters = {
	"all filters",
	"SELECT id FROM filter",
};

/* The newest of what is written; one more than memory keeps: is there older? */
static bool
load_written(struct lists *lists, struct db *db, int64_t filter,
    int64_t *numbers, struct error *err)
{
	size_t keep = lists_bounds.keep, n;
	struct log *log;

	if (!chunks_newest(db, filter, 0, numbers, keep + 1, &n, err))
		return false;
	if (n == 0)
		return true;
	log = log_of(lists, filter);
	if (n > keep)
		log->forgotten = numbers[--n];
	while (n > 0)
		log_add(log, log, numbers[--n]);
	return true;
}

static bool
load_chunks(struct lists *lists, struct db *db, struct error *err)
{
	struct db_query *query = db_query(db, &all_filters, DB_NO_VALUES);
	int64_t *numbers = mem_array(NULL, int64_t, lists_bounds.keep + 1);
	struct db_row *row;
	bool ok = true;

	while (ok && (row = db_next(query)) != NULL) {
		int64_t filter = db_next_int(row);

		db_end_of_row(row);
		ok = load_written(lists, db, filter, numbers, err);
	}
	talloc_free(numbers);
	return db_done(query, ok ? err : &(struct error){ 0 }) && ok;
}

/* What the follower has not written yet. */
static bool
load_tail(struct lists *lists, struct db *db, int64_t place, struct error *err)
{
	int64_t last;
	bool ok = journal_last(db, &last, err);

	while (ok && place < last) {
		void *memory = mem_root("tail");
		struct entries tail;

		ok = chunks_gather(memory, db, place, last, &tail, err);
		tail.n = ok ? numbers_sort(tail.all, tail.n) : 0;
		for (size_t i = 0; i < tail.n; i++) {
			struct log *log = log_of(
			    lists, entry_filter(tail.all[i]));

			log_add(log, log, entry_seq(tail.all[i]));
		}
		place = tail.upto;
		talloc_free(memory);
	}
	return ok;
}

bool
lists_load(struct lists *lists, struct db *db, struct error *err)
{
	int64_t place;

	if (!load_people(lists, db, err) || !chunks_place(db, &place, err) ||
	    !load_chunks(lists, db, err) || !load_tail(lists, db, place, err))
		return false;
	lists->written = place;
	return true;
}
