/* SPDX-License-Identifier: ISC */
#include "desk/person.h"

#include "base/json.h"
#include "base/mem.h"
#include "desk/incident.h"
#include "desk/inside.h"
#include "desk/journal.h"

/* What a person is besides: an admin, a bot. */

struct duty_job {
	struct desk *desk;
	const struct actor *actor;
	void *memory;
	const char *handle;
	const struct duty *duty;
};

static const struct db_statement hosted = {
	"incidents that a person hosts",
	"SELECT count(*) FROM incident"
	" WHERE host = ? AND status <> ? AND withdrawn IS NULL",
};

/* A bot never is host: what it would be host of is handed on before. */
static bool
may_be_bot(struct db *db, const struct person *person, struct error *err)
{
	int64_t n = 0;

	if (!db_number(db, &hosted,
		DB_VALUES(db_int(person->id), db_int(STATUS_CLOSED)), &n, err))
		return false;
	if (n == 0)
		return true;
	return error_set(err, ERROR_CONFLICT,
	    "%s is host of %jd incidents, and a bot never is: hand them on",
	    person->handle, (intmax_t)n);
}

static bool
after(enum duty_change change, bool before)
{
	return change == DUTY_KEEP ? before : change == DUTY_GIVE;
}

static const struct db_statement set_duty = {
	"duty of a person",
	"UPDATE person SET admin = ?, bot = ?, changed = ? WHERE id = ?",
};

static const struct db_statement filters_of = {
	"filters that a person has",
	"SELECT DISTINCT filter FROM subscription"
	" WHERE person = ? AND removed IS NULL",
};

/* Whether a filter is a home for incidents goes by who is no bot. */
static bool
refresh_filters(struct duty_job *job, struct db *db,
    const struct person *person, struct error *err)
{
	struct db_query *query = db_query(
	    db, &filters_of, DB_VALUES(db_int(person->id)));
	int64_t *filters = NULL;
	struct db_row *row;
	size_t n = 0;

	while ((row = db_next(query)) != NULL) {
		*mem_push(job->memory, &filters, &n) = db_next_int(row);
		db_end_of_row(row);
	}
	if (!db_done(query, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!filters_refresh(job->desk, db, filters[i], err))
			return false;
	return true;
}

static bool
write_duty(struct duty_job *job, struct db *db, const struct person *person,
    bool admin, bool bot, struct error *err)
{
	json_t *detail = json_owned(job->memory, json_object());
	struct event event = {
		.kind = JOURNAL_PERSON,
		.person = job->actor->person,
		.detail = detail,
	};

	json_put_text(detail, "person", person->handle);
	json_put_text(detail, "step", "duty");
	json_put_bool(detail, "admin", admin);
	json_put_bool(detail, "bot", bot);
	return journal_add(db, &event, job->actor->address, err) &&
	    db_run(db, &set_duty,
		DB_VALUES(db_int(admin), db_int(bot), db_int(event.seq),
		    db_int(person->id)),
		err) &&
	    (bot == person->bot || refresh_filters(job, db, person, err));
}

static bool
duty_job(struct db *db, void *arg, struct error *err)
{
	struct duty_job *job = arg;
	struct person *person;
	bool admin, bot;

	if (!person_by_handle(job->memory, db, job->handle, &person, err))
		return false;
	admin = after(job->duty->admin, person->admin);
	bot = after(job->duty->bot, person->bot);
	if (admin == person->admin && bot == person->bot)
		return true;
	if (person->disabled)
		return error_set(
		    err, ERROR_CONFLICT, "%s is disabled", person->handle);
	if (!admin && person->id == job->actor->person)
		return error_set(err, ERROR_CONFLICT,
		    "no admin takes that from herself: ask another one");
	if (bot && !person->bot && !may_be_bot(db, person, err))
		return false;
	return write_duty(job, db, person, admin, bot, err);
}

bool
desk_person_duty(struct desk *desk, const struct actor *actor,
    const char *handle, const struct duty *duty, struct error *err)
{
	struct duty_job job = {
		.desk = desk,
		.actor = actor,
		.handle = handle,
		.duty = duty,
	};
	bool ok;

	if (!actor_may_manage(actor, 0, err))
		return false;
	job.memory = mem_root("duty");
	ok = desk_write(desk, duty_job, &job, err);
	talloc_free(job.memory);
	return ok;
}
