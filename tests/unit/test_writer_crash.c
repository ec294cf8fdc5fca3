/* SPDX-License-Identifier: ISC */
#include "store/writer.h"

/* What a broken disk or a kill does. */

#include "base/mem.h"
#include "writer_world.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

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

	TALLOC_FREE(f->store.db);
	assert_int_equal(pipe(pipes), 0);
	child = fork();
	if (child == 0) {
		(void)dup2(pipes[1], 2);
		break_disk();
		if (!db_open(f, f->store.url, DB_WRITE, &f->store.db,
			&f->store.err) ||
		    !writer_start(f, f->store.db, &none, false, &f->writer,
			&f->store.err) ||
		    !add(f, 1))
			_exit(2);
		if (breaks != NULL)
			*breaks = true;
		id = 2;
		(void)!writer_run(f->writer, job, &id, &f->store.err);
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
	int64_t id = count(f);

	if (!db_open(f, f->store.url, DB_WRITE, &f->store.db, &f->store.err) ||
	    !writer_start(
		f, f->store.db, &none, true, &f->writer, &f->store.err))
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

	TALLOC_FREE(f->store.db);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WRITER_TEST(failed_commit_ends_the_process),
		WRITER_TEST(failed_sync_ends_the_process),
		WRITER_TEST(failure_that_undoes_the_group_ends_the_process),
		WRITER_TEST(kill_loses_nothing_acknowledged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
