/* SPDX-License-Identifier: ISC */
#include "filter/matcher.h"

#include "base/check.h"
#include "base/map.h"
#include "base/mem.h"
#include "filter/eval.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/*
 * The filters stand in segments, each twice as large as the one before it, so
 * that growing never moves one and a reader needs no lock while it reads. What
 * was taken out is freed once every reading that had begun before is gone: a
 * reading pins the removals from its beginning on until its matches are freed.
 */
enum {
	FIRST_SEGMENT = 1024, /* slots */
	SEGMENTS = 40,
};

/* Never changes once it stands in a slot. */
struct entry {
	int64_t id;
	struct filter *filter; /* owns the entry */
	unsigned uses;
	uint64_t added; /* version */
	size_t slot;
	uint64_t removed; /* number of the removal, set when out of its slot */
	struct entry *next_gone;
};

typedef _Atomic(struct entry *) slot_t;

struct reading {
	struct matches matches; /* first, as it is what the caller holds */
	struct matcher *matcher;
	uint64_t removals; /* when it began */
	struct reading *older, *newer;
};

struct matcher {
	slot_t *segments[SEGMENTS]; /* set before `used` lets a reader there */
	pthread_mutex_t lock; /* guards all below, and the talloc children */
	struct map *entries; /* by id */
	size_t used; /* slots that were ever in use */
	size_t *vacant; /* slots below `used` that are empty now */
	size_t n_vacant;
	uint64_t version, removals;
	struct reading *oldest, *newest;
	struct entry *first_gone, *last_gone; /* by number of the removal */
};

/* The slot of that number: number + FIRST_SEGMENT names segment and place. */
static slot_t *
slot_at(const struct matcher *matcher, size_t number)
{
	size_t place = number + FIRST_SEGMENT;
	unsigned top = 63U - (unsigned)__builtin_clzll(place);
	unsigned segment = top - 10; /* FIRST_SEGMENT is 2^10 */

	return &matcher->segments[segment][place - ((size_t)1 << top)];
}

static_assert(FIRST_SEGMENT == 1 << 10, "slot_at counts on it");

static void
free_chain(struct entry *entry)
{
	while (entry != NULL) {
		struct entry *next = entry->next_gone;

		talloc_free(entry->filter);
		entry = next;
	}
}

static int
matcher_free(struct matcher *matcher)
{
	struct entry *entry;

	CHECK(matcher->oldest == NULL);
	free_chain(matcher->first_gone);
	for (size_t at = 0;
	     (entry = map_next(matcher->entries, &at, NULL)) != NULL;)
		talloc_free(entry->filter);
	(void)pthread_mutex_destroy(&matcher->lock);
	return 0;
}

struct matcher *
matcher_new(void *owner)
{
	struct matcher *matcher = mem_new(owner, struct matcher);

	matcher->entries = map_new(matcher);
	CHECK(pthread_mutex_init(&matcher->lock, NULL) == 0);
	talloc_set_destructor(matcher, matcher_free);
	return matcher;
}

/* An empty slot, with its segment made; the lock is held. */
static size_t
slot_take(struct matcher *matcher)
{
	size_t number = matcher->used;
	size_t size = number + FIRST_SEGMENT;

	if (matcher->n_vacant > 0)
		return matcher->vacant[--matcher->n_vacant];
	if ((size & (size - 1)) == 0) {
		unsigned segment = (unsigned)__builtin_ctzll(size) - 10;

		CHECK(segment < SEGMENTS);
		matcher->segments[segment] = mem_array(matcher, slot_t, size);
	}
	matcher->used++;
	return number;
}

void
matcher_add(struct matcher *matcher, int64_t id, struct filter *filter)
{
	struct entry *entry = mem_new(filter, struct entry);

	entry->id = id;
	entry->filter = filter;
	entry->uses = filter_uses(filter);
	pthread_mutex_lock(&matcher->lock);
	CHECK(map_get(matcher->entries, id) == NULL);
	map_set(matcher->entries, id, entry);
	entry->slot = slot_take(matcher);
	entry->added = ++matcher->version;
	atomic_store(slot_at(matcher, entry->slot), entry);
	pthread_mutex_unlock(&matcher->lock);
}

/* Takes what no reading can see any more; the lock is held. */
static struct entry *
take_gone(struct matcher *matcher)
{
	struct entry *first = matcher->first_gone, *last = NULL;
	struct entry *entry = first;

	while (entry != NULL &&
	    (matcher->oldest == NULL ||
		entry->removed <= matcher->oldest->removals)) {
		last = entry;
		entry = entry->next_gone;
	}
	if (last == NULL)
		return NULL;
	last->next_gone = NULL;
	matcher->first_gone = entry;
	if (entry == NULL)
		matcher->last_gone = NULL;
	return first;
}

void
matcher_remove(struct matcher *matcher, int64_t id)
{
	struct entry *entry, *gone = NULL;

	pthread_mutex_lock(&matcher->lock);
	entry = map_get(matcher->entries, id);
	if (entry != NULL) {
		map_set(matcher->entries, id, NULL);
		atomic_store(slot_at(matcher, entry->slot), NULL);
		*mem_push(matcher, &matcher->vacant,
		    &matcher->n_vacant) = entry->slot;
		entry->removed = ++matcher->removals;
		if (matcher->last_gone != NULL)
			matcher->last_gone->next_gone = entry;
		else
			matcher->first_gone = entry;
		matcher->last_gone = entry;
		gone = take_gone(matcher);
	}
	pthread_mutex_unlock(&matcher->lock);
	free_chain(gone);
}

const struct filter *
matcher_find(struct matcher *matcher, int64_t id)
{
	const struct entry *entry;

	pthread_mutex_lock(&matcher->lock);
	entry = map_get(matcher->entries, id);
	pthread_mutex_unlock(&matcher->lock);
	return entry == NULL ? NULL : entry->filter;
}

size_t
matcher_count(struct matcher *matcher)
{
	size_t count;

	pthread_mutex_lock(&matcher->lock);
	count = map_count(matcher->entries);
	pthread_mutex_unlock(&matcher->lock);
	return count;
}

uint64_t
matcher_version(struct matcher *matcher)
{
	uint64_t version;

	pthread_mutex_lock(&matcher->lock);
	version = matcher->version;
	pthread_mutex_unlock(&matcher->lock);
	return version;
}

/* Begins a reading; how many slots it has to look at. */
static size_t
reading_begin(struct reading *reading, struct matcher *matcher)
{
	size_t used;

	pthread_mutex_lock(&matcher->lock);
	reading->matcher = matcher;
	reading->matches.version = matcher->version;
	reading->removals = matcher->removals;
	reading->older = matcher->newest;
	if (matcher->newest != NULL)
		matcher->newest->newer = reading;
	else
		matcher->oldest = reading;
	matcher->newest = reading;
	used = matcher->used;
	pthread_mutex_unlock(&matcher->lock);
	return used;
}

static int
reading_free(struct reading *reading)
{
	struct matcher *matcher = reading->matcher;
	struct entry *gone;

	pthread_mutex_lock(&matcher->lock);
	if (reading->older != NULL)
		reading->older->newer = reading->newer;
	else
		matcher->oldest = reading->newer;
	if (reading->newer != NULL)
		reading->newer->older = reading->older;
	else
		matcher->newest = reading->older;
	gone = take_gone(matcher);
	pthread_mutex_unlock(&matcher->lock);
	free_chain(gone);
	return 0;
}

static int
compare_matches(const void *a, const void *b)
{
	const struct match *left = a, *right = b;

	return (left->id > right->id) - (left->id < right->id);
}

static int
compare_ids(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* An entry that came later may stand for one that has left: not for us. */
static bool
is_asked(
    const struct reading *reading, const struct entry *entry, unsigned uses)
{
	return entry != NULL && entry->added <= reading->matches.version &&
	    (uses == FILTER_USES_ALL || (entry->uses & uses) != 0);
}

struct matches *
matcher_read(void *owner, struct matcher *matcher,
    const struct filter_document *document, unsigned uses,
    struct filter_scratch *scratch)
{
	struct reading *reading = mem_new(owner, struct reading);
	struct matches *matches = &reading->matches;
	size_t used = reading_begin(reading, matcher);

	talloc_set_destructor(reading, reading_free);
	scratch_set_document(scratch, document);
	scratch_costs_begin(scratch);
	for (size_t i = 0; i < used; i++) {
		const struct entry *entry = atomic_load(slot_at(matcher, i));
		struct match match;
		int64_t cost;
		bool over;

		if (!is_asked(reading, entry, uses))
			continue;
		match.id = entry->id;
		match.filter = entry->filter;
		match.verdict = scratch_read(
		    entry->filter, scratch, &match.marks, &over);
		if (match.verdict != FILTER_FALSE)
			*mem_push(reading, &matches->all, &matches->n) = match;
		if (over)
			*mem_push(reading, &matches->over,
			    &matches->n_over) = entry->id;
		cost = scratch_cost(scratch);
		if (cost > 0)
			*mem_push(reading, &matches->dear,
			    &matches->n_dear) = (struct dear){ entry->id,
				cost };
	}
	if (matches->n > 0)
		qsort(matches->all, matches->n, sizeof *matches->all,
		    compare_matches);
	if (matches->n_over > 0)
		qsort(matches->over, matches->n_over, sizeof *matches->over,
		    compare_ids);
	return matches;
}

bool
match_holds(const struct match *match, const struct filter_state *state)
{
	return match->verdict == FILTER_TRUE ||
	    (match->verdict == FILTER_OPEN &&
		filter_decide(match->filter, &match->marks, state));
}
