/* SPDX-License-Identifier: ISC */
#include "store/db.h"

#include "base/check.h"
#include "base/map.h"
#include "base/mem.h"
#include "store/driver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct db_driver *const drivers[] = {
	&db_sqlite,
	NULL,
};

static const struct db_statement commit = { "commit", "COMMIT" };
static const struct db_statement rollback = { "rollback", "ROLLBACK" };
static const struct db_statement save = { "save", "SAVEPOINT step" };
static const struct db_statement release = { "release",
	"RELEASE SAVEPOINT step" };
static const struct db_statement undo = { "undo",
	"ROLLBACK TO SAVEPOINT step" };

/* --- opening and closing */

/*
 * A command that root runs must not leave a lock behind that the server may
 * not open: the lock belongs to whom the store belongs. Nor may a symbolic link
 * to the store have a lock of its own.
 */
static bool
lock_open(struct db *db, struct error *err)
{
	char *whole = realpath(db->path, NULL);
	char *path = mem_printf(
	    db, "%s.lock", whole == NULL ? db->path : whole);
	struct stat store;
	bool ok;

	free(whole);
	db->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	ok = db->lock != -1 &&
	    (geteuid() != 0 ||
		(stat(db->path, &store) == 0 &&
		    fchown(db->lock, store.st_uid, store.st_gid) == 0));
	if (!ok)
		error_set(err, ERROR_SYSTEM, "%s: %m", path);
	talloc_free(path);
	return ok;
}

/*
 * The last connection to close moves the log into the store, so a writer
 * closes under the lock; without it (flock failed) the log is left as it is.
 */
static int
db_free(struct db *db)
{
	struct error err = { 0 };
	bool checkpoint = db->mode != DB_READ && db->lock != -1 &&
	    (db->locked || db_lock(db, &err));

	if (db->handle != NULL)
		db->driver->close(db, checkpoint);
	if (db->locked)
		db_unlock(db);
	if (db->lock != -1)
		(void)close(db->lock);
	return 0;
}

static const struct db_driver *
driver_find(const char *url, const char **path)
{
	for (size_t i = 0; drivers[i] != NULL; i++) {
		size_t length = strlen(drivers[i]->scheme);

		if (strncmp(url, drivers[i]->scheme, length) == 0 &&
		    url[length] == ':' && url[length + 1] != '\0') {
			*path = url + length + 1;
			return drivers[i];
		}
	}
	return NULL;
}

static bool
db_connect(struct db *db, struct error *err)
{
	bool ok;

	if (!db->driver->find(db, err))
		return false;
	if (db->mode == DB_READ)
		return db->driver->open(db, err);
	if (!lock_open(db, err) || !db_lock(db, err))
		return false;
	ok = db->driver->open(db, err);
	db_unlock(db);
	return ok;
}

bool
db_open(void *owner, const char *url, enum db_mode mode, struct db **ret,
    struct error *err)
{
	const char *path = NULL;
	const struct db_driver *driver = driver_find(url, &path);
	struct db *db;

	if (driver == NULL)
		return error_set(err, ERROR_INVALID,
		    "%s: not the address of a store (sqlite:PATH)", url);
	db = mem_new(owner, struct db);
	db->driver = driver;
	db->mode = mode;
	db->path = mem_copy(db, path);
	db->queries = map_new(db);
	db->lock = -1;
	talloc_set_destructor(db, db_free);
	if (!db_connect(db, err)) {
		talloc_free(db);
		return false;
	}
	*ret = db;
	return true;
}

/* --- values */

struct db_value
db_null(void)
{
	return (struct db_value){ .type = DB_NULL };
}

struct db_value
db_int(int64_t number)
{
	return (struct db_value){ .type = DB_INT, .number = number };
}

struct db_value
db_some(int64_t number)
{
	return number == 0 ? db_null() : db_int(number);
}

struct db_value
db_text(const char *text)
{
	if (text == NULL)
		return db_null();
	return (struct db_value){ DB_TEXT, 0, text, strlen(text) };
}

struct db_value
db_bytes(const void *bytes, size_t length)
{
	if (bytes == NULL)
		return db_null();
	return (struct db_value){ DB_BYTES, 0, bytes, length };
}

/* --- queries */

static void
query_fail(struct db_query *query, const struct error *err)
{
	if (query->err != NULL)
		return;
	query->err = mem_new(query, struct error);
	*query->err = *err;
	error_context(query->err, "%s", query->statement->name);
}

/* A copy of the statement that is not running, prepared if need be. */
static struct db_query *
query_take(struct db *db, const struct db_statement *statement)
{
	struct db_query *first = map_get(db->queries, (intptr_t)statement);
	struct db_query *query;
	struct error err = { 0 };

	for (query = first; query != NULL; query = query->next)
		if (!query->running)
			return query;
	query = mem_new(db, struct db_query);
	query->db = db;
	query->statement = statement;
	query->handle = db->driver->prepare(db, statement->sql, &err);
	if (query->handle == NULL) {
		query_fail(query, &err);
		return query;
	}
	query->next = first;
	map_set(db->queries, (intptr_t)statement, query);
	return query;
}

struct db_query *
db_query(struct db *db, const struct db_statement *statement,
    const struct db_value *values, size_t n)
{
	struct db_query *query = query_take(db, statement);
	struct error err = { 0 };

	query->running = true;
	query->ended = false;
	db->running++;
	if (query->err == NULL && !db->driver->start(query, values, n, &err))
		query_fail(query, &err);
	return query;
}

struct db_row *
db_next(struct db_query *query)
{
	struct error *failed = &query->db->failed;

	CHECK(query->running);
	if (query->err != NULL || query->ended)
		return NULL;
	switch (query->db->driver->step(query, failed)) {
	case DB_STEP_ROW:
		query->row.query = query;
		query->row.at = 0;
		return &query->row;
	case DB_STEP_END:
		query->ended = true;
		break;
	case DB_STEP_FAILED:
		query_fail(query, failed);
		*failed = (struct error){ 0 };
		break;
	}
	return NULL;
}

bool
db_done(struct db_query *query, struct error *err)
{
	bool ok = query->err == NULL;

	CHECK(query->running);
	query->running = false;
	query->db->running--;
	if (query->handle != NULL)
		query->db->driver->stop(query);
	if (ok)
		return true;
	*err = *query->err;
	if (query->handle == NULL)
		talloc_free(query);
	else
		TALLOC_FREE(query->err);
	return false;
}

/* --- columns */

/* Apart, so that a column that is right never makes room for an error. */
static __attribute__((noinline)) struct db_value
column_wrong(struct db_row *row, const char *words)
{
	struct error err = { 0 };

	error_set(&err, ERROR_SYSTEM, "column %d is not %s", row->at, words);
	query_fail(row->query, &err);
	return db_null();
}

/*
 * The next column if it is of that type or null, else null and an error that
 * sticks: STRICT tables make that a damaged store, or a query of ours that
 * names its columns in another order than its reader.
 */
static __attribute__((noinline)) struct db_value
column_lost(struct db_row *row)
{
	struct error err = { .retry_after = 1 };

	error_set(&err, ERROR_BUSY, "short of memory");
	query_fail(row->query, &err);
	return db_null();
}

static struct db_value
column_next(struct db_row *row, enum db_type type, const char *words)
{
	struct db_query *query = row->query;
	struct db_value value;

	CHECK(row->at < row->columns);
	value = query->db->driver->column(query, row->at++);
	if (value.type == DB_TEXT && value.bytes == NULL)
		return column_lost(row);
	if (value.type == type || value.type == DB_NULL)
		return value;
	return column_wrong(row, words);
}

int64_t
db_next_int(struct db_row *row)
{
	return column_next(row, DB_INT, "a number").number;
}

bool
db_next_bool(struct db_row *row)
{
	return db_next_int(row) != 0;
}

char *
db_next_text(struct db_row *row, void *owner)
{
	struct db_value value = column_next(row, DB_TEXT, "text");

	if (value.type == DB_NULL)
		return NULL;
	return mem_copy_n(owner, value.bytes, value.length);
}

void *
db_next_bytes(struct db_row *row, void *owner, size_t *length)
{
	struct db_value value = column_next(row, DB_BYTES, "bytes");

	*length = value.length;
	if (value.type == DB_NULL)
		return NULL;
	return mem_copy_n(owner, value.bytes, value.length);
}

void
db_end_of_row(struct db_row *row)
{
	CHECK(row->at == row->columns);
}

/* --- the short ways */

bool
db_run(struct db *db, const struct db_statement *statement,
    const struct db_value *values, size_t n, struct error *err)
{
	struct db_query *query = db_query(db, statement, values, n);

	CHECK(db_next(query) == NULL);
	return db_done(query, err);
}

bool
db_number(struct db *db, const struct db_statement *statement,
    const struct db_value *values, size_t n, int64_t *ret, struct error *err)
{
	struct db_query *query = db_query(db, statement, values, n);
	struct db_row *row = db_next(query);
	int64_t number = row == NULL ? 0 : db_next_int(row);

	if (!db_done(query, err))
		return false;
	if (row != NULL)
		*ret = number;
	return true;
}

int64_t
db_changed_rows(struct db *db)
{
	return db->changed;
}

/* --- the lock */

bool
db_lock(struct db *db, struct error *err)
{
	CHECK(db->mode != DB_READ && !db->locked);
	while (flock(db->lock, LOCK_EX) != 0)
		if (errno != EINTR)
			return error_set(
			    err, ERROR_SYSTEM, "%s.lock: %m", db->path);
	db->locked = true;
	return true;
}

void
db_unlock(struct db *db)
{
	CHECK(db->locked);
	(void)flock(db->lock, LOCK_UN);
	db->locked = false;
}

/* --- transactions */

bool
db_begin_read(struct db *db, struct error *err)
{
	CHECK(!db->begun);
	if (!db_run(db, &db->driver->begin_read, DB_NO_VALUES, err))
		return false;
	db->begun = true;
	return true;
}

void
db_end_read(struct db *db)
{
	db_rollback(db);
}

static void
notes_forget(struct db *db)
{
	memset(db->notes, 0, sizeof db->notes);
}

int64_t *
db_notes(struct db *db)
{
	return db->notes;
}

void
db_keep(struct db *db, const void *kept)
{
	db->kept = kept;
}

const void *
db_kept(const struct db *db)
{
	return db->kept;
}

int64_t
db_changes(struct db *db)
{
	return db->driver->changes(db);
}

bool
db_begin(struct db *db, struct error *err)
{
	CHECK(db->locked && !db->begun);
	if (!db->driver->begin(db, err))
		return false;
	db->begun = true;
	db->lost = false;
	notes_forget(db);
	return true;
}

static bool
lost(const struct db *db, struct error *err)
{
	return error_set(err, ERROR_SYSTEM,
	    "%s: a failure undid the whole transaction", db->path);
}

bool
db_commit(struct db *db, struct error *err)
{
	CHECK(db->begun && db->running == 0);
	if (db->lost)
		return lost(db, err);
	if (!db_run(db, &commit, DB_NO_VALUES, err))
		return false;
	db->begun = false;
	return true;
}

/*
 * After some failures (disk full, for one) the database has rolled back by
 * itself, and then has nothing more to roll back: that is no failure here.
 */
void
db_rollback(struct db *db)
{
	struct error err = { 0 };

	CHECK(db->begun && db->running == 0);
	notes_forget(db);
	if (!db_run(db, &rollback, DB_NO_VALUES, &err))
		db->lost = true;
	db->begun = false;
}

bool
db_save(struct db *db, struct error *err)
{
	CHECK(db->begun);
	if (db->lost)
		return lost(db, err);
	return db_run(db, &save, DB_NO_VALUES, err);
}

bool
db_release(struct db *db, struct error *err)
{
	CHECK(db->begun);
	if (db->lost)
		return lost(db, err);
	return db_run(db, &release, DB_NO_VALUES, err);
}

/* What cannot be undone alone takes the whole transaction: db_commit tells. */
void
db_undo(struct db *db)
{
	struct error err = { 0 };

	CHECK(db->begun);
	notes_forget(db);
	if (!db->lost &&
	    (!db_run(db, &undo, DB_NO_VALUES, &err) ||
		!db_run(db, &release, DB_NO_VALUES, &err)))
		db->lost = true;
}

bool
db_version(struct db *db, int64_t *ret, struct error *err)
{
	return db_number(db, &db->driver->version, DB_NO_VALUES, ret, err);
}

bool
db_checkpoint(struct db *db, struct error *err)
{
	CHECK(db->locked && !db->begun);
	return db->driver->checkpoint(db, err) ||
	    error_context(err, "checkpoint");
}

int64_t
db_log_size(struct db *db)
{
	return db->log;
}

bool
db_verify(struct db *db, void *owner, char **damage, struct error *err)
{
	return db->driver->verify(db, owner, damage, err);
}
