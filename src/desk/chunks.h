/* SPDX-License-Identifier: ISC */
#ifndef DESK_CHUNKS_H
#define DESK_CHUNKS_H

/*
 * For desk/ only: the lists of filters as the store has them. A list is the
 * journal numbers of what a filter matched, and of the notices after that of
 * the incidents that it had matched: it follows from the tables matched and
 * journal, and no number of it ever changes. What is older is in chunks, which
 * a follower of the journal writes; its place says how far. A chunk may hold
 * numbers after the place (of a batch that is not finished), but a list that
 * has a number has all before it: so whoever writes skips what is there, and a
 * batch that was broken off is simply written again.
 *
 * One event makes as many entries as filters matched its incident: a batch is
 * bounded by events, for the disk, and by entries, for memory.
 */

#include "store/db.h"

struct desk;

/* For tests to make small, before a desk is opened. */
extern struct chunks_bounds {
	int64_t events; /* of a batch, at most */
	/*
	 * Of a batch, where it ends before that. Matches and notices are
	 * counted each for themselves, and the event that goes over it is in
	 * the batch: so it has at most twice as many, and two events' more.
	 */
	size_t entries;
} chunks_bounds;

/* The journal number up to which all lists are written. */
MUST_CHECK bool chunks_place(struct db *db, int64_t *ret, struct error *err);

/*
 * Newest numbers before `before` (0: from the newest) that are written of a
 * filter's list, newest first, at most `most`.
 */
MUST_CHECK bool chunks_newest(struct db *db, int64_t filter, int64_t before,
    int64_t *ret, size_t most, size_t *n, struct error *err);

/* --- what is to be written */

/* A number of a list: filter * 2^32 + number. So sorted it goes by list. */
static inline int64_t
entry_make(int64_t filter, int64_t seq)
{
	return (int64_t)((uint64_t)filter << 32 | (uint64_t)seq);
}

static inline int64_t
entry_filter(int64_t entry)
{
	return entry >> 32;
}

static inline int64_t
entry_seq(int64_t entry)
{
	return entry & INT64_C(0xffffffff);
}

struct entries {
	int64_t *all;
	size_t n;
	int64_t upto; /* the journal number that they go up to */
};

/*
 * The entries that the events after `after` up to `upto` make, each once, in
 * no order; or up to a number before that if there are as many as a batch may
 * have. It goes up to one event at least.
 */
MUST_CHECK bool chunks_gather(void *owner, struct db *db, int64_t after,
    int64_t upto, struct entries *ret, struct error *err);

/*
 * Writer's thread: writes n sorted entries of one filter behind its list, but
 * those that are there.
 */
MUST_CHECK bool chunks_append(
    struct db *db, const int64_t *entries, size_t n, struct error *err);

/*
 * Writes the next batch of the journal, in jobs so short that they hold up
 * nobody; *place is the place after it. Breaks off when the desk ends.
 */
MUST_CHECK bool
chunks_follow(struct desk *desk, int64_t *place, struct error *err);

/* Writes all full batches that there are; after a command that wrote much. */
MUST_CHECK bool chunks_catch_up(struct desk *desk, struct error *err);

/* --- chunks_check.c: whether they are right */

/* Adds a line to *damage (see desk_verify) if lists are not what they ought. */
MUST_CHECK bool
chunks_check(void *owner, struct db *db, char **damage, struct error *err);

/*
 * Writes all that is not written, and lists that are not what they ought to be
 * anew.
 */
MUST_CHECK bool chunks_repair(struct desk *desk, struct error *err);

#endif
