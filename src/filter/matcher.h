/* SPDX-License-Identifier: ISC */
#ifndef FILTER_MATCHER_H
#define FILTER_MATCHER_H

/*
 * The reverse search: a set of filters, and which of them match one document.
 * Any thread may read while others add and remove. An index finds the few
 * filters that may match, and each of those is read exactly, so that the answer
 * is what reading every filter would give.
 */

#include "filter/filter.h"

struct frequency;
struct matcher;

struct matcher *matcher_new(void *owner);

/*
 * From now on a thread of the matcher's own indexes what is added. Without it
 * matcher_index does, and until then what was added is read for every document.
 */
MUST_CHECK bool
matcher_index_in_background(struct matcher *matcher, struct error *err);

/*
 * Adds a filter under a number that is not in the set. The matcher takes the
 * filter over: it was parsed with an owner of NULL and nobody else frees it.
 * It counts for every reading that begins from now on.
 */
void matcher_add(struct matcher *matcher, int64_t id, struct filter *filter);

/* Removes a filter; unknown numbers are ignored. */
void matcher_remove(struct matcher *matcher, int64_t id);

/* The filter of that number while nobody removes it, or NULL. */
const struct filter *matcher_find(struct matcher *matcher, int64_t id);

size_t matcher_count(struct matcher *matcher);

/* Counts additions: a reading made at this version knows all filters so far. */
uint64_t matcher_version(struct matcher *matcher);

/*
 * Learns from a document how common words and tags are, so that filters that
 * are added later are looked up by what is rare. Readings do it too.
 */
void matcher_learn(struct matcher *matcher,
    const struct filter_document *document, struct filter_scratch *scratch);

/* How common it takes words and tags to be. Lives as long as the matcher. */
const struct frequency *matcher_frequency(const struct matcher *matcher);

/* Indexes all filters now, on this thread; readings go on meanwhile. */
void matcher_index(struct matcher *matcher);

struct match {
	int64_t id;
	const struct filter *filter; /* good as long as the matches */
	enum filter_verdict verdict; /* FILTER_TRUE or FILTER_OPEN */
	unsigned uses; /* filter_uses() of it */
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
	size_t read; /* filters that had to be read for it */
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
