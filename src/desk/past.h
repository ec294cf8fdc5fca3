/* SPDX-License-Identifier: ISC */
#ifndef DESK_PAST_H
#define DESK_PAST_H

/*
 * For desk/ only: what filters would have caught of the last 10,000 incidents,
 * found before the transaction in which their stretches begin.
 */

#include "base/clock.h"
#include "desk/desk.h"
#include "filter/filter.h"
#include "store/writer.h"

enum {
	PAST_INCIDENTS = 10000, /* as far back as it looks */
	PAST_MAX = 50, /* what one filter gets of it */
	PAST_PERSONAL = 20, /* of these in the personal feed, if open */
	PAST_OVER = 3, /* texts that a filter may be too slow for */
	PAST_DEAR = 8, /* those that are remembered as dear (matcher.h) */
};
#define PAST_TIME_ONE (2 * SECOND)
#define PAST_TIME_MANY (20 * SECOND)

struct caught {
	int64_t incident;
	bool open; /* or swarming */
};

struct past;

/* time: how long the first look may take, in microseconds. */
struct past *past_new(void *owner, struct desk *desk, int64_t time);

/*
 * Adds a filter that runs, by its canonical text; the same text and since have
 * the same number. since: only incidents that changed after that journal
 * number; 0: all.
 */
size_t past_add(struct past *past, const char *text, int64_t since);

/*
 * As desk_write, but first looks, and inside of the job all that was added is
 * as of this transaction. A filter is not added from inside of the job.
 */
MUST_CHECK bool
past_write(struct past *past, writer_job *job, void *arg, struct error *err);

/* What a filter caught, newest first. */
const struct caught *
past_caught(const struct past *past, size_t filter, size_t *n);

/* What a filter took there, of incidents that it was run over. */
struct past_cost {
	int64_t usual; /* CPU time on a text, on average; microseconds */
	int64_t over_at[PAST_OVER]; /* incidents it was too slow for */
	size_t n_over; /* after so many it was stopped */
	int64_t dear_at[PAST_DEAR]; /* the newest that it was dear on */
	size_t n_dear;
};
struct past_cost past_cost(const struct past *past, size_t filter);

/* --- without a transaction: all that one filter would have caught */

struct counted {
	int64_t matches, of;
	int64_t oldest; /* when the oldest one looked at was created */
	struct past_cost cost;
	bool ran_out; /* of time: there are older ones to look at */
	struct caught newest[PAST_MAX];
	size_t n_newest;
};
MUST_CHECK bool past_count(struct desk *desk, struct db *db, const char *text,
    int64_t time, struct counted *ret, struct error *err);

#endif
