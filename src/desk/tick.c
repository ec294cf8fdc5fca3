/* SPDX-License-Identifier: ISC */
#include "desk/parts.h"

/*
 * What time alone changes. A timer is a note to look at an incident: whether
 * its time has really come is asked of the incident as it is then, and a timer
 * that came too early (a setting was raised) is set anew.
 */

#include "base/check.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "desk/inside.h"

struct timer {
	int64_t due, incident;
	enum timer_kind kind;
};

/* --- when: a time, or 0 if there is nothing to wait for */

static int64_t
overdue_when(const struct desk *desk, const struct incident *incident,
    const struct timer *timer)
{
	(void)desk;
	if ((IN(incident->status) & (IN(STATUS_OPEN) | IN(STATUS_SWARMING))) ==
		0 ||
	    incident->overdue || incident->promised != timer->due)
		return 0;
	return incident->promised;
}

static int64_t
orphan_when(const struct desk *desk, const struct incident *incident,
    const struct timer *timer)
{
	int64_t after = desk->orphan_after;

	(void)timer;
	if (incident->status != STATUS_OPEN || incident->joined ||
	    incident->orphan || after == 0)
		return 0;
	return incident->reported + after;
}

static int64_t
close_when(const struct desk *desk, const struct incident *incident,
    const struct timer *timer)
{
	int64_t after = desk->close_after;

	(void)timer;
	if (incident->status != STATUS_RESOLVED || after == 0)
		return 0;
	return incident->resolved + after;
}

/* --- what happens then */

static bool
overdue_happens(struct change *change, struct error *err)
{
	int64_t *people;
	size_t n;

	change_concerned(change, &people, &n);
	change->incident->overdue = true;
	return change_event(change, JOURNAL_OVERDUE, mem_made(json_object()),
		   RAISE_NONE, err) &&
	    change_address_all(change, people, n, err);
}

static bool
orphan_happens(struct change *change, struct error *err)
{
	change->incident->orphan = true;
	return change_event(
	    change, JOURNAL_ORPHAN, mem_made(json_object()), RAISE_NONE, err);
}

static bool
close_happens(struct change *change, struct error *err)
{
	json_t *detail = mem_made(json_object());

	json_put_text(detail, "reason", NULL);
	return change_close(change, JOURNAL_CLOSE, detail, err);
}

static const struct {
	int64_t (*when)(
	    const struct desk *, const struct incident *, const struct timer *);
	bool (*happens)(struct change *, struct error *);
} rules[] = {
	[TIMER_OVERDUE] = { overdue_when, overdue_happens },
	[TIMER_ORPHAN] = { orphan_when, orphan_happens },
	[TIMER_CLOSE] = { close_when, close_happens },
};

static int64_t
when(const struct desk *desk, const struct incident *incident,
    const struct timer *timer)
{
	if (incident->withdrawn != 0 || incident->duplicate_of != 0)
		return 0;
	return rules[timer->kind].when(desk, incident, timer);
}

/* --- one timer */

static const struct db_statement drop_timer = {
	"drop a timer",
	"DELETE FROM timer WHERE due = ? AND incident = ? AND kind = ?",
};

static bool
drop(struct db *db, const struct timer *timer, struct error *err)
{
	return db_run(db, &drop_timer,
	    DB_VALUES(db_int(timer->due), db_int(timer->incident),
		db_int(timer->kind)),
	    err);
}

static bool
timer_step(struct change *change, void *arg, struct error *err)
{
	const struct timer *timer = arg;
	int64_t then = when(change->desk, change->incident, timer);

	if (!drop(change->db, timer, err))
		return false;
	if (then == 0)
		return true;
	if (then > clock_now())
		return change_timer(change, timer->kind, then, err);
	return rules[timer->kind].happens(change, err);
}

/* --- all that are due, in turns */

enum { TURN = 256 };

struct due {
	struct timer timers[TURN], moot[TURN];
	size_t n, n_moot;
};

static const struct db_statement due_timers = {
	"timers that are due",
	"SELECT due, incident, kind FROM timer WHERE due <= ?"
	" ORDER BY due, incident, kind LIMIT ?",
};

/* Tells apart what an incident has left behind: no filter is asked of it. */
static bool
sort_timer(const struct desk *desk, struct db *db, struct due *due,
    const struct timer *timer, struct error *err)
{
	void *memory = mem_root("timer");
	struct incident *incident;
	bool ok;

	ok = incident_read(memory, db, timer->incident, &incident, err);
	if (ok && when(desk, incident, timer) != 0)
		due->timers[due->n++] = *timer;
	else if (ok)
		due->moot[due->n_moot++] = *timer;
	talloc_free(memory);
	return ok;
}

static bool
find_due(
    const struct desk *desk, struct db *db, struct due *due, struct error *err)
{
	struct timer timers[TURN];
	size_t n = 0;
	struct db_query *query;
	struct db_row *row;

	query = db_query(
	    db, &due_timers, DB_VALUES(db_int(clock_now()), db_int(TURN)));
	while ((row = db_next(query)) != NULL) {
		CHECK(n < TURN);
		timers[n].due = db_next_int(row);
		timers[n].incident = db_next_int(row);
		timers[n].kind = (enum timer_kind)db_next_int(row);
		CHECK(timers[n].kind <= TIMER_CLOSE);
		db_end_of_row(row);
		n++;
	}
	if (!db_done(query, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!sort_timer(desk, db, due, &timers[i], err))
			return false;
	return true;
}

static bool
drop_moot(struct db *db, void *arg, struct error *err)
{
	const struct due *due = arg;

	for (size_t i = 0; i < due->n_moot; i++)
		if (!drop(db, &due->moot[i], err))
			return false;
	return true;
}

static bool
run_due(struct desk *desk, struct due *due, struct error *err)
{
	const struct actor clerk = {
		.scope = SCOPE_ADMIN,
		.source = "timer",
	};

	if (due->n_moot > 0 && !desk_write(desk, drop_moot, due, err))
		return false;
	for (size_t i = 0; i < due->n && !desk->ending; i++) {
		struct error tried = { 0 };

		/* withdrawn or merged this moment: moot at the next turn */
		if (!desk_change(desk, &clerk, due->timers[i].incident, 0,
			timer_step, &due->timers[i], &tried) &&
		    tried.kind != ERROR_GONE && tried.kind != ERROR_CONFLICT) {
			*err = tried;
			return false;
		}
	}
	return true;
}

static const struct db_statement next_due = {
	"the next timer",
	"SELECT due FROM timer ORDER BY due LIMIT 1",
};

/* One turn: *more says whether there may be more that is due. */
static bool
turn(struct desk *desk, int64_t *next, bool *more, struct error *err)
{
	struct due due = { .n = 0 };
	struct db *db;
	bool ok;

	if (!desk_reader(desk, &db, err))
		return false;
	ok = find_due(desk, db, &due, err) &&
	    db_number(db, &next_due, DB_NO_VALUES, next, err);
	desk_reader_done(desk, db);
	*more = due.n + due.n_moot > 0 && !desk->ending;
	return ok && run_due(desk, &due, err);
}

bool
desk_tick(struct desk *desk, int64_t *next, struct error *err)
{
	int64_t found;
	bool more;

	do {
		found = 0;
		if (!turn(desk, &found, &more, err))
			return false;
	} while (more);
	*next = found;
	return true;
}
