/* SPDX-License-Identifier: ISC */
/*
 * The yardstick for durable reports: bare SQLite writes the rows of a report
 * (state, text, journal, one match row of 50 filters, timer) into a store that
 * `barnraise init` made, in groups of 32, each group synced:
 * bench_sqlite STORE INCIDENTS.jsonl SECONDS. Prints rows a second.
 */
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 4000, LINE = 4 << 20, GROUP = 32, MATCHES = 50, HASH = 32 };

enum { STATE, TEXT, JOURNAL, MATCHED, TIMER, STATEMENTS };

static const char *const texts[STATEMENTS] = {
	[STATE] = "INSERT INTO incident (id, raised, changed, shown, texted,"
		  " updated, reported, created, status, severity, source,"
		  " by_person, host, hands, status_hash)"
		  " VALUES (?1, ?2, ?2, ?2, ?2, ?3, ?3, ?3, 0, 1, 'api', NULL,"
		  " NULL, 1, ?4)",
	[TEXT] = "INSERT INTO incident_text (id, title, body, environment,"
		 " tags) VALUES (?, ?, ?, '', ?)",
	[JOURNAL] = "INSERT INTO journal (seq, at, kind, incident, raise,"
		    " detail, address) VALUES (?, ?, 'report', ?, 1,"
		    " '{\"source\":\"api\"}', '127.0.0.1')",
	[MATCHED] = "INSERT INTO matched (incident, seq, filters)"
		    " VALUES (?, ?, ?)",
	[TIMER] = "INSERT INTO timer (due, incident, kind) VALUES (?, ?, 1)",
};

struct incident {
	const char *title, *body, *tags;
};

static struct incident incidents[MOST];
static size_t n_incidents;
static sqlite3 *db;
static sqlite3_stmt *statements[STATEMENTS];

static void
check(bool ok)
{
	if (ok)
		return;
	fprintf(stderr, "bench_sqlite: %s\n", sqlite3_errmsg(db));
	exit(EXIT_FAILURE);
}

static void
incident_read(void *owner, const json_t *row, struct incident *incident)
{
	const json_t *tags = json_object_get(row, "tags");
	struct error err = { 0 };
	char *all = mem_copy(owner, "");

	if (!json_text(row, "title", &incident->title, &err) ||
	    !json_text(row, "body", &incident->body, &err))
		exit(EXIT_FAILURE);
	for (size_t i = 0; i < json_array_size(tags); i++)
		all = mem_printf(owner, "%s%s%s", all, i == 0 ? "" : " ",
		    json_string_value(json_array_get(tags, i)));
	incident->tags = all;
}

static void
incidents_read(void *owner, const char *path)
{
	char *line = mem_array(owner, char, LINE);
	FILE *file = fopen(path, "r");

	while (file != NULL && n_incidents < MOST &&
	    fgets(line, LINE, file) != NULL) {
		struct error err = { 0 };
		json_t *row = NULL;

		if (json_parse(owner, line, strlen(line), &row, &err))
			incident_read(owner, row, &incidents[n_incidents++]);
	}
	if (n_incidents == 0) {
		fprintf(stderr, "bench_sqlite: no incidents in %s\n", path);
		exit(EXIT_FAILURE);
	}
	(void)fclose(file);
}

static void
run(sqlite3_stmt *statement)
{
	check(sqlite3_step(statement) == SQLITE_DONE);
	check(sqlite3_reset(statement) == SQLITE_OK);
}

static void
execute(const char *sql)
{
	check(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static int64_t
number(const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int64_t value;

	check(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK);
	check(sqlite3_step(statement) == SQLITE_ROW);
	value = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	return value;
}

static void
bind_text(sqlite3_stmt *statement, int place, const char *text)
{
	check(sqlite3_bind_text(statement, place, text, -1, SQLITE_STATIC) ==
	    SQLITE_OK);
}

static void
bind_bytes(sqlite3_stmt *statement, int place, const void *bytes, int n)
{
	check(sqlite3_bind_blob(statement, place, bytes, n, SQLITE_STATIC) ==
	    SQLITE_OK);
}

static void
incident_write(int64_t id, int64_t seq)
{
	const struct incident *in = &incidents[(size_t)id % n_incidents];
	unsigned char hash[HASH], filters[MATCHES];
	int64_t now = clock_now();

	sqlite3_randomness(sizeof hash, hash);
	memset(filters, 1, sizeof filters); /* numbers 1, 2, 3 ... */
	sqlite3_bind_int64(statements[STATE], 1, id);
	sqlite3_bind_int64(statements[STATE], 2, seq);
	sqlite3_bind_int64(statements[STATE], 3, now);
	bind_bytes(statements[STATE], 4, hash, sizeof hash);
	sqlite3_bind_int64(statements[TEXT], 1, id);
	bind_text(statements[TEXT], 2, in->title);
	bind_text(statements[TEXT], 3, in->body);
	bind_text(statements[TEXT], 4, in->tags);
	sqlite3_bind_int64(statements[JOURNAL], 1, seq);
	sqlite3_bind_int64(statements[JOURNAL], 2, now);
	sqlite3_bind_int64(statements[JOURNAL], 3, id);
	sqlite3_bind_int64(statements[MATCHED], 1, id);
	sqlite3_bind_int64(statements[MATCHED], 2, seq);
	bind_bytes(statements[MATCHED], 3, filters, sizeof filters);
	sqlite3_bind_int64(statements[TIMER], 1, now + 1800 * SECOND);
	sqlite3_bind_int64(statements[TIMER], 2, id);
	for (int i = 0; i < STATEMENTS; i++)
		run(statements[i]);
}

int
main(int argc, char **argv)
{
	void *here = mem_root("bench");
	int64_t id, seq, began, end, n = 0;

	if (argc != 4) {
		fprintf(stderr,
		    "usage: bench_sqlite STORE INCIDENTS.jsonl SECONDS\n");
		return 2;
	}
	incidents_read(here, argv[2]);
	check(sqlite3_open(argv[1], &db) == SQLITE_OK);
	/* as the store is kept; nobody reads it, so foreign keys stay off */
	execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		"PRAGMA wal_autocheckpoint = 16000");
	for (int i = 0; i < STATEMENTS; i++)
		check(sqlite3_prepare_v2(
			  db, texts[i], -1, &statements[i], NULL) == SQLITE_OK);
	id = number("SELECT coalesce(max(id), 0) FROM incident");
	seq = number("SELECT coalesce(max(seq), 0) FROM journal");
	began = clock_monotonic();
	end = began + (int64_t)(strtod(argv[3], NULL) * SECOND);
	while (clock_monotonic() < end) {
		execute("BEGIN IMMEDIATE");
		for (int i = 0; i < GROUP; i++, n++)
			incident_write(++id, ++seq);
		execute("COMMIT");
	}
	printf(
	    "%.0f\n", (double)n * SECOND / (double)(clock_monotonic() - began));
	for (int i = 0; i < STATEMENTS; i++)
		(void)sqlite3_finalize(statements[i]);
	(void)sqlite3_close(db);
	talloc_free(here);
	return EXIT_SUCCESS;
}
