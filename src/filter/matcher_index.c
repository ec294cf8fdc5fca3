/* SPDX-License-Identifier: ISC */
#include "base/check.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/thread.h"
#include "filter/matcher_inside.h"

#include <string.h>

/* Building indexes aside, and putting them in place of the old ones. */

enum {
	SMALL_LEAST = 2048, /* from here on the small index may be too large */
	SMALL_PART = 8, /* ... if it is more than this part of the large one */
};

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
		if (matcher->n_recent > 0)
			memmove(matcher->recent, matcher->recent + done,
			    matcher->n_recent * sizeof *matcher->recent);
	}
	pthread_mutex_unlock(&matcher->lock);
	reclaim_retire(matcher->reclaim, old_large);
	reclaim_retire(matcher->reclaim, old_small);
}

/* Both: the lock `building` is held, and a reading goes on. */

/* When more is known of what is rare. */
static void
choose_anew(struct matcher *matcher, struct entry *entry)
{
	struct cover *old = entry->cover;
	struct cover *cover = cover_anew(
	    NULL, entry->filter, matcher->frequency);

	atomic_store(&entry->cover, cover);
	atomic_store(&entry->grams, entry_grams(cover));
	reclaim_retire(matcher->reclaim, old);
}

static void
build_large(struct matcher *matcher)
{
	struct index_builder *builder = index_builder_new(NULL);
	size_t used, recent;
	bool anew;

	pthread_mutex_lock(&matcher->lock);
	anew = matcher->choose;
	matcher->choose = false;
	used = matcher->used;
	recent = matcher->n_recent;
	matcher->n_large = map_count(matcher->entries);
	pthread_mutex_unlock(&matcher->lock);
	for (size_t i = 0; i < used; i++) {
		struct entry *entry = atomic_load(slot_at(matcher, i));

		if (entry != NULL && anew)
			choose_anew(matcher, entry);
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
		bool is_large = matcher->choose ||
		    (recent > SMALL_LEAST &&
			recent > matcher->n_large / SMALL_PART);

		if (!is_large && recent - matcher->n_small <= LAST_FEW) {
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

void
matcher_end_thread(struct matcher *matcher)
{
	if (!matcher->has_thread)
		return;
	pthread_mutex_lock(&matcher->lock);
	matcher->ends = true;
	pthread_cond_signal(&matcher->work);
	pthread_mutex_unlock(&matcher->lock);
	(void)pthread_join(matcher->thread, NULL);
}
