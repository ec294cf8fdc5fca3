/* SPDX-License-Identifier: ISC */
#ifndef FILTER_MATCHER_INSIDE_H
#define FILTER_MATCHER_INSIDE_H

/* What matcher.c and matcher_index.c share. */

#include "filter/cover.h"
#include "filter/index.h"
#include "filter/matcher.h"
#include "filter/reclaim.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

/*
 * The filters stand in segments of slots, each twice as large as the one before
 * it, so that growing never moves one and a reader needs no lock while it
 * reads. What was taken out is freed when nobody can be reading it any more.
 *
 * A large index knows nearly all slots, a small one most of those that came
 * since it was built, and the last few are read for every document. An index
 * never changes: a thread in the background builds the next one aside and puts
 * it in place of the old, the small one often, the large one when the small one
 * is no longer small. A slot that an index names may be empty by now, or taken
 * by another filter, since each candidate is read anyway.
 */
enum {
	FIRST_SEGMENT = 1024, /* slots */
	SEGMENTS = 22,
	LAST_FEW = 64, /* filters that are not worth an index */
};

/*
 * What a reading looks at first stands first. All but the cover and what is of
 * it never changes once it stands in a slot.
 */
struct entry {
	int64_t id;
	struct filter *filter; /* owns the entry */
	uint64_t added; /* version */
	struct runs runs; /* that a document has to have */
	_Atomic uint64_t grams; /* entry_grams() of the cover */
	unsigned uses;
	uint32_t slot;
	bool certain; /* filter_is_certain() */
	_Atomic(struct cover *) cover; /* or NULL; owned by nobody else */
};

typedef _Atomic(struct entry *) slot_t;

struct matcher {
	slot_t *segments[SEGMENTS]; /* set before `used` lets a reader there */
	struct frequency *frequency;
	struct reclaim *reclaim;
	_Atomic unsigned readings;

	pthread_mutex_t building; /* who builds an index; taken before lock */

	pthread_mutex_t lock; /* guards all below, and the talloc children */
	struct map *entries; /* by id */
	size_t used; /* slots that were ever in use */
	uint32_t *vacant; /* slots below `used` that are empty now */
	size_t n_vacant;
	uint64_t version;
	struct index *large, *small; /* or NULL */
	size_t n_large; /* filters in it */
	uint32_t *recent; /* slots filled since large, in that order */
	size_t n_recent;
	size_t n_small; /* of these, those that small knows */
	bool choose; /* covers anew */

	pthread_cond_t work; /* with lock: there is something to index */
	pthread_t thread;
	bool has_thread, ends;
};

/* The slot of that number: number + FIRST_SEGMENT names segment and place. */
static inline slot_t *
slot_at(const struct matcher *matcher, size_t number)
{
	size_t place = number + FIRST_SEGMENT;
	unsigned top = 63U - (unsigned)__builtin_clzll(place);
	unsigned segment = top - 10; /* FIRST_SEGMENT is 2^10 */

	return &matcher->segments[segment][place - ((size_t)1 << top)];
}

static_assert(FIRST_SEGMENT == 1 << 10, "slot_at counts on it");
static_assert(SEGMENTS + 10 <= 32, "a slot's number has 32 bits");

enum { NO_GRAM = 1 << 15 }; /* in a place of four that is not used */

static_assert(
    COVER_GRAMS == 4 && (int)GRAMS <= (int)NO_GRAM, "four make one number");

/* The grams of a cover as one number, so that a reading need not go there. */
static inline uint64_t
entry_grams(const struct cover *cover)
{
	uint64_t grams = 0;

	for (unsigned i = COVER_GRAMS; i-- > 0;) {
		bool is_used = cover != NULL && i < cover->n_grams;

		grams = grams << 16 | (is_used ? cover->grams[i] : NO_GRAM);
	}
	return grams;
}

/* matcher_index.c: starts nothing, but ends what was started. */
void matcher_end_thread(struct matcher *matcher);

#endif
