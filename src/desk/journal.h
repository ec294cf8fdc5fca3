/* SPDX-License-Identifier: ISC */
#ifndef DESK_JOURNAL_H
#define DESK_JOURNAL_H

/*
 * The journal: the append-only list of everything that happened, one row a
 * fact. Times never repeat, lie at least 10 microseconds apart and never run
 * backwards, whatever the clock does.
 */

#include "store/db.h"

#include <jansson.h>

enum journal_kind {
	JOURNAL_REPORT,
	JOURNAL_EDIT,
	JOURNAL_HOST,
	JOURNAL_PROMISE,
	JOURNAL_JOIN,
	JOURNAL_LEAVE,
	JOURNAL_REPLY,
	JOURNAL_NOTE,
	JOURNAL_FIX,
	JOURNAL_ANSWER,
	JOURNAL_PULL,
	JOURNAL_CLOSE,
	JOURNAL_CONFIRM,
	JOURNAL_REOPEN,
	JOURNAL_DUPLICATE,
	JOURNAL_WITHDRAW,
	JOURNAL_OVERDUE,
	JOURNAL_ORPHAN,
	JOURNAL_ARTICLE,
	JOURNAL_PUBLISH,
	JOURNAL_UNPUBLISH,
	JOURNAL_HELPED,
	JOURNAL_PERSON,
	JOURNAL_TOKEN,
	JOURNAL_LINK,
	JOURNAL_SUBSCRIPTION,
	JOURNAL_PAUSE,
	JOURNAL_RESUME,
	JOURNAL_SIGNIN,
	JOURNAL_TAG,
	JOURNAL_KINDS
};

/* "report", ...: the word of the step, the URL and the command. */
extern const char *const journal_names[JOURNAL_KINDS];

/* Why an incident is newly worth attention: a mark on the row. */
enum desk_raise {
	RAISE_NONE,
	RAISE_REPORTED,
	RAISE_PULLED,
	RAISE_REOPENED,
	RAISE_SEVERITY,
	RAISE_WANTED, /* the last helper left */
	RAISE_HOST, /* the host was disabled */
	RAISE_MATCHED, /* edited so that it matches anew */
};

struct event {
	int64_t seq;
	int64_t at;
	enum journal_kind kind;
	int64_t incident; /* 0: none */
	int64_t article;
	int64_t person; /* who did it; 0: customer, public, timer, operator */
	char *handle; /* hers, or NULL */
	char *name;
	enum desk_raise raise;
	json_t *detail; /* an object, or NULL; belongs to the event's owner */
	char *address; /* where from, or NULL; of journal_search alone */
};

/*
 * Appends a row inside of the writer's transaction; seq and at of *event are
 * filled. address may be NULL.
 */
MUST_CHECK bool journal_add(
    struct db *db, struct event *event, const char *address, struct error *err);

/* Whose db_notes are whose: the last row of the journal, the last incident. */
enum { JOURNAL_NOTE_SEQ, JOURNAL_NOTE_AT, INCIDENT_NOTE_NUMBER };

/* The same in two steps, for what has to know seq and at before. */
MUST_CHECK bool
journal_next(struct db *db, struct event *event, struct error *err);
MUST_CHECK bool journal_insert(struct db *db, const struct event *event,
    const char *address, struct error *err);

/* The row of that number; ERROR_NOT_FOUND if there is none. */
MUST_CHECK bool journal_find(void *owner, struct db *db, int64_t seq,
    struct event **ret, struct error *err);

/* Rows with seq > after, in order, at most limit: *ret is an array of *n. */
MUST_CHECK bool journal_read(void *owner, struct db *db, int64_t after,
    size_t limit, struct event **ret, size_t *n, struct error *err);

/* Rows with after < seq <= upto that are notices, in order. */
MUST_CHECK bool journal_notices(void *owner, struct db *db, int64_t after,
    int64_t upto, struct event **ret, size_t *n, struct error *err);

/* All rows of an incident, in order. */
MUST_CHECK bool journal_of_incident(void *owner, struct db *db,
    int64_t incident, struct event **ret, size_t *n, struct error *err);

/*
 * The journal as the audit trail, newest first. What is 0, NULL or
 * JOURNAL_KINDS is not asked. Looks at 20,000 rows at most, at all of an
 * incident's.
 */
struct journal_query {
	int64_t before; /* rows with seq < before; 0: from the newest */
	int64_t incident;
	int64_t person; /* who did it, or whom it was done to: */
	const char *handle; /* hers */
	enum journal_kind kind;
	size_t limit;
};
struct journal_page {
	struct event *events;
	size_t n;
	int64_t next; /* before, for the rest; 0: no more */
};
MUST_CHECK bool
journal_search(void *owner, struct db *db, const struct journal_query *query,
    struct journal_page *ret, struct error *err);

/* The kind of that name, or JOURNAL_KINDS. */
enum journal_kind journal_kind_of(const char *name);

/* The last number, 0 if there is no row. */
MUST_CHECK bool journal_last(struct db *db, int64_t *ret, struct error *err);

/*
 * True if the event is an entry of its own in the feeds that hold its
 * incident: a later raise, or the fix (design section 7).
 */
bool event_is_notice(const struct event *event);

#endif
