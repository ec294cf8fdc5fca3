/* SPDX-License-Identifier: ISC */
#ifndef DESK_STEPS_H
#define DESK_STEPS_H

/*
 * The things that can happen to an incident: one function each, with the word
 * of the journal, the URL and the command. Each is one transaction: checks,
 * change, journal, matching; it returns when that is durable. A failed step
 * changed nothing. Common errors: ERROR_FORBIDDEN without scope write,
 * ERROR_NOT_FOUND, ERROR_GONE (withdrawn), ERROR_CONFLICT with the status or
 * the other incident's number, ERROR_INVALID with fields. A step that is
 * already so succeeds and changes nothing.
 *
 * Texts: valid UTF-8 without NUL, line ends as they came (made LF here).
 */

#include "desk/desk.h"
#include "desk/incident.h"

/* --- report */

struct report {
	const char *title, *body, *environment; /* NULL or blank: not given */
	const char *const *tags; /* as written; folded and checked here */
	size_t n_tags;
	const char *severity; /* NULL: normal */
	int64_t hands; /* 0: 1 */
	const char *customer_name, *customer_email; /* or NULL */
	const char *key; /* or NULL */
};

struct reported {
	int64_t incident;
	bool is_new; /* false: the key was seen before, nothing changed */
};

/*
 * Anybody. actor->person 0 is the public: severity low, normal or high,
 * BODY_MAX_PUBLIC, "hands" is not taken. A person who is no bot is its host.
 */
MUST_CHECK bool desk_report(struct desk *desk, const struct actor *actor,
    const struct report *report, struct reported *ret, struct error *err);

/* --- edit (a merge patch: NULL leaves it) */

struct edit {
	const char *title, *body, *environment;
	bool has_tags;
	const char *const *tags;
	size_t n_tags;
	const char *severity;
	int64_t hands; /* 0 leaves it */
	bool has_promised;
	int64_t promised; /* time; 0 takes it back */
	const char *host; /* handle; "none" is 422: never none */
	int64_t if_changed; /* ETag's number; 0: not asked (412 if another) */
};

/*
 * All of it in one transaction, one journal row a fact: edit for texts, tags,
 * severity and hands; promise; host. In any status but: promise needs open or
 * swarming, host not closed.
 */
MUST_CHECK bool desk_edit(struct desk *desk, const struct actor *actor,
    int64_t incident, const struct edit *edit, struct error *err);

/* --- the swarm */

MUST_CHECK bool desk_join(struct desk *desk, const struct actor *actor,
    int64_t incident, enum swarm_role role, struct error *err);
MUST_CHECK bool desk_leave(struct desk *desk, const struct actor *actor,
    int64_t incident, struct error *err);

/* People by handle, or tags; at least one. note may be NULL: a note of hers. */
struct pull_request {
	const char *const *people;
	size_t n_people;
	const char *const *tags;
	size_t n_tags;
	const char *note;
};
MUST_CHECK bool desk_pull(struct desk *desk, const struct actor *actor,
    int64_t incident, const struct pull_request *pull, struct error *err);

/* --- posts; *ret is the new post's number */

MUST_CHECK bool
desk_reply(struct desk *desk, const struct actor *actor, int64_t incident,
    const char *text, bool host_none, int64_t *ret, struct error *err);
MUST_CHECK bool desk_note(struct desk *desk, const struct actor *actor,
    int64_t incident, const char *text, int64_t *ret, struct error *err);

/* By its author or an admin; if_changed 0: not asked. */
MUST_CHECK bool
desk_post_edit(struct desk *desk, const struct actor *actor, int64_t incident,
    int64_t post, const char *text, int64_t if_changed, struct error *err);
MUST_CHECK bool desk_post_withdraw(struct desk *desk, const struct actor *actor,
    int64_t incident, int64_t post, int64_t if_changed, struct error *err);

/* --- fix, answer */

struct fix {
	const char *resolution; /* blank is 422 */
	const char *cause, *environment; /* or NULL */
	const char *title, *issue; /* of the article; NULL: the incident's */
	bool publish;
};
MUST_CHECK bool desk_fix(struct desk *desk, const struct actor *actor,
    int64_t incident, const struct fix *fix, struct error *err);

/* text may be NULL: a reply to the customer that joins nobody. */
MUST_CHECK bool desk_answer(struct desk *desk, const struct actor *actor,
    int64_t incident, int64_t article, const char *text, struct error *err);

/* --- the end, and again */

/* reason: needed unless it is resolved; a note. */
MUST_CHECK bool desk_close(struct desk *desk, const struct actor *actor,
    int64_t incident, const char *reason, struct error *err);
/* text may be NULL; a person's is a note. */
MUST_CHECK bool desk_reopen(struct desk *desk, const struct actor *actor,
    int64_t incident, const char *text, struct error *err);
MUST_CHECK bool desk_duplicate(struct desk *desk, const struct actor *actor,
    int64_t incident, int64_t of, struct error *err);
MUST_CHECK bool
desk_withdraw(struct desk *desk, const struct actor *actor, int64_t incident,
    const char *reason, int64_t if_changed, struct error *err);

/* --- the customer, who came by the status link (access.h) */

MUST_CHECK bool
desk_customer_reply(struct desk *desk, const struct actor *actor,
    int64_t incident, const char *text, struct error *err);
/* rating 0: none, else 1 to 5 (422); comment may be NULL. */
MUST_CHECK bool desk_confirm(struct desk *desk, const struct actor *actor,
    int64_t incident, int64_t rating, const char *comment, struct error *err);
MUST_CHECK bool
desk_customer_reopen(struct desk *desk, const struct actor *actor,
    int64_t incident, const char *text, struct error *err);

/* A new status link; the old one is void. Journal: link. */
MUST_CHECK bool desk_renew_link(struct desk *desk, const struct actor *actor,
    int64_t incident, struct error *err);

/* --- time */

enum timer_kind { TIMER_OVERDUE, TIMER_ORPHAN, TIMER_CLOSE };

/*
 * Does what is due now: writes overdue and orphan, closes what was resolved
 * for longer than close-after. *next is when the next one is due, 0: none is.
 */
MUST_CHECK bool desk_tick(struct desk *desk, int64_t *next, struct error *err);

#endif
