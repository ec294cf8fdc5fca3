/* SPDX-License-Identifier: ISC */
#include "writer_world.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct db_migration migrations[] = {
	{ "things",
	    "CREATE TABLE thing (id INTEGER PRIMARY KEY, data {bytes}) STRICT;"
	    "CREATE TABLE part (id INTEGER PRIMARY KEY, thing INTEGER"
	    " REFERENCES thing DEFERRABLE INITIALLY DEFERRED) STRICT" },
};
static const struct db_statement add_thing = { "thing add",
	"INSERT INTO thing (id, data) VALUES (?1, zeroblob(?2))" };
static const struct db_statement add_part = { "part add",
	"INSERT INTO part (thing) VALUES (?1)" };
static const struct db_statement count_things = { "thing count",
	"SELECT count(*) FROM thing WHERE id > ?1" };
static const struct db_statement has_thing = { "thing has",
	"SELECT count(*) FROM thing WHERE id = ?1" };

int
writer_setup(void **state)
{
	struct fixture *f = mem_new(NULL, struct fixture);

	store_make(&f->store, f);
	assert_true(
	    db_migrate(f->store.db, migrations, 1, NULL, NULL, &f->store.err));
	*state = f;
	return 0;
}

int
writer_teardown(void **state)
{
	struct fixture *f = *state;
	int status;

	TALLOC_FREE(f->writer);
	status = store_remove(&f->store);
	talloc_free(f);
	return status;
}

bool
add_job(struct db *db, void *arg, struct error *err)
{
	const int64_t *id = arg;

	return db_run(db, &add_thing, DB_VALUES(db_int(*id), db_int(0)), err);
}

bool
big_job(struct db *db, void *arg, struct error *err)
{
	const int64_t *id = arg;

	return db_run(
	    db, &add_thing, DB_VALUES(db_int(*id), db_int(8 << 20)), err);
}

bool
uncommittable_job(struct db *db, void *arg, struct error *err)
{
	(void)arg;
	return db_run(db, &add_part, DB_VALUES(db_int(99)), err);
}

bool
add(struct fixture *f, int64_t id)
{
	return writer_run(f->writer, add_job, &id, &f->store.err);
}

static int64_t
number(
    struct fixture *f, const struct db_statement *statement, struct db_value of)
{
	struct error err = { 0 };
	struct db *db;
	int64_t n = -1;

	assert_true(db_open(f, f->store.url, DB_READ, &db, &err));
	assert_true(db_number(db, statement, &of, 1, &n, &err));
	talloc_free(db);
	return n;
}

int64_t
count(struct fixture *f)
{
	return number(f, &count_things, db_int(0));
}

bool
has(struct fixture *f, int64_t id)
{
	return number(f, &has_thing, db_int(id)) == 1;
}
