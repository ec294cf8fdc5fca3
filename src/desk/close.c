/* SPDX-License-Identifier: ISC */
#include "desk/parts.h"

/* The end of an incident, by a person or by its customer. */

#include "base/json.h"
#include "base/mem.h"

#include <string.h>

bool
change_close(struct change *change, enum journal_kind kind, json_t *detail,
    struct error *err)
{
	change->incident->status = STATUS_CLOSED;
	stays_end(change);
	if (!change_event(change, kind, detail, RAISE_NONE, err))
		return false;
	change->incident->closed = change->seq;
	return stays_ended(change, err) && change_stamp(change, err);
}

static bool
close_step(struct change *change, void *arg, struct error *err)
{
	const char *reason = arg;
	const struct incident *incident = change->incident;
	json_t *detail;

	if (incident->status == STATUS_CLOSED)
		return true;
	if (incident->status != STATUS_RESOLVED && reason == NULL)
		return error_field(err, "reason", 0,
		    "is needed, since incident %jd is %s: say why it ends",
		    (intmax_t)incident->number,
		    filter_status_names[incident->status]);
	if (reason != NULL && !change_say(change, POST_NOTE, reason, err))
		return false;
	detail = mem_made(json_object());
	json_put_text(detail, "reason", reason);
	return change_close(change, JOURNAL_CLOSE, detail, err);
}

bool
desk_close(struct desk *desk, const struct actor *actor, int64_t incident,
    const char *reason, struct error *err)
{
	void *memory = mem_root("close");
	char *taken = NULL;
	bool ok;

	ok = actor_may_write(actor, err) &&
	    text_taken(memory, reason, "reason", POST_MAX, &taken, err) &&
	    desk_change(desk, actor, incident, 0, close_step, taken, err);
	talloc_free(memory);
	return ok;
}

/* --- the customer says that it is solved */

struct confirmation {
	int64_t rating;
	char *comment; /* or NULL */
};

static const struct db_statement count_confirmed = {
	"was it confirmed since it closed",
	"SELECT count(*) FROM journal"
	" WHERE incident = ? AND seq >= ? AND kind = 'confirm'",
};

/* Confirmed already, with nothing new to say. */
static bool
is_so(struct change *change, const struct confirmation *said, bool *ret,
    struct error *err)
{
	const struct incident *incident = change->incident;
	int64_t confirmed = 0;

	*ret = false;
	if (incident->closed == 0 ||
	    (said->rating != 0 && said->rating != incident->rating) ||
	    (said->comment != NULL &&
		(incident->comment == NULL ||
		    strcmp(said->comment, incident->comment) != 0)))
		return true;
	if (!db_number(change->db, &count_confirmed,
		DB_VALUES(db_int(incident->number), db_int(incident->closed)),
		&confirmed, err))
		return false;
	*ret = confirmed > 0;
	return true;
}

static json_t *
confirm_detail(const struct confirmation *said)
{
	json_t *detail = mem_made(json_object());

	if (said->rating != 0)
		json_put_int(detail, "rating", said->rating);
	else
		json_put_text(detail, "rating", NULL);
	json_put_text(detail, "comment", said->comment);
	return detail;
}

static bool
confirm_step(struct change *change, void *arg, struct error *err)
{
	const struct confirmation *said = arg;
	struct incident *incident = change->incident;
	struct change followed;
	int64_t *people;
	size_t n;
	bool so;

	if (!change_followed(change, &followed, err) ||
	    !change_needs_status(
		&followed, IN(STATUS_RESOLVED) | IN(STATUS_CLOSED), err) ||
	    !is_so(change, said, &so, err))
		return false;
	if (so)
		return true;
	change_concerned(change, &people, &n);
	if (said->rating != 0)
		incident->rating = said->rating;
	if (said->comment != NULL)
		incident->comment = mem_copy(incident, said->comment);
	if (incident->duplicate_of != 0)
		return change_event(change, JOURNAL_CONFIRM,
		    confirm_detail(said), RAISE_NONE, err);
	return (incident->status == STATUS_CLOSED
		       ? change_event(change, JOURNAL_CONFIRM,
			     confirm_detail(said), RAISE_NONE, err)
		       : change_close(change, JOURNAL_CONFIRM,
			     confirm_detail(said), err)) &&
	    change_address_all(change, people, n, err);
}

bool
desk_confirm(struct desk *desk, const struct actor *actor, int64_t incident,
    int64_t rating, const char *comment, struct error *err)
{
	struct confirmation said = { .rating = rating };
	void *memory = mem_root("confirm");
	bool ok = true;

	if (rating < 0 || rating > 5)
		ok = error_field(err, "rating", 0, "must be 1 to 5");
	ok = text_taken(
		 memory, comment, "comment", POST_MAX, &said.comment, err) &&
	    ok;
	ok = ok &&
	    desk_change(desk, actor, incident, CHANGE_DUPLICATES, confirm_step,
		&said, err);
	talloc_free(memory);
	return ok;
}
