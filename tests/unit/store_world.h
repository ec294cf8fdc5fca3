/* SPDX-License-Identifier: ISC */
#ifndef TESTS_STORE_WORLD_H
#define TESTS_STORE_WORLD_H

/* A store in a folder of its own. */

#include "store/db.h"

struct store {
	char folder[32];
	char *path, *url;
	struct db *db;
	struct error err; /* of the last call that was given it */
};

/* An empty one, open for writing; what is in *store is its owner's. */
void store_make(struct store *store, void *owner);
int store_remove(struct store *store);

/* --- one with things in it */

enum {
	THINGS = 2, /* migrations that are good */
	THINGS_BROKEN, /* the last is not */
};
extern const struct db_migration thing_migrations[THINGS_BROKEN];
extern const struct db_statement thing_add, thing_list, part_add;

/* cmocka's setup and teardown, of a struct store. */
int things_setup(void **state);
int things_teardown(void **state);

#define THINGS_TEST(name) \
	cmocka_unit_test_setup_teardown(name, things_setup, things_teardown)

/* A transaction under the lock. */
void things_begin(struct store *store);
void things_commit(struct store *store);

void things_put(struct store *store, int64_t id, const char *name);
int64_t things_count(struct db *db);

#endif
