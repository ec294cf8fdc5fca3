/* SPDX-License-Identifier: ISC */
#ifndef DESK_INSIDE_H
#define DESK_INSIDE_H

/* For desk/ only: what a desk is made of. */

#include "desk/desk.h"
#include "filter/matcher.h"
#include "store/pool.h"
#include "store/writer.h"

#include <pthread.h>

struct lists;
struct access;
struct strikes;
struct known;
struct metrics;
struct tag_names;

struct desk {
	enum desk_use use;
	const char *store;
	char *authority;
	int year;
	unsigned char key[32];
	_Atomic int64_t orphan_after, close_after, regex_budget;

	struct metrics *counts; /* count.h */

	struct db *db; /* the writer's */
	struct writer *writer;

	struct matcher *matcher;
	struct filters *filters; /* the writer's thread only */
	struct lists *lists; /* NULL unless DESK_SERVE */
	struct access *access; /* cache of look-ups */
	_Atomic(const struct tag_names *) names; /* tag_names.h */
	struct known *known; /* known.h */
	struct strikes *strikes; /* filters that ran out of budget */
	struct fresh *fresh; /* reports of this group: follow.c */
	size_t n_fresh;
	_Atomic int64_t place; /* journal number that memory has followed to */
	_Atomic int64_t kb_version;
	_Atomic int64_t indexed; /* kb_version that full text has; -1 */
	_Atomic int64_t renamed; /* an article that incidents may name */

	struct db_pool *readers;
	struct db_pool *texts; /* the same for the full text */

	pthread_t clerk; /* timers, last uses, search: in the background */
	bool has_clerk;
	_Atomic bool ending;
};

/* Runs a job in the writer's transaction; returns when it is durable. */
#define desk_write(desk, job, arg, err) \
	writer_run((desk)->writer, (job), (arg), (err))

/* --- filters.c: which filters run, and for whom */

/*
 * Makes the matcher hold all filters that run; before the first change of an
 * incident. Once loaded it only follows.
 */
MUST_CHECK bool filters_need(struct desk *desk, struct error *err);

/*
 * Writer's thread: who uses that filter has changed, or it was paused or
 * resumed: brings the matcher in step with the store. As the last step of a
 * job that may fail. Does nothing unless filters are loaded.
 */
MUST_CHECK bool filters_refresh(
    struct desk *desk, struct db *db, int64_t filter, struct error *err);

/* True if it is topical and a person's (no bot's, not disabled). */
bool filters_is_home(const struct desk *desk, int64_t filter);

/* A scratch of the calling thread, with the desk's regex budget. */
struct filter_scratch *desk_scratch(struct desk *desk);

/* --- follow.c: memory catches up with the journal */

/*
 * Applies rows after desk->place: filters, lists, caches. Called by the
 * writer's hooks. Ends the process if the store cannot be read.
 */
void follow(struct desk *desk, struct db *db);

/*
 * What the report of that number matched, so that nobody has to ask the store
 * for it: from a job that cannot be undone alone, good until it is answered.
 */
void
follow_report(struct desk *desk, int64_t seq, const int64_t *filters, size_t n);
void follow_forget(struct desk *desk);

/* --- lists.c: the log of matches in memory; any thread may read */

struct lists *lists_new(void *owner);
MUST_CHECK bool
lists_load(struct lists *lists, struct db *db, struct error *err);

/* Writer's thread: a subscription of that person changed: read hers again. */
MUST_CHECK bool lists_refresh_person(struct lists *lists, struct db *db,
    int64_t person, int64_t version, struct error *err);

/* Writer's thread: a filter was paused by the row seq. */
MUST_CHECK bool lists_pause(struct lists *lists, struct db *db, int64_t filter,
    int64_t seq, struct error *err);

/* Writer's thread: an event of an incident. */
struct event;
MUST_CHECK bool lists_event(struct lists *lists, struct db *db,
    const struct event *event, struct error *err);
/* The same of a report, given what it matched. */
void lists_report(struct lists *lists, const struct event *event,
    const int64_t *filters, size_t n);

/* --- access.c */

struct access *access_new(void *owner);
/* Forget what look-ups found: a person, token, link or session changed. */
void access_forget(struct access *access);
/* Writes last uses that memory has gathered. */
MUST_CHECK bool access_flush(struct desk *desk, struct error *err);

/* --- pause.c, charge.c: filters that take too long */

/*
 * Notes what a reading of an incident's text took: filters that ran over their
 * budget, and persons whose filters together did. Three such incidents within
 * 1,000 pause a filter. address: of a public report, or NULL.
 */
void reading_note(struct desk *desk, const struct matches *matches,
    int64_t incident, const char *address);

#endif
