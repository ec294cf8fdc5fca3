/* SPDX-License-Identifier: ISC */
#include "store/db.h"

/* Which schema a store has, and how it comes by it. */

#include "base/mem.h"
#include "store_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
migrations_run_once_each(void **state)
{
	struct store *f = *state;
	int64_t from = 9, to = 9;
	struct db *db;

	assert_true(
	    db_open(f, mem_printf(f, "%s2", f->url), DB_CREATE, &db, &f->err));
	assert_true(db_migrate(db, thing_migrations, 1, &from, &to, &f->err));
	assert_int_equal(from, 0);
	assert_int_equal(to, 1);
	assert_true(db_migrate(db, thing_migrations, 2, &from, &to, &f->err));
	assert_int_equal(from, 1);
	assert_int_equal(to, 2);
	assert_true(db_migrate(db, thing_migrations, 2, &from, &to, &f->err));
	assert_int_equal(from, 2);
	talloc_free(db);
}

static void
newer_store_is_refused(void **state)
{
	struct store *f = *state;

	assert_false(
	    db_migrate(f->db, thing_migrations, 1, NULL, NULL, &f->err));
	assert_non_null(strstr(f->err.message,
	    "the store is newer than this program (schema 2, this program "
	    "knows 1)"));
}

static void
reader_refuses_an_older_store(void **state)
{
	struct store *f = *state;
	struct db *reader;

	assert_true(db_open(f, f->url, DB_READ, &reader, &f->err));
	assert_true(
	    db_migrate(reader, thing_migrations, 2, NULL, NULL, &f->err));
	assert_false(
	    db_migrate(reader, thing_migrations, 3, NULL, NULL, &f->err));
	assert_non_null(strstr(f->err.message, "run `barnraise migrate`"));
	talloc_free(reader);
}

static void
broken_migration_leaves_nothing(void **state)
{
	static const struct db_statement halves = { "halves",
		"SELECT count(*) FROM sqlite_schema WHERE name = 'half'" };
	struct store *f = *state;
	int64_t n = -1;

	assert_false(
	    db_migrate(f->db, thing_migrations, 3, NULL, NULL, &f->err));
	assert_non_null(strstr(f->err.message, "migration broken: "));
	assert_true(db_number(f->db, &halves, DB_NO_VALUES, &n, &f->err));
	assert_int_equal(n, 0);
	assert_true(
	    db_migrate(f->db, thing_migrations, 2, NULL, NULL, &f->err));
}

static void
database_of_another_program_is_refused(void **state)
{
	static const struct db_statement foreign = { "foreign",
		"CREATE TABLE bookmark (id INTEGER)" };
	struct store *f = *state;
	struct db *db;

	assert_true(
	    db_open(f, mem_printf(f, "%s2", f->url), DB_CREATE, &db, &f->err));
	assert_true(db_lock(db, &f->err));
	assert_true(db_run(db, &foreign, DB_NO_VALUES, &f->err));
	db_unlock(db);
	assert_false(db_migrate(db, thing_migrations, 2, NULL, NULL, &f->err));
	assert_non_null(strstr(f->err.message, "another program"));
	talloc_free(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		THINGS_TEST(migrations_run_once_each),
		THINGS_TEST(newer_store_is_refused),
		THINGS_TEST(reader_refuses_an_older_store),
		THINGS_TEST(broken_migration_leaves_nothing),
		THINGS_TEST(database_of_another_program_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
