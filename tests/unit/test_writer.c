/* SPDX-License-Identifier: ISC */
#include "store/writer.h"

#include "base/mem.h"
#include "base/thread.h"
#include "writer_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

#include <cmocka.h>

static bool
begun(struct db *db, void *arg, bool elsewhere, struct error *err)
{
	struct fixture *f = arg;

	(void)db;
	f->begun++;
	f->elsewhere += elsewhere;
	return !f->refuse || error_set(err, ERROR_SYSTEM, "not now");
}

static void
committed(struct db *db, void *arg)
{
	struct fixture *f = arg;

	(void)db;
	f->committed++;
}

static void
start(struct fixture *f, bool threaded)
{
	const struct writer_hooks hooks = { begun, committed, f };

	assert_true(writer_start(
	    f, f->store.db, &hooks, threaded, &f->writer, &f->store.err));
}

/* Adds, then fails: what it added must go. */
static bool
failing_job(struct db *db, void *arg, struct error *err)
{
	return add_job(db, arg, err) &&
	    error_set(err, ERROR_CONFLICT, "changed my mind");
}

static void
eventually(atomic_int *number, int least)
{
	for (int i = 0; i < 500 && *number < least; i++)
		usleep(10000);
	assert_true(*number >= least);
}

/* --- both kinds */

static void
change_is_there_when_the_call_returns(struct fixture *f, bool threaded)
{
	int64_t groups, jobs, id = 3;

	start(f, threaded);
	assert_true(add(f, 1));
	assert_int_equal(count(f), 1);
	assert_false(add(f, 1));
	assert_int_equal(f->store.err.kind, ERROR_CONFLICT);
	assert_true(add(f, 2));
	assert_false(writer_run(f->writer, failing_job, &id, &f->store.err));
	assert_string_equal(f->store.err.message, "changed my mind");
	assert_int_equal(count(f), 2);
	writer_counts(f->writer, &groups, &jobs);
	assert_int_equal(groups, 4);
	assert_int_equal(jobs, 4);
	writer_stop(f->writer);
	assert_false(add(f, 4));
	assert_int_equal(f->store.err.kind, ERROR_BUSY);
	assert_int_equal(f->store.err.retry_after, 1);
	writer_stop(f->writer);
}

static void
change_is_there_with_a_thread(void **state)
{
	change_is_there_when_the_call_returns(*state, true);
}

static void
change_is_there_without_a_thread(void **state)
{
	struct fixture *f = *state;

	change_is_there_when_the_call_returns(f, false);
	assert_int_equal(f->begun, 4);
	assert_int_equal(f->committed, 4);
	assert_int_equal(f->elsewhere, 1);
}

static void
refusing_hook_fails_the_group_and_is_told_again(void **state)
{
	struct fixture *f = *state;

	start(f, false);
	f->refuse = true;
	assert_false(add(f, 1));
	assert_string_equal(f->store.err.message, "not now");
	assert_int_equal(f->committed, 0);
	assert_int_equal(count(f), 0);
	f->refuse = false;
	assert_true(add(f, 1));
	assert_int_equal(f->elsewhere, 2);
	assert_int_equal(f->committed, 1);
}

/* --- groups */

struct caller {
	pthread_t thread;
	struct fixture *f;
	writer_job *job;
	bool whole;
	int64_t id;
	bool ok;
	struct error err;
};

static void *
caller_run(void *arg)
{
	struct caller *caller = arg;

	caller->ok = (caller->whole ? writer_run_whole : writer_run)(
	    caller->f->writer, caller->job, &caller->id, &caller->err);
	return NULL;
}

struct gate {
	atomic_bool entered, open;
};

/* Holds the writer until the gate opens, so that others have to queue. */
static bool
gate_job(struct db *db, void *arg, struct error *err)
{
	struct gate *gate = (struct gate *)(uintptr_t) * (const int64_t *)arg;

	(void)db;
	(void)err;
	gate->entered = true;
	while (!gate->open)
		usleep(1000);
	return true;
}

enum { CALLERS = 64 };

/* Each third fails; the first holds the writer until all are there. */
static void
callers_run(
    struct fixture *f, struct caller *callers, writer_job *bad, bool stop)
{
	struct gate gate = { false, false };
	struct caller first = {
		.f = f,
		.job = gate_job,
		.id = (int64_t)(uintptr_t)&gate,
	};

	assert_true(thread_start(
	    &first.thread, "first", caller_run, &first, &f->store.err));
	while (!gate.entered)
		usleep(1000);
	for (int i = 0; i < CALLERS; i++) {
		callers[i] = (struct caller){
			.f = f,
			.job = i % 3 == 0 ? bad : add_job,
			.whole = bad != failing_job,
			.id = i + 1,
		};
		assert_true(thread_start(&callers[i].thread, "caller",
		    caller_run, &callers[i], &f->store.err));
	}
	usleep(200000);
	gate.open = true;
	if (stop)
		writer_stop(f->writer);
	pthread_join(first.thread, NULL);
	for (int i = 0; i < CALLERS; i++)
		pthread_join(callers[i].thread, NULL);
}

static void
job_that_fails_leaves_the_rest_of_its_group(void **state)
{
	struct fixture *f = *state;
	struct caller callers[CALLERS];
	int64_t groups, jobs;

	start(f, true);
	callers_run(f, callers, failing_job, false);
	writer_counts(f->writer, &groups, &jobs);
	assert_true(groups < 10); /* 2, but for a slow machine */
	assert_int_equal(jobs, CALLERS + 1);
	for (int i = 0; i < CALLERS; i++) {
		assert_int_equal(callers[i].ok, i % 3 != 0);
		assert_int_equal(has(f, i + 1), i % 3 != 0);
		if (i % 3 == 0)
			assert_string_equal(
			    callers[i].err.message, "changed my mind");
	}
}

/* Fails before it has written anything. */
static bool
early_job(struct db *db, void *arg, struct error *err)
{
	(void)db;
	(void)arg;
	return error_set(err, ERROR_CONFLICT, "changed my mind");
}

static void
whole_job_may_fail_before_it_writes(void **state)
{
	struct fixture *f = *state;
	struct caller callers[CALLERS];

	start(f, true);
	callers_run(f, callers, early_job, false);
	for (int i = 0; i < CALLERS; i++)
		assert_int_equal(callers[i].ok, i % 3 != 0);
	assert_int_equal(count(f), CALLERS - (CALLERS + 2) / 3);
}

static bool
late_job(struct db *db, void *arg, struct error *err)
{
	return failing_job(db, arg, err);
}

static void
whole_job_that_fails_in_the_middle_takes_its_group_along(void **state)
{
	struct fixture *f = *state;
	struct caller callers[CALLERS];
	int64_t ok = 0, id = 1000;

	start(f, true);
	callers_run(f, callers, late_job, false);
	for (int i = 0; i < CALLERS; i++) {
		ok += callers[i].ok;
		if (!callers[i].ok)
			assert_string_equal(
			    callers[i].err.message, "changed my mind");
	}
	assert_int_equal(count(f), ok); /* who was answered is there */
	assert_true(ok < CALLERS / 2);
	assert_true(writer_run(f->writer, add_job, &id, &f->store.err));
	assert_int_equal(count(f), ok + 1);
}

static void
full_queue_is_refused_with_a_time_to_come_again(void **state)
{
	enum { WAITING = 30, MORE = 50 };
	struct fixture *f = *state;
	struct gate gate = { false, false };
	struct caller first = {
		.f = f, .job = gate_job, .id = (int64_t)(uintptr_t)&gate
	};
	struct caller *callers = mem_array(f, struct caller, MORE);
	int ok = 0, busy = 0;

	writer_bounds.waiting = WAITING;
	start(f, true);
	assert_true(thread_start(
	    &first.thread, "first", caller_run, &first, &f->store.err));
	while (!gate.entered)
		usleep(1000);
	for (int i = 0; i < MORE; i++) {
		callers[i] = (struct caller){
			.f = f, .job = add_job, .id = i + 1
		};
		assert_true(thread_start(&callers[i].thread, "caller",
		    caller_run, &callers[i], &f->store.err));
	}
	usleep(500000);
	gate.open = true;
	pthread_join(first.thread, NULL);
	for (int i = 0; i < MORE; i++) {
		pthread_join(callers[i].thread, NULL);
		ok += callers[i].ok;
		busy += !callers[i].ok && callers[i].err.kind == ERROR_BUSY &&
		    callers[i].err.retry_after > 0;
	}
	writer_bounds.waiting = 4096;
	assert_int_equal(ok, WAITING);
	assert_int_equal(busy, MORE - WAITING);
	assert_int_equal(count(f), ok);
}

static void
stop_finishes_what_is_queued(void **state)
{
	struct fixture *f = *state;
	struct caller callers[CALLERS];

	start(f, true);
	callers_run(f, callers, failing_job, true);
	for (int i = 0; i < CALLERS; i++)
		assert_int_equal(callers[i].ok, i % 3 != 0);
	assert_int_equal(count(f), CALLERS - 22);
}

/* --- other processes */

static void
first_look_is_elsewhere(void **state)
{
	struct fixture *f = *state;

	start(f, true);
	eventually(&f->committed, 1);
	assert_int_equal(f->elsewhere, 1);
	usleep(500000);
	assert_int_equal(f->begun, 1);
}

static void
commit_of_another_connection_is_noticed(void **state)
{
	struct fixture *f = *state;
	const struct writer_hooks none = { 0 };
	struct db *db;
	struct writer *other;
	int64_t id = 1;

	start(f, true);
	eventually(&f->committed, 1);
	assert_true(db_open(f, f->store.url, DB_WRITE, &db, &f->store.err));
	assert_true(writer_start(f, db, &none, false, &other, &f->store.err));
	assert_true(writer_run(other, add_job, &id, &f->store.err));
	eventually(&f->committed, 2);
	assert_int_equal(f->elsewhere, 2);
	assert_true(add(f, 2));
	usleep(500000);
	assert_int_equal(f->elsewhere, 2);
	talloc_free(other);
	talloc_free(db);
}

static void
idle_writer_moves_the_log(void **state)
{
	struct fixture *f = *state;
	int64_t id = 1;

	start(f, true);
	assert_true(writer_run(f->writer, big_job, &id, &f->store.err));
	usleep(700000);
	writer_stop(f->writer);
	assert_int_equal(db_log_size(f->store.db), 0);
}

static void
log_has_a_ceiling(void **state)
{
	struct fixture *f = *state;
	int64_t most = 0;

	start(f, false);
	for (int64_t id = 1; id <= 16; id++) {
		assert_true(writer_run(f->writer, big_job, &id, &f->store.err));
		if (db_log_size(f->store.db) > most)
			most = db_log_size(f->store.db);
	}
	assert_true(most > 32 << 20);
	assert_true(most < 80 << 20);
	assert_int_equal(f->elsewhere, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WRITER_TEST(change_is_there_with_a_thread),
		WRITER_TEST(change_is_there_without_a_thread),
		WRITER_TEST(refusing_hook_fails_the_group_and_is_told_again),
		WRITER_TEST(job_that_fails_leaves_the_rest_of_its_group),
		WRITER_TEST(whole_job_may_fail_before_it_writes),
		WRITER_TEST(
		    whole_job_that_fails_in_the_middle_takes_its_group_along),
		WRITER_TEST(full_queue_is_refused_with_a_time_to_come_again),
		WRITER_TEST(stop_finishes_what_is_queued),
		WRITER_TEST(first_look_is_elsewhere),
		WRITER_TEST(commit_of_another_connection_is_noticed),
		WRITER_TEST(idle_writer_moves_the_log),
		WRITER_TEST(log_has_a_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
