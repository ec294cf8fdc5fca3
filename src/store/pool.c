/* SPDX-License-Identifier: ISC */
#include "store/pool.h"

#include "base/check.h"
#include "base/mem.h"

#include <pthread.h>
#include <time.h>

enum { PATIENCE = 5 }; /* seconds */

struct db_pool {
	db_pool_open *open;
	const void *arg;
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t back; /* one is idle, or none is out any more */
	struct db **idle;
	size_t n_idle, n_out;
};

static int
pool_free(struct db_pool *pool)
{
	CHECK(pool->n_out == 0);
	for (size_t i = 0; i < pool->n_idle; i++)
		talloc_free(pool->idle[i]);
	(void)pthread_cond_destroy(&pool->back);
	(void)pthread_mutex_destroy(&pool->lock);
	return 0;
}

struct db_pool *
db_pool_new(void *owner, db_pool_open *open, const void *arg)
{
	struct db_pool *pool = mem_new(owner, struct db_pool);
	pthread_condattr_t monotonic;

	pool->open = open;
	pool->arg = arg;
	CHECK(pthread_mutex_init(&pool->lock, NULL) == 0);
	CHECK(pthread_condattr_init(&monotonic) == 0);
	CHECK(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
	CHECK(pthread_cond_init(&pool->back, &monotonic) == 0);
	(void)pthread_condattr_destroy(&monotonic);
	talloc_set_destructor(pool, pool_free);
	return pool;
}

/* It is not out any more: idle, or where it is NULL, gone. */
static void
put_back(struct db_pool *pool, struct db *db)
{
	pthread_mutex_lock(&pool->lock);
	pool->n_out--;
	if (db != NULL)
		*mem_push(pool, &pool->idle, &pool->n_idle) = db;
	if (db != NULL)
		pthread_cond_signal(&pool->back);
	else if (pool->n_out == 0)
		pthread_cond_broadcast(&pool->back);
	pthread_mutex_unlock(&pool->lock);
}

static bool
begin(struct db_pool *pool, struct db *db, struct db **ret, struct error *err)
{
	if (!db_begin_read(db, err)) {
		talloc_free(db);
		put_back(pool, NULL);
		return false;
	}
	*ret = db;
	return true;
}

static bool
take_now(struct db_pool *pool, struct db **ret, struct error *err)
{
	struct db *db;

	pthread_mutex_lock(&pool->lock);
	pool->n_out++;
	db = pool->n_idle > 0 ? pool->idle[--pool->n_idle] : NULL;
	pthread_mutex_unlock(&pool->lock);
	if (db != NULL || pool->open(NULL, pool->arg, &db, err))
		return begin(pool, db, ret, err);
	put_back(pool, NULL);
	return false;
}

/* False where waiting is of no use: none is out, or it took too long. */
static bool
wait_for_others(
    struct db_pool *pool, const struct timespec *until, struct error *err)
{
	bool others;
	int timeout = 0;

	pthread_mutex_lock(&pool->lock);
	others = pool->n_out > 0;
	while (pool->n_idle == 0 && pool->n_out > 0 && timeout == 0)
		timeout = pthread_cond_timedwait(
		    &pool->back, &pool->lock, until);
	pthread_mutex_unlock(&pool->lock);
	if (timeout != 0) {
		err->kind = ERROR_BUSY;
		err->retry_after = PATIENCE;
	}
	return others && timeout == 0;
}

bool
db_pool_take(struct db_pool *pool, struct db **ret, struct error *err)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE;
	for (;;) {
		struct error failed = { 0 };

		if (take_now(pool, ret, &failed))
			return true;
		if (failed.kind != ERROR_NOT_FOUND &&
		    wait_for_others(pool, &until, &failed))
			continue;
		*err = failed;
		return false;
	}
}

void
db_pool_give(struct db_pool *pool, struct db *db)
{
	db_end_read(db);
	put_back(pool, db);
}

size_t
db_pool_idle(struct db_pool *pool)
{
	size_t n;

	pthread_mutex_lock(&pool->lock);
	n = pool->n_idle;
	pthread_mutex_unlock(&pool->lock);
	return n;
}
