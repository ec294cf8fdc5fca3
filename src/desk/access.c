/* SPDX-License-Identifier: ISC */
#include "desk/access.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/secret.h"
#include "desk/inside.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/*
 * Memory answers for a secret that it has seen; the store for others, so that
 * an unknown one costs one look-up by an index. Entries are found by the first
 * bytes of the keyed hash and compared whole. Whatever changes who may come in
 * forgets them all: that is rare, and each comes back at its next use.
 *
 * Uses are noted here and written in the background: of tokens and links to
 * the hour, of sessions as often as sliding needs.
 */
enum { KINDS = ACCESS_LINK + 1 };

#define SESSION_IDLE (12 * HOUR)
#define SESSION_WHOLE (7 * DAY)
#define SESSION_STEP (10 * MINUTE)

enum {
	ENTRIES_MAX = 200000, /* some 60 MB */
	FLUSH_MAX = 500, /* uses in one job: a report must not wait for more */
};

struct entry {
	unsigned char hash[SECRET_HASH];
	int64_t created, used; /* of a session */
	struct identity identity;
};

struct use {
	int kind;
	int64_t id; /* of a token or link */
	unsigned char hash[SECRET_HASH]; /* of a session */
	int64_t time;
	bool written;
};

struct access {
	pthread_mutex_t lock; /* guards all below */
	void *memory; /* of the entries */
	struct map *found[KINDS];
	_Atomic uint64_t forgotten; /* how often */
	struct map *uses[KINDS]; /* by number, or by a session's hash */
};

static void
begin_empty(struct access *access)
{
	access->memory = mem_size(access, 0);
	for (int kind = 0; kind < KINDS; kind++)
		access->found[kind] = map_new(access->memory);
}

static int
end_access(struct access *access)
{
	pthread_mutex_destroy(&access->lock);
	return 0;
}

struct access *
access_new(void *owner)
{
	struct access *access = mem_new(owner, struct access);

	CHECK(pthread_mutex_init(&access->lock, NULL) == 0);
	talloc_set_destructor(access, end_access);
	begin_empty(access);
	for (int kind = 0; kind < KINDS; kind++)
		access->uses[kind] = map_new(access);
	return access;
}

void
access_forget(struct access *access)
{
	pthread_mutex_lock(&access->lock);
	talloc_free(access->memory);
	begin_empty(access);
	access->forgotten++;
	pthread_mutex_unlock(&access->lock);
}

/* --- the store */

#define WHO "p.id, p.handle, p.name, p.bot, p.admin, p.password_is_first, "

static_assert(SCOPE_READ == 1 && SCOPE_ADMIN == 3, "as in the statements");

static const struct db_statement by_hash[KINDS] = {
	[ACCESS_SESSION] = {
	    "session by hash",
	    "SELECT " WHO "3, 0, a.created, a.used"
	    " FROM session a JOIN person p ON p.id = a.person"
	    " WHERE a.hash = ? AND p.disabled = 0",
	},
	[ACCESS_TOKEN] = {
	    "token by hash",
	    "SELECT " WHO "a.scope, a.id, a.created, a.used"
	    " FROM token a JOIN person p ON p.id = a.person"
	    " WHERE a.hash = ? AND a.revoked IS NULL AND p.disabled = 0",
	},
	[ACCESS_LINK] = {
	    "link by hash",
	    "SELECT " WHO "1, a.id, a.created, a.used"
	    " FROM link a JOIN person p ON p.id = a.person"
	    " WHERE a.hash = ? AND a.revoked IS NULL AND p.disabled = 0",
	},
};

static void
entry_of_row(void *owner, struct db_row *row, struct entry *entry)
{
	struct identity *who = &entry->identity;

	who->person = db_next_int(row);
	who->handle = db_next_text(row, owner);
	who->name = db_next_text(row, owner);
	who->bot = db_next_bool(row);
	who->admin = db_next_bool(row);
	who->password_is_first = db_next_bool(row);
	who->scope = (enum scope)db_next_int(row);
	if (who->scope == SCOPE_ADMIN && !who->admin)
		who->scope = SCOPE_WRITE;
	who->via = db_next_int(row);
	entry->created = db_next_int(row);
	entry->used = db_next_int(row);
	db_end_of_row(row);
}

static bool
read_entry(void *owner, struct db *db, int kind, struct entry *entry)
{
	struct db_query *query = db_query(db, &by_hash[kind],
	    DB_VALUES(db_bytes(entry->hash, sizeof entry->hash)));
	struct db_row *row = db_next(query);
	struct error err = { 0 };

	if (row != NULL)
		entry_of_row(owner, row, entry);
	/* a store that cannot be read lets nobody in */
	return db_done(query, &err) && entry->identity.person != 0;
}

/* --- memory; all of these with the lock held */

static int64_t
key_of(const unsigned char hash[SECRET_HASH])
{
	int64_t key;

	memcpy(&key, hash, sizeof key);
	return key;
}

static void
copy_identity(void *owner, const struct identity *from, struct identity *to)
{
	*to = *from;
	to->handle = mem_copy(owner, from->handle);
	to->name = mem_copy(owner, from->name);
}

static void
keep(struct access *access, int kind, const struct entry *entry)
{
	struct entry *kept = mem_new(access->memory, struct entry);

	*kept = *entry;
	copy_identity(kept, &entry->identity, &kept->identity);
	map_set(access->found[kind], key_of(kept->hash), kept);
}

static void
note_use(struct access *access, const struct use *use, int64_t key)
{
	struct use *noted = map_get(access->uses[use->kind], key);

	if (noted == NULL) {
		noted = mem_new(access, struct use);
		map_set(access->uses[use->kind], key, noted);
	} else if (noted->time == use->time) {
		return;
	}
	*noted = *use;
}

/* False if the session is over; else it goes on from now. */
static bool
slide(struct access *access, struct entry *entry)
{
	int64_t now = clock_now();
	struct use use = { .kind = ACCESS_SESSION, .time = now };
	const struct use *noted = map_get(
	    access->uses[ACCESS_SESSION], key_of(entry->hash));

	if (noted != NULL && noted->time > entry->used)
		entry->used = noted->time;
	if (now >= entry->created + SESSION_WHOLE ||
	    now >= entry->used + SESSION_IDLE)
		return false;
	if (now < entry->used + SESSION_STEP)
		return true;
	entry->used = now;
	memcpy(use.hash, entry->hash, sizeof use.hash);
	note_use(access, &use, key_of(entry->hash));
	return true;
}

static bool
find_kept(void *owner, struct access *access, int kind, struct entry *wanted,
    bool *let_in)
{
	struct entry *kept = map_get(access->found[kind], key_of(wanted->hash));

	if (kept == NULL ||
	    !secret_equal(kept->hash, wanted->hash, sizeof kept->hash))
		return false;
	*let_in = kind != ACCESS_SESSION || slide(access, kept);
	if (*let_in)
		copy_identity(owner, &kept->identity, &wanted->identity);
	return true;
}

/* --- */

static bool
find_stored(void *owner, struct desk *desk, int kind, uint64_t forgotten,
    struct entry *entry)
{
	struct access *access = desk->access;
	struct error err = { 0 };
	struct db *db;
	bool let_in;

	if (!desk_reader(desk, &db, &err))
		return false;
	let_in = read_entry(owner, db, kind, entry);
	desk_reader_done(desk, db);
	if (!let_in)
		return false;
	pthread_mutex_lock(&access->lock);
	if (kind == ACCESS_SESSION)
		let_in = slide(access, entry);
	/* what was read before something changed is not kept */
	if (let_in && access->forgotten == forgotten &&
	    map_count(access->found[kind]) < ENTRIES_MAX)
		keep(access, kind, entry);
	pthread_mutex_unlock(&access->lock);
	return let_in;
}

bool
access_find(void *owner, struct desk *desk, int kind, const char *secret,
    struct identity *ret)
{
	struct access *access = desk->access;
	struct entry entry = { 0 };
	uint64_t forgotten;
	bool known, let_in = false;

	CHECK(kind >= 0 && kind < KINDS);
	if (strlen(secret) != SECRET_TOKEN - 1)
		return false;
	secret_hash(desk_key(desk), secret, entry.hash);
	pthread_mutex_lock(&access->lock);
	known = find_kept(owner, access, kind, &entry, &let_in);
	forgotten = access->forgotten;
	pthread_mutex_unlock(&access->lock);
	if (!known)
		let_in = find_stored(owner, desk, kind, forgotten, &entry);
	if (let_in)
		*ret = entry.identity;
	return let_in;
}

static const struct db_statement by_handle = {
	"person let in by a proxy",
	"SELECT " WHO "3, 0, 0, 0 FROM person p"
	" WHERE p.handle = ? AND p.disabled = 0",
};

bool
access_named(
    void *owner, struct desk *desk, const char *handle, struct identity *ret)
{
	struct entry entry = { 0 };
	struct error err = { 0 };
	struct db_query *query;
	struct db_row *row;
	struct db *db;
	bool let_in;

	if (!desk_reader(desk, &db, &err))
		return false;
	query = db_query(db, &by_handle, DB_VALUES(db_text(handle)));
	row = db_next(query);
	if (row != NULL)
		entry_of_row(owner, row, &entry);
	let_in = db_done(query, &err) && entry.identity.person != 0;
	desk_reader_done(desk, db);
	if (let_in)
		*ret = entry.identity;
	return let_in;
}

int64_t
access_generation(const struct desk *desk)
{
	return (int64_t)atomic_load(&desk->access->forgotten);
}

void
access_used(struct desk *desk, int kind, int64_t id)
{
	int64_t now = clock_now();
	struct use use = { .kind = kind, .id = id, .time = now - now % HOUR };

	if (kind == ACCESS_SESSION)
		return; /* slides by itself */
	pthread_mutex_lock(&desk->access->lock);
	note_use(desk->access, &use, id);
	pthread_mutex_unlock(&desk->access->lock);
}

/* --- writing the uses down */

static const struct db_statement set_used[KINDS] = {
	[ACCESS_SESSION] = { "session was used",
	    "UPDATE session SET used = ? WHERE hash = ?" },
	[ACCESS_TOKEN] = { "token was used",
	    "UPDATE token SET used = ? WHERE id = ?" },
	[ACCESS_LINK] = { "link was used",
	    "UPDATE link SET used = ? WHERE id = ?" },
};

struct flush {
	struct use uses[FLUSH_MAX];
	size_t n;
};

static bool
flush_job(struct db *db, void *arg, struct error *err)
{
	const struct flush *flush = arg;

	for (size_t i = 0; i < flush->n; i++) {
		const struct use *use = &flush->uses[i];
		struct db_value which = use->kind == ACCESS_SESSION
		    ? db_bytes(use->hash, sizeof use->hash)
		    : db_int(use->id);

		if (!db_run(db, &set_used[use->kind],
			DB_VALUES(db_int(use->time), which), err))
			return false;
	}
	return true;
}

static int64_t
use_key(const struct use *use)
{
	return use->kind == ACCESS_SESSION ? key_of(use->hash) : use->id;
}

/* Takes unwritten uses; with the lock held. */
static void
gather(struct access *access, struct flush *flush)
{
	flush->n = 0;
	for (int kind = 0; kind < KINDS; kind++) {
		const struct use *use;

		for (size_t at = 0; flush->n < FLUSH_MAX &&
		     (use = map_next(access->uses[kind], &at, NULL)) != NULL;)
			if (!use->written)
				flush->uses[flush->n++] = *use;
	}
}

/* What was written is kept while it keeps an hour from being written twice. */
static void
settle(struct access *access, const struct flush *flush)
{
	int64_t now = clock_now();

	for (size_t i = 0; i < flush->n; i++) {
		const struct use *use = &flush->uses[i];
		int64_t key = use_key(use);
		struct use *noted = map_get(access->uses[use->kind], key);

		if (noted != NULL && noted->time == use->time)
			noted->written = true;
	}
	for (int kind = 0; kind < KINDS; kind++) {
		struct map *kept = map_new(access);
		struct use *use;
		int64_t key;

		for (size_t at = 0;
		     (use = map_next(access->uses[kind], &at, &key)) != NULL;)
			if (!use->written || now < use->time + HOUR)
				map_set(kept, key, use);
			else
				talloc_free(use);
		talloc_free(access->uses[kind]);
		access->uses[kind] = kept;
	}
}

bool
access_flush(struct desk *desk, struct error *err)
{
	struct access *access = desk->access;
	struct flush *flush = mem_new(NULL, struct flush);
	bool ok = true;

	do {
		pthread_mutex_lock(&access->lock);
		gather(access, flush);
		pthread_mutex_unlock(&access->lock);
		if (flush->n == 0)
			break;
		ok = desk_write(desk, flush_job, flush, err);
		if (!ok)
			break;
		pthread_mutex_lock(&access->lock);
		settle(access, flush);
		pthread_mutex_unlock(&access->lock);
	} while (flush->n == FLUSH_MAX);
	talloc_free(flush);
	return ok;
}

/* --- what is derived from the store's key */

void
access_csrf(struct desk *desk, const char *session, char *ret)
{
	char *text = mem_printf(NULL, "form:%s", session);

	secret_derived(desk_key(desk), text, ret);
	talloc_free(text);
}

void
access_status_secret(
    struct desk *desk, int64_t incident, int64_t generation, char *ret)
{
	char *text = mem_printf(
	    NULL, "status:%jd:%jd", (intmax_t)incident, (intmax_t)generation);

	secret_derived(desk_key(desk), text, ret);
	talloc_free(text);
}

static const struct db_statement by_status = {
	"incident by status link",
	"SELECT id FROM incident WHERE status_hash = ?",
};

bool
access_status_find(
    struct desk *desk, struct db *db, const char *secret, int64_t *incident)
{
	unsigned char hash[SECRET_HASH];
	struct error err = { 0 };
	int64_t number = 0;

	if (strlen(secret) != SECRET_TOKEN - 1)
		return false;
	secret_hash(desk_key(desk), secret, hash);
	if (!db_number(db, &by_status, DB_VALUES(db_bytes(hash, sizeof hash)),
		&number, &err) ||
	    number == 0)
		return false;
	*incident = number;
	return true;
}
