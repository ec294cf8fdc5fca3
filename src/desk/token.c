/* SPDX-License-Identifier: ISC */
#include "desk/access.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "desk/credential.h"
#include "desk/incident.h"
#include "desk/inside.h"
#include "desk/journal.h"
#include "desk/person.h"

#include <string.h>

/*
 * Tokens and feed links are made, listed and revoked alike: one table says in
 * what they differ.
 */
struct sort {
	const char *noun;
	enum journal_kind kind;
	struct db_statement add, read, revoke, of_person, all, page, end;
};

#define SHOWN(table, scope)                                \
	"SELECT a.id, a.person, p.handle, a.label, " scope \
	", a.created, a.used, a.revoked FROM " table       \
	" a JOIN person p ON p.id = a.person"

static const struct sort sorts[] = {
	[ACCESS_TOKEN] = {
	    .noun = "token",
	    .kind = JOURNAL_TOKEN,
	    .add = { "new token",
		"INSERT INTO token (person, hash, label, created, scope)"
		" VALUES (?, ?, ?, ?, ?) RETURNING id" },
	    .read = { "token by number",
		SHOWN("token", "a.scope") " WHERE a.id = ?" },
	    .revoke = { "revoke a token",
		"UPDATE token SET revoked = ? WHERE id = ?" },
	    .of_person = { "tokens of a person",
		SHOWN("token", "a.scope")
		" WHERE a.person = ? AND a.revoked IS NULL ORDER BY a.id" },
	    .all = { "tokens", SHOWN("token", "a.scope")
		" WHERE a.revoked IS NULL ORDER BY a.id" },
	    .page = { "tokens, newest first", SHOWN("token", "a.scope")
		" WHERE a.revoked IS NULL AND a.id < ?"
		" ORDER BY a.id DESC LIMIT ?" },
	    .end = { "revoke the tokens of a person",
		"UPDATE token SET revoked = ?"
		" WHERE person = ? AND revoked IS NULL" },
	},
	[ACCESS_LINK] = {
	    .noun = "link",
	    .kind = JOURNAL_LINK,
	    .add = { "new link",
		"INSERT INTO link (person, hash, label, created)"
		" VALUES (?, ?, ?, ?) RETURNING id" },
	    .read = { "link by number", SHOWN("link", "1") " WHERE a.id = ?" },
	    .revoke = { "revoke a link",
		"UPDATE link SET revoked = ? WHERE id = ?" },
	    .of_person = { "links of a person",
		SHOWN("link", "1")
		" WHERE a.person = ? AND a.revoked IS NULL ORDER BY a.id" },
	    .all = { "links", SHOWN("link", "1")
		" WHERE a.revoked IS NULL ORDER BY a.id" },
	    .page = { "links, newest first", SHOWN("link", "1")
		" WHERE a.revoked IS NULL AND a.id < ?"
		" ORDER BY a.id DESC LIMIT ?" },
	    .end = { "revoke the links of a person",
		"UPDATE link SET revoked = ?"
		" WHERE person = ? AND revoked IS NULL" },
	},
};

static void
row_read(void *owner, struct db_row *row, struct access_row *ret)
{
	ret->id = db_next_int(row);
	ret->person = db_next_int(row);
	ret->handle = db_next_text(row, owner);
	ret->label = db_next_text(row, owner);
	ret->scope = (enum scope)db_next_int(row);
	ret->created = db_next_int(row);
	ret->used = db_next_int(row);
	ret->revoked = db_next_int(row);
	db_end_of_row(row);
}

static bool
read_rows(void *owner, struct db_query *query, struct access_row **ret,
    size_t *n, struct error *err)
{
	struct access_row *rows = NULL;
	struct db_row *row;
	size_t count = 0;

	while ((row = db_next(query)) != NULL)
		row_read(owner, row, mem_push(owner, &rows, &count));
	if (!db_done(query, err))
		return false;
	*ret = rows;
	*n = count;
	return true;
}

bool
access_list(void *owner, struct db *db, int kind, int64_t person,
    struct access_row **ret, size_t *n, struct error *err)
{
	const struct sort *sort = &sorts[kind];

	CHECK(kind == ACCESS_TOKEN || kind == ACCESS_LINK);
	return read_rows(owner,
	    person == 0
		? db_query(db, &sort->all, DB_NO_VALUES)
		: db_query(db, &sort->of_person, DB_VALUES(db_int(person))),
	    ret, n, err);
}

bool
access_page(void *owner, struct db *db, int kind, int64_t before, size_t limit,
    struct access_row **ret, size_t *n, struct error *err)
{
	CHECK(kind == ACCESS_TOKEN || kind == ACCESS_LINK);
	return read_rows(owner,
	    db_query(db, &sorts[kind].page,
		DB_VALUES(db_int(before == 0 ? INT64_MAX : before),
		    db_int((int64_t)limit))),
	    ret, n, err);
}

struct token_job {
	const struct sort *sort;
	const struct actor *actor;
	void *memory;
	int64_t person; /* whose; 0 at a revocation: whoever it belongs to */
	enum scope scope;
	char *label;
	unsigned char hash[SECRET_HASH];
	int64_t id;
};

static bool
journal_token(struct db *db, const struct token_job *job, const char *step,
    const struct access_row *made, struct error *err)
{
	json_t *detail = json_owned(job->memory, json_object());
	struct event event = {
		.kind = job->sort->kind,
		.person = job->actor->person,
		.detail = detail,
	};

	json_put_int(detail, job->sort->noun, made->id);
	json_put_text(detail, "person", made->handle);
	json_put_text(detail, "step", step);
	json_put_text(detail, "label", made->label);
	return journal_add(db, &event, job->actor->address, err);
}

static bool
read_row(struct db *db, const struct token_job *job, struct access_row *ret,
    struct error *err)
{
	struct db_query *query = db_query(
	    db, &job->sort->read, DB_VALUES(db_int(job->id)));
	struct db_row *row = db_next(query);
	struct access_row found = { 0 };

	if (row != NULL)
		row_read(job->memory, row, &found);
	if (!db_done(query, err))
		return false;
	if (found.id == 0 || (job->person != 0 && found.person != job->person))
		return error_set(err, ERROR_NOT_FOUND, "no %s %jd",
		    job->sort->noun, (intmax_t)job->id);
	*ret = found;
	return true;
}

/* --- making one */

static bool
add_job(struct db *db, void *arg, struct error *err)
{
	struct token_job *job = arg;
	const struct sort *sort = job->sort;
	struct access_row made;
	struct person *person;
	struct db_value values[] = {
		db_int(job->person), db_bytes(job->hash, sizeof job->hash),
		db_text(job->label), db_int(clock_now()),
		db_int(job->scope), /* a link has none */
	};
	size_t n = sizeof values / sizeof *values -
	    (sort->kind == JOURNAL_LINK);

	if (!person_by_id(job->memory, db, job->person, &person, err))
		return false;
	if (person->disabled)
		return error_set(
		    err, ERROR_CONFLICT, "%s is disabled", person->handle);
	if (job->scope == SCOPE_ADMIN && !person->admin)
		return error_field(
		    err, "scope", 0, "%s is no admin", person->handle);
	return db_number(db, &sort->add, values, n, &job->id, err) &&
	    read_row(db, job, &made, err) &&
	    journal_token(db, job, "add", &made, err);
}

static bool
add(struct desk *desk, struct token_job *job, const char *label, char *secret,
    struct error *err)
{
	char token[SECRET_TOKEN];

	job->label = utf8_one_line(job->memory, label);
	if (utf8_length(job->label) > LABEL_MAX_CHARACTERS)
		return error_field(err, "label", 0,
		    "may have %d characters at most", LABEL_MAX_CHARACTERS);
	secret_token(token);
	secret_hash(desk_key(desk), token, job->hash);
	if (!desk_write(desk, add_job, job, err))
		return false;
	memcpy(secret, token, sizeof token);
	return true;
}

bool
desk_token_add(struct desk *desk, const struct actor *actor, int64_t person,
    enum scope scope, const char *label, char *secret, int64_t *id,
    struct error *err)
{
	struct token_job job = {
		.sort = &sorts[ACCESS_TOKEN],
		.actor = actor,
		.person = person,
		.scope = scope,
	};
	bool ok;

	CHECK(scope > SCOPE_NONE && scope <= SCOPE_ADMIN);
	if (!actor_may_manage(actor, person, err))
		return false;
	/* a token makes none that may do more than itself */
	if (actor->person != 0 && scope > actor->scope)
		return error_set(err, ERROR_FORBIDDEN,
		    "a token of this scope needs that scope");
	job.memory = mem_root("token");
	ok = add(desk, &job, label, secret, err);
	if (ok)
		*id = job.id;
	talloc_free(job.memory);
	return ok;
}

bool
desk_link_add(struct desk *desk, const struct actor *actor, int64_t person,
    const char *label, char *secret, int64_t *id, struct error *err)
{
	struct token_job job = {
		.sort = &sorts[ACCESS_LINK],
		.actor = actor,
		.person = person,
		.scope = SCOPE_READ,
	};
	bool ok;

	if (!actor_may_manage(actor, person, err))
		return false;
	job.memory = mem_root("link");
	ok = add(desk, &job, label, secret, err);
	if (ok)
		*id = job.id;
	talloc_free(job.memory);
	return ok;
}

/* --- ending one */

static bool
revoke_job(struct db *db, void *arg, struct error *err)
{
	struct token_job *job = arg;
	struct access_row found;

	if (!read_row(db, job, &found, err))
		return false;
	if (!actor_may_manage(job->actor, found.person, err))
		return false;
	if (found.revoked != 0)
		return true;
	return db_run(db, &job->sort->revoke,
		   DB_VALUES(db_int(clock_now()), db_int(job->id)), err) &&
	    journal_token(db, job, "revoke", &found, err);
}

static bool
revoke(struct desk *desk, struct token_job *job, struct error *err)
{
	bool ok;

	job->memory = mem_root("revoke");
	ok = desk_write(desk, revoke_job, job, err);
	talloc_free(job->memory);
	return ok;
}

bool
desk_token_revoke(struct desk *desk, const struct actor *actor, int64_t person,
    int64_t id, struct error *err)
{
	struct token_job job = { .sort = &sorts[ACCESS_TOKEN],
		.actor = actor,
		.person = person,
		.id = id };

	return revoke(desk, &job, err);
}

bool
desk_link_revoke(struct desk *desk, const struct actor *actor, int64_t person,
    int64_t id, struct error *err)
{
	struct token_job job = { .sort = &sorts[ACCESS_LINK],
		.actor = actor,
		.person = person,
		.id = id };

	return revoke(desk, &job, err);
}

static bool
end(struct db *db, int kind, int64_t person, int64_t at, int64_t *n,
    struct error *err)
{
	if (!db_run(db, &sorts[kind].end, DB_VALUES(db_int(at), db_int(person)),
		err))
		return false;
	*n = db_changed_rows(db);
	return true;
}

bool
tokens_end(
    struct db *db, int64_t person, int64_t at, int64_t *n, struct error *err)
{
	return end(db, ACCESS_TOKEN, person, at, n, err);
}

bool
links_end(
    struct db *db, int64_t person, int64_t at, int64_t *n, struct error *err)
{
	return end(db, ACCESS_LINK, person, at, n, err);
}
