/* SPDX-License-Identifier: ISC */
#include "base/json.h"
#include "base/map.h"
#include "base/check.h"
#include "base/mem.h"
#include "desk/inside.h"
#include "desk/journal.h"
#include "desk/person.h"
#include "desk/stretch.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/*
 * A filter that takes too long counts as no match, and gets a strike. Strikes
 * are only in memory: a pause, which is in the store, needs three of different
 * incidents close together, so that one odd text pauses nobody and a stranger
 * at one address cannot do it with three reports.
 */
enum {
	STRIKES = 3,
	STRIKE_WINDOW = 1000, /* incident numbers */
};

struct strike {
	int64_t incident;
	char *address; /* of a public report, or NULL */
};

struct struck {
	struct strike strikes[STRIKES]; /* in the order they came */
	size_t n;
};

struct strikes {
	pthread_mutex_t lock; /* guards by_filter */
	struct map *by_filter;
};

static int
end_strikes(struct strikes *strikes)
{
	pthread_mutex_destroy(&strikes->lock);
	return 0;
}

struct strikes *
strikes_new(void *owner)
{
	struct strikes *strikes = mem_new(owner, struct strikes);

	CHECK(pthread_mutex_init(&strikes->lock, NULL) == 0);
	talloc_set_destructor(strikes, end_strikes);
	strikes->by_filter = map_new(strikes);
	return strikes;
}

/* --- pausing */

struct pause_job {
	struct desk *desk;
	int64_t filter;
	void *memory;
	char *why;
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
pause_job(struct db *db, void *arg, struct error *err)
{
	const struct pause_job *job = arg;
	json_t *detail = json_owned(job->memory, json_object());
	struct event event = { .kind = JOURNAL_PAUSE, .detail = detail };
	int64_t paused;
	char *text;

	if (!read_filter(job->memory, db, job->filter, &text, &paused, err))
		return false;
	if (text == NULL || paused != 0)
		return true;
	json_put_int(detail, "filter", job->filter);
	json_put_text(detail, "why", job->why);
	return journal_add(db, &event, NULL, err) &&
	    db_run(db, &pause_filter,
		DB_VALUES(
		    db_int(event.seq), db_text(job->why), db_int(job->filter)),
		err) &&
	    filters_refresh(job->desk, db, job->filter, err);
}

/* False if the store did not take it: the next strike tries again. */
static bool
pause_now(struct desk *desk, int64_t filter, const struct struck *struck)
{
	struct pause_job job = { .desk = desk, .filter = filter };
	struct error err = { 0 };
	bool ok;

	job.memory = mem_root("pause");
	job.why = mem_printf(job.memory,
	    "it took too long on incidents %jd, %jd and %jd",
	    (intmax_t)struck->strikes[0].incident,
	    (intmax_t)struck->strikes[1].incident,
	    (intmax_t)struck->strikes[2].incident);
	ok = desk_write(desk, pause_job, &job, &err);
	talloc_free(job.memory);
	return ok;
}

/* --- strikes */

static void
forget_far(struct struck *struck, int64_t incident)
{
	size_t n = 0;

	for (size_t i = 0; i < struck->n; i++) {
		struct strike *strike = &struck->strikes[i];

		if (llabs(incident - strike->incident) >= STRIKE_WINDOW)
			TALLOC_FREE(strike->address);
		else
			struck->strikes[n++] = *strike;
	}
	struck->n = n;
}

/* Whether this one counts, and there are enough. */
static bool
strike(struct struck *struck, int64_t incident, const char *address)
{
	forget_far(struck, incident);
	if (struck->n == STRIKES)
		return true;
	for (size_t i = 0; i < struck->n; i++) {
		const char *other = struck->strikes[i].address;

		if (struck->strikes[i].incident == incident ||
		    (address != NULL && other != NULL &&
			strcmp(address, other) == 0))
			return false;
	}
	struck->strikes[struck->n++] = (struct strike){
		.incident = incident,
		.address = address == NULL ? NULL : mem_copy(struck, address),
	};
	return struck->n == STRIKES;
}

static void
strike_filter(
    struct desk *desk, int64_t filter, int64_t incident, const char *address)
{
	struct strikes *strikes = desk->strikes;
	struct struck *struck, now;
	bool out;

	pthread_mutex_lock(&strikes->lock);
	struck = map_get(strikes->by_filter, filter);
	if (struck == NULL) {
		struck = mem_new(strikes, struct struck);
		map_set(strikes->by_filter, filter, struck);
	}
	out = strike(struck, incident, address);
	now = *struck;
	pthread_mutex_unlock(&strikes->lock);
	if (!out || !pause_now(desk, filter, &now))
		return;
	pthread_mutex_lock(&strikes->lock);
	talloc_free(map_get(strikes->by_filter, filter));
	map_set(strikes->by_filter, filter, NULL);
	pthread_mutex_unlock(&strikes->lock);
}

void
strikes_note(struct desk *desk, const int64_t *filters, size_t n,
    int64_t incident, const char *address)
{
	for (size_t i = 0; i < n; i++)
		strike_filter(desk, filters[i], incident, address);
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
