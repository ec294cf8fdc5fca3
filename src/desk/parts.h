/* SPDX-License-Identifier: ISC */
#ifndef DESK_PARTS_H
#define DESK_PARTS_H

/* For desk/ only: parts of steps that several share, beside change.h. */

#include "desk/article.h"
#include "desk/change.h"
#include "desk/input.h"
#include "desk/person.h"

/* --- what came in */

/*
 * A text that may be left out (input.h): NULL and blank give NULL.
 */
MUST_CHECK bool text_taken(void *owner, const char *text, const char *field,
    size_t most, char **ret, struct error *err);

/* A title that may be left out: one line of at most TITLE_MAX characters. */
MUST_CHECK bool
title_taken(void *owner, const char *text, char **ret, struct error *err);

/* --- facts */

/* The journal number that the next event will have. */
MUST_CHECK bool
change_next(struct change *change, int64_t *ret, struct error *err);

/*
 * A reply or note of the actor (person 0: the customer): the event and the
 * post, nothing else.
 */
MUST_CHECK bool change_say(struct change *change, enum post_kind kind,
    const char *text, struct error *err);

/*
 * A reply of a person and what goes with it: she joins (unless she is the
 * host), is the host if there is none, answers pulls, keeps the promise.
 */
enum { REPLY_JOINS = 1, REPLY_HOST_NONE = 2 };
MUST_CHECK bool change_reply(
    struct change *change, const char *text, unsigned how, struct error *err);

/* As change_join, for a person who need not be the actor. */
MUST_CHECK bool change_join_person(struct change *change,
    const struct person *person, enum swarm_role role, struct error *err);

/* A reply was written: no longer overdue, nor will it be by this promise. */
MUST_CHECK bool change_promise_kept(struct change *change, struct error *err);

/*
 * Everybody leaves with an event that has this effect: stays_end before it,
 * stays_ended after it.
 */
void stays_end(struct change *change);
MUST_CHECK bool stays_ended(struct change *change, struct error *err);

/* Status closed, everybody leaves: what close, confirm and withdraw share. */
MUST_CHECK bool change_close(struct change *change, enum journal_kind kind,
    json_t *detail, struct error *err);

/* After the event that resolved it: when, and the timer that closes it. */
MUST_CHECK bool change_resolved(struct change *change, struct error *err);

/* Writes resolved and closed, which are known after their event. */
MUST_CHECK bool change_stamp(struct change *change, struct error *err);

/*
 * What the customer of a duplicate follows: *ret is like change, with the
 * incident that goes on. Else *ret is change itself. Of it only the incident
 * may be looked at.
 */
MUST_CHECK bool
change_followed(struct change *change, struct change *ret, struct error *err);

/* Adds who was in it when it closed; nobody if it is not closed. */
MUST_CHECK bool
change_was_in(struct change *change, const struct incident *incident,
    int64_t **people, size_t *n, struct error *err);

#endif
