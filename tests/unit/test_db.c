/* SPDX-License-Identifier: ISC */
#include "store/db.h"

#include "base/buf.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const struct db_migration migrations[] = {
	{ "things",
	    "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE,"
	    " size {int8}, data {bytes}) STRICT;"
	    "CREATE TABLE part (id INTEGER PRIMARY KEY,"
	    " thing INTEGER NOT NULL REFERENCES thing) STRICT;" },
	{ "more", "CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT" },
	{ "broken", "CREATE TABLE half (id INTEGER) STRICT; CREATE nonsense" },
};

static const struct db_statement thing_add = { "thing add",
	"INSERT INTO thing (id, name, size, data) VALUES (?1, ?2, ?3, ?4)" };
static const struct db_statement thing_list = { "thing list",
	"SELECT id, name, size, data FROM thing ORDER BY id" };
static const struct db_statement thing_count = { "thing count",
	"SELECT count(*) FROM thing" };
static const struct db_statement thing_by_name = { "thing by name",
	"SELECT id FROM thing WHERE name = ?1" };
static const struct db_statement thing_rename = { "thing rename",
	"UPDATE thing SET name = name || '!'" };
static const struct db_statement part_add = { "part add",
	"INSERT INTO part (thing) VALUES (?1)" };
static const struct db_statement nonsense = { "nonsense",
	"SELECT id FROM nowhere" };

/* A folder and a store in it, for each test. */
struct fixture {
	char folder[32];
	char *path, *url;
	struct db *db;
	struct error err;
};

static int
setup(void **state)
{
	struct fixture *f = mem_new(NULL, struct fixture);

	(void)snprintf(f->folder, sizeof f->folder, "/tmp/test_db.XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	f->path = mem_printf(f, "%s/store", f->folder);
	f->url = mem_printf(f, "sqlite:%s", f->path);
	assert_true(db_open(f, f->url, DB_CREATE, &f->db, &f->err));
	assert_true(db_migrate(f->db, migrations, 2, NULL, NULL, &f->err));
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char *command = mem_printf(f, "rm -rf %s", f->folder);
	int status;

	TALLOC_FREE(f->db);
	status = system(command);
	talloc_free(f);
	return status;
}

static void
add(struct fixture *f, int64_t id, const char *name)
{
	assert_true(db_run(f->db, &thing_add,
	    DB_VALUES(db_some(id), db_text(name), db_null(), db_null()),
	    &f->err));
}

static void
begin(struct fixture *f)
{
	assert_true(db_lock(f->db, &f->err));
	assert_true(db_begin(f->db, &f->err));
}

static void
commit(struct fixture *f)
{
	assert_true(db_commit(f->db, &f->err));
	db_unlock(f->db);
}

static int64_t
count(struct fixture *f, struct db *db)
{
	int64_t n = -1;

	assert_true(db_number(db, &thing_count, DB_NO_VALUES, &n, &f->err));
	return n;
}

static void
values_come_back_as_they_went_in(void **state)
{
	struct fixture *f = *state;
	struct db_query *query;
	struct db_row *row;
	size_t length = 9;
	char *bytes;

	begin(f);
	assert_true(db_run(f->db, &thing_add,
	    DB_VALUES(db_int(1), db_text("caf\xc3\xa9"), db_int(INT64_MIN),
		db_bytes("a\0b", 3)),
	    &f->err));
	assert_int_equal(db_changed_rows(f->db), 1);
	assert_int_equal(db_some(0).type, DB_NULL);
	assert_true(db_run(f->db, &thing_add,
	    DB_VALUES(db_int(2), db_text(""), db_some(0), db_bytes("", 0)),
	    &f->err));
	assert_true(db_run(f->db, &thing_add,
	    DB_VALUES(db_int(3), db_text(NULL), db_some(7), db_null()),
	    &f->err));
	commit(f);

	query = db_query(f->db, &thing_list, DB_NO_VALUES);
	row = db_next(query);
	assert_int_equal(db_next_int(row), 1);
	assert_string_equal(db_next_text(row, f), "caf\xc3\xa9");
	assert_true(db_next_int(row) == INT64_MIN);
	bytes = db_next_bytes(row, f, &length);
	assert_int_equal(length, 3);
	assert_memory_equal(bytes, "a\0b", 3);
	db_end_of_row(row);

	row = db_next(query);
	assert_true(db_next_bool(row));
	assert_string_equal(db_next_text(row, f), "");
	assert_int_equal(db_next_int(row), 0);
	assert_non_null(db_next_bytes(row, f, &length));
	assert_int_equal(length, 0);
	db_end_of_row(row);

	row = db_next(query);
	assert_int_equal(db_next_int(row), 3);
	assert_null(db_next_text(row, f));
	assert_int_equal(db_next_int(row), 7);
	assert_null(db_next_bytes(row, f, &length));
	db_end_of_row(row);

	assert_null(db_next(query));
	assert_null(db_next(query));
	assert_true(db_done(query, &f->err));
}

static void
statement_runs_twice_at_once(void **state)
{
	struct fixture *f = *state;
	struct db_query *outer, *inner = NULL;
	int n = 0;

	begin(f);
	add(f, 1, "a");
	add(f, 2, "b");
	commit(f);
	outer = db_query(f->db, &thing_list, DB_NO_VALUES);
	while (db_next(outer) != NULL) {
		inner = db_query(f->db, &thing_list, DB_NO_VALUES);
		assert_ptr_not_equal(outer, inner);
		while (db_next(inner) != NULL)
			n++;
		assert_true(db_done(inner, &f->err));
	}
	assert_true(db_done(outer, &f->err));
	assert_int_equal(n, 4);
	assert_ptr_equal(db_query(f->db, &thing_list, DB_NO_VALUES), inner);
	assert_true(db_done(inner, &f->err));
}

static void
error_sticks_and_names_the_statement(void **state)
{
	struct fixture *f = *state;
	struct db_query *query = db_query(f->db, &nonsense, DB_NO_VALUES);

	assert_null(db_next(query));
	assert_null(db_next(query));
	assert_false(db_done(query, &f->err));
	assert_int_equal(f->err.kind, ERROR_SYSTEM);
	assert_string_equal(f->err.message, "nonsense: no such table: nowhere");
}

static void
query_works_again_after_an_error(void **state)
{
	struct fixture *f = *state;

	begin(f);
	add(f, 1, "a");
	assert_false(db_run(f->db, &thing_add,
	    DB_VALUES(db_int(2), db_text("a"), db_null(), db_null()), &f->err));
	add(f, 2, "b");
	commit(f);
	assert_int_equal(count(f, f->db), 2);
}

static void
what_is_there_already_is_a_conflict(void **state)
{
	struct fixture *f = *state;

	begin(f);
	add(f, 1, "a");
	assert_false(db_run(f->db, &thing_add,
	    DB_VALUES(db_int(2), db_text("a"), db_null(), db_null()), &f->err));
	assert_int_equal(f->err.kind, ERROR_CONFLICT);
	assert_string_equal(
	    f->err.message, "thing add: UNIQUE constraint failed: thing.name");
	assert_false(db_run(f->db, &thing_add,
	    DB_VALUES(db_int(1), db_text("b"), db_null(), db_null()), &f->err));
	assert_int_equal(f->err.kind, ERROR_CONFLICT);
	assert_false(db_run(f->db, &part_add, DB_VALUES(db_null()), &f->err));
	assert_int_equal(f->err.kind, ERROR_SYSTEM);
	commit(f);
}

static void
foreign_keys_are_kept(void **state)
{
	struct fixture *f = *state;

	begin(f);
	assert_false(db_run(f->db, &part_add, DB_VALUES(db_int(5)), &f->err));
	assert_string_equal(
	    f->err.message, "part add: FOREIGN KEY constraint failed");
	commit(f);
}

static void
column_of_another_type_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct db_query *query;
	struct db_row *row;

	begin(f);
	add(f, 1, "a");
	commit(f);
	query = db_query(f->db, &thing_list, DB_NO_VALUES);
	row = db_next(query);
	(void)db_next_int(row);
	assert_int_equal(db_next_int(row), 0);
	assert_null(db_next(query));
	assert_false(db_done(query, &f->err));
	assert_string_equal(
	    f->err.message, "thing list: column 2 is not a number");
}

static void
number_is_untouched_without_a_row(void **state)
{
	struct fixture *f = *state;
	int64_t n = 77;

	assert_true(db_number(
	    f->db, &thing_by_name, DB_VALUES(db_text("nobody")), &n, &f->err));
	assert_int_equal(n, 77);
}

static void
changed_rows_are_counted(void **state)
{
	struct fixture *f = *state;

	begin(f);
	add(f, 1, "a");
	add(f, 2, "b");
	assert_true(db_run(f->db, &thing_rename, DB_NO_VALUES, &f->err));
	assert_int_equal(db_changed_rows(f->db), 2);
	commit(f);
}

static void
notes_go_with_what_is_undone(void **state)
{
	struct fixture *f = *state;
	int64_t *notes = db_notes(f->db);

	notes[0] = 9;
	assert_true(db_lock(f->db, &f->err));
	assert_true(db_begin(f->db, &f->err));
	assert_int_equal(notes[0], 0);
	notes[0] = 1;
	assert_true(db_save(f->db, &f->err));
	assert_int_equal(notes[0], 1);
	db_undo(f->db);
	assert_int_equal(notes[0], 0);
	notes[DB_NOTES - 1] = 2;
	db_rollback(f->db);
	assert_int_equal(notes[DB_NOTES - 1], 0);
	db_unlock(f->db);
}

static void
step_is_undone_alone(void **state)
{
	struct fixture *f = *state;

	begin(f);
	assert_true(db_save(f->db, &f->err));
	add(f, 1, "kept");
	assert_true(db_release(f->db, &f->err));
	assert_true(db_save(f->db, &f->err));
	add(f, 2, "undone");
	assert_true(db_save(f->db, &f->err));
	add(f, 3, "inside");
	assert_true(db_release(f->db, &f->err));
	db_undo(f->db);
	commit(f);
	assert_int_equal(count(f, f->db), 1);

	begin(f);
	add(f, 4, "rolled back");
	db_rollback(f->db);
	db_unlock(f->db);
	assert_int_equal(count(f, f->db), 1);
}

static void
reader_sees_one_moment(void **state)
{
	struct fixture *f = *state;
	struct db *reader;

	assert_true(db_open(f, f->url, DB_READ, &reader, &f->err));
	assert_true(db_begin_read(reader, &f->err));
	assert_int_equal(count(f, reader), 0);
	begin(f);
	add(f, 1, "a");
	commit(f);
	assert_int_equal(count(f, reader), 0);
	db_end_read(reader);
	assert_int_equal(count(f, reader), 1);
	talloc_free(reader);
}

static void
reader_cannot_write(void **state)
{
	struct fixture *f = *state;
	struct db *reader;

	assert_true(db_open(f, f->url, DB_READ, &reader, &f->err));
	assert_false(db_run(reader, &thing_add,
	    DB_VALUES(db_int(1), db_text("a"), db_null(), db_null()), &f->err));
	assert_int_equal(f->err.kind, ERROR_SYSTEM);
	assert_non_null(strstr(f->err.message, "may not be written"));
	talloc_free(reader);
}

static void
reader_opens_a_store_that_is_closed(void **state)
{
	struct fixture *f = *state;
	struct db *reader;
	struct stat st;

	begin(f);
	add(f, 1, "a");
	commit(f);
	TALLOC_FREE(f->db);
	assert_true(stat(mem_printf(f, "%s-wal", f->path), &st) == -1);
	assert_true(db_open(f, f->url, DB_READ, &reader, &f->err));
	assert_int_equal(count(f, reader), 1);
	talloc_free(reader);
}

static void
last_reader_to_close_leaves_the_log(void **state)
{
	struct fixture *f = *state;
	struct db *reader;
	struct stat st;

	begin(f);
	add(f, 1, "a");
	commit(f);
	assert_true(db_open(f, f->url, DB_READ, &reader, &f->err));
	assert_int_equal(count(f, reader), 1);
	TALLOC_FREE(f->db);
	talloc_free(reader);
	assert_true(stat(mem_printf(f, "%s-wal", f->path), &st) == 0);
	assert_true(st.st_size > 0);
	assert_true(db_open(f, f->url, DB_WRITE, &f->db, &f->err));
	assert_int_equal(count(f, f->db), 1);
}

static void
version_moves_with_the_commits_of_others(void **state)
{
	struct fixture *f = *state;
	struct db *other;
	int64_t before = 0, after = 0;

	assert_true(db_open(f, f->url, DB_READ, &other, &f->err));
	assert_true(db_version(f->db, &before, &f->err));
	begin(f);
	add(f, 1, "a");
	commit(f);
	assert_true(db_version(f->db, &after, &f->err));
	assert_int_equal(before, after);
	talloc_free(other);

	assert_true(db_open(f, f->url, DB_WRITE, &other, &f->err));
	assert_true(db_lock(other, &f->err));
	assert_true(db_begin(other, &f->err));
	assert_true(db_run(other, &thing_rename, DB_NO_VALUES, &f->err));
	assert_true(db_commit(other, &f->err));
	db_unlock(other);
	assert_true(db_version(f->db, &after, &f->err));
	assert_int_not_equal(before, after);
	talloc_free(other);
}

static void
checkpoint_empties_the_log(void **state)
{
	struct fixture *f = *state;

	begin(f);
	add(f, 1, "a");
	commit(f);
	assert_true(db_log_size(f->db) > 4096);
	assert_true(db_lock(f->db, &f->err));
	assert_true(db_checkpoint(f->db, &f->err));
	db_unlock(f->db);
	assert_int_equal(db_log_size(f->db), 0);
}

/* A child holds the lock for 100 ms, and commits before it gives it back. */
static void
lock_waits_for_another_process(void **state)
{
	struct fixture *f = *state;
	int pipes[2], status;
	char c;
	pid_t child;

	TALLOC_FREE(f->db);
	assert_int_equal(pipe(pipes), 0);
	child = fork();
	if (child == 0) {
		if (!db_open(f, f->url, DB_WRITE, &f->db, &f->err))
			_exit(1);
		if (!db_lock(f->db, &f->err))
			_exit(1);
		(void)!write(pipes[1], "x", 1);
		usleep(100000);
		assert_true(db_begin(f->db, &f->err));
		add(f, 1, "a");
		commit(f);
		_exit(0);
	}
	assert_int_equal(read(pipes[0], &c, 1), 1);
	assert_true(db_open(f, f->url, DB_WRITE, &f->db, &f->err));
	begin(f);
	assert_int_equal(count(f, f->db), 1);
	commit(f);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(pipes[0]);
	close(pipes[1]);
}

static void
cannot_open(
    struct fixture *f, const char *url, enum db_mode mode, const char *message)
{
	struct db *db = NULL;

	f->err = (struct error){ 0 };
	assert_false(db_open(f, url, mode, &db, &f->err));
	assert_null(db);
	assert_string_equal(f->err.message, message);
}

static void
what_cannot_be_opened_is_told_in_one_line(void **state)
{
	struct fixture *f = *state;
	char *none = mem_printf(f, "%s/none", f->folder);
	char *deep = mem_printf(f, "%s/no/store", f->folder);
	char *url = mem_printf(f, "sqlite:%s", none);
	FILE *file;

	cannot_open(f, url, DB_READ,
	    mem_printf(
		f, "%s: no store there (barnraise init makes one)", none));
	cannot_open(f, url, DB_WRITE,
	    mem_printf(
		f, "%s: no store there (barnraise init makes one)", none));
	assert_int_equal(f->err.kind, ERROR_NOT_FOUND);
	cannot_open(f, mem_printf(f, "sqlite:%s", deep), DB_CREATE,
	    mem_printf(f, "%s: No such file or directory", deep));
	cannot_open(f, mem_printf(f, "sqlite:%s", f->folder), DB_WRITE,
	    mem_printf(f, "%s: not a file", f->folder));
	cannot_open(f, "mysql:x", DB_READ,
	    "mysql:x: not the address of a store (sqlite:PATH)");
	cannot_open(f, "sqlite:", DB_READ,
	    "sqlite:: not the address of a store (sqlite:PATH)");

	file = fopen(none, "w");
	for (int i = 0; i < 1000; i++)
		(void)fputs("this is a text, no database\n", file);
	(void)fclose(file);
	cannot_open(f, url, DB_READ,
	    mem_printf(f, "%s: not a store (file is not a database)", none));
	cannot_open(f, url, DB_WRITE,
	    mem_printf(f, "%s: not a store (file is not a database)", none));
}

/* Root may do everything: it is somebody else meanwhile. */
static uid_t
become_nobody(struct fixture *f)
{
	enum { NOBODY = 65534 };
	uid_t was = geteuid();

	if (was == 0) {
		assert_int_equal(chown(f->folder, NOBODY, (gid_t)-1), 0);
		assert_int_equal(chown(f->path, NOBODY, (gid_t)-1), 0);
		assert_int_equal(
		    chown(mem_printf(f, "%s.lock", f->path), NOBODY, (gid_t)-1),
		    0);
		assert_int_equal(seteuid(NOBODY), 0);
	}
	return was;
}

static void
wrong_permissions_are_told(void **state)
{
	struct fixture *f = *state;
	uid_t was;

	TALLOC_FREE(f->db);
	was = become_nobody(f);
	assert_int_equal(chmod(f->path, 0400), 0);
	cannot_open(f, f->url, DB_WRITE,
	    mem_printf(f, "%s: may not be written", f->path));
	assert_int_equal(chmod(f->path, 0), 0);
	cannot_open(f, f->url, DB_READ,
	    mem_printf(f,
		"%s: cannot be opened (unable to open database file, "
		"Permission denied)",
		f->path));
	assert_int_equal(seteuid(was), 0);
}

static void
damaged_page_is_told(void **state)
{
	struct fixture *f = *state;
	char *damage = NULL;
	FILE *file;

	TALLOC_FREE(f->db);
	file = fopen(f->path, "r+");
	assert_int_equal(fseek(file, 4096, SEEK_SET), 0);
	for (int i = 0; i < 4096; i++)
		(void)fputc(0xa5, file);
	(void)fclose(file);
	assert_true(db_open(f, f->url, DB_WRITE, &f->db, &f->err));
	if (!db_verify(f->db, f, &damage, &f->err))
		fail_msg("%s", f->err.message);
	assert_non_null(damage);
	assert_false(db_run(f->db, &thing_list, DB_NO_VALUES, &f->err));
	assert_int_equal(f->err.kind, ERROR_SYSTEM);
	assert_string_equal(f->err.message,
	    "thing list: the store is damaged (database disk image is "
	    "malformed)");
}

/* Through a symbolic link it is the same store, so the same lock. */
static void
link_to_a_store_has_its_lock(void **state)
{
	struct fixture *f = *state;
	char *path = mem_printf(f, "%s/link", f->folder);
	struct db *db;

	assert_int_equal(symlink(f->path, path), 0);
	assert_true(db_open(
	    f, mem_printf(f, "sqlite:%s", path), DB_WRITE, &db, &f->err));
	assert_int_equal(access(mem_printf(f, "%s.lock", path), F_OK), -1);
	talloc_free(db);
}

static void
stranger_who_holds_the_store_is_busy(void **state)
{
	struct fixture *f = *state;
	struct db *db;

	/* Whoever keeps out of PATH.lock: the shell of SQLite, for one. */
	begin(f);
	assert_int_equal(unlink(mem_printf(f, "%s.lock", f->path)), 0);
	assert_true(db_open(f, f->url, DB_WRITE, &db, &f->err));
	assert_true(db_lock(db, &f->err));
	assert_false(db_begin(db, &f->err));
	assert_int_equal(f->err.kind, ERROR_BUSY);
	assert_string_equal(f->err.message,
	    "begin: somebody else holds the store (database is locked)");
	db_unlock(db);
	talloc_free(db);
	commit(f);
}

static void
store_is_for_its_owner_only(void **state)
{
	struct fixture *f = *state;
	const char *endings[] = { "", "-wal", "-shm", ".lock" };
	struct stat st;

	for (size_t i = 0; i < 4; i++) {
		char *path = mem_printf(f, "%s%s", f->path, endings[i]);

		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

static void
migrations_run_once_each(void **state)
{
	struct fixture *f = *state;
	int64_t from = 9, to = 9;
	struct db *db;

	assert_true(
	    db_open(f, mem_printf(f, "%s2", f->url), DB_CREATE, &db, &f->err));
	assert_true(db_migrate(db, migrations, 1, &from, &to, &f->err));
	assert_int_equal(from, 0);
	assert_int_equal(to, 1);
	assert_true(db_migrate(db, migrations, 2, &from, &to, &f->err));
	assert_int_equal(from, 1);
	assert_int_equal(to, 2);
	assert_true(db_migrate(db, migrations, 2, &from, &to, &f->err));
	assert_int_equal(from, 2);
	talloc_free(db);
}

static void
newer_store_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_false(db_migrate(f->db, migrations, 1, NULL, NULL, &f->err));
	assert_non_null(strstr(f->err.message,
	    "the store is newer than this program (schema 2, this program "
	    "knows 1)"));
}

static void
reader_refuses_an_older_store(void **state)
{
	struct fixture *f = *state;
	struct db *reader;

	assert_true(db_open(f, f->url, DB_READ, &reader, &f->err));
	assert_true(db_migrate(reader, migrations, 2, NULL, NULL, &f->err));
	assert_false(db_migrate(reader, migrations, 3, NULL, NULL, &f->err));
	assert_non_null(strstr(f->err.message, "run `barnraise migrate`"));
	talloc_free(reader);
}

static void
broken_migration_leaves_nothing(void **state)
{
	static const struct db_statement halves = { "halves",
		"SELECT count(*) FROM sqlite_schema WHERE name = 'half'" };
	struct fixture *f = *state;
	int64_t n = -1;

	assert_false(db_migrate(f->db, migrations, 3, NULL, NULL, &f->err));
	assert_non_null(strstr(f->err.message, "migration broken: "));
	assert_true(db_number(f->db, &halves, DB_NO_VALUES, &n, &f->err));
	assert_int_equal(n, 0);
	assert_true(db_migrate(f->db, migrations, 2, NULL, NULL, &f->err));
}

static void
database_of_another_program_is_refused(void **state)
{
	static const struct db_statement foreign = { "foreign",
		"CREATE TABLE bookmark (id INTEGER)" };
	struct fixture *f = *state;
	struct db *db;

	assert_true(
	    db_open(f, mem_printf(f, "%s2", f->url), DB_CREATE, &db, &f->err));
	assert_true(db_lock(db, &f->err));
	assert_true(db_run(db, &foreign, DB_NO_VALUES, &f->err));
	db_unlock(db);
	assert_false(db_migrate(db, migrations, 2, NULL, NULL, &f->err));
	assert_non_null(strstr(f->err.message, "another program"));
	talloc_free(db);
}

static void
damage_is_found(void **state)
{
	static const struct db_statement off = { "off",
		"PRAGMA foreign_keys = OFF" };
	struct fixture *f = *state;
	char *damage = (char *)"untouched";

	assert_true(db_verify(f->db, f, &damage, &f->err));
	assert_null(damage);
	assert_true(db_run(f->db, &off, DB_NO_VALUES, &f->err));
	begin(f);
	assert_true(db_run(f->db, &part_add, DB_VALUES(db_int(5)), &f->err));
	commit(f);
	assert_true(db_verify(f->db, f, &damage, &f->err));
	assert_string_equal(
	    damage, "part, row 1: names what is not in thing\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(values_come_back_as_they_went_in),
		TEST(statement_runs_twice_at_once),
		TEST(error_sticks_and_names_the_statement),
		TEST(query_works_again_after_an_error),
		TEST(what_is_there_already_is_a_conflict),
		TEST(foreign_keys_are_kept),
		TEST(column_of_another_type_is_an_error),
		TEST(number_is_untouched_without_a_row),
		TEST(changed_rows_are_counted),
		TEST(notes_go_with_what_is_undone),
		TEST(step_is_undone_alone),
		TEST(reader_sees_one_moment),
		TEST(reader_cannot_write),
		TEST(reader_opens_a_store_that_is_closed),
		TEST(last_reader_to_close_leaves_the_log),
		TEST(version_moves_with_the_commits_of_others),
		TEST(checkpoint_empties_the_log),
		TEST(lock_waits_for_another_process),
		TEST(what_cannot_be_opened_is_told_in_one_line),
		TEST(wrong_permissions_are_told),
		TEST(damaged_page_is_told),
		TEST(link_to_a_store_has_its_lock),
		TEST(stranger_who_holds_the_store_is_busy),
		TEST(store_is_for_its_owner_only),
		TEST(migrations_run_once_each),
		TEST(newer_store_is_refused),
		TEST(reader_refuses_an_older_store),
		TEST(broken_migration_leaves_nothing),
		TEST(database_of_another_program_is_refused),
		TEST(damage_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
