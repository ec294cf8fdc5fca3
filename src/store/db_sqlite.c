/* SPDX-License-Identifier: ISC */
#include "store/driver.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <sqlite3.h>

enum {
	PAGE = 4096,
	FRAME = PAGE + 24, /* a page in the log */
	PATIENCE = 5000, /* ms to wait for a lock that a stranger holds */
	RESTART_PATIENCE = 200, /* ms to wait for readers of a long log */
	LOG_CEILING = 16000, /* pages of log above which readers are awaited */
	ROOM = 16 << 20, /* bytes free on the disk, less: nothing is written */
	DAMAGE_LINES = 100,
	MEMORY = 4 << 20, /* to be had, else nothing is written */
};

/* --- errors */

static const struct failure {
	int code; /* extended, or primary for the whole family */
	enum error_kind kind;
	const char *words; /* NULL: SQLite's are best */
} failures[] = {
	{ SQLITE_CONSTRAINT_UNIQUE, ERROR_CONFLICT, NULL },
	{ SQLITE_CONSTRAINT_PRIMARYKEY, ERROR_CONFLICT, NULL },
	{ SQLITE_CONSTRAINT_ROWID, ERROR_CONFLICT, NULL },
	{ SQLITE_BUSY, ERROR_BUSY, "somebody else holds the store" },
	{ SQLITE_LOCKED, ERROR_BUSY, "somebody else holds the store" },
	{ SQLITE_NOMEM, ERROR_BUSY, "short of memory" },
	{ SQLITE_IOERR_NOMEM, ERROR_BUSY, "short of memory" },
	{ SQLITE_IOERR_SHMMAP, ERROR_BUSY, "short of memory" },
	{ SQLITE_FULL, ERROR_SYSTEM, "no room left on the disk" },
	{ SQLITE_IOERR, ERROR_SYSTEM, "reading or writing the disk failed" },
	{ SQLITE_CORRUPT, ERROR_SYSTEM, "the store is damaged" },
	{ SQLITE_NOTADB, ERROR_SYSTEM, "not a store" },
	{ SQLITE_READONLY, ERROR_SYSTEM, "may not be written" },
	{ SQLITE_CANTOPEN, ERROR_SYSTEM, "cannot be opened" },
};

static const struct failure *
failure_find(int code)
{
	for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
		if (failures[i].code == code ||
		    failures[i].code == (code & 255))
			return &failures[i];
	return NULL;
}

/* What the last call on the connection failed of. Always false. */
static bool
fail(sqlite3 *sqlite, struct error *err)
{
	int code = sqlite3_extended_errcode(sqlite);
	const struct failure *failure = failure_find(code);
	const char *text = sqlite3_errmsg(sqlite);

	CHECK(code != SQLITE_MISUSE && code != SQLITE_RANGE);
	if (failure == NULL)
		return error_set(err, ERROR_SYSTEM, "%s", text);
	if (failure->kind == ERROR_BUSY)
		err->retry_after = 1;
	if (failure->words == NULL)
		return error_set(err, failure->kind, "%s", text);
	errno = sqlite3_system_errno(sqlite);
	if (errno != 0 &&
	    (failure->code == SQLITE_IOERR || failure->code == SQLITE_CANTOPEN))
		return error_set(
		    err, failure->kind, "%s (%s, %m)", failure->words, text);
	return error_set(err, failure->kind, "%s (%s)", failure->words, text);
}

/* --- opening and closing */

static bool
sqlite_find(struct db *db, struct error *err)
{
	struct stat st;
	int fd;

	if (stat(db->path, &st) == 0) {
		if (S_ISREG(st.st_mode))
			return true;
		return error_set(err, ERROR_SYSTEM, "%s: not a file", db->path);
	}
	if (errno != ENOENT)
		return error_set(err, ERROR_SYSTEM, "%s: %m", db->path);
	if (db->mode != DB_CREATE)
		return error_set(err, ERROR_NOT_FOUND,
		    "%s: no store there (barnraise init makes one)", db->path);
	/*
	 * Only a file that is new: to close a descriptor of one that a
	 * connection of this process has open would drop its locks.
	 */
	fd = open(db->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return errno == EEXIST ||
		    error_set(err, ERROR_SYSTEM, "%s: %m", db->path);
	(void)close(fd);
	return true;
}

static bool
sqlite_script(struct db *db, const char *sql, struct error *err)
{
	return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK ||
	    fail(db->handle, err);
}

static void
configure(sqlite3 *sqlite)
{
	static const struct {
		int what, on;
	} config[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_DQS_DML, 0 },
		{ SQLITE_DBCONFIG_DQS_DDL, 0 },
		{ SQLITE_DBCONFIG_ENABLE_FKEY, 1 },
		{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
	};

	for (size_t i = 0; i < sizeof config / sizeof *config; i++)
		CHECK(sqlite3_db_config(sqlite, config[i].what, config[i].on,
			  NULL) == SQLITE_OK);
	(void)sqlite3_limit(sqlite, SQLITE_LIMIT_LENGTH, 256 << 20);
	(void)sqlite3_limit(sqlite, SQLITE_LIMIT_SQL_LENGTH, 1 << 20);
	(void)sqlite3_limit(sqlite, SQLITE_LIMIT_ATTACHED, 1); /* VACUUM INTO */
	(void)sqlite3_busy_timeout(sqlite, PATIENCE);
}

/* After each commit: pages is what the log holds now. */
static int
committed(void *arg, sqlite3 *sqlite, const char *name, int pages)
{
	struct db *db = arg;

	(void)sqlite;
	(void)name;
	db->log = (int64_t)pages * FRAME;
	return SQLITE_OK;
}

static int64_t
log_bytes(struct db *db)
{
	const char *store = sqlite3_db_filename(db->handle, "main");
	struct stat st;

	return stat(sqlite3_filename_wal(store), &st) == 0 ? st.st_size : 0;
}

static bool
open_write(struct db *db, struct error *err)
{
	if (sqlite3_db_readonly(db->handle, "main") == 1)
		return error_set(err, ERROR_SYSTEM, "may not be written");
	if (!sqlite_script(db,
		"PRAGMA page_size = 4096;"
		"PRAGMA journal_mode = WAL;"
		"PRAGMA synchronous = FULL;"
		"PRAGMA cell_size_check = ON;"
		"PRAGMA mmap_size = 0;"
		"PRAGMA wal_autocheckpoint = 0;"
		"PRAGMA journal_size_limit = 67108864;"
		"SELECT count(*) FROM sqlite_schema",
		err))
		return false;
	/* Takes the place of automatic checkpoints, so after the script. */
	(void)sqlite3_wal_hook(db->handle, committed, db);
	db->log = log_bytes(db);
	return true;
}

/*
 * A read-only descriptor of the store: SQLite can neither write nor, as the
 * last to close, checkpoint. The log and its index beside the store are made
 * if they are missing, so the directory has to be writable for the reader.
 */
static bool
open_read(struct db *db, struct error *err)
{
	CHECK(sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
		  NULL) == SQLITE_OK);
	return sqlite_script(db,
	    "PRAGMA query_only = ON;"
	    "PRAGMA cell_size_check = ON;"
	    "PRAGMA mmap_size = 0;"
	    "PRAGMA wal_autocheckpoint = 0;"
	    "SELECT count(*) FROM sqlite_schema",
	    err);
}

/*
 * SQLite does its part where there is no memory, so the process does not end.
 */
static sqlite3_mem_methods library_memory;

static void *
memory_take(int size)
{
	unsigned tries = 0;
	void *memory;

	while ((memory = library_memory.xMalloc(size)) == NULL &&
	    mem_may_come(&tries))
		;
	return memory;
}

static void *
memory_resize(void *memory, int size)
{
	unsigned tries = 0;
	void *resized;

	while ((resized = library_memory.xRealloc(memory, size)) == NULL &&
	    mem_may_come(&tries))
		;
	return resized;
}

/*
 * What a savepoint keeps to undo one change goes to a file, page by page, above
 * 64 KiB: 9 of 10 writes of a group of reports. Changes are small: it stays in
 * memory. Nor is counted how much memory there is, which takes a lock shared by
 * all threads at each piece. Too late if SQLite is in use already, which only
 * costs time.
 */
static void
library_set(void)
{
	sqlite3_mem_methods methods;

	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &library_memory) ==
	    SQLITE_OK) {
		methods = library_memory;
		methods.xMalloc = memory_take;
		methods.xRealloc = memory_resize;
		(void)sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
	}
	(void)sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static bool
sqlite_open(struct db *db, struct error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	bool reads = db->mode == DB_READ;
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
	    SQLITE_OPEN_PRIVATECACHE |
	    (reads ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
	sqlite3 *sqlite = NULL;
	int code;

	CHECK(pthread_once(&once, library_set) == 0);
	code = sqlite3_open_v2(db->path, &sqlite, flags, NULL);
	db->handle = sqlite;
	if (sqlite == NULL) {
		err->retry_after = 60;
		return error_set(
		    err, ERROR_BUSY, "%s: short of memory", db->path);
	}
	if (code != SQLITE_OK) {
		fail(sqlite, err);
		return error_context(err, "%s", db->path);
	}
	configure(sqlite);
	return (reads ? open_read(db, err) : open_write(db, err)) ||
	    error_context(err, "%s", db->path);
}

static void
sqlite_close(struct db *db, bool checkpoint)
{
	const struct db_query *query;

	/* not all of the connection's: a full-text table has its own */
	for (size_t at = 0; (query = map_next(db->queries, &at, NULL)) != NULL;)
		for (; query != NULL; query = query->next)
			(void)sqlite3_finalize(query->handle);
	(void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
	    checkpoint ? 0 : 1, NULL);
	CHECK(sqlite3_close(db->handle) == SQLITE_OK);
}

/* --- queries */

static void *
sqlite_prepare(struct db *db, const char *sql, struct error *err)
{
	sqlite3_stmt *statement = NULL;
	const char *rest = NULL;

	if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
		&statement, &rest) != SQLITE_OK) {
		fail(db->handle, err);
		return NULL;
	}
	CHECK(statement != NULL && rest[strspn(rest, " \t\n;")] == '\0');
	return statement;
}

static int
bind(sqlite3_stmt *statement, int at, const struct db_value *value)
{
	switch (value->type) {
	case DB_NULL:
		return sqlite3_bind_null(statement, at);
	case DB_INT:
		return sqlite3_bind_int64(statement, at, value->number);
	case DB_TEXT:
		return sqlite3_bind_text64(statement, at, value->bytes,
		    value->length, SQLITE_STATIC, SQLITE_UTF8);
	case DB_BYTES:
		return sqlite3_bind_blob64(
		    statement, at, value->bytes, value->length, SQLITE_STATIC);
	}
	return SQLITE_MISUSE;
}

static bool
sqlite_start(struct db_query *query, const struct db_value *values, size_t n,
    struct error *err)
{
	sqlite3_stmt *statement = query->handle;

	CHECK(n == (size_t)sqlite3_bind_parameter_count(statement));
	/* Who writes without the lock may damage the store: see db_lock. */
	CHECK(query->db->locked || query->db->mode == DB_READ ||
	    sqlite3_stmt_readonly(statement) != 0);
	for (size_t i = 0; i < n; i++)
		if (bind(statement, (int)i + 1, &values[i]) != SQLITE_OK)
			return fail(query->db->handle, err);
	return true;
}

static enum db_step
sqlite_step(struct db_query *query, struct error *err)
{
	switch (sqlite3_step(query->handle)) {
	case SQLITE_ROW:
		query->row.columns = sqlite3_column_count(query->handle);
		return DB_STEP_ROW;
	case SQLITE_DONE:
		query->db->changed = sqlite3_changes64(query->db->handle);
		return DB_STEP_END;
	default:
		fail(query->db->handle, err);
		return DB_STEP_FAILED;
	}
}

static struct db_value
sqlite_column(struct db_query *query, int at)
{
	sqlite3_stmt *statement = query->handle;
	struct db_value value = { .type = DB_NULL };

	switch (sqlite3_column_type(statement, at)) {
	case SQLITE_INTEGER:
		return db_int(sqlite3_column_int64(statement, at));
	case SQLITE_TEXT:
		value.type = DB_TEXT;
		value.bytes = sqlite3_column_text(statement, at);
		break;
	case SQLITE_BLOB: /* NULL if it is empty */
		value.type = DB_BYTES;
		value.bytes = sqlite3_column_blob(statement, at);
		break;
	case SQLITE_FLOAT: /* no column is one; a rank is cut to a number */
		return db_int(sqlite3_column_int64(statement, at));
	default:
		return value;
	}
	value.length = (size_t)sqlite3_column_bytes(statement, at);
	return value;
}

/* The failure, if any, was told by the step that failed. */
static void
sqlite_stop(struct db_query *query)
{
	(void)sqlite3_reset(query->handle);
	(void)sqlite3_clear_bindings(query->handle);
}

/* --- writing */

static int64_t
sqlite_changes(struct db *db)
{
	return sqlite3_total_changes64(db->handle);
}

static const struct db_statement begin = { "begin", "BEGIN IMMEDIATE" };
static const struct db_statement passive = { "move the log",
	"PRAGMA main.wal_checkpoint(PASSIVE)" };
static const struct db_statement restart = { "begin the log anew",
	"PRAGMA main.wal_checkpoint(RESTART)" };
static const struct db_statement integrity = { "integrity",
	"PRAGMA integrity_check(100)" };
static const struct db_statement foreign_keys = { "foreign keys",
	"PRAGMA foreign_key_check" };

/* Whether the largest of its files may grow by that much. */
static bool
may_grow(struct db *db, int64_t bytes)
{
	const char *const endings[] = { "", "-wal" };
	struct rlimit most;
	bool may = true;

	if (getrlimit(RLIMIT_FSIZE, &most) != 0 ||
	    most.rlim_cur == RLIM_INFINITY)
		return true;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		char *path = mem_printf(db, "%s%s", db->path, endings[i]);
		struct stat st;

		if (stat(path, &st) == 0)
			may = may &&
			    (uint64_t)(st.st_size + bytes) <= most.rlim_cur;
		talloc_free(path);
	}
	return may;
}

/*
 * A commit that runs out of room ends the process (see writer.h), readers and
 * all. So whoever is near to it is refused before he begins.
 */
static bool
has_room(struct db *db, int64_t bytes, struct error *err)
{
	struct statvfs fs;

	if (statvfs(db->path, &fs) != 0)
		return error_set(err, ERROR_SYSTEM, "%s: %m", db->path);
	if ((uint64_t)fs.f_bavail * fs.f_frsize >= (uint64_t)bytes &&
	    may_grow(db, bytes))
		return true;
	err->retry_after = 60;
	return error_set(err, ERROR_BUSY,
	    "%s: no room left on the disk (%lld MiB are needed)", db->path,
	    (long long)(bytes >> 20));
}

/*
 * Nor is anything begun where it may be memory that a commit runs out of: it
 * maps the log's index, too.
 */
static bool
has_memory(struct db *db, struct error *err)
{
	reserve_look(MEMORY);
	if (!memory_is_short())
		return true;
	err->retry_after = 60;
	return error_set(err, ERROR_BUSY, "%s: short of memory", db->path);
}

static bool
sqlite_begin(struct db *db, struct error *err)
{
	return has_room(db, ROOM, err) && has_memory(db, err) &&
	    db_run(db, &begin, DB_NO_VALUES, err);
}

static bool
sqlite_set_schema_version(struct db *db, size_t version, struct error *err)
{
	char *sql = mem_printf(db, "PRAGMA user_version = %zu", version);
	bool ok = sqlite_script(db, sql, err);

	talloc_free(sql);
	return ok;
}

/* Moves what readers allow; *left is how many pages they did not. */
static bool
log_move(struct db *db, const struct db_statement *how, int64_t *pages,
    int64_t *left, struct error *err)
{
	struct db_query *query = db_query(db, how, DB_NO_VALUES);
	struct db_row *row = db_next(query);
	int64_t moved = 0;

	*pages = 0;
	if (row != NULL) {
		(void)db_next_int(row); /* was somebody in the way? */
		*pages = db_next_int(row);
		moved = db_next_int(row);
		db_end_of_row(row);
	}
	*left = *pages - moved;
	return db_done(query, err);
}

/*
 * Passive, so that nobody waits. But readers that always overlap can keep a
 * log from ever beginning anew; then they are waited for, a moment.
 */
static bool
sqlite_checkpoint(struct db *db, struct error *err)
{
	int64_t pages, left;
	bool ok;

	if (!has_room(db, db->log + ROOM, err) ||
	    !log_move(db, &passive, &pages, &left, err))
		return false;
	ok = true;
	if (left > 0 && pages > LOG_CEILING) {
		(void)sqlite3_busy_timeout(db->handle, RESTART_PATIENCE);
		ok = log_move(db, &restart, &pages, &left, err);
		(void)sqlite3_busy_timeout(db->handle, PATIENCE);
	}
	if (ok)
		db->log = left * FRAME;
	return ok;
}

static bool
verify_pages(struct db *db, struct buf *damage, struct error *err)
{
	struct db_query *query = db_query(db, &integrity, DB_NO_VALUES);
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		char *text = db_next_text(row, damage);

		if (text != NULL && strcmp(text, "ok") != 0)
			buf_printf(damage, "%s\n", text);
		talloc_free(text);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

static bool
verify_keys(struct db *db, struct buf *damage, struct error *err)
{
	struct db_query *query = db_query(db, &foreign_keys, DB_NO_VALUES);
	struct db_row *row;

	for (int n = 0; n < DAMAGE_LINES && (row = db_next(query)) != NULL;
	     n++) {
		char *table = db_next_text(row, damage);
		int64_t number = db_next_int(row);
		char *parent = db_next_text(row, damage);

		(void)db_next_int(row); /* which of the table's keys */
		db_end_of_row(row);
		buf_printf(damage, "%s, row %lld: names what is not in %s\n",
		    table, (long long)number, parent);
		talloc_free(table);
		talloc_free(parent);
	}
	return db_done(query, err);
}

/*
 * Where pages are damaged, what their rows name cannot be asked; where they are
 * damaged badly, the check itself fails of it, which is an answer too.
 */
static bool
sqlite_verify(struct db *db, void *owner, char **damage, struct error *err)
{
	struct buf *text = buf_new(owner);
	struct error failure = { 0 };
	bool ok = verify_pages(db, text, &failure) &&
	    (text->length > 0 || verify_keys(db, text, &failure));

	if (!ok && sqlite3_errcode(db->handle) % 256 == SQLITE_CORRUPT) {
		buf_printf(text, "%s\n", failure.message);
		ok = true;
	}
	if (!ok)
		*err = failure;
	else
		*damage = text->length == 0 ? NULL
					    : mem_copy(owner, text->text);
	talloc_free(text);
	return ok;
}

const struct db_driver db_sqlite = {
	.scheme = "sqlite",
	.int8 = "INTEGER",
	.bytes = "BLOB",
	.begin_read = { "begin to read", "BEGIN" },
	.version = { "version of the data", "PRAGMA main.data_version" },
	.schema_version = { "version of the schema", "PRAGMA user_version" },
	.has_tables = { "tables", "SELECT count(*) FROM sqlite_schema" },
	.find = sqlite_find,
	.open = sqlite_open,
	.close = sqlite_close,
	.prepare = sqlite_prepare,
	.start = sqlite_start,
	.step = sqlite_step,
	.column = sqlite_column,
	.stop = sqlite_stop,
	.changes = sqlite_changes,
	.begin = sqlite_begin,
	.script = sqlite_script,
	.set_schema_version = sqlite_set_schema_version,
	.checkpoint = sqlite_checkpoint,
	.verify = sqlite_verify,
};
