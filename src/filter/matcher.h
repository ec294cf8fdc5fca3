/* SPDX-License-Identifier: ISC */
#ifndef FILTER_MATCHER_H
#define FILTER_MATCHER_H

/*
 * The reverse search: a set of filters, and which of them match one document.
 * Any thread may read while one other adds and removes.
 *
 * This matcher evaluates every filter of the set: the plain truth that a faster
 * one is measured against.
 */

#include "filter/filter.h"

struct matcher;

struct matcher *matcher_new(void *owner);

/*
 * Adds a filter under a number that is not in the set. The matcher takes the
 * filter over: it was parsed with an owner of NULL and nobody else frees it.
 */
void matcher_add(struct matcher *matcher, int64_t id, struct filter *filter);

/* Removes a filter; unknown numbers are ignored. */
void matcher_remove(struct matcher *matcher, int64_t id);

/* The filter of that number while nobody removes it, or NULL. */
const struct filter *matcher_find(struct matcher *matcher, int64_t id);

size_t matcher_count(struct matcher *matcher);

/* Counts additions: a reading made at this version knows all filters so far. */
uint64_t matcher_version(struct matcher *matcher);

struct match {
	int64_t id;
	const struct filter *filter; /* good as long as the matches */
	enum filter_verdict verdict; /* FILTER_TRUE or FILTER_OPEN */
	struct filter_marks marks;
};

/* A filter that took an eighth of its budget or more. */
struct dear {
	int64_t id;
	int64_t cost; /* CPU time, microseconds */
};

/*
 * A reading of one document: filters that match it or may match it in some
 * state, by ascending number; those that ran out of budget; and those that
 * were dear, whether they match or not, in no order.
 */
struct matches {
	uint64_t version;
	size_t n;
	struct match *all;
	size_t n_over;
	int64_t *over;
	size_t n_dear;
	struct dear *dear;
};

/*
 * Reads a document with every filter that uses one of the given bits
 * (FILTER_USES_ALL: with every filter at all). Freed with talloc_free or with
 * its owner, which lets go of the filters.
 */
struct matches *matcher_read(void *owner, struct matcher *matcher,
    const struct filter_document *document, unsigned uses,
    struct filter_scratch *scratch);

/* True if match holds in that state. */
bool match_holds(const struct match *match, const struct filter_state *state);

#endif
