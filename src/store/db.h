/* SPDX-License-Identifier: ISC */
#ifndef STORE_DB_H
#define STORE_DB_H

/*
 * One small interface to a database: open, query, row, transaction. SQL above
 * it is constant text in the common dialect; values go in as a list, columns
 * come out in order. A connection belongs to one thread at a time.
 *
 *	query = db_query(db, &by_number, DB_VALUES(db_int(number)));
 *	row = db_next(query);
 *	found = row != NULL ? incident_read(owner, row) : NULL;
 *	if (!db_done(query, err))
 *		return false;
 *
 * Errors stick to the query: after the first one db_next gives NULL and db_done
 * says what it was.
 */

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct db;
struct db_query;
struct db_row;

enum db_mode {
	DB_READ, /* never writes, never checkpoints */
	DB_WRITE, /* the store must be there */
	DB_CREATE, /* ... or is made, mode 0600 */
};

/*
 * Opens "sqlite:PATH". Belongs to owner; closing takes the lock (see db_lock)
 * where the connection may write, since the last to close checkpoints. Failures
 * are one line that names PATH. A reader makes the log beside the store if it
 * is missing, so it needs to be able to write to the folder.
 */
MUST_CHECK bool db_open(void *owner, const char *url, enum db_mode mode,
    struct db **ret, struct error *err);

/* Constant text; prepared once a connection, found by its address. */
struct db_statement {
	const char *name; /* in messages: "incident by number" */
	const char *sql;
};

struct db_value {
	enum db_type { DB_NULL, DB_INT, DB_TEXT, DB_BYTES } type;
	int64_t number;
	const void *bytes;
	size_t length;
};

struct db_value db_null(void);
struct db_value db_int(int64_t number);
struct db_value db_text(const char *text); /* NULL is null, in both */
struct db_value db_bytes(const void *bytes, size_t length);

/* 0 is null: numbers of rows begin at 1, times are never 0. */
struct db_value db_some(int64_t number);

#define DB_VALUES(...)                                         \
	(const struct db_value[]){ __VA_ARGS__ },              \
	    sizeof((const struct db_value[]){ __VA_ARGS__ }) / \
	    sizeof(struct db_value)
#define DB_NO_VALUES NULL, 0

/*
 * Starts a query. Values are copied or used before the next call that touches
 * the query, and must live until db_done. Never NULL. The same statement may be
 * running twice at once on a connection (a second copy is prepared).
 */
struct db_query *db_query(struct db *db, const struct db_statement *statement,
    const struct db_value *values, size_t n);

/* The next row, good until the next call; NULL at the end or after an error. */
struct db_row *db_next(struct db_query *query);

/*
 * Ends the query (at whatever row). False with err if anything failed:
 * "statement's name: what". ERROR_CONFLICT is a value that is there already
 * where it must be unique, ERROR_BUSY a lock held by a stranger, else it is
 * ERROR_SYSTEM.
 */
MUST_CHECK bool db_done(struct db_query *query, struct error *err);

/* Columns, in order; text and bytes are copied for owner. NULL is 0 or NULL. */
int64_t db_next_int(struct db_row *row);
bool db_next_bool(struct db_row *row);
char *db_next_text(struct db_row *row, void *owner);
void *db_next_bytes(struct db_row *row, void *owner, size_t *length);

/* Checks that no column is left over. */
void db_end_of_row(struct db_row *row);

/* A statement without rows. */
MUST_CHECK bool db_run(struct db *db, const struct db_statement *statement,
    const struct db_value *values, size_t n, struct error *err);

/* One number: the first column of the first row, *ret untouched if no row. */
MUST_CHECK bool db_number(struct db *db, const struct db_statement *statement,
    const struct db_value *values, size_t n, int64_t *ret, struct error *err);

/* Rows that the last db_run changed. */
int64_t db_changed_rows(struct db *db);

/* --- transactions */

/*
 * A reader's view: all queries until db_end_read see one moment. No writer is
 * held up and none holds it up.
 */
MUST_CHECK bool db_begin_read(struct db *db, struct error *err);
void db_end_read(struct db *db);

/*
 * The writer's: one connection of all processes writes or checkpoints at a
 * time. db_lock waits for flock on PATH.lock; db_begin, and whatever writes on
 * this connection, needs it held. On a disk that is nearly full (16 MiB left)
 * db_begin and db_checkpoint are refused with ERROR_BUSY, so that no commit is
 * likely to meet the end of the disk.
 */
MUST_CHECK bool db_lock(struct db *db, struct error *err);
void db_unlock(struct db *db);
MUST_CHECK bool db_begin(struct db *db, struct error *err);
MUST_CHECK bool db_commit(struct db *db, struct error *err);
void db_rollback(struct db *db);

/*
 * One step inside of a transaction that can be undone alone. Where a failure
 * (of the disk) undid more than that, db_save and db_commit fail from then on.
 */
MUST_CHECK bool db_save(struct db *db, struct error *err);
MUST_CHECK bool db_release(struct db *db, struct error *err);
void db_undo(struct db *db);

/*
 * Numbers that the user of the connection may keep for himself, of what he
 * wrote in this transaction: all are 0 after db_begin, db_rollback and db_undo.
 */
enum { DB_NOTES = 4 };
int64_t *db_notes(struct db *db);

/*
 * Something of the user's own that goes with the connection: NULL until he
 * gives it.
 */
void db_keep(struct db *db, const void *kept);
const void *db_kept(const struct db *db);

/* Rows that this connection has ever changed. */
int64_t db_changes(struct db *db);

/*
 * Changes whenever another connection, of any process, has committed; this
 * connection's own commits do not move it (PRAGMA data_version).
 */
MUST_CHECK bool db_version(struct db *db, int64_t *ret, struct error *err);

/* Moves the log into the store; with the lock held. */
MUST_CHECK bool db_checkpoint(struct db *db, struct error *err);

/*
 * Bytes in the write-ahead log that the store does not have yet, as far as this
 * (writing) connection knows: at opening, after its commits and checkpoints.
 */
int64_t db_log_size(struct db *db);

/* Text of what is damaged (integrity and foreign keys), or NULL if nothing. */
MUST_CHECK bool
db_verify(struct db *db, void *owner, char **damage, struct error *err);

/* --- schema */

struct db_migration {
	const char *name;
	const char
	    *sql; /* many statements; {int8} and {bytes} are the driver's */
};

/*
 * Brings the store to migrations[n - 1]: each missing one in a transaction of
 * its own. A store that is newer than n is refused, with a message that says
 * so. *from and *to, if not NULL, are the versions before and after; *from also
 * of a store that is refused, if it could be read. With the lock not held:
 * takes it. A DB_READ connection only checks, and refuses an older store with a
 * message that names `barnraise migrate`.
 */
MUST_CHECK bool db_migrate(struct db *db, const struct db_migration *migrations,
    size_t n, int64_t *from, int64_t *to, struct error *err);

#endif
