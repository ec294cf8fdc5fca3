/* SPDX-License-Identifier: ISC */
#include "desk/parts.h"

/*
 * A time that was promised to the customer. It is overdue when that time is
 * past and no reply was written since the promise: so a reply takes the timer
 * away, and the promise stands.
 */

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"

static const struct db_statement drop_timer = {
	"drop the timer of a promise",
	"DELETE FROM timer WHERE due = ? AND incident = ? AND kind = ?",
};

bool
change_promise_kept(struct change *change, struct error *err)
{
	struct incident *incident = change->incident;

	incident->overdue = false;
	return incident->promised == 0 ||
	    db_run(change->db, &drop_timer,
		DB_VALUES(db_int(incident->promised), db_int(incident->number),
		    db_int(TIMER_OVERDUE)),
		err);
}

bool
change_promise(struct change *change, int64_t promised, struct error *err)
{
	struct incident *incident = change->incident;
	json_t *detail;

	if (!change_needs_status(
		change, IN(STATUS_OPEN) | IN(STATUS_SWARMING), err))
		return false;
	if (incident->promised == promised)
		return true;
	if (promised != 0 && promised <= clock_now())
		return error_field(
		    err, "promised", 0, "is past: promise a time to come");
	if (!change_promise_kept(change, err))
		return false;

	incident->promised = promised;
	detail = mem_made(json_object());
	json_put_time(detail, "promised", promised);
	return change_event(change, JOURNAL_PROMISE, detail, RAISE_NONE, err) &&
	    (promised == 0 ||
		change_timer(change, TIMER_OVERDUE, promised, err));
}
