/* SPDX-License-Identifier: ISC */
#include "desk/person.h"

#include "base/mem.h"
#include "desk/change.h"
#include "desk/credential.h"
#include "desk/inside.h"
#include "desk/person_job.h"
#include "desk/stretch.h"

/*
 * Disabling. First what lets her in ends, in one transaction, so that she can
 * do nothing more; then she leaves one incident after the other, each an event
 * there. What a crash leaves undone, the same command does again.
 */
struct disable_job {
	struct put put;
	struct person *person;
	struct disabled *count;
};

static const struct db_statement disable_person = {
	"disable a person",
	"UPDATE person SET disabled = 1, password = NULL, changed = ?"
	" WHERE id = ?",
};

static bool
disable_job(struct db *db, void *arg, struct error *err)
{
	struct disable_job *job = arg;
	struct disabled *count = job->count;
	int64_t id = job->person->id;
	struct event event;

	/* as it is now */
	if (!person_by_id(job->put.memory, db, id, &job->person, err))
		return false;
	if (job->person->disabled)
		return true;
	return person_journal(db, job->put.actor, job->put.memory,
		   job->person->handle, "disable", &event, err) &&
	    db_run(db, &disable_person,
		DB_VALUES(db_int(event.seq), db_int(id)), err) &&
	    sessions_end(job->put.desk, db, id, NULL, &count->sessions, err) &&
	    tokens_end(db, id, event.at, &count->tokens, err) &&
	    links_end(db, id, event.at, &count->links, err) &&
	    put_remove_all(&job->put, db, id, event.seq, err) &&
	    put_done(&job->put, db, err);
}

/* --- incidents */

struct leaving {
	int64_t person;
	bool left, hosted;
};

static bool
leave_step(struct change *change, void *arg, struct error *err)
{
	struct leaving *leaving = arg;
	const struct incident *incident = change->incident;

	leaving->left = incident_stay(incident, leaving->person) != NULL;
	leaving->hosted = incident->host == leaving->person &&
	    incident->status != STATUS_CLOSED;
	if (leaving->left && !change_leave(change, leaving->person, err))
		return false;
	return !leaving->hosted || change_host(change, 0, RAISE_HOST, err);
}

static const struct db_statement hers = {
	"incidents that a person is in or hosts",
	"SELECT incident FROM swarm WHERE person = ? AND left_at IS NULL"
	" UNION SELECT id FROM incident"
	" WHERE host = ? AND status <> ? AND withdrawn IS NULL",
};

static bool
read_hers(struct disable_job *job, int64_t **ret, size_t *n, struct error *err)
{
	struct db_value person = db_int(job->person->id);
	int64_t *numbers = NULL;
	struct db_query *query;
	struct db_row *row;
	size_t count = 0;
	struct db *db;
	bool ok;

	if (!desk_reader(job->put.desk, &db, err))
		return false;
	query = db_query(
	    db, &hers, DB_VALUES(person, person, db_int(STATUS_CLOSED)));
	while ((row = db_next(query)) != NULL) {
		*mem_push(job->put.memory, &numbers, &count) = db_next_int(row);
		db_end_of_row(row);
	}
	ok = db_done(query, err);
	desk_reader_done(job->put.desk, db);
	*ret = numbers;
	*n = count;
	return ok;
}

static bool
leave_all(struct disable_job *job, struct error *err)
{
	int64_t *numbers;
	size_t n;

	if (!read_hers(job, &numbers, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct leaving leaving = { .person = job->person->id };
		struct error failed = { 0 };

		if (!desk_change(job->put.desk, job->put.actor, numbers[i],
			CHANGE_DUPLICATES, leave_step, &leaving, &failed)) {
			if (failed.kind == ERROR_GONE)
				continue; /* withdrawn meanwhile */
			*err = failed;
			return false;
		}
		job->count->left += leaving.left;
		job->count->hosted += leaving.hosted;
	}
	return true;
}

static bool
disable(struct disable_job *job, const char *handle, struct error *err)
{
	struct db *db;
	bool ok;

	if (!desk_reader(job->put.desk, &db, err))
		return false;
	ok = person_by_handle(job->put.memory, db, handle, &job->person, err);
	desk_reader_done(job->put.desk, db);
	if (ok && job->person->id == job->put.actor->person)
		return error_set(err, ERROR_CONFLICT,
		    "nobody disables herself: ask another admin");
	return ok && desk_write(job->put.desk, disable_job, job, err) &&
	    leave_all(job, err);
}

bool
desk_person_disable(struct desk *desk, const struct actor *actor,
    const char *handle, struct disabled *ret, struct error *err)
{
	struct disabled count = { 0 };
	struct disable_job job = { .count = &count };
	void *memory;
	bool ok;

	if (!actor_may_manage(actor, 0, err))
		return false;
	memory = mem_root("disable");
	put_begin(&job.put, memory, desk, actor, PAST_TIME_ONE);
	ok = disable(&job, handle, err);
	if (ok)
		*ret = count;
	talloc_free(memory);
	return ok;
}
