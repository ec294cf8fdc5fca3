/* SPDX-License-Identifier: ISC */
#include "store/writer.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

static const struct db_migration migrations[] = {
	{ "things",
	    "CREATE TABLE thing (id INTEGER PRIMARY KEY, data {bytes}) STRICT;"
	    "CREATE TABLE part (id INTEGER PRIMARY KEY, thing INTEGER"
	    " REFERENCES thing DEFERRABLE INITIALLY DEFERRED) STRICT" },
};
static const struct db_statement thing_add = { "thing add",
	"INSERT INTO thing (id, data) VALUES (?1, zeroblob(?2))" };
static const struct db_statement part_add = { "part add",
	"INSERT INTO part (thing) VALUES (?1)" };
static const struct db_statement thing_count = { "thing count",
	"SELECT count(*) FROM thing" };
static const struct db_statement thing_has = { "thing has",
	"SELECT count(*) FROM thing WHERE id = ?1" };

struct fixture {
	char folder[32];
	char *url;
	struct db *db;
	struct writer *writer;
	struct error err;
	atomic_int begun, elsewhere, committed;
	atomic_bool refuse; /* the hook begun fails */
};

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

static int
setup(void **state)
{
	struct fixture *f = mem_new(NULL, struct fixture);

	(void)snprintf(f->folder, sizeof f->folder, "/tmp/test_writer.XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	f->url = mem_printf(f, "sqlite:%s/store", f->folder);
	assert_true(db_open(f, f->url, DB_CREATE, &f->db, &f->err));
	assert_true(db_migrate(f->db, migrations, 1, NULL, NULL, &f->err));
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char *command = mem_printf(f, "rm -rf %s", f->folder);
	int status;

	TALLOC_FREE(f->writer);
	TALLOC_FREE(f->db);
	status = system(command);
	talloc_free(f);
	return status;
}

static void
start(struct fixture *f, bool threaded)
{
	const struct writer_hooks hooks = { begun, committed, f };

	assert_true(
	    writer_start(f, f->db, &hooks, threaded, &f->writer, &f->err));
}

static bool
add_job(struct db *db, void *arg, struct error *err)
{
	const int64_t *id = arg;

	return db_run(db, &thing_add, DB_VALUES(db_int(*id), db_int(0)), err);
}

/* Adds, then fails: what it added must go. */
static bool
failing_job(struct db *db, void *arg, struct error *err)
{
	return add_job(db, arg, err) &&
	    error_set(err, ERROR_CONFLICT, "changed my mind");
}

static bool
big_job(struct db *db, void *arg, struct error *err)
{
	const int64_t *id = arg;

	return db_run(
	    db, &thing_add, DB_VALUES(db_int(*id), db_int(8 << 20)), err);
}

/* Fails no earlier than at the commit. */
static bool
uncommittable_job(struct db *db, void *arg, struct error *err)
{
	(void)arg;
	return db_run(db, &part_add, DB_VALUES(db_int(99)), err);
}

static bool
add(struct fixture *f, int64_t id)
{
	return writer_run(f->writer, add_job, &id, &f->err);
}

/* As another process sees it. */
static int64_t
count(struct fixture *f)
{
	struct error err = { 0 };
	struct db *db;
	int64_t n = -1;

	assert_true(db_open(f, f->url, DB_READ, &db, &err));
	assert_true(db_number(db, &thing_count, DB_NO_VALUES, &n, &err));
	talloc_free(db);
	return n;
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
	assert_int_equal(f->err.kind, ERROR_CONFLICT);
	assert_true(add(f, 2));
	assert_false(writer_run(f->writer, failing_job, &id, &f->err));
	assert_string_equal(f->err.message, "changed my mind");
	assert_int_equal(count(f), 2);
	writer_counts(f->writer, &groups, &jobs);
	assert_int_equal(groups, 4);
	assert_int_equal(jobs, 4);
	writer_stop(f->writer);
	assert_false(add(f, 4));
	assert_int_equal(f->err.kind, ERROR_BUSY);
	assert_int_equal(f->err.retry_after, 1);
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
	assert_string_equal(f->err.message, "not now");
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

	assert_true(
	    thread_start(&first.thread, "first", caller_run, &first, &f->err));
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
		    caller_run, &callers[i], &f->err));
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
	struct db *db;
	int64_t groups, jobs;

	start(f, true);
	callers_run(f, callers, failing_job, false);
	writer_counts(f->writer, &groups, &jobs);
	assert_true(groups < 10); /* 2, but for a slow machine */
	assert_int_equal(jobs, CALLERS + 1);
	assert_true(db_open(f, f->url, DB_READ, &db, &f->err));
	for (int i = 0; i < CALLERS; i++) {
		int64_t has = -1;

		assert_true(db_number(
		    db, &thing_has, DB_VALUES(db_int(i + 1)), &has, &f->err));
		assert_int_equal(callers[i].ok, i % 3 != 0);
		assert_int_equal(has, i % 3 != 0);
		if (i % 3 == 0)
			assert_string_equal(
			    callers[i].err.message, "changed my mind");
	}
	talloc_free(db);
}

/* Fails before it has written anything. */
static bool
early_job(struct db *db, void *arg, struct error *err)
{
	(void)db;
	(void)arg;
	return error_set(err, ERROR_CONFLICT, "changed my mind");
}

static int64_t
things(struct fixture *f)
{
	int64_t n = -1;
	struct db *db;

	assert_true(db_open(f, f->url, DB_READ, &db, &f->err));
	assert_true(db_number(db, &thing_count, DB_NO_VALUES, &n, &f->err));
	talloc_free(db);
	return n;
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
	assert_int_equal(things(f), CALLERS - (CALLERS + 2) / 3);
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
	assert_int_equal(things(f), ok); /* who was answered is there */
	assert_true(ok < CALLERS / 2);
	assert_true(writer_run(f->writer, add_job, &id, &f->err));
	assert_int_equal(things(f), ok + 1);
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
	assert_true(
	    thread_start(&first.thread, "first", caller_run, &first, &f->err));
	while (!gate.entered)
		usleep(1000);
	for (int i = 0; i < MORE; i++) {
		callers[i] = (struct caller){
			.f = f, .job = add_job, .id = i + 1
		};
		assert_true(thread_start(&callers[i].thread, "caller",
		    caller_run, &callers[i], &f->err));
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
	assert_int_equal(things(f), ok);
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
	assert_true(db_open(f, f->url, DB_WRITE, &db, &f->err));
	assert_true(writer_start(f, db, &none, false, &other, &f->err));
	assert_true(writer_run(other, add_job, &id, &f->err));
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
	assert_true(writer_run(f->writer, big_job, &id, &f->err));
	usleep(700000);
	writer_stop(f->writer);
	assert_int_equal(db_log_size(f->db), 0);
}

static void
log_has_a_ceiling(void **state)
{
	struct fixture *f = *state;
	int64_t most = 0;

	start(f, false);
	for (int64_t id = 1; id <= 16; id++) {
		assert_true(writer_run(f->writer, big_job, &id, &f->err));
		if (db_log_size(f->db) > most)
			most = db_log_size(f->db);
	}
	assert_true(most > 32 << 20);
	assert_true(most < 80 << 20);
	assert_int_equal(f->elsewhere, 1);
}

/* --- what a broken disk or a kill does */

/* SQLite's own file methods, but a sync fails once told so. */
static sqlite3_io_methods methods;
static int (*real_open)(
    sqlite3_vfs *, const char *, sqlite3_file *, int, int *);
static int (*real_write)(sqlite3_file *, const void *, int, sqlite3_int64);
static int (*real_sync)(sqlite3_file *, int);
static atomic_bool sync_fails, write_fails;

static int
broken_sync(sqlite3_file *file, int flags)
{
	return sync_fails ? SQLITE_IOERR_FSYNC : real_sync(file, flags);
}

static int
broken_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
	return write_fails ? SQLITE_FULL : real_write(file, bytes, n, at);
}

static int
broken_open(
    sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	int code = real_open(vfs, name, file, flags, out);

	if (code != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0)
		return code;
	methods = *file->pMethods;
	real_sync = methods.xSync;
	real_write = methods.xWrite;
	methods.xSync = broken_sync;
	methods.xWrite = broken_write;
	file->pMethods = &methods;
	return code;
}

static void
break_disk(void)
{
	static sqlite3_vfs vfs;

	vfs = *sqlite3_vfs_find(NULL);
	real_open = vfs.xOpen;
	vfs.xOpen = broken_open;
	vfs.zName = "broken";
	(void)sqlite3_vfs_register(&vfs, 1);
}

/*
 * Runs the job in a child whose disk breaks after one good change. What it
 * prints goes to text; returns its status.
 */
static int
child_run(
    struct fixture *f, writer_job *job, atomic_bool *breaks, char text[256])
{
	const struct writer_hooks none = { 0 };
	int pipes[2], status;
	int64_t id = 1;
	ssize_t n;
	pid_t child;

	TALLOC_FREE(f->db);
	assert_int_equal(pipe(pipes), 0);
	child = fork();
	if (child == 0) {
		(void)dup2(pipes[1], 2);
		break_disk();
		if (!db_open(f, f->url, DB_WRITE, &f->db, &f->err) ||
		    !writer_start(
			f, f->db, &none, false, &f->writer, &f->err) ||
		    !add(f, 1))
			_exit(2);
		if (breaks != NULL)
			*breaks = true;
		id = 2;
		(void)!writer_run(f->writer, job, &id, &f->err);
		_exit(0);
	}
	close(pipes[1]);
	n = read(pipes[0], text, 255);
	text[n < 0 ? 0 : n] = '\0';
	close(pipes[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
failed_commit_ends_the_process(void **state)
{
	struct fixture *f = *state;
	char text[256];

	assert_int_equal(child_run(f, uncommittable_job, NULL, text), 1);
	assert_string_equal(text,
	    "barnraise: writing failed, so ending: commit: FOREIGN KEY "
	    "constraint failed\n");
	assert_int_equal(count(f), 1);
}

static void
failed_sync_ends_the_process(void **state)
{
	struct fixture *f = *state;
	char text[256];

	assert_int_equal(child_run(f, add_job, &sync_fails, text), 1);
	assert_non_null(strstr(text, "reading or writing the disk failed"));
}

static void
failure_that_undoes_the_group_ends_the_process(void **state)
{
	struct fixture *f = *state;
	char text[256];

	/* 8 MiB are more than the cache: the job itself writes. */
	assert_int_equal(child_run(f, big_job, &write_fails, text), 1);
	assert_non_null(strstr(text, "barnraise: writing failed"));
	assert_int_equal(count(f), 1);
}

static _Noreturn void
acknowledge_for_ever(struct fixture *f, int out)
{
	const struct writer_hooks none = { 0 };
	int64_t id = 0;

	if (!db_open(f, f->url, DB_WRITE, &f->db, &f->err) ||
	    !db_number(f->db, &thing_count, DB_NO_VALUES, &id, &f->err) ||
	    !writer_start(f, f->db, &none, true, &f->writer, &f->err))
		_exit(2);
	while (++id > 0)
		if (!add(f, id) || write(out, &id, sizeof id) != sizeof id)
			_exit(3);
	_exit(4);
}

static void
kill_loses_nothing_acknowledged(void **state)
{
	struct fixture *f = *state;
	int64_t last = 0, id;

	TALLOC_FREE(f->db);
	for (int i = 0; i < 20; i++) {
		int pipes[2], status;
		pid_t child;

		assert_int_equal(pipe(pipes), 0);
		child = fork();
		if (child == 0)
			acknowledge_for_ever(f, pipes[1]);
		close(pipes[1]);
		assert_int_equal(read(pipes[0], &id, sizeof id), sizeof id);
		usleep((unsigned)(i * 1999 % 20000));
		(void)kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		do
			last = id;
		while (read(pipes[0], &id, sizeof id) == sizeof id);
		close(pipes[0]);
		/* One more may have been committed, but not acknowledged. */
		assert_true(count(f) >= last && count(f) <= last + 1);
	}
	assert_true(last > 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(change_is_there_with_a_thread),
		TEST(change_is_there_without_a_thread),
		TEST(refusing_hook_fails_the_group_and_is_told_again),
		TEST(job_that_fails_leaves_the_rest_of_its_group),
		TEST(whole_job_may_fail_before_it_writes),
		TEST(whole_job_that_fails_in_the_middle_takes_its_group_along),
		TEST(full_queue_is_refused_with_a_time_to_come_again),
		TEST(stop_finishes_what_is_queued),
		TEST(first_look_is_elsewhere),
		TEST(commit_of_another_connection_is_noticed),
		TEST(idle_writer_moves_the_log),
		TEST(log_has_a_ceiling),
		TEST(failed_commit_ends_the_process),
		TEST(failed_sync_ends_the_process),
		TEST(failure_that_undoes_the_group_ends_the_process),
		TEST(kill_loses_nothing_acknowledged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
