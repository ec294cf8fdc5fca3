/* SPDX-License-Identifier: ISC */
#include "http/slot.h"

#include "base/clock.h"
#include "base/mem.h"
#include "http/engine.h"
#include "http/flight.h"

#include <string.h>

/*
 * Slots stand in a list; the last one goes unless it was used since it was last
 * looked at, then it is the first again.
 */

static void
slot_unlink(struct response_cache *cache, struct slot *slot)
{
	if (slot->newer != NULL)
		slot->newer->older = slot->older;
	else
		cache->newest = slot->older;
	if (slot->older != NULL)
		slot->older->newer = slot->newer;
	else
		cache->oldest = slot->newer;
	slot->newer = slot->older = NULL;
}

static void
slot_link(struct response_cache *cache, struct slot *slot)
{
	slot->older = cache->newest;
	if (cache->newest != NULL)
		cache->newest->newer = slot;
	else
		cache->oldest = slot;
	cache->newest = slot;
}

static void
slot_end(struct response_cache *cache, struct slot *slot)
{
	slot_forget(cache, slot);
	slot_empty(cache, slot);
	slot_unlink(cache, slot);
	map_set_text(cache->slots, slot->key, NULL);
	cache_count(cache, slot, 0, SLOT_COST);
	CHECK(slot->size == 0);
	talloc_free(slot);
}

/* Of what goes we forget with which seconds it was sent. */
void
cache_make_room(struct response_cache *cache, const struct slot *keep)
{
	while (cache->size > cache->most && cache->oldest != cache->newest) {
		struct slot *slot = cache->oldest;

		if ((keep != NULL && slot == keep) ||
		    atomic_load(&slot->is_used)) {
			atomic_store(&slot->is_used, false);
			slot_unlink(cache, slot);
			slot_link(cache, slot);
			continue;
		}
		slot_end(cache, slot);
		cache->known_since = clock_now();
	}
}

static struct slot *
slot_new(struct response_cache *cache, const char *key)
{
	struct slot *slot = mem_new(cache, struct slot);

	slot->key = mem_copy(slot, key);
	map_set_text(cache->slots, key, slot);
	slot_link(cache, slot);
	cache_count(cache, slot, SLOT_COST, 0);
	return slot;
}

/* --- all of them */

static int
cache_end(struct response_cache *cache)
{
	while (cache->oldest != NULL)
		slot_end(cache, cache->oldest);
	CHECK(map_count(cache->flights) == 0);
	CHECK(cache->size == 0);
	(void)pthread_rwlock_destroy(&cache->lock);
	cache->magic = 0;
	return 0;
}

struct response_cache *
response_cache_new(void *owner, size_t bytes, version_now *version)
{
	struct response_cache *cache = mem_new(owner, struct response_cache);
	pthread_rwlockattr_t fair;

	cache->magic = CACHE_MAGIC;
	CHECK(pthread_rwlockattr_init(&fair) == 0);
	/* else a storm of polls would keep a new answer out */
	CHECK(pthread_rwlockattr_setkind_np(
		  &fair, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) == 0);
	CHECK(pthread_rwlock_init(&cache->lock, &fair) == 0);
	(void)pthread_rwlockattr_destroy(&fair);
	cache->slots = map_new(cache);
	cache->memos = map_new(cache);
	cache->flights = map_new(cache);
	cache->most = bytes;
	cache->version = version;
	cache->known_since = clock_now();
	talloc_set_destructor(cache, cache_end);
	return cache;
}

void
response_cache_clear(struct response_cache *cache)
{
	cache_lock(cache);
	for (struct slot *slot = cache->newest; slot != NULL;
	     slot = slot->older)
		slot->version = 0;
	cache->cleared++;
	cache_unlock(cache);
}

void
response_cache_shrink(struct response_cache *cache, size_t bytes)
{
	size_t most;

	cache_lock(cache);
	most = cache->most;
	cache->most = bytes;
	cache_make_room(cache, NULL);
	cache->most = most;
	cache_unlock(cache);
}

struct response_cache_fill
response_cache_fill(struct response_cache *cache)
{
	struct response_cache_fill fill;

	cache_lock_to_read(cache);
	fill = (struct response_cache_fill){ map_count(cache->slots),
		cache->size, cache->hits, cache->misses };
	cache_unlock(cache);
	return fill;
}

/*
 * Codes the bytes of a slot, which may be another or none by the time that it
 * is done: that takes long enough to give up the lock meanwhile.
 */
static void
make_coded(struct response_cache *cache, struct slot *slot, const char *key,
    enum encoding encoding)
{
	struct bytes *plain = bytes_hold(slot->bytes[ENCODING_IDENTITY]);
	struct bytes *coded;

	cache_unlock(cache);
	coded = bytes_coded(plain, encoding);
	cache_lock(cache);
	slot = map_get_text(cache->slots, key);
	if (slot != NULL && slot->bytes[ENCODING_IDENTITY] == plain &&
	    slot->bytes[encoding] == NULL) {
		slot->bytes[encoding] = coded;
		slot->is_useless[encoding] = coded->span.length >=
		    plain->span.length;
		cache_count(cache, slot, coded->span.length, 0);
		cache_make_room(cache, slot);
	} else {
		bytes_drop(coded);
	}
	bytes_drop(plain);
}

/* Who is to make something of key: with the lock held. */
static enum cached
begin(struct response_cache *cache, struct request *request, const char *key)
{
	if (request->makes != NULL || request->is_alone)
		return CACHE_MAKE;
	if (map_get_text(cache->flights, key) == NULL &&
	    request_must_wait(request))
		return CACHE_LATER;
	return flight_begin(cache->flights, request, key) ? CACHE_MAKE
							  : CACHE_LATER;
}

/*
 * Who had to wait is served with what was the newest when she came, though
 * reports may have come since: where they come faster than answers are made,
 * all who wait would else have to make one each.
 */
static enum cached
find(struct response_cache *cache, struct request *request,
    struct answer *answer, const char *key)
{
	enum encoding missing;
	enum cached found;

	for (;;) {
		struct slot *slot = map_get_text(cache->slots, key);

		if (slot == NULL || slot->version < request->oldest)
			return begin(cache, request, key);
		atomic_store(&slot->is_used, true);
		if (slot_send(slot, request, answer, &missing))
			return CACHED;
		found = begin(cache, request, key);
		if (found != CACHE_MAKE)
			return found;
		make_coded(cache, slot, key, missing);
		flight_succeeded(request);
	}
}

enum cached
response_cache_find(struct response_cache *cache, struct request *request,
    struct answer *answer, const char *key, int64_t version)
{
	enum cached found = CACHE_MAKE;

	answer_reset(answer);
	if (version == 0)
		return found;
	cache_lock(cache);
	request->cleared = cache->cleared;
	if (request->oldest == 0)
		request->oldest = version;
	found = find(cache, request, answer, key);
	cache_unlock(cache);
	if (found == CACHED)
		cache->hits++;
	answer->key = key;
	return found;
}

/* --- putting in */

/* Nothing to put in: it is newer, or the same. */
static bool
is_as_new(const struct slot *slot, int64_t version, const struct answer *answer)
{
	return slot->version > version ||
	    strcmp(slot->answer->etag, answer->etag) == 0;
}

static void
put(struct response_cache *cache, const struct answer *answer, const char *key,
    int64_t version, struct bytes *bytes)
{
	struct slot *slot = map_get_text(cache->slots, key);
	bool is_new = slot == NULL;

	if (!is_new && is_as_new(slot, version, answer)) {
		bytes_drop(bytes);
		if (slot->version < version)
			slot->version = version;
		return;
	}
	if (is_new)
		slot = slot_new(cache, key);
	slot_fill(cache, slot, answer, bytes);
	slot->version = version;
	cache_make_room(cache, slot);
}

void
response_cache_put(struct response_cache *cache, struct request *request,
    struct answer *answer, const char *key, int64_t version)
{
	struct bytes *bytes = bytes_new(
	    (struct span){ answer->body, answer->length });
	enum encoding missing;
	struct slot *slot;

	CHECK(answer->etag != NULL && answer->prepared == NULL);
	cache->misses++;
	answer->key = key;
	reply_vary(request, answer);
	cache_lock(cache);
	/* made of settings that count no more: not to be found again */
	if (version != 0 && request->cleared != cache->cleared)
		version = 0;
	put(cache, answer, key, version, bytes);
	flight_succeeded(request);
	/* if it went already for want of room, answer goes as it is */
	while ((slot = map_get_text(cache->slots, key)) != NULL &&
	    !slot_send(slot, request, answer, &missing))
		make_coded(cache, slot, key, missing);
	cache_unlock(cache);
}

/* --- those that wait */

bool
response_cache_wait(struct response_cache *cache, struct request *request)
{
	bool waits;

	cache_lock(cache);
	waits = flight_wait(request);
	cache_unlock(cache);
	return waits;
}

struct request *
response_cache_land(struct response_cache *cache, struct request *request)
{
	struct request *waiting;

	if (request->makes == NULL)
		return NULL;
	cache_lock(cache);
	waiting = flight_land(cache->flights, request);
	cache_unlock(cache);
	return waiting;
}
