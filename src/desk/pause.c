/* SPDX-License-Identifier: ISC */
#include "desk/pause.h"

#include "base/json.h"
#include "base/mem.h"
#include "desk/inside.h"
#include "desk/journal.h"
#include "desk/person.h"
#include "desk/stretch.h"
#include "desk/strike.h"

/* --- pausing */

struct pause_job {
	struct desk *desk;
	void *memory;
	const struct pause *all;
	size_t n;
};

static const struct db_statement pause_filter = {
	"pause a filter",
	"UPDATE filter SET paused = ?, why = ? WHERE id = ?",
};

/* The text of a filter and its pause; *text is NULL if there is none. */
static const struct db_statement filter_by_number = {
	"filter by number",
	"SELECT text, paused FROM filter WHERE id = ?",
};

static bool
read_filter(void *owner, struct db *db, int64_t filter, char **text,
    int64_t *paused, struct error *err)
{
	struct db_query *query = db_query(
	    db, &filter_by_number, DB_VALUES(db_int(filter)));
	struct db_row *row = db_next(query);

	*text = NULL;
	*paused = 0;
	if (row != NULL) {
		*text = db_next_text(row, owner);
		*paused = db_next_int(row);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

static bool
pause_one(struct pause_job *job, struct db *db, const struct pause *pause,
    struct error *err)
{
	json_t *detail = json_owned(job->memory, json_object());
	struct event event = { .kind = JOURNAL_PAUSE, .detail = detail };
	int64_t paused;
	char *text;

	if (!read_filter(job->memory, db, pause->filter, &text, &paused, err))
		return false;
	if (text == NULL || paused != 0)
		return true;
	json_put_int(detail, "filter", pause->filter);
	json_put_text(detail, "why", pause->why);
	return journal_add(db, &event, NULL, err) &&
	    db_run(db, &pause_filter,
		DB_VALUES(db_int(event.seq), db_text(pause->why),
		    db_int(pause->filter)),
		err);
}

static bool
pause_job(struct db *db, void *arg, struct error *err)
{
	struct pause_job *job = arg;

	for (size_t i = 0; i < job->n; i++)
		if (!pause_one(job, db, &job->all[i], err))
			return false;
	for (size_t i = 0; i < job->n; i++)
		if (!filters_refresh(job->desk, db, job->all[i].filter, err))
			return false;
	return true;
}

bool
pause_all(struct desk *desk, const struct pause *all, size_t n)
{
	struct pause_job job = { .desk = desk, .all = all, .n = n };
	struct error err = { 0 };
	bool ok;

	job.memory = mem_root("pause");
	ok = desk_write(desk, pause_job, &job, &err);
	talloc_free(job.memory);
	return ok;
}

void
strikes_note(struct desk *desk, const int64_t *filters, size_t n,
    int64_t incident, const char *address)
{
	struct pause *pauses = NULL;
	size_t n_pauses = 0;
	void *memory = NULL;

	for (size_t i = 0; i < n; i++) {
		int64_t of[STRIKES];

		if (!strikes_add(desk->strikes, STRIKE_FILTER, filters[i],
			incident, address, of))
			continue;
		if (memory == NULL)
			memory = mem_root("pause");
		*mem_push(memory, &pauses, &n_pauses) = (struct pause){
			.filter = filters[i],
			.why = mem_printf(memory,
			    "it took too long on incidents %jd, %jd and %jd",
			    (intmax_t)of[0], (intmax_t)of[1], (intmax_t)of[2]),
		};
	}
	/* else the next incident tries again */
	if (n_pauses > 0 && pause_all(desk, pauses, n_pauses))
		for (size_t i = 0; i < n_pauses; i++)
			strikes_forget(
			    desk->strikes, STRIKE_FILTER, pauses[i].filter);
	talloc_free(memory);
}

/* --- resuming */

struct resume_job {
	struct put put;
	int64_t filter;
	size_t missed;
};

static bool
resume_job(struct db *db, void *arg, struct error *err)
{
	struct resume_job *job = arg;
	int64_t paused;
	char *text;

	if (!read_filter(job->put.memory, db, job->filter, &text, &paused, err))
		return false;
	if (paused == 0)
		return true;
	return put_resume(&job->put, db, job->filter, job->missed, err) &&
	    put_done(&job->put, db, err);
}

static bool
prepare_resume(struct resume_job *job, bool *runs, struct error *err)
{
	int64_t paused;
	struct db *db;
	char *text;
	bool ok;

	if (!desk_reader(job->put.desk, &db, err))
		return false;
	ok = read_filter(job->put.memory, db, job->filter, &text, &paused, err);
	desk_reader_done(job->put.desk, db);
	if (!ok)
		return false;
	if (text == NULL)
		return error_set(err, ERROR_NOT_FOUND, "no filter %jd",
		    (intmax_t)job->filter);
	*runs = paused == 0;
	if (!*runs)
		job->missed = past_add(job->put.past, text, paused);
	return true;
}

bool
desk_resume(struct desk *desk, const struct actor *actor, int64_t filter,
    struct error *err)
{
	struct resume_job job = { .filter = filter };
	bool ok, runs = false;
	void *memory;

	if (!actor_may_manage(actor, 0, err))
		return false;
	memory = mem_root("resume");
	put_begin(&job.put, memory, desk, actor, PAST_TIME_ONE);
	ok = prepare_resume(&job, &runs, err) &&
	    (runs || past_write(job.put.past, resume_job, &job, err));
	talloc_free(memory);
	return ok;
}
