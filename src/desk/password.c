/* SPDX-License-Identifier: ISC */
#include "desk/person.h"

#include "base/mem.h"
#include "base/secret.h"
#include "desk/credential.h"
#include "desk/inside.h"
#include "desk/person_job.h"

#include <string.h>

enum { PASSWORD_MIN = 8, PASSWORD_MAX = 1024 };

struct password_job {
	struct desk *desk;
	const struct actor *actor;
	void *memory;
	struct person *person;
	char made[SECRET_PASSWORD];
	bool is_first;
	const char *keep; /* a session that goes on, or NULL */
};

static const struct db_statement set_password = {
	"set a password",
	"UPDATE person SET password = ?, password_is_first = ?, changed = ?"
	" WHERE id = ? AND disabled = 0",
};

static bool
password_job(struct db *db, void *arg, struct error *err)
{
	struct password_job *job = arg;
	struct event event;
	int64_t ended;

	if (!person_journal(db, job->actor, job->memory, job->person->handle,
		"passwd", &event, err) ||
	    !db_run(db, &set_password,
		DB_VALUES(db_text(job->made), db_int(job->is_first),
		    db_int(event.seq), db_int(job->person->id)),
		err))
		return false;
	if (db_changed_rows(db) == 0)
		return error_set(
		    err, ERROR_CONFLICT, "%s is disabled", job->person->handle);
	return sessions_end(
	    job->desk, db, job->person->id, job->keep, &ended, err);
}

/* --- by an admin or the operator */

static bool
find_by_handle(struct password_job *job, const char *handle, struct error *err)
{
	struct db *db;
	bool ok;

	if (!desk_reader(job->desk, &db, err))
		return false;
	ok = person_by_handle(job->memory, db, handle, &job->person, err);
	desk_reader_done(job->desk, db);
	return ok;
}

bool
desk_person_passwd(void *owner, struct desk *desk, const struct actor *actor,
    const char *handle, char **first_password, struct error *err)
{
	struct password_job job = {
		.desk = desk,
		.actor = actor,
		.is_first = true,
	};
	char *password;
	bool ok;

	if (!actor_may_manage(actor, 0, err))
		return false;
	job.memory = mem_root("password");
	ok = find_by_handle(&job, handle, err);
	if (ok) {
		password = secret_first_password(owner);
		ok = secret_password(password, job.made, err) &&
		    desk_write(desk, password_job, &job, err);
		if (ok)
			*first_password = password;
	}
	talloc_free(job.memory);
	return ok;
}

/* --- by herself */

static const struct db_statement password_of = {
	"password of a person",
	"SELECT password FROM person WHERE id = ?",
};

static bool
read_password(struct password_job *job, char **ret, struct error *err)
{
	struct db_query *query;
	struct db_row *row;
	struct db *db;
	bool ok;

	*ret = NULL;
	if (!desk_reader(job->desk, &db, err))
		return false;
	ok = person_by_id(
	    job->memory, db, job->actor->person, &job->person, err);
	if (ok) {
		query = db_query(
		    db, &password_of, DB_VALUES(db_int(job->actor->person)));
		row = db_next(query);
		if (row != NULL) {
			*ret = db_next_text(row, job->memory);
			db_end_of_row(row);
		}
		ok = db_done(query, err);
	}
	desk_reader_done(job->desk, db);
	return ok;
}

static bool
change(struct password_job *job, const char *old, const char *new,
    struct error *err)
{
	char *stored;
	bool right;

	if (!read_password(job, &stored, err))
		return false;
	if (!secret_password_is(stored, old, &right, err))
		return false;
	if (!right)
		return error_set(
		    err, ERROR_FORBIDDEN, "the old password is not right");
	return secret_password(new, job->made, err) &&
	    desk_write(job->desk, password_job, job, err);
}

bool
desk_password_change(struct desk *desk, const struct actor *actor,
    const char *old, const char *new, const char *keep_session,
    struct error *err)
{
	struct password_job job = {
		.desk = desk,
		.actor = actor,
		.keep = keep_session,
	};
	size_t length = strlen(new);
	bool ok;

	if (!actor_may_write(actor, err))
		return false;
	if (length < PASSWORD_MIN || length > PASSWORD_MAX)
		return error_field(err, "new", 0, "must have %d to %d bytes",
		    PASSWORD_MIN, PASSWORD_MAX);
	job.memory = mem_root("password");
	ok = change(&job, old, new, err);
	talloc_free(job.memory);
	return ok;
}
