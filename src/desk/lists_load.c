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

/* --- people: their stretches and their own lists */

static const struct db_statement all_parts = {
	"stretches of everybody",
	"SELECT t.id, s.person, t.subscription, t.filter FROM stretch t"
	" JOIN subscription s ON s.id = t.subscription ORDER BY t.id",
};

/* Also gathers who has each stretch, at its number. */
static bool
load_parts(struct lists *lists, struct db *db, uint32_t **people, size_t *n,
    struct error *err)
{
	struct db_query *query = db_query(db, &all_parts, DB_NO_VALUES);
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		int64_t stretch = db_next_int(row), person = db_next_int(row);
		int64_t subscription = db_next_int(row);
		struct reader *reader = reader_of(lists, person);

		part_push(&reader->parts, &reader->n_parts, subscription,
		    db_next_int(row));
		db_end_of_row(row);
		reader->edited = 1;
		CHECK(stretch > 0);
		while ((int64_t)*n < stretch)
			*mem_push(NULL, people, n) = 0;
		*mem_push(NULL, people, n) = (uint32_t)person;
	}
	return db_done(query, err);
}

/* Many rows, so they are read as they stand, without a join. */
static const struct db_statement all_past = {
	"past of everybody",
	"SELECT stretch, incident FROM past",
};

static bool
load_past(struct lists *lists, struct db *db, const uint32_t *people, size_t n,
    struct error *err)
{
	struct db_query *query = db_query(db, &all_past, DB_NO_VALUES);
	struct ascending *past;
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		int64_t stretch = db_next_int(row);
		int64_t incident = db_next_int(row);

		db_end_of_row(row);
		if (stretch > 0 && (size_t)stretch < n)
			ascending_push(
			    past_need(lists, incident), people[stretch]);
	}
	for (size_t at = 0; (past = map_next(lists->past, &at, NULL)) != NULL;)
		ascending_settle(past);
	return db_done(query, err);
}

static bool
load_stretches(struct lists *lists, struct db *db, struct error *err)
{
	uint32_t *people = NULL;
	size_t n = 0;
	bool ok = load_parts(lists, db, &people, &n, err) &&
	    load_past(lists, db, people, n, err);

	talloc_free(people);
	return ok;
}

/* An own list is gathered from three sides, and put in order at the end. */
static void
own_push(struct lists *lists, int64_t person, int64_t seq)
{
	ascending_push(&reader_of(lists, person)->own.seqs, seq);
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
    const struct ascending *past, struct error *err)
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
			own_push(lists, past->all[k], events[i]->seq);
	talloc_free(memory);
	return ok;
}

static void
log_settle(struct log *log)
{
	struct ascending *seqs = &log->seqs;

	ascending_settle(seqs);
	log->version = seqs->n > 0 ? seqs->all[seqs->n - 1] : 0;
}

static bool
load_people(struct lists *lists, struct db *db, struct error *err)
{
	struct ascending *past;
	int64_t incident;

	if (!load_stretches(lists, db, err) ||
	    !load_addressed(lists, db, err) || !load_pauses(lists, db, err))
		return false;
	for (size_t at = 0;
	     (past = map_next(lists->past, &at, &incident)) != NULL;)
		if (!load_notices(lists, db, incident, past, err))
			return false;
	for (size_t i = 0; i < lists->n_people; i++)
		log_settle(&lists->people[i].own);
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
		log->forgotten = (uint32_t)numbers[--n];
	while (n > 0)
		log_add(log, numbers[--n]);
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

/* A batch that was broken off may have been written in part. */
static void
add_tail(struct lists *lists, const struct entries *tail)
{
	for (size_t i = 0; i < tail->n; i++) {
		struct log *log = log_of(lists, entry_filter(tail->all[i]));
		int64_t seq = entry_seq(tail->all[i]);

		if (seq > (int64_t)log->forgotten)
			ascending_push(&log->seqs, seq);
	}
}

/* In order, and no more of it than memory may have. */
static void
settle_filters(struct lists *lists, int64_t place, int64_t upto)
{
	for (size_t i = 0; i < lists->n_filters; i++)
		log_settle(&lists->filters[i]);
	lists_forget(lists, place);
	lists_make_room(lists, upto);
}

/* What the follower has not written yet. */
static bool
load_tail(struct lists *lists, struct db *db, int64_t place, struct error *err)
{
	int64_t last, at = place;
	bool ok = journal_last(db, &last, err);

	while (ok && at < last) {
		void *memory = mem_root("tail");
		struct entries tail;

		ok = chunks_gather(memory, db, at, last, &tail, err);
		if (ok) {
			add_tail(lists, &tail);
			settle_filters(lists, place, tail.upto);
		}
		at = tail.upto;
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
