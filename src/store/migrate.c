/* SPDX-License-Identifier: ISC */
#include "base/buf.h"
#include "base/check.h"
#include "base/mem.h"
#include "store/driver.h"

#include <string.h>

/* sql with the driver's words in it. */
static char *
sql_translate(void *owner, const struct db_driver *driver, const char *sql)
{
	const struct {
		const char *word, *theirs;
	} words[] = {
		{ "{int8}", driver->int8 },
		{ "{bytes}", driver->bytes },
	};
	struct buf *buf = buf_new(owner);

	while (*sql != '\0') {
		size_t i = 0;

		while (i < 2 &&
		    strncmp(sql, words[i].word, strlen(words[i].word)) != 0)
			i++;
		if (i < 2) {
			buf_text(buf, words[i].theirs);
			sql += strlen(words[i].word);
		} else
			buf_char(buf, *sql++);
	}
	return buf->text;
}

static bool
step_apply(struct db *db, const struct db_migration *migration, size_t version,
    struct error *err)
{
	char *sql = sql_translate(db, db->driver, migration->sql);
	bool ok = db->driver->script(db, sql, err) &&
	    db->driver->set_schema_version(db, version, err);

	talloc_free(sql);
	return ok;
}

static bool
migration_run(struct db *db, const struct db_migration *migration,
    size_t version, struct error *err)
{
	if (!db_begin(db, err))
		return false;
	if (step_apply(db, migration, version, err) && db_commit(db, err))
		return true;
	db_rollback(db);
	return error_context(
	    err, "%s: migration %s", db->path, migration->name);
}

static bool
version_read(struct db *db, int64_t n, int64_t *ret, struct error *err)
{
	int64_t version = 0, tables = 0;

	if (!db_number(
		db, &db->driver->schema_version, DB_NO_VALUES, &version, err) ||
	    !db_number(db, &db->driver->has_tables, DB_NO_VALUES, &tables, err))
		return error_context(err, "%s", db->path);
	if (version > n)
		return error_set(err, ERROR_SYSTEM,
		    "%s: the store is newer than this program (schema %lld, "
		    "this program knows %lld): use the newer program",
		    db->path, (long long)version, (long long)n);
	if (version < 0 || (version == 0 && tables != 0))
		return error_set(err, ERROR_SYSTEM,
		    "%s: a database of another program, not a store", db->path);
	*ret = version;
	return true;
}

/* With the lock held, so that nobody else migrates meanwhile. */
static bool
migrate_locked(struct db *db, const struct db_migration *migrations, size_t n,
    int64_t *from, struct error *err)
{
	if (!version_read(db, (int64_t)n, from, err))
		return false;
	for (size_t at = (size_t)*from; at < n; at++)
		if (!migration_run(db, &migrations[at], at + 1, err))
			return false;
	return true;
}

static bool
version_check(struct db *db, size_t n, int64_t *from, struct error *err)
{
	if (!version_read(db, (int64_t)n, from, err))
		return false;
	if (*from < (int64_t)n)
		return error_set(err, ERROR_SYSTEM,
		    "%s: the store is older than this program (schema %lld, "
		    "this program needs %zu): run `barnraise migrate`",
		    db->path, (long long)*from, n);
	return true;
}

bool
db_migrate(struct db *db, const struct db_migration *migrations, size_t n,
    int64_t *from, int64_t *to, struct error *err)
{
	bool locked = db->locked, ok;
	int64_t before = -1;

	if (db->mode == DB_READ)
		ok = version_check(db, n, &before, err);
	else {
		if (!locked && !db_lock(db, err))
			return false;
		ok = migrate_locked(db, migrations, n, &before, err);
		if (!locked)
			db_unlock(db);
	}
	if (from != NULL && before >= 0)
		*from = before;
	if (ok && to != NULL)
		*to = (int64_t)n;
	return ok;
}
