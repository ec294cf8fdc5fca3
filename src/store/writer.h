/* SPDX-License-Identifier: ISC */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

/*
 * The one writer. Everything that waits goes into one transaction, one sync to
 * disk; each caller goes on after its own change is durable, in the order of
 * the queue, with its own error if its own change failed (its part is undone,
 * the rest of the group is not touched).
 *
 * A failed commit or sync ends the process, with a line on standard error and
 * status 1: what the disk holds is then unknown and a retry could report
 * success for what was lost. (That a disk is full is seen before: see
 * db_begin.)
 */

#include "base/buf.h"
#include "store/db.h"

struct writer;

/* For tests to make small, before a writer is started. */
extern struct writer_bounds {
	size_t waiting; /* jobs in the queue */
} writer_bounds;

/* One change: run inside of the group's transaction. False undoes it. */
typedef bool writer_job(struct db *db, void *arg, struct error *err);

struct writer_hooks {
	/*
	 * With the lock held and the transaction begun, before the jobs of a
	 * group; elsewhere says that another connection has committed since
	 * the last group that was committed; it is true of the first. May be
	 * NULL. False fails the whole group.
	 */
	bool (*begun)(
	    struct db *db, void *arg, bool elsewhere, struct error *err);
	/*
	 * After the commit and before anybody is answered: memory catches up.
	 * May be NULL. Must not fail.
	 */
	void (*committed)(struct db *db, void *arg);
	void *arg;
};

/*
 * A writer on a DB_WRITE connection, which it uses alone from now on. With a
 * thread of its own, calls are grouped; without, each call is a group.
 * ~ Every 200 ms an idle threaded writer looks whether another process has
 * committed (then begun with elsewhere, and committed, are called), and
 * checkpoints when the log is worth it.
 */
MUST_CHECK bool
writer_start(void *owner, struct db *db, const struct writer_hooks *hooks,
    bool threaded, struct writer **ret, struct error *err);

/*
 * Runs job(db, arg) and returns when it is durable, or failed. ERROR_BUSY with
 * retry_after if the queue is full or the writer stops. Any thread; never from
 * inside a job.
 */
MUST_CHECK bool writer_run(
    struct writer *writer, writer_job *job, void *arg, struct error *err);

/*
 * The same for a job that, once it has begun to write, has no reason to fail:
 * it is spared the means of being undone alone, which costs as much as a third
 * of its writing. If it fails all the same, the whole group does.
 */
MUST_CHECK bool writer_run_whole(
    struct writer *writer, writer_job *job, void *arg, struct error *err);

/* Finishes what is queued, then ends the thread. Later calls are refused. */
void writer_stop(struct writer *writer);

/* How many groups, and how many jobs in them, so far. */
void writer_counts(struct writer *writer, int64_t *groups, int64_t *jobs);

/* What it has counted (base/metric.h). Any thread. */
void writer_print_metrics(struct writer *writer, struct buf *buf);

#endif
