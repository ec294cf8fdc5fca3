/* SPDX-License-Identifier: ISC */
#ifndef STORE_DRIVER_H
#define STORE_DRIVER_H

/*
 * What a kind of database has to do for db.c; only db*.c include this. All
 * that the kinds have in common (the cache of statements, errors that stick,
 * the lock, migrations) is in db.c and migrate.c.
 */

#include "store/db.h"

struct map;

struct db {
	const struct db_driver *driver;
	enum db_mode mode;
	char *path; /* after the scheme; in messages */
	void *handle; /* the driver's connection */
	struct map *queries; /* by address of struct db_statement */
	size_t running; /* queries between db_query and db_done */
	bool begun; /* between begin and commit, rollback or end */
	bool lost; /* a failure undid more than the last step */
	int lock; /* descriptor of PATH.lock, -1 on a reader */
	bool locked;
	int64_t changed; /* rows changed, set by step */
	int64_t notes[DB_NOTES];
	const void *kept; /* the user's */
	int64_t log; /* bytes of log that the store does not have yet */
	struct error failed; /* for a step: large, so not made for each row */
};

struct db_row {
	struct db_query *query;
	int at; /* the next column */
	int columns;
};

struct db_query {
	struct db *db;
	const struct db_statement *statement;
	struct db_query *next; /* another copy of the same statement */
	void *handle; /* the driver's prepared statement; NULL: could not be */
	struct error *err; /* the first error, NULL while there is none */
	bool running, ended;
	struct db_row row;
};

enum db_step { DB_STEP_ROW, DB_STEP_END, DB_STEP_FAILED };

struct db_driver {
	const char *scheme; /* "sqlite" of "sqlite:PATH" */
	const char *int8, *bytes; /* its words for {int8} and {bytes} */
	struct db_statement begin_read, version, schema_version, has_tables;

	/* Makes sure that there is a store, or makes an empty one. */
	bool (*find)(struct db *db, struct error *err);
	/* Connects; a writer has the lock meanwhile. */
	bool (*open)(struct db *db, struct error *err);
	void (*close)(struct db *db, bool checkpoint);

	void *(*prepare)(struct db *db, const char *sql, struct error *err);
	bool (*start)(struct db_query *query, const struct db_value *values,
	    size_t n, struct error *err);
	enum db_step (*step)(struct db_query *query, struct error *err);
	struct db_value (*column)(struct db_query *query, int at);
	void (*stop)(struct db_query *query);

	/* Rows that the connection has ever changed. */
	int64_t (*changes)(struct db *db);
	/* Begins to write. */
	bool (*begin)(struct db *db, struct error *err);
	/* Many statements in one text. */
	bool (*script)(struct db *db, const char *sql, struct error *err);
	bool (*set_schema_version)(
	    struct db *db, size_t version, struct error *err);
	bool (*checkpoint)(struct db *db, struct error *err);
	bool (*verify)(
	    struct db *db, void *owner, char **damage, struct error *err);
};

extern const struct db_driver db_sqlite;

#endif
