/* SPDX-License-Identifier: ISC */
#include "filter/matcher.h"

#include "base/check.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/thread.h"
#include "filter/cover.h"
#include "filter/eval.h"
#include "filter/index.h"
#include "filter/reclaim.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

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
	SMALL_LEAST = 2048, /* from here on the small index may be too large */
	SMALL_PART = 8, /* ... if it is more than this part of the large one */
	LEARN_FIRST = 1024, /* documents; of those that follow one in ... */
	LEARN_PART = 16,
};

/* Never changes once it stands in a slot. */
struct entry {
	int64_t id;
	struct filter *filter; /* owns the entry */
	struct cover *cover; /* or NULL */
	uint64_t added; /* version */
	uint32_t slot;
	unsigned uses;
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

	pthread_cond_t work; /* with lock: there is something to index */
	pthread_t thread;
	bool has_thread, ends;
};

struct held {
	struct matches matches; /* first, as it is what the caller holds */
	struct matcher *matcher;
	struct reading reading;
};

/* What one document is read with. */
struct view {
	const struct index *large, *small;
	uint32_t *last; /* slots that no index knows */
	size_t n_last;
	size_t used;
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
static_assert(SEGMENTS + 10 <= 32, "a slot's number has 32 bits");

static void
end_thread(struct matcher *matcher)
{
	if (!matcher->has_thread)
		return;
	pthread_mutex_lock(&matcher->lock);
	matcher->ends = true;
	pthread_cond_signal(&matcher->work);
	pthread_mutex_unlock(&matcher->lock);
	(void)pthread_join(matcher->thread, NULL);
}

static int
matcher_free(struct matcher *matcher)
{
	struct entry *entry;

	end_thread(matcher);
	talloc_free(matcher->reclaim); /* checks that nobody reads */
	for (size_t at = 0;
	     (entry = map_next(matcher->entries, &at, NULL)) != NULL;)
		talloc_free(entry->filter);
	talloc_free(matcher->large);
	talloc_free(matcher->small);
	(void)pthread_cond_destroy(&matcher->work);
	(void)pthread_mutex_destroy(&matcher->lock);
	(void)pthread_mutex_destroy(&matcher->building);
	return 0;
}

struct matcher *
matcher_new(void *owner)
{
	struct matcher *matcher = mem_new(owner, struct matcher);

	matcher->entries = map_new(matcher);
	matcher->frequency = frequency_new(matcher);
	matcher->reclaim = reclaim_new(matcher);
	CHECK(pthread_mutex_init(&matcher->building, NULL) == 0);
	CHECK(pthread_mutex_init(&matcher->lock, NULL) == 0);
	CHECK(pthread_cond_init(&matcher->work, NULL) == 0);
	talloc_set_destructor(matcher, matcher_free);
	return matcher;
}

/* An empty slot, with its segment made; the lock is held. */
static uint32_t
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
	return (uint32_t)number;
}

void
matcher_add(struct matcher *matcher, int64_t id, struct filter *filter)
{
	struct entry *entry = mem_new(filter, struct entry);

	entry->id = id;
	entry->filter = filter;
	entry->uses = filter_uses(filter);
	entry->cover = cover_new(filter, filter, matcher->frequency);
	pthread_mutex_lock(&matcher->lock);
	CHECK(map_get(matcher->entries, id) == NULL);
	map_set(matcher->entries, id, entry);
	entry->slot = slot_take(matcher);
	entry->added = ++matcher->version;
	atomic_store(slot_at(matcher, entry->slot), entry);
	*mem_push(matcher, &matcher->recent, &matcher->n_recent) = entry->slot;
	if (matcher->n_recent - matcher->n_small > LAST_FEW)
		pthread_cond_signal(&matcher->work);
	pthread_mutex_unlock(&matcher->lock);
}

void
matcher_remove(struct matcher *matcher, int64_t id)
{
	struct entry *entry;

	pthread_mutex_lock(&matcher->lock);
	entry = map_get(matcher->entries, id);
	if (entry != NULL) {
		map_set(matcher->entries, id, NULL);
		atomic_store(slot_at(matcher, entry->slot), NULL);
		*mem_push(matcher, &matcher->vacant,
		    &matcher->n_vacant) = entry->slot;
	}
	pthread_mutex_unlock(&matcher->lock);
	if (entry != NULL)
		reclaim_retire(matcher->reclaim, entry->filter);
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

/* --- indexing */

/* Puts indexes in place of the old ones, which nobody else replaces now. */
static void
replace(struct matcher *matcher, struct index *large, struct index *small,
    size_t done)
{
	struct index *old_large = NULL, *old_small;

	pthread_mutex_lock(&matcher->lock);
	old_small = matcher->small;
	matcher->small = small;
	matcher->n_small = done;
	if (large != NULL) {
		old_large = matcher->large;
		matcher->large = large;
		matcher->n_recent -= done;
		matcher->n_small = 0;
		memmove(matcher->recent, matcher->recent + done,
		    matcher->n_recent * sizeof *matcher->recent);
	}
	pthread_mutex_unlock(&matcher->lock);
	reclaim_retire(matcher->reclaim, old_large);
	reclaim_retire(matcher->reclaim, old_small);
}

/* Both: the lock `building` is held, and a reading goes on. */

static void
build_large(struct matcher *matcher)
{
	struct index_builder *builder = index_builder_new(NULL);
	size_t used, recent;

	pthread_mutex_lock(&matcher->lock);
	used = matcher->used;
	recent = matcher->n_recent;
	matcher->n_large = map_count(matcher->entries);
	pthread_mutex_unlock(&matcher->lock);
	for (size_t i = 0; i < used; i++) {
		const struct entry *entry = atomic_load(slot_at(matcher, i));

		if (entry != NULL)
			index_add(builder, (uint32_t)i, entry->cover);
	}
	replace(matcher, index_build(NULL, builder), NULL, recent);
	talloc_free(builder);
}

static void
build_small(struct matcher *matcher)
{
	struct index_builder *builder = index_builder_new(NULL);
	uint32_t *slots;
	size_t n;

	pthread_mutex_lock(&matcher->lock);
	n = matcher->n_recent;
	slots = mem_array(builder, uint32_t, (unsigned)n + 1);
	memcpy(slots, matcher->recent, n * sizeof *slots);
	pthread_mutex_unlock(&matcher->lock);
	for (size_t i = 0; i < n; i++) {
		const struct entry *entry = atomic_load(
		    slot_at(matcher, slots[i]));

		if (entry != NULL)
			index_add(builder, slots[i], entry->cover);
	}
	replace(matcher, NULL, index_build(NULL, builder), n);
	talloc_free(builder);
}

static void
build(struct matcher *matcher, void (*one)(struct matcher *))
{
	struct reading reading;

	pthread_mutex_lock(&matcher->building);
	reading_begin(matcher->reclaim, &reading);
	one(matcher);
	reading_end(matcher->reclaim, &reading);
	pthread_mutex_unlock(&matcher->building);
}

void
matcher_index(struct matcher *matcher)
{
	build(matcher, build_large);
}

static void *
index_on(void *arg)
{
	struct matcher *matcher = arg;

	pthread_mutex_lock(&matcher->lock);
	while (!matcher->ends) {
		size_t recent = matcher->n_recent;
		bool is_large = recent > SMALL_LEAST &&
		    recent > matcher->n_large / SMALL_PART;

		if (recent - matcher->n_small <= LAST_FEW) {
			pthread_cond_wait(&matcher->work, &matcher->lock);
			continue;
		}
		pthread_mutex_unlock(&matcher->lock);
		build(matcher, is_large ? build_large : build_small);
		pthread_mutex_lock(&matcher->lock);
	}
	pthread_mutex_unlock(&matcher->lock);
	return NULL;
}

bool
matcher_index_in_background(struct matcher *matcher, struct error *err)
{
	CHECK(!matcher->has_thread);
	matcher->has_thread = thread_start(
	    &matcher->thread, "filter index", index_on, matcher, err);
	return matcher->has_thread;
}

/* --- reading */

static int
held_free(struct held *held)
{
	reading_end(held->matcher->reclaim, &held->reading);
	return 0;
}

/* Everything in the view is good until the reading ends. */
static void
begin(struct held *held, struct matcher *matcher, struct view *view)
{
	held->matcher = matcher;
	reading_begin(matcher->reclaim, &held->reading);
	talloc_set_destructor(held, held_free);
	pthread_mutex_lock(&matcher->lock);
	held->matches.version = matcher->version;
	view->used = matcher->used;
	view->large = matcher->large;
	view->small = matcher->small;
	view->n_last = matcher->n_recent - matcher->n_small;
	view->last = mem_array(held, uint32_t, (unsigned)view->n_last + 1);
	if (view->n_last > 0)
		memcpy(view->last, matcher->recent + matcher->n_small,
		    view->n_last * sizeof *view->last);
	pthread_mutex_unlock(&matcher->lock);
}

static void
find_in(const struct index *index, const struct filter_document *document,
    struct filter_scratch *scratch, uint64_t *slots)
{
	if (index == NULL)
		return;
	index_always(index, slots);
	index_tags(index, document->tags, document->n_tags, slots);
	for (size_t i = 0; i < document->n_texts; i++)
		index_text(index, scratch_text(scratch, i), slots);
}

/* A bit for each slot whose filter may match. */
static uint64_t *
find_candidates(void *owner, const struct view *view,
    const struct filter_document *document, struct filter_scratch *scratch)
{
	uint64_t *slots = mem_array(
	    owner, uint64_t, (unsigned)(view->used / 64 + 1));

	find_in(view->large, document, scratch, slots);
	find_in(view->small, document, scratch, slots);
	for (size_t i = 0; i < view->n_last; i++)
		slots[view->last[i] / 64] |= UINT64_C(1) << view->last[i] % 64;
	return slots;
}

static bool
has_grams(const struct cover *cover, const struct word_grams *grams)
{
	for (unsigned i = 0; cover != NULL && i < cover->n_grams; i++) {
		unsigned gram = cover->grams[i];

		if ((grams->bits[gram / 64] >> gram % 64 & 1) == 0)
			return false;
	}
	return true;
}

static void
read_candidate(struct held *held, const struct entry *entry,
    struct filter_scratch *scratch)
{
	struct matches *matches = &held->matches;
	struct match match = { .id = entry->id, .filter = entry->filter };
	int64_t cost;
	bool over;

	if (!has_grams(entry->cover, scratch_grams(scratch)))
		return;
	matches->read++;
	match.verdict = scratch_read(
	    entry->filter, scratch, &match.marks, &over);
	if (match.verdict != FILTER_FALSE)
		*mem_push(held, &matches->all, &matches->n) = match;
	if (over)
		*mem_push(held, &matches->over, &matches->n_over) = entry->id;
	cost = scratch_cost(scratch);
	if (cost > 0)
		*mem_push(held, &matches->dear,
		    &matches->n_dear) = (struct dear){ entry->id, cost };
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

/* Slots are mostly filled in the order of numbers. */
static void
sort_matches(struct matches *matches)
{
	size_t i = 1;

	while (i < matches->n && matches->all[i - 1].id < matches->all[i].id)
		i++;
	if (i < matches->n)
		qsort(matches->all, matches->n, sizeof *matches->all,
		    compare_matches);
	if (matches->n_over > 0)
		qsort(matches->over, matches->n_over, sizeof *matches->over,
		    compare_ids);
}

static void
learn_now_and_then(struct matcher *matcher,
    const struct filter_document *document, struct filter_scratch *scratch)
{
	unsigned readings = atomic_fetch_add_explicit(
	    &matcher->readings, 1, memory_order_relaxed);

	if (readings < LEARN_FIRST || readings % LEARN_PART == 0)
		frequency_learn(
		    matcher->frequency, scratch_grams(scratch), document);
}

struct matches *
matcher_read(void *owner, struct matcher *matcher,
    const struct filter_document *document, unsigned uses,
    struct filter_scratch *scratch)
{
	struct held *held = mem_new(owner, struct held);
	struct view view;
	uint64_t *slots;

	begin(held, matcher, &view);
	scratch_set_document(scratch, document);
	slots = find_candidates(held, &view, document, scratch);
	scratch_costs_begin(scratch);
	for (size_t i = 0; i <= view.used / 64; i++) {
		for (uint64_t bits = slots[i]; bits != 0; bits &= bits - 1) {
			const struct entry *entry = atomic_load(slot_at(
			    matcher, i * 64 + (unsigned)__builtin_ctzll(bits)));

			/* one that came later is not for us */
			if (entry != NULL &&
			    entry->added <= held->matches.version &&
			    (uses == FILTER_USES_ALL ||
				(entry->uses & uses) != 0))
				read_candidate(held, entry, scratch);
		}
	}
	sort_matches(&held->matches);
	learn_now_and_then(matcher, document, scratch);
	talloc_free(slots);
	TALLOC_FREE(view.last);
	return &held->matches;
}

void
matcher_learn(struct matcher *matcher, const struct filter_document *document,
    struct filter_scratch *scratch)
{
	scratch_set_document(scratch, document);
	frequency_learn(matcher->frequency, scratch_grams(scratch), document);
}

bool
match_holds(const struct match *match, const struct filter_state *state)
{
	return match->verdict == FILTER_TRUE ||
	    (match->verdict == FILTER_OPEN &&
		filter_decide(match->filter, &match->marks, state));
}
