/* SPDX-License-Identifier: ISC */
#include "desk/desk.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/thread.h"
#include "desk/access.h"
#include "desk/count.h"
#include "desk/inside.h"
#include "desk/journal.h"
#include "desk/known.h"
#include "desk/lists.h"
#include "desk/schema.h"
#include "desk/search.h"
#include "desk/steps.h"
#include "desk/strike.h"
#include "desk/tag_names.h"
#include "desk/timeline.h"
#include "store/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- what is made once, with the store */

static const struct db_statement read_meta = {
	"meta: read",
	"SELECT value FROM meta WHERE name = ?",
};

static const struct db_statement add_meta = {
	"meta: add",
	"INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING",
};

static bool
meta_read(
    void *owner, struct db *db, const char *name, char **ret, struct error *err)
{
	struct db_query *query = db_query(
	    db, &read_meta, DB_VALUES(db_text(name)));
	struct db_row *row = db_next(query);
	char *value = NULL;

	if (row != NULL) {
		value = db_next_text(row, owner);
		db_end_of_row(row);
	}
	if (!db_done(query, err))
		return false;
	*ret = value;
	return true;
}

static bool
meta_add(struct db *db, const char *name, const char *value, struct error *err)
{
	return db_run(
	    db, &add_meta, DB_VALUES(db_text(name), db_text(value)), err);
}

static char *
hex(void *owner, const unsigned char *bytes, size_t n)
{
	char *text = mem_array(owner, char, 2 * n + 1);

	for (size_t i = 0; i < n; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return text;
}

static bool
unhex(const char *text, unsigned char *bytes, size_t n)
{
	if (text == NULL || strlen(text) != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned value;

		if (sscanf(text + 2 * i, "%2x", &value) != 1)
			return false;
		bytes[i] = (unsigned char)value;
	}
	return true;
}

/* An authority nobody else has: RFC 2606 keeps .invalid free. */
static char *
made_up_authority(void *owner)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	unsigned char random[8];
	char name[9] = "";

	secret_random(random, sizeof random);
	for (size_t i = 0; i < sizeof random; i++)
		name[i] = letters[random[i] % (sizeof letters - 1)];
	return mem_printf(owner, "%s.barnraise.invalid", name);
}

static bool
meta_make(struct desk *desk, const char *authority, struct error *err)
{
	void *memory = mem_root("meta");
	unsigned char key[SECRET_KEY];
	char *year;
	time_t seconds = (time_t)(clock_now() / SECOND);
	struct tm utc;
	bool ok;

	secret_random(key, sizeof key);
	CHECK(gmtime_r(&seconds, &utc) != NULL);
	year = mem_printf(memory, "%d", utc.tm_year + 1900);
	if (authority == NULL)
		authority = made_up_authority(memory);
	ok = db_lock(desk->db, err);
	if (ok) {
		ok = db_begin(desk->db, err) &&
		    meta_add(desk->db, "authority", authority, err) &&
		    meta_add(desk->db, "year", year, err) &&
		    meta_add(
			desk->db, "key", hex(memory, key, sizeof key), err);
		if (!ok)
			db_rollback(desk->db);
		ok = ok && db_commit(desk->db, err);
		db_unlock(desk->db);
	}
	talloc_free(memory);
	return ok;
}

static bool
meta_load(struct desk *desk, const char *authority, struct error *err)
{
	char *year, *key;

	if (!meta_read(desk, desk->db, "authority", &desk->authority, err))
		return false;
	if (desk->authority == NULL) {
		if (!meta_make(desk, authority, err) ||
		    !meta_read(
			desk, desk->db, "authority", &desk->authority, err))
			return false;
	}
	if (!meta_read(desk, desk->db, "year", &year, err) ||
	    !meta_read(desk, desk->db, "key", &key, err))
		return false;
	if (year == NULL || !unhex(key, desk->key, sizeof desk->key))
		return error_set(err, ERROR_SYSTEM,
		    "%s: the store's own key or year is damaged", desk->store);
	desk->year = (int)strtol(year, NULL, 10);
	talloc_free(year);
	talloc_free(key);
	return true;
}

/* --- readers */

static bool
open_reader(void *owner, const void *store, struct db **ret, struct error *err)
{
	return db_open(owner, store, DB_READ, ret, err);
}

static bool
open_text(void *owner, const void *store, struct db **ret, struct error *err)
{
	return text_open(owner, store, DB_READ, ret, err);
}

bool
desk_reader(struct desk *desk, struct db **ret, struct error *err)
{
	if (!db_pool_take(desk->readers, ret, err))
		return false;
	db_keep(*ret, desk->names);
	return true;
}

void
desk_reader_done(struct desk *desk, struct db *db)
{
	db_pool_give(desk->readers, db);
}

/* --- the clerk: what time alone does, in the background of the server */

enum { CLERK_REST = 200 }; /* ms */
#define CLERK_IDLE (10 * SECOND)

/* Nobody waits for an answer, so the log is told. */
static void
clerk_complain(const char *what, struct error *err)
{
	char text[ERROR_TEXT];

	log_event("background-failed", "what", what, "why",
	    error_text(err, text), (char *)NULL);
	*err = (struct error){ 0 };
}

static void
clerk_rest(void)
{
	struct timespec rest = { 0, CLERK_REST * 1000000L };

	(void)nanosleep(&rest, NULL);
}

/* Writes lists when much has gathered, or when nothing happens for a while. */
static void
clerk_follow(struct desk *desk, int64_t *place, int64_t *moved)
{
	struct error err = { 0 };
	bool idle;

	if (desk->place != *place) {
		*place = desk->place;
		*moved = clock_monotonic();
	}
	idle = clock_monotonic() - *moved > CLERK_IDLE;
	if (!lists_follow(desk, idle, &err) && err.kind != ERROR_BUSY)
		clerk_complain("lists", &err);
}

static void *
clerk_run(void *arg)
{
	struct desk *desk = arg;
	int64_t flushed = clock_monotonic();
	int64_t place = -1, moved = 0;

	while (!desk->ending) {
		struct error err = { 0 };
		int64_t next, kb = desk->kb_version;

		if (!desk_tick(desk, &next, &err) && !desk->ending)
			clerk_complain("timers", &err);
		if (kb != desk->indexed) {
			if (search_follow(desk, false, &err))
				desk->indexed = kb;
			else
				clerk_complain("full text", &err);
		}
		clerk_follow(desk, &place, &moved);
		if (clock_monotonic() - flushed > MINUTE) {
			flushed = clock_monotonic();
			if (!access_flush(desk, &err))
				clerk_complain("last uses", &err);
		}
		clerk_rest();
	}
	return NULL;
}

/* --- open, close */

static bool
hook_begun(struct db *db, void *arg, bool elsewhere, struct error *err)
{
	struct desk *desk = arg;

	(void)err;
	follow_forget(desk); /* of a group that failed */
	if (elsewhere)
		follow(desk, db);
	return true;
}

static void
hook_committed(struct db *db, void *arg)
{
	follow(arg, db);
	follow_forget(arg);
}

void
desk_set(struct desk *desk, const struct desk_settings *settings)
{
	desk->orphan_after = settings->orphan_after;
	desk->close_after = settings->close_after;
	desk->regex_budget = settings->regex_budget;
}

static const struct db_statement last_of_kb = {
	"journal: last of the knowledge base",
	"SELECT max(seq) FROM journal WHERE article IS NOT NULL",
};

/* Memory as of one moment of the store; the writer goes on from there. */
static bool
load_memory(struct desk *desk, struct error *err)
{
	int64_t place, kb = 0;
	struct db *db;
	bool ok;

	if (!desk_reader(desk, &db, err))
		return false;
	ok = journal_last(db, &place, err) &&
	    db_number(db, &last_of_kb, DB_NO_VALUES, &kb, err) &&
	    tag_names_load(desk, db, err);
	if (ok && desk->use == DESK_SERVE) {
		desk->lists = lists_new(desk);
		ok = lists_load(desk->lists, db, err);
	}
	desk_reader_done(desk, db);
	if (!ok)
		return false;
	desk->place = place;
	desk->kb_version = kb;
	return desk->use != DESK_SERVE || filters_need(desk, err);
}

static bool
start(struct desk *desk, struct error *err)
{
	const struct writer_hooks hooks = {
		.begun = hook_begun,
		.committed = hook_committed,
		.arg = desk,
	};

	if (!load_memory(desk, err) ||
	    !writer_start(desk, desk->db, &hooks, desk->use == DESK_SERVE,
		&desk->writer, err))
		return false;
	if (desk->use != DESK_SERVE)
		return true;
	desk->has_clerk = thread_start(
	    &desk->clerk, "clerk", clerk_run, desk, err);
	return desk->has_clerk;
}

/*
 * Readers go first: the connection that is closed last moves the log into the
 * store, and only one that writes can.
 */
static int
desk_free(struct desk *desk)
{
	talloc_free(desk->readers);
	talloc_free(desk->texts);
	return 0;
}

bool
desk_open(void *owner, enum desk_use use, const struct desk_settings *settings,
    struct desk **ret, struct error *err)
{
	struct desk *desk = mem_new(owner, struct desk);
	bool ok;

	desk->use = use;
	desk->store = mem_copy(desk, settings->store);
	desk->readers = db_pool_new(desk, open_reader, desk->store);
	desk->texts = db_pool_new(desk, open_text, desk->store);
	talloc_set_destructor(desk, desk_free);
	desk_set(desk, settings);
	desk->matcher = matcher_new(desk);
	desk->counts = count_desk_new(desk);
	desk->indexed = -1;
	desk->access = access_new(desk);
	desk->strikes = strikes_new(desk);
	desk->known = known_new(desk);
	ok = db_open(desk, desk->store,
		 use == DESK_COMMAND ? DB_WRITE : DB_CREATE, &desk->db, err) &&
	    schema_migrate(desk->db, NULL, NULL, err) &&
	    meta_load(desk, settings->authority, err) && start(desk, err);
	if (!ok) {
		talloc_free(desk);
		return false;
	}
	*ret = desk;
	return true;
}

void
desk_end(struct desk *desk)
{
	struct error err = { 0 };

	desk->ending = true;
	if (desk->has_clerk)
		(void)pthread_join(desk->clerk, NULL);
	if (desk->use == DESK_SERVE && !access_flush(desk, &err))
		clerk_complain("last uses", &err);
	writer_stop(desk->writer);
	talloc_free(desk);
}

/* --- small answers */

const char *
desk_authority(const struct desk *desk)
{
	return desk->authority;
}

int
desk_year(const struct desk *desk)
{
	return desk->year;
}

const unsigned char *
desk_key(const struct desk *desk)
{
	return desk->key;
}

int64_t
desk_place(struct desk *desk)
{
	return desk->place;
}

bool
actor_may_write(const struct actor *actor, struct error *err)
{
	if (actor->person == 0 && actor->scope == SCOPE_ADMIN)
		return true; /* the operator's command */
	if (actor->person == 0)
		return error_set(
		    err, ERROR_UNAUTHORIZED, "this is for people: sign in");
	if (actor->scope < SCOPE_WRITE)
		return error_set(
		    err, ERROR_FORBIDDEN, "this token may only read");
	return true;
}

bool
actor_may_admin(const struct actor *actor, struct error *err)
{
	if (actor->scope == SCOPE_ADMIN)
		return true;
	return error_set(err, ERROR_FORBIDDEN, "this is for admins");
}

int64_t
timeline_version_kb(struct desk *desk)
{
	return desk->kb_version;
}

int64_t
timeline_version_kb_text(struct desk *desk)
{
	int64_t kb = desk->kb_version;

	return 2 * kb + (desk->indexed == kb);
}
