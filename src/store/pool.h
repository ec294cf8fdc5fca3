/* SPDX-License-Identifier: ISC */
#ifndef STORE_POOL_H
#define STORE_POOL_H

/*
 * Read connections that are kept open for whoever needs one next. Any thread.
 */

#include "store/db.h"

struct db_pool;

/* Opens another connection; arg is what the pool was made with. */
typedef bool
db_pool_open(void *owner, const void *arg, struct db **ret, struct error *err);

/* Belongs to owner; all connections are to be back when that goes. */
struct db_pool *db_pool_new(void *owner, db_pool_open *open, const void *arg);

/*
 * A connection with a view begun (db_begin_read), for the calling thread until
 * it gives it back. Where another cannot be opened (too few open files), waits
 * for one that is out; ERROR_BUSY with the reason in it if none comes back for
 * some seconds. ERROR_NOT_FOUND, and any error while none is out, is told at
 * once as it is.
 */
MUST_CHECK bool
db_pool_take(struct db_pool *pool, struct db **ret, struct error *err);

/* Ends the view. */
void db_pool_give(struct db_pool *pool, struct db *db);

/* Connections that wait to be used. */
size_t db_pool_idle(struct db_pool *pool);

#endif
