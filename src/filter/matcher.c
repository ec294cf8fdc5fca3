/* SPDX-License-Identifier: ISC */
#include "filter/matcher.h"

#include "base/check.h"
#include "base/map.h"
#include "base/mem.h"
#include "filter/eval.h"
#include "filter/matcher_inside.h"

#include <stdlib.h>
#include <string.h>

enum {
	LINE = 64, /* bytes that memory gives at once: a filter has two or so */
	LEARN_FIRST = 1024, /* documents; of those that follow one in ... */
	LEARN_PART = 16,
	/* after so many documents, and four times as many, and so on ... */
	CHOOSE_FIRST = 256,
	CHOOSE_LAST = 16384, /* ... until here, covers are chosen anew */
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

static int
matcher_free(struct matcher *matcher)
{
	struct entry *entry;

	matcher_end_thread(matcher);
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

static int
entry_free(struct entry *entry)
{
	talloc_free(entry->cover);
	return 0;
}

void
matcher_add(struct matcher *matcher, int64_t id, struct filter *filter)
{
	struct entry *entry = mem_new(filter, struct entry);

	entry->id = id;
	entry->filter = filter;
	entry->uses = filter_uses(filter);
	entry->cover = cover_new(
	    NULL, filter, matcher->frequency, &entry->runs);
	entry->grams = entry_grams(entry->cover);
	entry->certain = entry->cover == NULL && filter_is_certain(filter);
	talloc_set_destructor(entry, entry_free);
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
	index_others(index, scratch_runs(scratch), slots);
	index_tags(index, document->tags, document->n_tags, slots);
	for (enum grain grain = 0; grain < GRAINS; grain++) {
		if (!index_has_literals(index, grain))
			continue;
		for (size_t i = 0; i < document->n_texts; i++)
			index_text(index, grain,
			    scratch_text(scratch, grain, i), slots);
	}
}

/* What follows pays where there are many filters: it folds all texts. */
static bool
is_indexed(const struct view *view)
{
	return view->large != NULL || view->small != NULL;
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
has_grams(const struct entry *entry, const struct word_grams *all)
{
	uint64_t grams = atomic_load_explicit(
	    &entry->grams, memory_order_relaxed);

	for (; (grams & NO_GRAM) == 0;
	     grams = grams >> 16 | (uint64_t)NO_GRAM << 48) {
		unsigned gram = grams & UINT16_MAX;

		if ((all->bits[gram / 64] >> gram % 64 & 1) == 0)
			return false;
	}
	return true;
}

static void
read_candidate(struct held *held, const struct entry *entry,
    struct filter_scratch *scratch)
{
	struct matches *matches = &held->matches;
	struct match match = {
		.id = entry->id, .filter = entry->filter, .uses = entry->uses
	};
	int64_t cost;
	bool over;

	matches->read++;
	match.verdict = scratch_read(
	    entry->filter, scratch, &match.marks, &over);
	if (match.verdict != FILTER_FALSE)
		matches->all[matches->n++] = match;
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
learn(struct matcher *matcher, const struct filter_document *document,
    struct filter_scratch *scratch)
{
	const struct word_grams *grams[GRAINS];

	for (enum grain grain = 0; grain < GRAINS; grain++)
		grams[grain] = scratch_grams(scratch, grain);
	frequency_learn(matcher->frequency, grams, document);
}

static void
learn_now_and_then(struct matcher *matcher,
    const struct filter_document *document, struct filter_scratch *scratch)
{
	unsigned readings = 1 +
	    atomic_fetch_add_explicit(
		&matcher->readings, 1, memory_order_relaxed);
	unsigned choose = CHOOSE_FIRST;

	if (readings <= LEARN_FIRST || readings % LEARN_PART == 0)
		learn(matcher, document, scratch);
	while (choose < readings && choose < CHOOSE_LAST)
		choose *= 4;
	if (choose != readings)
		return;
	pthread_mutex_lock(&matcher->lock);
	matcher->choose = true;
	pthread_cond_signal(&matcher->work);
	pthread_mutex_unlock(&matcher->lock);
}

/*
 * Candidates lie all over the memory: each pass over them asks for what the
 * next one looks at, so that it is there by then.
 */

static const struct entry **
gather(void *owner, const struct matcher *matcher, const struct view *view,
    const uint64_t *slots, size_t *n)
{
	const struct entry **all;
	size_t most = 0;

	for (size_t i = 0; i <= view->used / 64; i++)
		most += (size_t)__builtin_popcountll(slots[i]);
	all = mem_array(owner, const struct entry *, (unsigned)most + 1);
	*n = 0;
	for (size_t i = 0; i <= view->used / 64; i++) {
		for (uint64_t bits = slots[i]; bits != 0; bits &= bits - 1) {
			const struct entry *entry = atomic_load(slot_at(
			    matcher, i * 64 + (unsigned)__builtin_ctzll(bits)));

			__builtin_prefetch(entry);
			if (entry != NULL)
				all[(*n)++] = entry;
		}
	}
	return all;
}

/* An entry that came after the reading began is not for it. */
static size_t
keep_asked(const struct entry **all, size_t n, uint64_t version, unsigned uses,
    struct runs longest)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		const struct entry *entry = all[i];

		if (entry->added > version ||
		    !runs_suffice(longest, entry->runs) ||
		    (uses != FILTER_USES_ALL && (entry->uses & uses) == 0))
			continue;
		__builtin_prefetch(entry->filter);
		__builtin_prefetch((const char *)entry->filter + LINE);
		all[kept++] = entry;
	}
	return kept;
}

static void
read_candidates(struct held *held, const struct view *view,
    const uint64_t *slots, unsigned uses, struct filter_scratch *scratch)
{
	const struct word_grams *grams = is_indexed(view)
	    ? scratch_grams(scratch, GRAIN_FOLDED)
	    : NULL;
	struct runs longest = is_indexed(view)
	    ? scratch_runs(scratch)
	    : (struct runs){ runs_of_kinds(0) };
	bool has_text = scratch_has_text(scratch);
	const struct entry **all;
	size_t n;

	all = gather(held, held->matcher, view, slots, &n);
	n = keep_asked(all, n, held->matches.version, uses, longest);
	if (grams != NULL)
		scratch_set_quick(scratch);
	/* most of them match: room for all, once */
	held->matches.all = mem_size(held, (n + 1) * sizeof *held->matches.all);
	scratch_costs_begin(scratch);
	for (size_t i = 0; i < n; i++) {
		if (all[i]->certain && has_text)
			held->matches.all[held->matches.n++] = (struct match){
				.id = all[i]->id,
				.filter = all[i]->filter,
				.uses = all[i]->uses,
				.verdict = FILTER_TRUE,
			};
		else if (grams == NULL || has_grams(all[i], grams))
			read_candidate(held, all[i], scratch);
	}
	sort_matches(&held->matches);
	talloc_free(all);
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
	read_candidates(held, &view, slots, uses, scratch);
	if (is_indexed(&view))
		learn_now_and_then(matcher, document, scratch);
	talloc_free(slots);
	talloc_free(view.last);
	return &held->matches;
}

void
matcher_learn(struct matcher *matcher, const struct filter_document *document,
    struct filter_scratch *scratch)
{
	scratch_set_document(scratch, document);
	learn(matcher, document, scratch);
}

const struct frequency *
matcher_frequency(const struct matcher *matcher)
{
	return matcher->frequency;
}

bool
match_holds(const struct match *match, const struct filter_state *state)
{
	return match->verdict == FILTER_TRUE ||
	    (match->verdict == FILTER_OPEN &&
		filter_decide(match->filter, &match->marks, state));
}
