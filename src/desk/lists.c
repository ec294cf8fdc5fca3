/* SPDX-License-Identifier: ISC */
#include "desk/lists.h"

#include "base/check.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "desk/inside.h"
#include "desk/journal.h"
#include "desk/matched.h"

#include <stdlib.h>
#include <string.h>

struct log {
	int64_t *seqs; /* ascending */
	size_t n;
	int64_t version;
};

/* A stretch of a reader's, with what her versions need of it. */
struct part {
	int64_t subscription, filter;
};

struct reader {
	struct part *parts;
	size_t n_parts;
	struct log own;
	int64_t edited; /* journal number of her last edit */
};

/*
 * Readers who have an incident in the past of a stretch of theirs, or an event
 * of it addressed to them: its changes are changes of their own list.
 */
struct remembered {
	int64_t *people;
	size_t n;
};

struct lists {
	pthread_rwlock_t lock; /* guards all below */
	struct map *filters; /* struct log */
	struct map *people; /* struct reader */
	struct map *past; /* incident -> struct remembered */
};

static int
lists_free(struct lists *lists)
{
	(void)pthread_rwlock_destroy(&lists->lock);
	return 0;
}

struct lists *
lists_new(void *owner)
{
	struct lists *lists = mem_new(owner, struct lists);

	CHECK(pthread_rwlock_init(&lists->lock, NULL) == 0);
	lists->filters = map_new(lists);
	lists->people = map_new(lists);
	lists->past = map_new(lists);
	talloc_set_destructor(lists, lists_free);
	return lists;
}

static struct log *
log_of(struct lists *lists, int64_t filter)
{
	struct log *log = map_get(lists->filters, filter);

	if (log == NULL) {
		log = mem_new(lists, struct log);
		map_set(lists->filters, filter, log);
	}
	return log;
}

static struct reader *
reader_of(struct lists *lists, int64_t person)
{
	struct reader *reader = map_get(lists->people, person);

	if (reader == NULL) {
		reader = mem_new(lists, struct reader);
		map_set(lists->people, person, reader);
	}
	return reader;
}

static void
log_add(void *owner, struct log *log, int64_t seq)
{
	if (log->n == 0 || log->seqs[log->n - 1] < seq)
		*mem_push(owner, &log->seqs, &log->n) = seq;
	if (log->version < seq)
		log->version = seq;
}

/* --- a person's stretches */

static const struct db_statement stretches_of = {
	"stretches of a person",
	"SELECT t.subscription, t.filter FROM stretch t"
	" JOIN subscription s ON s.id = t.subscription WHERE s.person = ?",
};

static bool
read_parts(struct db *db, void *owner, int64_t person, struct part **ret,
    size_t *n, struct error *err)
{
	struct db_query *query = db_query(
	    db, &stretches_of, DB_VALUES(db_int(person)));
	struct db_row *row;

	*ret = NULL;
	*n = 0;
	while ((row = db_next(query)) != NULL) {
		struct part *part = mem_push(owner, ret, n);

		part->subscription = db_next_int(row);
		part->filter = db_next_int(row);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

static const struct db_statement past_of = {
	"past of a person",
	"SELECT DISTINCT a.incident FROM past a"
	" JOIN stretch t ON t.id = a.stretch"
	" JOIN subscription s ON s.id = t.subscription WHERE s.person = ?",
};

static void
remember(struct lists *lists, int64_t incident, int64_t person)
{
	struct remembered *past = map_get(lists->past, incident);

	if (past == NULL) {
		past = mem_new(lists, struct remembered);
		map_set(lists->past, incident, past);
	}
	for (size_t i = 0; i < past->n; i++)
		if (past->people[i] == person)
			return;
	*mem_push(past, &past->people, &past->n) = person;
}

static bool
read_past(struct db *db, struct lists *lists, int64_t person, struct error *err)
{
	struct db_query *query = db_query(
	    db, &past_of, DB_VALUES(db_int(person)));
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		int64_t incident = db_next_int(row);

		db_end_of_row(row);
		remember(lists, incident, person);
	}
	return db_done(query, err);
}

bool
lists_refresh_person(struct lists *lists, struct db *db, int64_t person,
    int64_t version, struct error *err)
{
	struct reader *reader;
	struct part *parts;
	size_t n;
	bool ok;

	if (!read_parts(db, lists, person, &parts, &n, err))
		return false;
	pthread_rwlock_wrlock(&lists->lock);
	reader = reader_of(lists, person);
	talloc_free(reader->parts);
	reader->parts = parts;
	reader->n_parts = n;
	if (reader->edited < version)
		reader->edited = version;
	ok = read_past(db, lists, person, err);
	pthread_rwlock_unlock(&lists->lock);
	return ok;
}

/* --- events */

static const struct db_statement addressed_by = {
	"people an event is addressed to",
	"SELECT person FROM addressed WHERE seq = ?",
};

static bool
add_addressed(struct lists *lists, struct db *db, const struct event *event,
    struct error *err)
{
	struct db_query *query = db_query(
	    db, &addressed_by, DB_VALUES(db_int(event->seq)));
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		int64_t person = db_next_int(row);

		db_end_of_row(row);
		log_add(lists, &reader_of(lists, person)->own, event->seq);
		remember(lists, event->incident, person);
	}
	return db_done(query, err);
}

/* What memory does about one event, given all that its incident matched. */
static void
add_event(struct lists *lists, const struct event *event,
    const struct matched *matched, size_t n)
{
	bool notice = event_is_notice(event);
	struct remembered *past = map_get(lists->past, event->incident);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < matched[i].n; k++) {
			struct log *log = log_of(lists, matched[i].filters[k]);

			if (notice || matched[i].seq == event->seq)
				log_add(lists, log, event->seq);
			else if (log->version < event->seq &&
			    event->kind != JOURNAL_NOTE)
				log->version = event->seq;
		}
	for (size_t i = 0; past != NULL && i < past->n; i++) {
		struct log *own = &reader_of(lists, past->people[i])->own;

		if (notice)
			log_add(lists, own, event->seq);
		else if (own->version < event->seq)
			own->version = event->seq;
	}
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
		ok = add_addressed(lists, db, event, err);
		pthread_rwlock_unlock(&lists->lock);
	}
	talloc_free(memory);
	return ok;
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
lists_pause(struct lists *lists, struct db *db, int64_t filter, int64_t seq,
    struct error *err)
{
	struct db_query *query = db_query(
	    db, &users_of, DB_VALUES(db_int(filter), db_int(seq), db_int(seq)));
	struct db_row *row;

	pthread_rwlock_wrlock(&lists->lock);
	while ((row = db_next(query)) != NULL) {
		int64_t person = db_next_int(row);

		db_end_of_row(row);
		log_add(lists, &reader_of(lists, person)->own, seq);
	}
	pthread_rwlock_unlock(&lists->lock);
	return db_done(query, err);
}

/* --- the start */

static const struct db_statement everybody = {
	"people with subscriptions",
	"SELECT DISTINCT person FROM subscription",
};

static bool
load_people(struct lists *lists, struct db *db, struct error *err)
{
	struct db_query *query = db_query(db, &everybody, DB_NO_VALUES);
	int64_t *people = NULL;
	struct db_row *row;
	size_t n = 0;
	bool ok;

	while ((row = db_next(query)) != NULL) {
		*mem_push(lists, &people, &n) = db_next_int(row);
		db_end_of_row(row);
	}
	ok = db_done(query, err);
	for (size_t i = 0; i < n && ok; i++)
		ok = lists_refresh_person(lists, db, people[i], 1, err);
	talloc_free(people);
	return ok;
}

static const struct db_statement all_matched = {
	"log of matches",
	"SELECT m.seq, m.filters FROM matched m ORDER BY m.seq",
};

static bool
load_matched(struct lists *lists, struct db *db, struct error *err)
{
	struct db_query *query = db_query(db, &all_matched, DB_NO_VALUES);
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		void *memory = mem_root("log row");
		int64_t seq = db_next_int(row);
		size_t length, n;
		void *bytes = db_next_bytes(row, memory, &length);
		int64_t *filters = matched_decode(memory, bytes, length, &n);

		db_end_of_row(row);
		for (size_t i = 0; i < n; i++)
			log_add(lists, log_of(lists, filters[i]), seq);
		talloc_free(memory);
	}
	return db_done(query, err);
}

static const struct db_statement all_notices = {
	"journal numbers of notices",
	"SELECT seq FROM journal WHERE incident IS NOT NULL"
	" AND (journal.raise > 1 OR kind = 'fix') ORDER BY seq",
};

static const struct db_statement all_pauses = {
	"journal numbers of pauses",
	"SELECT seq FROM journal WHERE kind = 'pause' ORDER BY seq",
};

static bool
load_numbers(struct db *db, void *owner, const struct db_statement *statement,
    int64_t **ret, size_t *n, struct error *err)
{
	struct db_query *query = db_query(db, statement, DB_NO_VALUES);
	struct db_row *row;

	*ret = NULL;
	*n = 0;
	while ((row = db_next(query)) != NULL) {
		*mem_push(owner, ret, n) = db_next_int(row);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

static int
by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Notices come after the matches here: put each list in order again. */
static void
log_sort(void *owner, struct log *log)
{
	size_t kept = 0;

	(void)owner;
	if (log->n > 1)
		qsort(log->seqs, log->n, sizeof *log->seqs, by_number);
	for (size_t i = 0; i < log->n; i++)
		if (kept == 0 || log->seqs[kept - 1] != log->seqs[i])
			log->seqs[kept++] = log->seqs[i];
	log->n = kept;
	if (kept > 0 && log->version < log->seqs[kept - 1])
		log->version = log->seqs[kept - 1];
}

static bool
load_notice(struct lists *lists, struct db *db, int64_t seq, struct error *err)
{
	void *memory = mem_root("notice");
	struct event *event;
	struct matched *matched = NULL;
	struct remembered *past;
	size_t n = 0;
	bool ok = journal_find(memory, db, seq, &event, err);

	if (ok && event_is_notice(event)) {
		ok = matched_of(memory, db, event->incident, &matched, &n, err);
		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; k < matched[i].n; k++) {
				struct log *log = log_of(
				    lists, matched[i].filters[k]);

				*mem_push(lists, &log->seqs, &log->n) = seq;
			}
		past = map_get(lists->past, event->incident);
		for (size_t i = 0; past != NULL && i < past->n; i++) {
			struct log *own = &reader_of(lists, past->people[i])
					       ->own;

			*mem_push(lists, &own->seqs, &own->n) = seq;
		}
	}
	talloc_free(memory);
	return ok;
}

static const struct db_statement all_addressed = {
	"what is addressed to people",
	"SELECT a.person, a.seq, j.incident FROM addressed a"
	" JOIN journal j ON j.seq = a.seq ORDER BY a.person, a.seq",
};

static bool
load_addressed(struct lists *lists, struct db *db, struct error *err)
{
	struct db_query *query = db_query(db, &all_addressed, DB_NO_VALUES);
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		int64_t person = db_next_int(row);
		int64_t seq = db_next_int(row);
		int64_t incident = db_next_int(row);
		struct log *own = &reader_of(lists, person)->own;

		db_end_of_row(row);
		*mem_push(lists, &own->seqs, &own->n) = seq;
		remember(lists, incident, person);
	}
	return db_done(query, err);
}

static bool
load_pause(struct lists *lists, struct db *db, int64_t seq, struct error *err)
{
	void *memory = mem_root("pause");
	struct event *event;
	int64_t filter = 0;
	bool ok = journal_find(memory, db, seq, &event, err) &&
	    json_int(event->detail, "filter", &filter, err) &&
	    lists_pause(lists, db, filter, seq, err);

	talloc_free(memory);
	return ok;
}

static void
sort_all(struct lists *lists)
{
	struct reader *reader;
	struct log *log;

	for (size_t at = 0;
	     (log = map_next(lists->filters, &at, NULL)) != NULL;)
		log_sort(lists, log);
	for (size_t at = 0;
	     (reader = map_next(lists->people, &at, NULL)) != NULL;)
		log_sort(lists, &reader->own);
}

bool
lists_load(struct lists *lists, struct db *db, struct error *err)
{
	int64_t *seqs;
	bool ok;
	size_t n;

	if (!load_people(lists, db, err) || !load_matched(lists, db, err) ||
	    !load_numbers(db, lists, &all_notices, &seqs, &n, err))
		return false;
	ok = true;
	for (size_t i = 0; i < n && ok; i++)
		ok = load_notice(lists, db, seqs[i], err);
	talloc_free(seqs);
	if (!ok || !load_addressed(lists, db, err))
		return false;
	sort_all(lists);
	if (!load_numbers(db, lists, &all_pauses, &seqs, &n, err))
		return false;
	for (size_t i = 0; i < n && ok; i++)
		ok = load_pause(lists, db, seqs[i], err);
	talloc_free(seqs);
	sort_all(lists);
	return ok;
}

/* --- reading */

static size_t
log_newest(const struct log *log, int64_t before, int64_t *ret, size_t most)
{
	size_t low = 0, high, n = 0;

	if (log == NULL)
		return 0;
	high = log->n;
	while (before != 0 && low < high) {
		size_t middle = low + (high - low) / 2;

		if (log->seqs[middle] < before)
			low = middle + 1;
		else
			high = middle;
	}
	while (high > 0 && n < most)
		ret[n++] = log->seqs[--high];
	return n;
}

size_t
lists_of_filter(struct lists *lists, int64_t filter, int64_t before,
    int64_t *ret, size_t most)
{
	size_t n;

	pthread_rwlock_rdlock(&lists->lock);
	n = log_newest(map_get(lists->filters, filter), before, ret, most);
	pthread_rwlock_unlock(&lists->lock);
	return n;
}

size_t
lists_of_person(struct lists *lists, int64_t person, int64_t before,
    int64_t *ret, size_t most)
{
	struct reader *reader;
	size_t n;

	pthread_rwlock_rdlock(&lists->lock);
	reader = map_get(lists->people, person);
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
		log = map_get(lists->filters, part->filter);
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
	version = version_of(lists, map_get(lists->people, person), 0);
	pthread_rwlock_unlock(&lists->lock);
	return version;
}

int64_t
lists_version_of_subscription(
    struct lists *lists, int64_t person, int64_t subscription)
{
	int64_t version;

	pthread_rwlock_rdlock(&lists->lock);
	version = version_of(
	    lists, map_get(lists->people, person), subscription);
	pthread_rwlock_unlock(&lists->lock);
	return version;
}
