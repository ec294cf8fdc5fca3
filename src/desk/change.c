/* SPDX-License-Identifier: ISC */
#include "desk/change.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "desk/count.h"
#include "desk/inside.h"
#include "desk/matched.h"
#include "desk/visible.h"

#include <string.h>

/* After so many readings that were too old, the writer reads itself. */
enum { PATIENCE = 8 };

/* Filters that a change of state can move. */
#define STATE_BITS (FILTER_USES_ALL & ~FILTER_USES_DOCUMENT & ~FILTER_USES_AGE)

struct run {
	struct change change, other;
	int64_t incidents[2];
	size_t n;
	unsigned flags;
	int64_t texted[2];
	const struct tag_names *names[2]; /* that the texts were read by */
	change_step *step;
	change_rewrite *rewrite;
	void *arg;
	bool read_inside;
};

static struct change *
change_at(struct run *run, size_t i)
{
	return i == 0 ? &run->change : &run->other;
}

/* Reads the texts that the step starts from and, for an edit, leads to. */
static bool
read_texts(struct run *run, size_t i, struct db *db, struct error *err)
{
	struct change *change = change_at(run, i);
	struct desk *desk = change->desk;
	struct filter_document document;
	struct incident *incident;
	bool edits = run->rewrite != NULL;

	if (!incident_read(
		change->memory, db, run->incidents[i], &incident, err))
		return false;
	run->texted[i] = incident->texted;
	run->names[i] = incident->names;
	incident_document(change->memory, incident, &document);
	change->reading = desk_match(change->memory, desk, &document,
	    edits ? FILTER_USES_ALL : STATE_BITS);
	if (!edits)
		return true;
	if (!run->rewrite(change->memory, incident, run->arg, err))
		return false;
	incident_document(change->memory, incident, &document);
	change->edited = desk_match(
	    change->memory, desk, &document, FILTER_USES_ALL);
	return true;
}

static bool
read_all_texts(struct run *run, struct error *err)
{
	struct desk *desk = run->change.desk;
	struct db *db;
	bool ok = true;

	if (!desk_reader(desk, &db, err))
		return false;
	for (size_t i = 0; i < run->n && ok; i++)
		ok = read_texts(run, i, db, err);
	desk_reader_done(desk, db);
	return ok;
}

static bool
is_stale(const struct run *run, size_t i, const struct change *change)
{
	return change->incident->texted != run->texted[i] ||
	    change->incident->names != run->names[i] ||
	    change->reading->version != matcher_version(change->desk->matcher);
}

static bool
load_incident(struct run *run, size_t i, struct db *db, struct error *err)
{
	struct change *change = change_at(run, i);

	change->db = db;
	if (run->read_inside && !read_texts(run, i, db, err))
		return false;
	if (!incident_read(change->memory, db, run->incidents[i],
		&change->incident, err) ||
	    !visible_incident(change->incident, err))
		return false;
	if (change->incident->duplicate_of != 0 &&
	    (run->flags & CHANGE_DUPLICATES) == 0)
		return error_set(err, ERROR_CONFLICT,
		    "incident %jd is a duplicate of incident %jd: go on there",
		    (intmax_t)change->incident->number,
		    (intmax_t)change->incident->duplicate_of);
	if (is_stale(run, i, change)) {
		run->change.stale = true;
		metrics_add(change->desk->counts, DESK_AGAIN, 0, 1);
		return error_set(err, ERROR_BUSY, "somebody was faster");
	}
	incident_state(
	    change->memory, change->incident, clock_now(), &change->state);
	change_facets(change);
	return true;
}

static bool
run_job(struct db *db, void *arg, struct error *err)
{
	struct run *run = arg;

	for (size_t i = 0; i < run->n; i++)
		if (!load_incident(run, i, db, err))
			return false;
	return run->step(&run->change, run->arg, err);
}

/* One try: read, then run in the writer. */
static bool
run_once(struct run *run, const struct actor *actor, struct error *err)
{
	struct desk *desk = run->change.desk;
	void *memory = mem_root("change");
	bool ok;

	for (size_t i = 0; i < run->n; i++) {
		*change_at(run, i) = (struct change){
			.desk = desk,
			.actor = actor,
			.memory = memory,
		};
	}
	run->change.other = run->n > 1 ? &run->other : NULL;
	ok = (run->read_inside || read_all_texts(run, err)) &&
	    desk_write(desk, run_job, run, err);
	if (ok && run->change.edited != NULL)
		reading_note(desk, run->change.edited, run->incidents[0], NULL);
	talloc_free(memory);
	return ok;
}

static bool
run_until_fresh(struct run *run, const struct actor *actor, struct error *err)
{
	if (!actor_may_change(actor, err) ||
	    !filters_need(run->change.desk, err))
		return false;
	for (int i = 0;; i++) {
		struct error tried = *err;

		run->read_inside = i >= PATIENCE;
		if (run_once(run, actor, &tried))
			return true;
		if (!run->change.stale) {
			*err = tried;
			return false;
		}
	}
}

bool
desk_change(struct desk *desk, const struct actor *actor, int64_t incident,
    unsigned flags, change_step *step, void *arg, struct error *err)
{
	struct run run = {
		.change = { .desk = desk },
		.incidents = { incident },
		.n = 1,
		.flags = flags,
		.step = step,
		.arg = arg,
	};

	return run_until_fresh(&run, actor, err);
}

bool
desk_change_two(struct desk *desk, const struct actor *actor,
    const int64_t incidents[2], change_step *step, void *arg, struct error *err)
{
	struct run run = {
		.change = { .desk = desk },
		.incidents = { incidents[0], incidents[1] },
		.n = 2,
		.step = step,
		.arg = arg,
	};

	return run_until_fresh(&run, actor, err);
}

bool
desk_change_text(struct desk *desk, const struct actor *actor, int64_t incident,
    change_rewrite *rewrite, change_step *step, void *arg, struct error *err)
{
	struct run run = {
		.change = { .desk = desk },
		.incidents = { incident },
		.n = 1,
		.flags = CHANGE_DUPLICATES,
		.rewrite = rewrite,
		.step = step,
		.arg = arg,
	};

	return run_until_fresh(&run, actor, err);
}

bool
change_needs_status(
    const struct change *change, unsigned bits, struct error *err)
{
	enum filter_status status = change->incident->status;

	if ((bits & IN(status)) != 0)
		return true;
	return error_set(err, ERROR_CONFLICT, "incident %jd is %s",
	    (intmax_t)change->incident->number, filter_status_names[status]);
}

static const struct db_statement add_address = {
	"address an event",
	"INSERT INTO addressed (person, seq) VALUES (?, ?)"
	" ON CONFLICT DO NOTHING",
};

bool
change_address(struct change *change, int64_t person, struct error *err)
{
	if (person == 0 || person == change->actor->person)
		return true;
	return db_run(change->db, &add_address,
	    DB_VALUES(db_int(person), db_int(change->seq)), err);
}

void
change_concerned(const struct change *change, int64_t **people, size_t *n)
{
	const struct incident *incident = change->incident;

	*people = NULL;
	*n = 0;
	if (incident->host != 0)
		*mem_push(change->memory, people, n) = incident->host;
	for (size_t i = 0; i < incident->n_stays; i++)
		if (incident->stays[i].left == 0 &&
		    incident->stays[i].person != incident->host)
			*mem_push(change->memory, people,
			    n) = incident->stays[i].person;
}

bool
change_address_all(
    struct change *change, const int64_t *people, size_t n, struct error *err)
{
	for (size_t i = 0; i < n; i++)
		if (!change_address(change, people[i], err))
			return false;
	return true;
}

static const struct db_statement add_timer = {
	"add a timer",
	"INSERT INTO timer (due, incident, kind) VALUES (?, ?, ?)"
	" ON CONFLICT DO NOTHING",
};

bool
change_timer(
    struct change *change, enum timer_kind kind, int64_t due, struct error *err)
{
	return db_run(change->db, &add_timer,
	    DB_VALUES(
		db_int(due), db_int(change->incident->number), db_int(kind)),
	    err);
}

bool
actor_may_change(const struct actor *actor, struct error *err)
{
	return actor->person == 0 || actor_may_write(actor, err);
}
