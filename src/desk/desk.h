/* SPDX-License-Identifier: ISC */
#ifndef DESK_DESK_H
#define DESK_DESK_H

/*
 * The desk: a store, the filters of everybody, what was delivered to whom, and
 * the one writer. What can happen is in steps.h, articles in article.h, people
 * in person.h and access.h, subscriptions in subscription.h; who reads what is
 * in timeline.h and list.h.
 *
 * Any thread may call. A function that reads takes a read connection (struct
 * db *) of desk_reader(); one that changes takes the desk and returns when the
 * change is durable.
 */

#include "base/buf.h"
#include "store/db.h"

#include <stdint.h>

struct desk;

enum desk_use {
	DESK_INIT, /* make the store if there is none; then as DESK_COMMAND */
	DESK_COMMAND, /* one command: no threads, filters are loaded on need */
	DESK_SERVE, /* the server: made if missing; lists, timers, threads */
};

struct desk_settings {
	const char *store; /* "sqlite:PATH" */
	const char *authority; /* of ids, for a new store; NULL: made up */
	int64_t orphan_after; /* microseconds; 0: never */
	int64_t close_after;
	int64_t regex_budget; /* CPU time; 0: none */
};

MUST_CHECK bool desk_open(void *owner, enum desk_use use,
    const struct desk_settings *settings, struct desk **ret, struct error *err);

/* Ends threads, finishes what waits for the writer, closes the store. */
void desk_end(struct desk *desk);

/* Settings that may change while it runs (SIGHUP). */
void desk_set(struct desk *desk, const struct desk_settings *settings);

/*
 * A read connection with a begun read transaction, for the calling thread
 * until it gives it back. It sees everything that was answered before.
 */
MUST_CHECK bool
desk_reader(struct desk *desk, struct db **ret, struct error *err);
void desk_reader_done(struct desk *desk, struct db *db);

/* Authority and year of the ids; made once, with the store. */
const char *desk_authority(const struct desk *desk);
int desk_year(const struct desk *desk);

/* The store's key for keyed hashes (base/secret.h), SECRET_KEY bytes. */
const unsigned char *desk_key(const struct desk *desk);

/*
 * Who does something. The public has person 0. All text is borrowed.
 */
enum scope { SCOPE_NONE, SCOPE_READ, SCOPE_WRITE, SCOPE_ADMIN };

struct actor {
	int64_t person; /* 0: the public, or the operator's command */
	const char *handle; /* NULL for person 0 */
	bool bot;
	enum scope scope; /* SCOPE_ADMIN needs an admin person */
	const char *source; /* how it came in: "web", "api", "cli", ... */
	const char *address; /* the client's, or NULL */
};

/* ERROR_FORBIDDEN unless the actor is a person with scope write. */
MUST_CHECK bool actor_may_write(const struct actor *actor, struct error *err);
MUST_CHECK bool actor_may_admin(const struct actor *actor, struct error *err);

/*
 * The journal number up to which this process's memory has followed; grows
 * with every change. For caches of pages and lists.
 */
int64_t desk_place(struct desk *desk);

/* What the desk and its store have counted (base/metric.h). Any thread. */
void desk_print_metrics(struct desk *desk, struct buf *buf);

#endif
