/* SPDX-License-Identifier: ISC */
#include "desk/journal.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "desk/journal_row.h"

#include <stdlib.h>
#include <string.h>

const char *const journal_names[JOURNAL_KINDS] = {
	[JOURNAL_REPORT] = "report",
	[JOURNAL_EDIT] = "edit",
	[JOURNAL_HOST] = "host",
	[JOURNAL_PROMISE] = "promise",
	[JOURNAL_JOIN] = "join",
	[JOURNAL_LEAVE] = "leave",
	[JOURNAL_REPLY] = "reply",
	[JOURNAL_NOTE] = "note",
	[JOURNAL_FIX] = "fix",
	[JOURNAL_ANSWER] = "answer",
	[JOURNAL_PULL] = "pull",
	[JOURNAL_CLOSE] = "close",
	[JOURNAL_CONFIRM] = "confirm",
	[JOURNAL_REOPEN] = "reopen",
	[JOURNAL_DUPLICATE] = "duplicate",
	[JOURNAL_WITHDRAW] = "withdraw",
	[JOURNAL_OVERDUE] = "overdue",
	[JOURNAL_ORPHAN] = "orphan",
	[JOURNAL_ARTICLE] = "article",
	[JOURNAL_PUBLISH] = "publish",
	[JOURNAL_UNPUBLISH] = "unpublish",
	[JOURNAL_HELPED] = "helped",
	[JOURNAL_PERSON] = "person",
	[JOURNAL_TOKEN] = "token",
	[JOURNAL_LINK] = "link",
	[JOURNAL_SUBSCRIPTION] = "subscription",
	[JOURNAL_PAUSE] = "pause",
	[JOURNAL_RESUME] = "resume",
	[JOURNAL_SIGNIN] = "signin",
	[JOURNAL_TAG] = "tag",
};

/* Room for the incident's own entry, one microsecond after an event. */
enum { LEAST_GAP = 10 };

enum journal_kind
journal_kind_of(const char *name)
{
	for (int kind = 0; kind < JOURNAL_KINDS; kind++)
		if (strcmp(journal_names[kind], name) == 0)
			return (enum journal_kind)kind;
	return JOURNAL_KINDS;
}

void
event_begin(void *owner, struct db_row *row, struct event *event)
{
	char *kind, *detail;

	event->seq = db_next_int(row);
	event->at = db_next_int(row);
	kind = db_next_text(row, owner);
	event->kind = journal_kind_of(kind);
	event->incident = db_next_int(row);
	event->article = db_next_int(row);
	event->person = db_next_int(row);
	event->handle = db_next_text(row, owner);
	event->name = db_next_text(row, owner);
	event->raise = (enum desk_raise)db_next_int(row);
	detail = db_next_text(row, owner);
	event->detail = NULL;
	event->address = NULL;
	if (detail != NULL) {
		json_t *value = json_loads(detail, 0, NULL);

		if (value != NULL)
			event->detail = json_owned(owner, value);
	}
	talloc_free(detail);
	talloc_free(kind);
}

static void
event_read(void *owner, struct db_row *row, struct event *event)
{
	event_begin(owner, row, event);
	db_end_of_row(row);
}

static const struct db_statement last_row = {
	"journal: last row",
	"SELECT seq, at FROM journal ORDER BY seq DESC LIMIT 1",
};

static const struct db_statement add_row = {
	"journal: add",
	"INSERT INTO journal (seq, at, kind, incident, article, person, raise,"
	" detail, address) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

static bool
last_read(struct db *db, int64_t *notes, struct error *err)
{
	struct db_query *query = db_query(db, &last_row, DB_NO_VALUES);
	struct db_row *row = db_next(query);

	if (row != NULL) {
		notes[JOURNAL_NOTE_SEQ] = db_next_int(row);
		notes[JOURNAL_NOTE_AT] = db_next_int(row);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

bool
journal_next(struct db *db, struct event *event, struct error *err)
{
	int64_t *notes = db_notes(db);
	int64_t now = clock_now();

	if (notes[JOURNAL_NOTE_SEQ] == 0 && !last_read(db, notes, err))
		return false;
	event->seq = notes[JOURNAL_NOTE_SEQ] + 1;
	event->at = notes[JOURNAL_NOTE_AT] + LEAST_GAP;
	if (event->at < now)
		event->at = now;
	return true;
}

bool
journal_insert(struct db *db, const struct event *event, const char *address,
    struct error *err)
{
	char *detail = event->detail == NULL
	    ? NULL
	    : json_compact(NULL, event->detail);
	bool ok = db_run(db, &add_row,
	    DB_VALUES(db_int(event->seq), db_int(event->at),
		db_text(journal_names[event->kind]), db_some(event->incident),
		db_some(event->article), db_some(event->person),
		db_int(event->raise), db_text(detail), db_text(address)),
	    err);

	talloc_free(detail);
	if (ok) {
		db_notes(db)[JOURNAL_NOTE_SEQ] = event->seq;
		db_notes(db)[JOURNAL_NOTE_AT] = event->at;
	}
	return ok;
}

bool
journal_add(
    struct db *db, struct event *event, const char *address, struct error *err)
{
	return journal_next(db, event, err) &&
	    journal_insert(db, event, address, err);
}

static const struct db_statement by_seq = {
	"journal: row by number",
	"SELECT " EVENT_COLUMNS EVENT_FROM "WHERE j.seq = ?",
};

bool
journal_find(void *owner, struct db *db, int64_t seq, struct event **ret,
    struct error *err)
{
	struct db_query *query = db_query(db, &by_seq, DB_VALUES(db_int(seq)));
	struct db_row *row = db_next(query);
	struct event *event = NULL;

	if (row != NULL) {
		event = mem_new(owner, struct event);
		event_read(event, row, event);
	}
	if (!db_done(query, err))
		return false;
	if (event == NULL)
		return error_set(err, ERROR_NOT_FOUND,
		    "no event %jd in the journal", (intmax_t)seq);
	*ret = event;
	return true;
}

static bool
read_all(void *owner, struct db_query *query, struct event **ret, size_t *n,
    struct error *err)
{
	struct event *events = NULL;
	struct db_row *row;
	size_t count = 0;

	while ((row = db_next(query)) != NULL)
		event_read(owner, row, mem_push(owner, &events, &count));
	if (!db_done(query, err))
		return false;
	*ret = events;
	*n = count;
	return true;
}

static const struct db_statement rows_after = {
	"journal: rows after",
	"SELECT " EVENT_COLUMNS EVENT_FROM
	"WHERE j.seq > ? ORDER BY j.seq LIMIT ?",
};

bool
journal_read(void *owner, struct db *db, int64_t after, size_t limit,
    struct event **ret, size_t *n, struct error *err)
{
	return read_all(owner,
	    db_query(db, &rows_after,
		DB_VALUES(db_int(after), db_int((int64_t)limit))),
	    ret, n, err);
}

/* Few are none of them: event_is_notice has the last word. */
static const struct db_statement notices_between = {
	"journal: notices between",
	"SELECT " EVENT_COLUMNS EVENT_FROM "WHERE j.seq > ? AND j.seq <= ?"
	" AND j.incident IS NOT NULL AND (j.raise > 1 OR j.kind = 'fix')"
	" ORDER BY j.seq",
};

bool
journal_notices(void *owner, struct db *db, int64_t after, int64_t upto,
    struct event **ret, size_t *n, struct error *err)
{
	struct event *events;
	size_t all, kept = 0;

	if (!read_all(owner,
		db_query(db, &notices_between,
		    DB_VALUES(db_int(after), db_int(upto))),
		&events, &all, err))
		return false;
	for (size_t i = 0; i < all; i++)
		if (event_is_notice(&events[i]))
			events[kept++] = events[i];
	*ret = events;
	*n = kept;
	return true;
}

static const struct db_statement rows_of_incident = {
	"journal: rows of an incident",
	"SELECT " EVENT_COLUMNS EVENT_FROM
	"WHERE j.incident = ? ORDER BY j.seq",
};

bool
journal_of_incident(void *owner, struct db *db, int64_t incident,
    struct event **ret, size_t *n, struct error *err)
{
	return read_all(owner,
	    db_query(db, &rows_of_incident, DB_VALUES(db_int(incident))), ret,
	    n, err);
}

static const struct db_statement last_number = {
	"journal: last number",
	"SELECT seq FROM journal ORDER BY seq DESC LIMIT 1",
};

bool
journal_last(struct db *db, int64_t *ret, struct error *err)
{
	int64_t last = 0;

	if (!db_number(db, &last_number, DB_NO_VALUES, &last, err))
		return false;
	*ret = last;
	return true;
}

bool
event_is_notice(const struct event *event)
{
	switch (event->raise) {
	case RAISE_PULLED:
	case RAISE_REOPENED:
	case RAISE_SEVERITY:
	case RAISE_WANTED:
	case RAISE_HOST:
		return true;
	case RAISE_NONE:
	case RAISE_REPORTED:
	case RAISE_MATCHED:
		break;
	}
	return event->kind == JOURNAL_FIX &&
	    !json_is_true(json_object_get(event->detail, "imported"));
}
