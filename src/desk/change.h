/* SPDX-License-Identifier: ISC */
#ifndef DESK_CHANGE_H
#define DESK_CHANGE_H

/*
 * For desk/ only: how a step changes an incident.
 *
 * The calling thread reads the incident's text with all filters that the step
 * may move (no regex ever runs in the writer), then the step runs inside the
 * writer's transaction on the incident as it then is. If text or filters have
 * become newer meanwhile, the thread reads again. The step changes the struct
 * incident, writes its own rows, and says each fact with change_event(), which
 * writes the journal row, finds what that fact made true of the filters, and
 * keeps the incident's row in step.
 *
 *	static bool
 *	leave_step(struct change *change, void *arg, struct error *err)
 *	{
 *		...checks; change->incident, stays...
 *		return change_event(change, JOURNAL_LEAVE, NULL, raise, err);
 *	}
 */

#include "desk/desk.h"
#include "desk/incident.h"
#include "desk/steps.h"
#include "filter/matcher.h"

struct change {
	struct desk *desk;
	struct db *db;
	const struct actor *actor;
	void *memory; /* until the step is durable or undone */
	struct incident *incident; /* as it is now; the step edits it */
	struct filter_state state; /* as of the last event */
	struct matches *reading; /* of the text as of the last event */
	struct matches *edited; /* of the new text; NULL: no text edit */
	bool is_new; /* a report: nothing was true before */
	/* of a report: writes its rows, when all that is in them is known */
	bool (*add)(struct change *change, struct error *err);
	bool stale; /* text or filters were newer: read again */
	int64_t seq, at; /* of the last event */
	const int64_t *matched; /* filters that it made true, ascending */
	size_t n_matched;
	struct change *other; /* desk_change_two: the second incident's */
	char *facets; /* what feeds show, as of the last event */
	bool fix_moves; /* the next event edits or withdraws its fix */
	bool orphans_wait; /* filters that name is:orphan: not looked at yet */
};

typedef bool change_step(struct change *change, void *arg, struct error *err);

/*
 * Runs a step on an incident. Before the step is called: ERROR_NOT_FOUND,
 * ERROR_GONE for a withdrawn one and, unless CHANGE_DUPLICATES, ERROR_CONFLICT
 * that names the other for a duplicate.
 */
enum { CHANGE_DUPLICATES = 1 };
MUST_CHECK bool
desk_change(struct desk *desk, const struct actor *actor, int64_t incident,
    unsigned flags, change_step *step, void *arg, struct error *err);

/*
 * The same with a second incident in the same transaction, as change->other,
 * read and checked like the first.
 */
MUST_CHECK bool desk_change_two(struct desk *desk, const struct actor *actor,
    const int64_t incidents[2], change_step *step, void *arg,
    struct error *err);

/*
 * An edit of texts or tags. rewrite changes title, body, environment and tags
 * of an incident that was read aside; the step does the same with
 * change->incident, and says JOURNAL_EDIT. Duplicates are taken.
 */
typedef bool change_rewrite(
    void *owner, struct incident *incident, void *arg, struct error *err);
MUST_CHECK bool
desk_change_text(struct desk *desk, const struct actor *actor, int64_t incident,
    change_rewrite *rewrite, change_step *step, void *arg, struct error *err);

/*
 * A person with scope write, the public (a customer by her link), or the
 * operator's command and the clerk (person 0, scope admin).
 */
MUST_CHECK bool actor_may_change(const struct actor *actor, struct error *err);

/* Sets change->facets to what feeds show of the incident now. */
void change_facets(struct change *change);

/* Time alone: due is checked by desk_tick. */
MUST_CHECK bool change_timer(struct change *change, enum timer_kind kind,
    int64_t due, struct error *err);

/*
 * A fact: the journal row, with detail (an object, taken over, or NULL), and
 * all that follows from it. The step has changed the incident before. seq and
 * at of the row are then in change.
 */
MUST_CHECK bool change_event(struct change *change, enum journal_kind kind,
    json_t *detail, enum desk_raise raise, struct error *err);

/*
 * The last event goes to a person whatever she subscribed to, unless she did
 * it herself. Whom an event addresses is settled before its effect: gather
 * first, then change, then call this.
 */
MUST_CHECK bool
change_address(struct change *change, int64_t person, struct error *err);

/* People who are in the swarm, and the host: of customers' events. */
void change_concerned(const struct change *change, int64_t **people, size_t *n);
MUST_CHECK bool change_address_all(
    struct change *change, const int64_t *people, size_t n, struct error *err);

/* ERROR_CONFLICT that names the status, unless it is one of bits (1 << s). */
MUST_CHECK bool change_needs_status(
    const struct change *change, unsigned bits, struct error *err);
#define IN(status) (1u << (status))
#define NOT_CLOSED (IN(STATUS_OPEN) | IN(STATUS_SWARMING) | IN(STATUS_RESOLVED))

/* --- parts of steps that several share; each says its own fact */

/*
 * Joins the actor, or changes her role; nothing if she is in already (for a
 * reply or fix, as helper also if she is a shadow). First helper: open becomes
 * swarming. Answers pulls that asked her.
 */
MUST_CHECK bool
change_join(struct change *change, enum swarm_role role, struct error *err);

/* Ends a stay; a last helper's leaving is a raise. */
MUST_CHECK bool
change_leave(struct change *change, int64_t person, struct error *err);

/* Makes a person the host (0: none). */
MUST_CHECK bool change_host(struct change *change, int64_t person,
    enum desk_raise raise, struct error *err);

/* Writes a post of author (0: the customer) under the last event's number. */
MUST_CHECK bool change_post(struct change *change, enum post_kind kind,
    int64_t author, const char *text, struct error *err);

/* Pulls that asked the actor, by name or by a tag of hers, are answered. */
MUST_CHECK bool
change_answer_pulls(struct change *change, int64_t person, struct error *err);

/* A promise (0: none): clears overdue, sets the timer. */
MUST_CHECK bool
change_promise(struct change *change, int64_t promised, struct error *err);

/*
 * An import's fix, right after the report: the incident is resolved already;
 * event fix with {"imported": true}, which is no notice, the post, the article.
 */
MUST_CHECK bool
fix_imported(struct change *change, const struct fix *fix, struct error *err);

#endif
