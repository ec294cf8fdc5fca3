/* SPDX-License-Identifier: ISC */
#include "store/db.h"

#include "base/mem.h"
#include "store_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const struct db_statement thing_by_name = { "thing by name",
	"SELECT id FROM thing WHERE name = ?1" };
static const struct db_statement thing_rename = { "thing rename",
	"UPDATE thing SET name = name || '!'" };
static const struct db_statement nonsense = { "nonsense",
	"SELECT id FROM nowhere" };

static void
values_come_back_as_they_went_in(void **state)
{
	struct store *f = *state;
	struct db_query *query;
	struct db_row *row;
	size_t length = 9;
	char *bytes;

	things_begin(f);
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
	things_commit(f);

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
	struct store *f = *state;
	struct db_query *outer, *inner = NULL;
	int n = 0;

	things_begin(f);
	things_put(f, 1, "a");
	things_put(f, 2, "b");
	things_commit(f);
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
	struct store *f = *state;
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
	struct store *f = *state;

	things_begin(f);
	things_put(f, 1, "a");
	assert_false(db_run(f->db, &thing_add,
	    DB_VALUES(db_int(2), db_text("a"), db_null(), db_null()), &f->err));
	things_put(f, 2, "b");
	things_commit(f);
	assert_int_equal(things_count(f->db), 2);
}

static void
what_is_there_already_is_a_conflict(void **state)
{
	struct store *f = *state;

	things_begin(f);
	things_put(f, 1, "a");
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
	things_commit(f);
}

static void
foreign_keys_are_kept(void **state)
{
	struct store *f = *state;

	things_begin(f);
	assert_false(db_run(f->db, &part_add, DB_VALUES(db_int(5)), &f->err));
	assert_string_equal(
	    f->err.message, "part add: FOREIGN KEY constraint failed");
	things_commit(f);
}

static void
column_of_another_type_is_an_error(void **state)
{
	struct store *f = *state;
	struct db_query *query;
	struct db_row *row;

	things_begin(f);
	things_put(f, 1, "a");
	things_commit(f);
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
	struct store *f = *state;
	int64_t n = 77;

	assert_true(db_number(
	    f->db, &thing_by_name, DB_VALUES(db_text("nobody")), &n, &f->err));
	assert_int_equal(n, 77);
}

static void
changed_rows_are_counted(void **state)
{
	struct store *f = *state;

	things_begin(f);
	things_put(f, 1, "a");
	things_put(f, 2, "b");
	assert_true(db_run(f->db, &thing_rename, DB_NO_VALUES, &f->err));
	assert_int_equal(db_changed_rows(f->db), 2);
	things_commit(f);
}

static void
notes_go_with_what_is_undone(void **state)
{
	struct store *f = *state;
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
	struct store *f = *state;

	things_begin(f);
	assert_true(db_save(f->db, &f->err));
	things_put(f, 1, "kept");
	assert_true(db_release(f->db, &f->err));
	assert_true(db_save(f->db, &f->err));
	things_put(f, 2, "undone");
	assert_true(db_save(f->db, &f->err));
	things_put(f, 3, "inside");
	assert_true(db_release(f->db, &f->err));
	db_undo(f->db);
	things_commit(f);
	assert_int_equal(things_count(f->db), 1);

	things_begin(f);
	things_put(f, 4, "rolled back");
	db_rollback(f->db);
	db_unlock(f->db);
	assert_int_equal(things_count(f->db), 1);
}

static void
reader_sees_one_moment(void **state)
{
	struct store *f = *state;
	struct db *reader;

	assert_true(db_open(f, f->url, DB_READ, &reader, &f->err));
	assert_true(db_begin_read(reader, &f->err));
	assert_int_equal(things_count(reader), 0);
	things_begin(f);
	things_put(f, 1, "a");
	things_commit(f);
	assert_int_equal(things_count(reader), 0);
	db_end_read(reader);
	assert_int_equal(things_count(reader), 1);
	talloc_free(reader);
}

static void
reader_cannot_write(void **state)
{
	struct store *f = *state;
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
	struct store *f = *state;
	struct db *reader;
	struct stat st;

	things_begin(f);
	things_put(f, 1, "a");
	things_commit(f);
	TALLOC_FREE(f->db);
	assert_true(stat(mem_printf(f, "%s-wal", f->path), &st) == -1);
	assert_true(db_open(f, f->url, DB_READ, &reader, &f->err));
	assert_int_equal(things_count(reader), 1);
	talloc_free(reader);
}

static void
last_reader_to_close_leaves_the_log(void **state)
{
	struct store *f = *state;
	struct db *reader;
	struct stat st;

	things_begin(f);
	things_put(f, 1, "a");
	things_commit(f);
	assert_true(db_open(f, f->url, DB_READ, &reader, &f->err));
	assert_int_equal(things_count(reader), 1);
	TALLOC_FREE(f->db);
	talloc_free(reader);
	assert_true(stat(mem_printf(f, "%s-wal", f->path), &st) == 0);
	assert_true(st.st_size > 0);
	assert_true(db_open(f, f->url, DB_WRITE, &f->db, &f->err));
	assert_int_equal(things_count(f->db), 1);
}

static void
version_moves_with_the_commits_of_others(void **state)
{
	struct store *f = *state;
	struct db *other;
	int64_t before = 0, after = 0;

	assert_true(db_open(f, f->url, DB_READ, &other, &f->err));
	assert_true(db_version(f->db, &before, &f->err));
	things_begin(f);
	things_put(f, 1, "a");
	things_commit(f);
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
	struct store *f = *state;

	things_begin(f);
	things_put(f, 1, "a");
	things_commit(f);
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
	struct store *f = *state;
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
		things_put(f, 1, "a");
		things_commit(f);
		_exit(0);
	}
	assert_int_equal(read(pipes[0], &c, 1), 1);
	assert_true(db_open(f, f->url, DB_WRITE, &f->db, &f->err));
	things_begin(f);
	assert_int_equal(things_count(f->db), 1);
	things_commit(f);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(pipes[0]);
	close(pipes[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		THINGS_TEST(values_come_back_as_they_went_in),
		THINGS_TEST(statement_runs_twice_at_once),
		THINGS_TEST(error_sticks_and_names_the_statement),
		THINGS_TEST(query_works_again_after_an_error),
		THINGS_TEST(what_is_there_already_is_a_conflict),
		THINGS_TEST(foreign_keys_are_kept),
		THINGS_TEST(column_of_another_type_is_an_error),
		THINGS_TEST(number_is_untouched_without_a_row),
		THINGS_TEST(changed_rows_are_counted),
		THINGS_TEST(notes_go_with_what_is_undone),
		THINGS_TEST(step_is_undone_alone),
		THINGS_TEST(reader_sees_one_moment),
		THINGS_TEST(reader_cannot_write),
		THINGS_TEST(reader_opens_a_store_that_is_closed),
		THINGS_TEST(last_reader_to_close_leaves_the_log),
		THINGS_TEST(version_moves_with_the_commits_of_others),
		THINGS_TEST(checkpoint_empties_the_log),
		THINGS_TEST(lock_waits_for_another_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
