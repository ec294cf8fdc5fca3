/* SPDX-License-Identifier: ISC */
#ifndef DESK_LISTS_H
#define DESK_LISTS_H

/*
 * For desk/ only: the log of matches, by filter and by person. A filter's list
 * has the journal numbers of what it matched and of the notices after that of
 * incidents that it had matched; memory has the newest of them and all that
 * chunks.h has not written, the rest is read from there. Where so much has come
 * that memory would grow beyond its bound before it is written, memory forgets
 * that too: then it is read from the journal until it is. A person's own list
 * has what is addressed to her, pauses of her filters, and notices of incidents
 * of her past (see struct stretch); it is whole in memory, 4 bytes a number,
 * since it grows by what people do with each other and not by what comes in.
 */

#include "desk/desk.h"

struct lists;

/* For tests to make small, before a desk is opened. */
extern struct lists_bounds {
	size_t keep; /* numbers of a filter that memory has at least */
	int64_t batch; /* events that are worth to be written */
	/*
	 * Numbers beyond keep, of all filters together: so many are worth to
	 * be written, however few events made them (as many as a batch of
	 * chunks.h has); and so many, and those of one event more, are all
	 * that memory has. A number takes 4 bytes, in arrays up to twice that.
	 */
	size_t spare, spare_most;
} lists_bounds;

/*
 * Copies the newest numbers before `before` (0: from the newest) of a list, at
 * most most, newest first; *n is how many. What memory does not have is read
 * on db; it may also give numbers that were committed after db's view began.
 */
MUST_CHECK bool
lists_of_filter(struct lists *lists, struct db *db, int64_t filter,
    int64_t before, int64_t *ret, size_t most, size_t *n, struct error *err);
size_t lists_of_person(struct lists *lists, int64_t person, int64_t before,
    int64_t *ret, size_t most);

/*
 * One round of the follower that writes chunks: memory forgets what an earlier
 * round has written; then a batch is written if enough has gathered, by events
 * or by what they matched, or if nothing else goes on and there is anything at
 * all. Any thread.
 */
MUST_CHECK bool lists_follow(struct desk *desk, bool idle, struct error *err);

/*
 * The person's subscriptions, ascending, each once, that have or had a filter
 * of which has() is true; false if the incident is in a past of hers, of which
 * memory does not know whose.
 */
MUST_CHECK bool
lists_subscriptions_with(void *owner, struct lists *lists, int64_t person,
    int64_t incident, bool (*has)(int64_t filter, const void *arg),
    const void *arg, int64_t **ret, size_t *n);

/* See timeline.h: 0 if memory knows no such person or subscription. */
int64_t lists_version_of_person(struct lists *lists, int64_t person);
int64_t lists_version_of_subscription(
    struct lists *lists, int64_t person, int64_t subscription);

#endif
