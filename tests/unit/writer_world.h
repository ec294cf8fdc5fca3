/* SPDX-License-Identifier: ISC */
#ifndef TESTS_WRITER_WORLD_H
#define TESTS_WRITER_WORLD_H

/* A store with a table, a writer for it, and jobs to give it. */

#include "store/writer.h"
#include "store_world.h"

#include <stdatomic.h>

struct fixture {
	struct store store;
	struct writer *writer;
	atomic_int begun, elsewhere, committed; /* calls of the hooks */
	atomic_bool refuse; /* the hook begun fails */
};

/* cmocka's setup and teardown; the writer is not yet started. */
int writer_setup(void **state);
int writer_teardown(void **state);

#define WRITER_TEST(name) \
	cmocka_unit_test_setup_teardown(name, writer_setup, writer_teardown)

/* Jobs that add the thing of the number at arg: an empty one, one of 8 MiB. */
bool add_job(struct db *db, void *arg, struct error *err);
bool big_job(struct db *db, void *arg, struct error *err);
/* It fails no earlier than at the commit. */
bool uncommittable_job(struct db *db, void *arg, struct error *err);

/* The writer adds one. */
bool add(struct fixture *f, int64_t id);

/* How many there are, as another process sees it. */
int64_t count(struct fixture *f);
bool has(struct fixture *f, int64_t id);

#endif
