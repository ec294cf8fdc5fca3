/* SPDX-License-Identifier: ISC */
#ifndef DESK_STRETCH_H
#define DESK_STRETCH_H

/*
 * For desk/ only: how subscriptions are made, changed and ended inside of a
 * transaction. What needs a filter's past is prepared before:
 *
 *	put_order() for each on the calling thread, with a read connection
 *	past_write(put->past, job, ...), and in the job
 *		put_new(), put_edit(), put_remove()
 *		put_done(), the last step
 */

#include "desk/past.h"
#include "desk/subscription.h"

struct put {
	struct desk *desk;
	const struct actor *actor;
	void *memory;
	struct past *past;
	int64_t *touched; /* filters whose users have changed */
	size_t n_touched;
	struct fresh *fresh; /* filters that nobody had before */
	size_t n_fresh;
};

struct fresh {
	int64_t filter, person;
	size_t past; /* its number in put->past */
};

void put_begin(struct put *put, void *memory, struct desk *desk,
    const struct actor *actor, int64_t time);

/* A filter that may be subscribed to. */
MUST_CHECK bool subscription_filter(void *owner, const char *text,
    const char *me, struct filter **ret, struct error *err);

/* What a subscription is to be. */
struct order {
	int64_t person;
	char *handle;
	char *name; /* NULL leaves it */
	char *text; /* of the filter, canonical; NULL leaves it */
	bool follows_skills;
	size_t past; /* the filter's number in put->past */
	int64_t paused; /* seq of the pause that was seen, 0: it runs */
	size_t missed; /* then: the filter with what changed since */
};

/*
 * Fills in what the past needs of order->text. A canonical text of a filter
 * without `age` (see subscription_filter).
 */
MUST_CHECK bool put_order(
    struct put *put, struct db *db, struct order *order, struct error *err);

MUST_CHECK bool put_new(struct put *put, struct db *db,
    const struct order *order, int64_t *id, struct error *err);
/*
 * old is as the store has it now. An edit of her own ends that it follows her
 * skills; one with order->follows_skills keeps it.
 */
MUST_CHECK bool
put_edit(struct put *put, struct db *db, const struct order *order,
    const struct subscription *old, struct error *err);
MUST_CHECK bool put_remove(struct put *put, struct db *db,
    const struct subscription *old, bool for_good, struct error *err);
MUST_CHECK bool put_done(struct put *put, struct db *db, struct error *err);

/*
 * After the transaction: a fresh filter that was too slow for three texts of
 * the past is paused; and so are the dearest of a person, if with a fresh one
 * all of hers together are too slow for three. So what is slow for texts as
 * they come in every day never meets one that somebody waits for.
 */
void put_vet(struct put *put);

/* All of hers end under the journal number of her disabling. */
MUST_CHECK bool put_remove_all(struct put *put, struct db *db, int64_t person,
    int64_t seq, struct error *err);

/*
 * A paused filter runs again: stretches that hold it end, and others begin
 * with what changed since and matches (a number in put->past).
 */
MUST_CHECK bool put_resume(struct put *put, struct db *db, int64_t filter,
    size_t missed, struct error *err);

/* What its author should know, with what it took in the past. */
void
warnings_find(void *owner, const struct desk *desk, const struct filter *filter,
    const struct past_cost *cost, struct warnings *ret);

/* The filter of a stored text: *paused is its pause, 0; *id 0: there is none.
 */
MUST_CHECK bool filter_find(struct db *db, const char *text, int64_t *id,
    int64_t *paused, struct error *err);

/* Her subscription of that name that is not removed; 0: none. */
MUST_CHECK bool subscription_named(struct db *db, int64_t person,
    const char *name, int64_t *id, struct error *err);

/*
 * Her skills as a subscription. skills_order() before the transaction: *order
 * is what they are to be, or has no text if there are none.
 */
MUST_CHECK bool skills_order(struct put *put, struct db *db,
    struct order *order, char *const *skills, size_t n, struct error *err);
MUST_CHECK bool skills_follow(struct put *put, struct db *db,
    const struct order *order, struct error *err);

#endif
