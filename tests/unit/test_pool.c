/* SPDX-License-Identifier: ISC */
#include "store/pool.h"

#include "base/mem.h"
#include "store_world.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct store store;
	struct db_pool *pool;
	atomic_int opened, most; /* connections; how many there may be */
	enum error_kind kind; /* of what is said beyond that */
	atomic_int waiting;
};

static struct fixture *fixture; /* for the wrapped functions */

static bool
open_some(void *owner, const void *arg, struct db **ret, struct error *err)
{
	struct fixture *f = fixture;

	if (f->opened >= f->most)
		return error_set(err, f->kind, "too many open files");
	if (!db_open(owner, arg, DB_READ, ret, err))
		return false;
	f->opened++;
	return true;
}

/* Tells that somebody waits; without a thread to give back, time is over. */
int __wrap_pthread_cond_timedwait(
    pthread_cond_t *cond, pthread_mutex_t *lock, const struct timespec *until);

static bool has_giver;

int
__wrap_pthread_cond_timedwait(
    pthread_cond_t *cond, pthread_mutex_t *lock, const struct timespec *until)
{
	(void)until;
	fixture->waiting++;
	return has_giver ? pthread_cond_wait(cond, lock) : ETIMEDOUT;
}

static int
setup(void **state)
{
	struct fixture *f = mem_new(NULL, struct fixture);

	store_make(&f->store, f);
	f->most = 100;
	f->kind = ERROR_SYSTEM;
	fixture = f;
	has_giver = false;
	f->pool = db_pool_new(f, open_some, f->store.url);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	int status;

	TALLOC_FREE(f->pool);
	status = store_remove(&f->store);
	talloc_free(f);
	return status;
}

static struct db *
take(struct fixture *f)
{
	struct db *db;

	assert_true(db_pool_take(f->pool, &db, &f->store.err));
	return db;
}

static void
one_that_is_back_is_used_again(void **state)
{
	struct fixture *f = *state;
	struct db *first = take(f), *second = take(f);

	assert_ptr_not_equal(first, second);
	assert_int_equal(db_pool_idle(f->pool), 0);
	db_pool_give(f->pool, first);
	assert_int_equal(db_pool_idle(f->pool), 1);
	assert_ptr_equal(take(f), first);
	db_pool_give(f->pool, first);
	db_pool_give(f->pool, second);
	assert_int_equal(f->opened, 2);
}

struct giver {
	struct fixture *f;
	struct db *db;
};

static void *
give_when_somebody_waits(void *arg)
{
	struct giver *giver = arg;

	while (giver->f->waiting == 0)
		(void)usleep(1000);
	db_pool_give(giver->f->pool, giver->db);
	return NULL;
}

static void
who_cannot_open_one_waits_for_another(void **state)
{
	struct fixture *f = *state;
	struct giver giver = { f, take(f) };
	pthread_t thread;

	f->most = 1;
	has_giver = true;
	assert_int_equal(
	    pthread_create(&thread, NULL, give_when_somebody_waits, &giver), 0);
	assert_ptr_equal(take(f), giver.db);
	assert_int_equal(pthread_join(thread, NULL), 0);
	db_pool_give(f->pool, giver.db);
}

static void
who_waits_in_vain_is_told_why_and_to_come_again(void **state)
{
	struct fixture *f = *state;
	struct db *out = take(f), *db;

	f->most = 1;
	assert_false(db_pool_take(f->pool, &db, &f->store.err));
	assert_int_equal(f->waiting, 1);
	assert_int_equal(f->store.err.kind, ERROR_BUSY);
	assert_int_not_equal(f->store.err.retry_after, 0);
	assert_string_equal(f->store.err.message, "too many open files");
	db_pool_give(f->pool, out);
}

static void
nobody_waits_where_none_is_out(void **state)
{
	struct fixture *f = *state;
	struct db *db;

	f->most = 0;
	assert_false(db_pool_take(f->pool, &db, &f->store.err));
	assert_int_equal(f->store.err.kind, ERROR_SYSTEM);
	assert_int_equal(f->waiting, 0);
	f->most = 1;
	db_pool_give(f->pool, take(f));
}

static void
nobody_waits_for_what_is_not_there(void **state)
{
	struct fixture *f = *state;
	struct db *out = take(f), *db;

	f->most = 1;
	f->kind = ERROR_NOT_FOUND;
	assert_false(db_pool_take(f->pool, &db, &f->store.err));
	assert_int_equal(f->store.err.kind, ERROR_NOT_FOUND);
	assert_int_equal(f->waiting, 0);
	db_pool_give(f->pool, out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_that_is_back_is_used_again),
		TEST(who_cannot_open_one_waits_for_another),
		TEST(who_waits_in_vain_is_told_why_and_to_come_again),
		TEST(nobody_waits_where_none_is_out),
		TEST(nobody_waits_for_what_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
