/* SPDX-License-Identifier: ISC */
#include "desk/change.h"

/*
 * What follows from a fact: the journal row, the filters that it made true
 * (they were false of the incident as of the last fact), and the incident's
 * row. Filters that name is:orphan come last, since whether a topical one
 * matched decides what they see.
 */

#include "base/buf.h"
#include "base/check.h"
#include "base/json.h"
#include "base/mem.h"
#include "desk/inside.h"
#include "desk/matched.h"
#include "desk/numbers.h"

#include <string.h>

/* --- what feeds show of an incident: only its change moves `updated` */

void
change_facets(struct change *change)
{
	const struct incident *in = change->incident;
	struct buf *buf = buf_new(change->memory);

	buf_printf(buf, "%d %d %u %jd %jd %jd %jd", in->status, in->severity,
	    in->hands, (intmax_t)in->host, (intmax_t)in->promised,
	    (intmax_t)in->article, (intmax_t)in->texted);
	for (size_t i = 0; i < in->n_stays; i++)
		if (in->stays[i].left == 0)
			buf_printf(buf, " s%jd/%d",
			    (intmax_t)in->stays[i].person, in->stays[i].role);
	for (size_t i = 0; i < in->n_pulls; i++)
		if (in->pulls[i].open)
			buf_printf(buf, " p%jd", (intmax_t)in->pulls[i].id);
	for (size_t i = 0; i < in->n_known; i++)
		buf_printf(buf, " k%jd", (intmax_t)in->known[i]);
	change->facets = buf->text;
}

/* An entry of its own in some feed: its time is taken (design section 7). */
static bool
is_entry(enum journal_kind kind, enum desk_raise raise)
{
	if (raise != RAISE_NONE && raise != RAISE_REPORTED &&
	    raise != RAISE_MATCHED)
		return true;
	switch (kind) {
	case JOURNAL_REPLY:
	case JOURNAL_FIX:
	case JOURNAL_ANSWER:
	case JOURNAL_PULL:
	case JOURNAL_CLOSE:
	case JOURNAL_CONFIRM:
	case JOURNAL_REOPEN:
	case JOURNAL_OVERDUE:
		return true;
	case JOURNAL_REPORT:
	case JOURNAL_EDIT:
	case JOURNAL_HOST:
	case JOURNAL_PROMISE:
	case JOURNAL_JOIN:
	case JOURNAL_LEAVE:
	case JOURNAL_NOTE:
	case JOURNAL_DUPLICATE:
	case JOURNAL_WITHDRAW:
	case JOURNAL_ORPHAN:
	case JOURNAL_ARTICLE:
	case JOURNAL_PUBLISH:
	case JOURNAL_UNPUBLISH:
	case JOURNAL_HELPED:
	case JOURNAL_PERSON:
	case JOURNAL_TOKEN:
	case JOURNAL_LINK:
	case JOURNAL_SUBSCRIPTION:
	case JOURNAL_PAUSE:
	case JOURNAL_RESUME:
	case JOURNAL_SIGNIN:
	case JOURNAL_TAG:
	case JOURNAL_KINDS:
		break;
	}
	return false;
}

/* --- what an event made true */

struct made_true {
	struct change *change;
	struct filter_state after;
	unsigned moved; /* filters that use one of these may have changed */
	int64_t *filters;
	size_t n;
	bool home; /* one of them is topical and a person's */
	bool orphans; /* there is one that names is:orphan */
};

/* The match of that filter, going up a list by ascending number. */
static const struct match *
match_of(const struct matches *matches, size_t *at, int64_t id)
{
	if (matches == NULL)
		return NULL;
	while (*at < matches->n && matches->all[*at].id < id)
		(*at)++;
	return *at < matches->n && matches->all[*at].id == id
	    ? &matches->all[*at]
	    : NULL;
}

/*
 * Looks at the filters whose use of is:orphan is as asked. What is not in the
 * new reading is false now, so the new reading is all there is to walk.
 */
static void
look(struct made_true *made, bool orphans, bool was_nothing)
{
	struct change *change = made->change;
	const struct matches *now = change->edited != NULL ? change->edited
							   : change->reading;
	size_t at = 0;

	for (size_t i = 0; i < now->n; i++) {
		const struct match *match = &now->all[i];
		unsigned uses = match->uses;
		const struct match *old;

		if ((uses & FILTER_USES_ORPHAN) != 0)
			made->orphans = true;
		if (((uses & FILTER_USES_ORPHAN) != 0) != orphans)
			continue;
		if (!was_nothing && (uses & made->moved) == 0)
			continue;
		if (!match_holds(match, &made->after))
			continue;
		old = was_nothing ? NULL
				  : match_of(change->reading, &at, match->id);
		if (old != NULL && match_holds(old, &change->state))
			continue;
		*mem_push(change->memory, &made->filters, &made->n) = match->id;
		if (!made->home)
			made->home = filters_is_home(change->desk, match->id);
	}
}

static void
find_made_true(struct change *change, struct made_true *made)
{
	struct incident *in = change->incident;
	bool first = change->is_new;

	incident_state(change->memory, in, in->created, &made->after);
	made->moved = filter_state_changes(&change->state, &made->after);
	if (change->edited != NULL)
		made->moved |= FILTER_USES_DOCUMENT;
	look(made, false, first);
	if (made->home) {
		in->homed = true;
		in->orphan = false;
		incident_state(change->memory, in, in->created, &made->after);
		made->moved |= filter_state_changes(
		    &change->state, &made->after);
	}
	if (first && !in->homed && in->status == STATUS_OPEN)
		change->orphans_wait = true; /* until the event orphan */
	else {
		if (made->orphans)
			look(made, true, first || change->orphans_wait);
		change->orphans_wait = false;
	}
	made->n = numbers_sort(made->filters, made->n);
}

/* --- the incident's row */

static const struct db_statement keep_row = {
	"incident: keep in step",
	"UPDATE incident SET raised = ?, changed = ?, shown = ?, texted = ?,"
	" updated = ?, status = ?, severity = ?, host = ?, hands = ?,"
	" promised = ?, orphan = ?, overdue = ?, homed = ?, joined = ?,"
	" resolved = ?, closed = ?, article = ?, answered = ?,"
	" duplicate_of = ?, withdrawn = ?, rating = ?, comment = ?"
	" WHERE id = ?",
};

static bool
keep_in_step(struct change *change, struct error *err)
{
	const struct incident *in = change->incident;

	return db_run(change->db, &keep_row,
	    DB_VALUES(db_int(in->raised), db_int(in->changed),
		db_int(in->shown), db_int(in->texted), db_int(in->updated),
		db_int(in->status), db_int(in->severity), db_some(in->host),
		db_int(in->hands), db_some(in->promised), db_int(in->orphan),
		db_int(in->overdue), db_int(in->homed), db_int(in->joined),
		db_some(in->resolved), db_some(in->closed),
		db_some(in->article), db_int(in->answered),
		db_some(in->duplicate_of), db_some(in->withdrawn),
		db_some(in->rating), db_text(in->comment), db_int(in->number)),
	    err);
}

static void
move_updated(struct change *change, const struct event *event)
{
	struct incident *in = change->incident;
	const char *before = change->facets;

	change_facets(change);
	if (event->kind == JOURNAL_REPORT || change->fix_moves ||
	    strcmp(before, change->facets) != 0) {
		bool taken = change->fix_moves ||
		    is_entry(event->kind, event->raise);

		in->shown = event->seq;
		in->updated = event->at + taken;
	}
	change->fix_moves = false;
}

/* The incident as of the event. */
static void
move_on(struct change *change, const struct event *event)
{
	struct incident *in = change->incident;

	change->seq = event->seq;
	change->at = event->at;
	in->changed = event->seq;
	if (event->kind == JOURNAL_REPORT || change->edited != NULL)
		in->texted = event->seq;
	if (event->raise != RAISE_NONE)
		in->raised = event->seq;
	move_updated(change, event);
}

bool
change_event(struct change *change, enum journal_kind kind, json_t *detail,
    enum desk_raise raise, struct error *err)
{
	struct incident *in = change->incident;
	struct made_true made = { .change = change };
	struct event event = {
		.kind = kind,
		.incident = in->number,
		/* it counts there as reuse: readers of articles look again */
		.article = kind == JOURNAL_ANSWER ? in->article : 0,
		.person = change->actor->person,
		.detail = detail == NULL ? NULL
					 : json_owned(change->memory, detail),
	};

	if (in->duplicate_of == 0 && in->withdrawn == 0)
		find_made_true(change, &made);
	if (raise == RAISE_NONE && made.n > 0 && kind == JOURNAL_EDIT)
		raise = RAISE_MATCHED;
	event.raise = raise;
	if (!journal_next(change->db, &event, err))
		return false;
	move_on(change, &event);
	if (!(change->is_new ? change->add : keep_in_step)(change, err) ||
	    !journal_insert(change->db, &event, change->actor->address, err))
		return false;
	if (made.n > 0 &&
	    !matched_add(
		change->db, in->number, event.seq, made.filters, made.n, err))
		return false;
	change->matched = made.filters;
	change->n_matched = made.n;
	incident_state(change->memory, in, in->created, &change->state);
	if (change->edited != NULL)
		change->reading = change->edited;
	change->edited = NULL;
	change->is_new = false;
	return true;
}
