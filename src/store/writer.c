/* SPDX-License-Identifier: ISC */
#include "store/writer.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/metric.h"
#include "base/thread.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <unistd.h>

enum {
	GROUP_MOST = 128, /* jobs in one transaction */
	LOOK_EVERY = 200000, /* us, for the commits of other processes */
};

struct writer_bounds writer_bounds = { .waiting = 4096 };

/* Bytes of log that are worth a checkpoint: when idle, and at the latest. */
#define LOG_IDLE (INT64_C(1000) * 4096)
#define LOG_CEILING (INT64_C(16000) * 4096)

/* One call of writer_run, on its caller's stack until it is answered. */
struct item {
	writer_job *job;
	void *arg;
	struct error *err;
	bool is_whole; /* see writer_run_whole */
	bool ok;
	int64_t queued; /* monotonic */
	sem_t answered;
};

/* --- what is counted */

enum count {
	COUNT_JOBS, /* groups too: a histogram */
	COUNT_COMMIT,
	COUNT_WAIT,
	COUNT_FAILED,
	COUNT_REFUSED,
	COUNT_QUEUE,
	COUNT_LOG,
	COUNT_CHECKPOINTS,
	COUNTS
};

static const int64_t sizes[] = { 1, 2, 4, 8, 16, 32, 64, GROUP_MOST };

static const struct metric table[COUNTS] = {
	[COUNT_JOBS] = { .name = "barnraise_commit_group_changes",
	    .type = METRIC_HISTOGRAM,
	    .help = "Changes in one transaction.",
	    .bounds = sizes,
	    .n_bounds = sizeof sizes / sizeof *sizes },
	[COUNT_COMMIT] = { .name = "barnraise_commit_seconds",
	    .type = METRIC_HISTOGRAM,
	    .unit = "seconds",
	    .step = 1e-6,
	    .help = "Time of one transaction, its sync to disk included.",
	    .bounds = metric_times,
	    .n_bounds = METRIC_TIMES },
	[COUNT_WAIT] = { .name = "barnraise_change_seconds",
	    .type = METRIC_HISTOGRAM,
	    .unit = "seconds",
	    .step = 1e-6,
	    .help = "From a change that is queued to one that is durable.",
	    .bounds = metric_times,
	    .n_bounds = METRIC_TIMES },
	[COUNT_FAILED] = { .name = "barnraise_failed_changes",
	    .type = METRIC_COUNTER,
	    .help = "Changes that were undone, as they may not be." },
	[COUNT_REFUSED] = { .name = "barnraise_refused_changes",
	    .type = METRIC_COUNTER,
	    .help = "Changes refused since the queue was full." },
	[COUNT_QUEUE] = { .name = "barnraise_waiting_changes",
	    .type = METRIC_GAUGE,
	    .help = "Changes that wait for the writer." },
	[COUNT_LOG] = { .name = "barnraise_store_log_bytes",
	    .type = METRIC_GAUGE,
	    .unit = "bytes",
	    .help = "Log beside the store that it does not have yet." },
	[COUNT_CHECKPOINTS] = { .name = "barnraise_checkpoint_seconds",
	    .type = METRIC_HISTOGRAM,
	    .unit = "seconds",
	    .step = 1e-6,
	    .help = "Time of moving the log into the store.",
	    .bounds = metric_times,
	    .n_bounds = METRIC_TIMES },
};

struct writer {
	struct db *db;
	struct metrics *counts; /* enum count */
	struct writer_hooks hooks;
	bool threaded;
	pthread_t thread;
	struct queue *queue;
	pthread_mutex_t turn; /* without a thread: held for a whole group */

	/* Only whoever runs a group touches these. */
	int64_t version; /* of the data, at the last look */
	bool elsewhere; /* somebody has committed that begun was not told of */
	int64_t log_left; /* what the last checkpoint could not move */

	pthread_mutex_t lock; /* guards stopped */
	bool stopped;
};

/*
 * What the disk holds is unknown now. A second try may succeed without having
 * written what the first one lost (the kernel forgets a failed write), so the
 * process ends, nobody is answered, and the next start reads what is there.
 */
static _Noreturn void
die(const struct error *err)
{
	char text[ERROR_TEXT];

	(void)fprintf(stderr, "barnraise: writing failed, so ending: %s\n",
	    error_text(err, text));
	_exit(1);
}

/* --- a group */

/*
 * Sets writer->elsewhere if another connection has committed. It stays until a
 * group has committed, so that a failure in between loses no news.
 */
static bool
version_look(struct writer *writer, struct error *err)
{
	int64_t version = 0;

	if (!db_version(writer->db, &version, err))
		return false;
	if (version != writer->version)
		writer->elsewhere = true;
	writer->version = version;
	return true;
}

/* False if it failed in the middle, and takes the group along. */
static bool
job_run_whole(struct db *db, struct item *item)
{
	int64_t before = db_changes(db);

	item->ok = item->job(db, item->arg, item->err);
	return item->ok || db_changes(db) == before;
}

static bool
job_run(struct db *db, struct item *item)
{
	if (!db_save(db, item->err))
		return false;
	if (item->job(db, item->arg, item->err) && db_release(db, item->err))
		return true;
	db_undo(db);
	return false;
}

static bool
hook_begun(struct writer *writer, struct error *err)
{
	const struct writer_hooks *hooks = &writer->hooks;

	return version_look(writer, err) &&
	    (hooks->begun == NULL ||
		hooks->begun(writer->db, hooks->arg, writer->elsewhere, err));
}

static void
group_count(struct writer *writer, struct item **items, size_t n, int64_t began)
{
	int64_t now = clock_monotonic();

	if (n == 0)
		return;
	metrics_note(writer->counts, COUNT_JOBS, 0, (int64_t)n);
	metrics_note(writer->counts, COUNT_COMMIT, 0, now - began);
	for (size_t i = 0; i < n; i++) {
		metrics_note(
		    writer->counts, COUNT_WAIT, 0, now - items[i]->queued);
		if (!items[i]->ok)
			metrics_add(writer->counts, COUNT_FAILED, 0, 1);
	}
}

static bool
group_locked(
    struct writer *writer, struct item **items, size_t n, struct error *err)
{
	struct error failure = { 0 };

	if (!db_begin(writer->db, err))
		return false;
	if (!hook_begun(writer, err)) {
		db_rollback(writer->db);
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (!items[i]->is_whole)
			items[i]->ok = job_run(writer->db, items[i]);
		else if (!job_run_whole(writer->db, items[i])) {
			*err = *items[i]->err;
			db_rollback(writer->db);
			return false;
		}
	}
	if (!db_commit(writer->db, &failure))
		die(&failure);
	writer->elsewhere = false;
	if (writer->hooks.committed != NULL)
		writer->hooks.committed(writer->db, writer->hooks.arg);
	return true;
}

/* n may be 0: then memory catches up with what others did. */
static bool
group_run(
    struct writer *writer, struct item **items, size_t n, struct error *err)
{
	int64_t began = clock_monotonic();
	bool ok;

	if (!db_lock(writer->db, err))
		return false;
	ok = group_locked(writer, items, n, err);
	db_unlock(writer->db);
	if (ok)
		group_count(writer, items, n, began);
	return ok;
}

/* A group that failed as a whole: each of its jobs has the same error. */
static void
group_fail(struct item **items, size_t n, const struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		items[i]->ok = false;
		*items[i]->err = *err;
	}
}

/*
 * Checkpoints if the log has grown by worth bytes since the last time. No lock
 * and no room on the disk are reasons to leave it for later; a failed sync is
 * none.
 */
static void
log_move(struct writer *writer, int64_t worth)
{
	struct db *db = writer->db;
	struct error err = { 0 };
	int64_t began = clock_monotonic();
	bool ok;

	metrics_set(writer->counts, COUNT_LOG, 0, db_log_size(db));
	if (db_log_size(db) < writer->log_left)
		writer->log_left = db_log_size(db);
	if (db_log_size(db) - writer->log_left < worth || !db_lock(db, &err))
		return;
	ok = db_checkpoint(db, &err);
	db_unlock(db);
	metrics_note(
	    writer->counts, COUNT_CHECKPOINTS, 0, clock_monotonic() - began);
	if (!ok && err.kind != ERROR_BUSY)
		die(&err);
	writer->log_left = db_log_size(db);
	metrics_set(writer->counts, COUNT_LOG, 0, writer->log_left);
}

/* --- the thread */

static void
items_run(struct writer *writer, struct item *first)
{
	struct item *items[GROUP_MOST] = { first };
	struct error err = { 0 };
	size_t n = 1;

	while (n < GROUP_MOST &&
	    (items[n] = queue_try_take(writer->queue)) != NULL)
		n++;
	if (!group_run(writer, items, n, &err))
		group_fail(items, n, &err);
	for (size_t i = 0; i < n; i++)
		(void)sem_post(&items[i]->answered);
	log_move(writer, LOG_CEILING);
}

/*
 * Nobody waits for this, so a failure has nobody to be told to:
 * writer->elsewhere stays, and the next look, or the next group with its
 * callers, meets it again.
 */
static void
idle(struct writer *writer)
{
	struct error err = { 0 };

	if (!version_look(writer, &err))
		writer->elsewhere = true;
	else if (writer->elsewhere)
		(void)!group_run(writer, NULL, 0, &err);
	log_move(writer, LOG_IDLE);
}

/* The queue may have been filled between the wait and its closing. */
static void *
writer_thread(void *arg)
{
	struct writer *writer = arg;
	bool closed = false;

	while (!closed) {
		struct item *item = queue_take_within(
		    writer->queue, LOOK_EVERY);

		if (item == NULL) {
			closed = queue_is_closed(writer->queue);
			item = queue_try_take(writer->queue);
		}
		if (item != NULL) {
			closed = false;
			items_run(writer, item);
		} else if (!closed)
			idle(writer);
	}
	return NULL;
}

/* --- from outside */

static int
writer_free(struct writer *writer)
{
	writer_stop(writer);
	(void)pthread_mutex_destroy(&writer->lock);
	(void)pthread_mutex_destroy(&writer->turn);
	return 0;
}

bool
writer_start(void *owner, struct db *db, const struct writer_hooks *hooks,
    bool threaded, struct writer **ret, struct error *err)
{
	struct writer *writer = mem_new(owner, struct writer);

	writer->db = db;
	writer->counts = metrics_new(writer, table, COUNTS);
	writer->hooks = *hooks;
	writer->threaded = threaded;
	/* What is in memory may be older than the store. */
	writer->elsewhere = true;
	CHECK(pthread_mutex_init(&writer->turn, NULL) == 0);
	CHECK(pthread_mutex_init(&writer->lock, NULL) == 0);
	writer->queue = queue_new(writer, threaded ? writer_bounds.waiting : 1);
	writer->stopped = true;
	talloc_set_destructor(writer, writer_free);
	if (threaded &&
	    !thread_start(
		&writer->thread, "writer", writer_thread, writer, err)) {
		talloc_free(writer);
		return false;
	}
	pthread_mutex_lock(&writer->lock);
	writer->stopped = false;
	pthread_mutex_unlock(&writer->lock);
	*ret = writer;
	return true;
}

static bool
run_queued(struct writer *writer, struct item *item)
{
	CHECK(!pthread_equal(pthread_self(), writer->thread));
	CHECK(sem_init(&item->answered, 0, 0) == 0);
	if (queue_try_put(writer->queue, item)) {
		while (sem_wait(&item->answered) != 0)
			CHECK(errno == EINTR);
	} else {
		metrics_add(writer->counts, COUNT_REFUSED, 0, 1);
		item->err->retry_after = 1;
		item->ok = error_set(item->err, ERROR_BUSY,
		    queue_is_closed(writer->queue)
			? "the server is stopping"
			: "too much is waiting to be written");
	}
	(void)sem_destroy(&item->answered);
	return item->ok;
}

static bool
run_here(struct writer *writer, struct item *item)
{
	struct error err = { 0 };

	pthread_mutex_lock(&writer->turn);
	if (queue_is_closed(writer->queue)) {
		err.retry_after = 1;
		error_set(&err, ERROR_BUSY, "the store is closing");
		group_fail(&item, 1, &err);
	} else {
		if (!group_run(writer, &item, 1, &err))
			group_fail(&item, 1, &err);
		log_move(writer, LOG_CEILING);
	}
	pthread_mutex_unlock(&writer->turn);
	return item->ok;
}

static bool
item_run(struct writer *writer, struct item *item)
{
	item->queued = clock_monotonic();
	return writer->threaded ? run_queued(writer, item)
				: run_here(writer, item);
}

bool
writer_run(struct writer *writer, writer_job *job, void *arg, struct error *err)
{
	struct item item = { .job = job, .arg = arg, .err = err };

	return item_run(writer, &item);
}

bool
writer_run_whole(
    struct writer *writer, writer_job *job, void *arg, struct error *err)
{
	struct item item = {
		.job = job, .arg = arg, .err = err, .is_whole = true
	};

	return item_run(writer, &item);
}

void
writer_stop(struct writer *writer)
{
	bool stopped;

	pthread_mutex_lock(&writer->lock);
	stopped = writer->stopped;
	writer->stopped = true;
	pthread_mutex_unlock(&writer->lock);
	if (stopped)
		return;
	queue_close(writer->queue);
	if (writer->threaded)
		CHECK(pthread_join(writer->thread, NULL) == 0);
}

void
writer_counts(struct writer *writer, int64_t *groups, int64_t *jobs)
{
	*groups = metrics_get(writer->counts, COUNT_JOBS, 0);
	*jobs = metrics_get(writer->counts, COUNT_WAIT, 0);
}

void
writer_print_metrics(struct writer *writer, struct buf *buf)
{
	metrics_set(writer->counts, COUNT_QUEUE, 0,
	    (int64_t)queue_count(writer->queue));
	metrics_print(writer->counts, buf);
}
