/* SPDX-License-Identifier: ISC */
#include "desk/access.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"
#include "desk/credential.h"
#include "desk/inside.h"
#include "desk/journal.h"

#include <string.h>

/* Sessions: signing in and out. */

struct session_job {
	const struct actor *actor;
	void *memory;
	int64_t person;
	char *handle;
	unsigned char hash[SECRET_HASH];
	bool everywhere;
	struct desk *desk;
};

static bool
journal_signin(struct db *db, struct session_job *job, const char *step,
    struct event *event, struct error *err)
{
	json_t *detail = json_owned(job->memory, json_object());

	json_put_text(detail, "person", job->handle);
	json_put_text(detail, "step", step);
	*event = (struct event){
		.kind = JOURNAL_SIGNIN,
		.person = job->person,
		.detail = detail,
	};
	return journal_add(db, event, job->actor->address, err);
}

/* --- in */

static const struct db_statement password_of = {
	"password by handle",
	"SELECT id, password FROM person WHERE handle = ? AND disabled = 0",
};

static bool
read_password(void *owner, struct desk *desk, const char *handle,
    int64_t *person, char **password, struct error *err)
{
	struct db_query *query;
	struct db_row *row;
	struct db *db;
	bool ok;

	if (!desk_reader(desk, &db, err))
		return false;
	query = db_query(db, &password_of, DB_VALUES(db_text(handle)));
	row = db_next(query);
	if (row != NULL) {
		*person = db_next_int(row);
		*password = db_next_text(row, owner);
		db_end_of_row(row);
	}
	ok = db_done(query, err);
	desk_reader_done(desk, db);
	return ok;
}

static const struct db_statement add_session = {
	"new session",
	"INSERT INTO session (hash, person, created, used)"
	" VALUES (?, ?, ?, ?)",
};
static const struct db_statement end_old = {
	"sessions that are over",
	"DELETE FROM session WHERE person = ? AND (created < ? OR used < ?)",
};

static bool
signin_job(struct db *db, void *arg, struct error *err)
{
	struct session_job *job = arg;
	int64_t now = clock_now();
	struct event event;

	return journal_signin(db, job, "in", &event, err) &&
	    db_run(db, &end_old,
		DB_VALUES(db_int(job->person), db_int(now - 7 * DAY),
		    db_int(now - 12 * HOUR)),
		err) &&
	    db_run(db, &add_session,
		DB_VALUES(db_bytes(job->hash, sizeof job->hash),
		    db_int(job->person), db_int(now), db_int(now)),
		err);
}

static bool
signin(struct desk *desk, struct session_job *job, const char *password,
    char *secret, struct error *err)
{
	char token[SECRET_TOKEN];
	char *made = NULL;
	bool right;

	if (!read_password(
		job->memory, desk, job->handle, &job->person, &made, err))
		return false;
	/* without a password this takes as long, and is false */
	if (!secret_password_is(made, password, &right, err))
		return false;
	if (!right)
		return error_set(err, ERROR_UNAUTHORIZED,
		    "handle and password do not belong together");
	secret_token(token);
	secret_hash(desk_key(desk), token, job->hash);
	if (!desk_write(desk, signin_job, job, err))
		return false;
	memcpy(secret, token, sizeof token);
	return true;
}

bool
desk_signin(struct desk *desk, const struct actor *actor, const char *handle,
    const char *password, char *secret, struct error *err)
{
	struct session_job job = { .actor = actor, .desk = desk };
	bool ok;

	job.memory = mem_root("signin");
	job.handle = mem_copy(job.memory, handle);
	ok = signin(desk, &job, password, secret, err);
	talloc_free(job.memory);
	return ok;
}

/* --- out */

static const struct db_statement session_of = {
	"whose session",
	"SELECT s.person, p.handle FROM session s"
	" JOIN person p ON p.id = s.person WHERE s.hash = ?",
};

static bool
read_session(struct db *db, struct session_job *job, struct error *err)
{
	struct db_query *query = db_query(
	    db, &session_of, DB_VALUES(db_bytes(job->hash, sizeof job->hash)));
	struct db_row *row = db_next(query);

	if (row != NULL) {
		job->person = db_next_int(row);
		job->handle = db_next_text(row, job->memory);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

static const struct db_statement end_session = {
	"end a session",
	"DELETE FROM session WHERE hash = ?",
};

static bool
signout_job(struct db *db, void *arg, struct error *err)
{
	struct session_job *job = arg;
	struct event event;
	int64_t n;

	if (!read_session(db, job, err))
		return false;
	if (job->person == 0)
		return true; /* is out already */
	if (!journal_signin(db, job, "out", &event, err))
		return false;
	if (job->everywhere)
		return sessions_end(job->desk, db, job->person, NULL, &n, err);
	return db_run(db, &end_session,
	    DB_VALUES(db_bytes(job->hash, sizeof job->hash)), err);
}

bool
desk_signout(struct desk *desk, const struct actor *actor, const char *secret,
    bool everywhere, struct error *err)
{
	struct session_job job = {
		.actor = actor,
		.everywhere = everywhere,
		.desk = desk,
	};
	bool ok;

	job.memory = mem_root("signout");
	secret_hash(desk_key(desk), secret, job.hash);
	ok = desk_write(desk, signout_job, &job, err);
	talloc_free(job.memory);
	return ok;
}

/* --- for others */

static const struct db_statement end_all = {
	"end the sessions of a person",
	"DELETE FROM session WHERE person = ?",
};
static const struct db_statement end_others = {
	"end the other sessions of a person",
	"DELETE FROM session WHERE person = ? AND hash <> ?",
};

bool
sessions_end(struct desk *desk, struct db *db, int64_t person, const char *keep,
    int64_t *n, struct error *err)
{
	unsigned char hash[SECRET_HASH];

	if (keep == NULL) {
		if (!db_run(db, &end_all, DB_VALUES(db_int(person)), err))
			return false;
	} else {
		secret_hash(desk_key(desk), keep, hash);
		if (!db_run(db, &end_others,
			DB_VALUES(db_int(person), db_bytes(hash, sizeof hash)),
			err))
			return false;
	}
	*n = db_changed_rows(db);
	return true;
}
