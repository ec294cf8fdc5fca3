/* SPDX-License-Identifier: ISC */
#include "store_world.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

void
store_make(struct store *store, void *owner)
{
	(void)snprintf(
	    store->folder, sizeof store->folder, "/tmp/test_store.XXXXXX");
	assert_non_null(mkdtemp(store->folder));
	store->path = mem_printf(owner, "%s/store", store->folder);
	store->url = mem_printf(owner, "sqlite:%s", store->path);
	assert_true(
	    db_open(owner, store->url, DB_CREATE, &store->db, &store->err));
}

int
store_remove(struct store *store)
{
	char command[64];

	TALLOC_FREE(store->db);
	(void)snprintf(command, sizeof command, "rm -rf %s", store->folder);
	return system(command);
}

/* --- one with things in it */

const struct db_migration thing_migrations[] = {
	{ "things",
	    "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE,"
	    " size {int8}, data {bytes}) STRICT;"
	    "CREATE TABLE part (id INTEGER PRIMARY KEY,"
	    " thing INTEGER NOT NULL REFERENCES thing) STRICT;" },
	{ "more", "CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT" },
	{ "broken", "CREATE TABLE half (id INTEGER) STRICT; CREATE nonsense" },
};

const struct db_statement thing_add = { "thing add",
	"INSERT INTO thing (id, name, size, data) VALUES (?1, ?2, ?3, ?4)" };
const struct db_statement thing_list = { "thing list",
	"SELECT id, name, size, data FROM thing ORDER BY id" };
static const struct db_statement thing_count = { "thing count",
	"SELECT count(*) FROM thing" };
const struct db_statement part_add = { "part add",
	"INSERT INTO part (thing) VALUES (?1)" };

int
things_setup(void **state)
{
	struct store *store = mem_new(NULL, struct store);

	store_make(store, store);
	assert_true(db_migrate(
	    store->db, thing_migrations, THINGS, NULL, NULL, &store->err));
	*state = store;
	return 0;
}

int
things_teardown(void **state)
{
	struct store *store = *state;
	int status = store_remove(store);

	talloc_free(store);
	return status;
}

void
things_begin(struct store *store)
{
	assert_true(db_lock(store->db, &store->err));
	assert_true(db_begin(store->db, &store->err));
}

void
things_commit(struct store *store)
{
	assert_true(db_commit(store->db, &store->err));
	db_unlock(store->db);
}

void
things_put(struct store *store, int64_t id, const char *name)
{
	assert_true(db_run(store->db, &thing_add,
	    DB_VALUES(db_some(id), db_text(name), db_null(), db_null()),
	    &store->err));
}

int64_t
things_count(struct db *db)
{
	struct error err = { 0 };
	int64_t n = -1;

	assert_true(db_number(db, &thing_count, DB_NO_VALUES, &n, &err));
	return n;
}
