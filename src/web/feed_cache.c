/* SPDX-License-Identifier: ISC */
#include "web/feed_cache.h"

/*
 * A slot is one document of one key, in a list by use, newest first. Its body
 * is counted: it stays as long as an answer sends it. Everything here but
 * bodies is guarded by one lock, held for a few instructions.
 *
 * Of Last-Modified: a client that only sends If-Modified-Since must get each
 * change. A version whose second another version was sent with is vague while
 * that second lasts; from then on it is sent with the next second. What was
 * sent before the cache knows (before the start, or of a slot that went), or in
 * that same second, may have been another version.
 */

#include "base/check.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"

#include <pthread.h>
#include <string.h>

enum { FEED_CACHE_MAGIC = 0x2c5e90b1 };

struct body {
	void *memory; /* without an owner: whoever is last lets it go */
	size_t refs; /* the slot, and each answer */
	const char *text;
	size_t length;
};

struct slot {
	struct slot *newer, *older;
	char *key;
	char *etag;
	int64_t version;
	int64_t second; /* of the last change */
	bool is_shared; /* another version was sent with this second */
	int64_t sent; /* the last second that was sent */
	struct body *body;
};

struct feed_cache {
	unsigned magic;
	pthread_mutex_t lock;
	struct map *slots; /* by key */
	struct slot *newest, *oldest;
	size_t bytes;
	int64_t known_since; /* of what changed earlier we know not all */
};

/* One answer's hold on a body; lets it go when the answer's memory goes. */
struct hold {
	struct feed_cache *cache;
	struct body *body;
};

static void
body_drop(struct body *body)
{
	if (--body->refs == 0)
		talloc_free(body->memory);
}

static int
hold_end(struct hold *hold)
{
	(void)pthread_mutex_lock(&hold->cache->lock);
	body_drop(hold->body);
	(void)pthread_mutex_unlock(&hold->cache->lock);
	return 0;
}

/* --- the list by use */

static void
slot_unlink(struct feed_cache *cache, struct slot *slot)
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
slot_link(struct feed_cache *cache, struct slot *slot)
{
	slot->older = cache->newest;
	if (cache->newest != NULL)
		cache->newest->newer = slot;
	else
		cache->oldest = slot;
	cache->newest = slot;
}

static void
slot_used(struct feed_cache *cache, struct slot *slot)
{
	if (cache->newest == slot)
		return;
	slot_unlink(cache, slot);
	slot_link(cache, slot);
}

static void
slot_end(struct feed_cache *cache, struct slot *slot)
{
	slot_unlink(cache, slot);
	map_set_text(cache->slots, slot->key, NULL);
	cache->bytes -= slot->body->length;
	body_drop(slot->body);
	talloc_free(slot);
}

/* Of what goes we forget with which seconds it was sent. */
static void
make_room(struct feed_cache *cache, const struct slot *keep)
{
	while (cache->oldest != keep &&
	    (map_count(cache->slots) > FEED_CACHE_MOST ||
		cache->bytes > FEED_CACHE_BYTES)) {
		slot_end(cache, cache->oldest);
		cache->known_since = clock_now();
	}
}

/* --- all of them */

static int
cache_end(struct feed_cache *cache)
{
	while (cache->oldest != NULL)
		slot_end(cache, cache->oldest);
	(void)pthread_mutex_destroy(&cache->lock);
	return 0;
}

struct feed_cache *
feed_cache_new(void *owner)
{
	struct feed_cache *cache = mem_new(owner, struct feed_cache);

	cache->magic = FEED_CACHE_MAGIC;
	CHECK(pthread_mutex_init(&cache->lock, NULL) == 0);
	cache->slots = map_new(cache);
	cache->known_since = clock_now();
	talloc_set_destructor(cache, cache_end);
	return cache;
}

void
feed_cache_clear(struct feed_cache *cache)
{
	CHECK_MAGIC(cache, FEED_CACHE_MAGIC);
	(void)pthread_mutex_lock(&cache->lock);
	for (struct slot *slot = cache->newest; slot != NULL;
	     slot = slot->older)
		slot->version = 0;
	(void)pthread_mutex_unlock(&cache->lock);
}

/* --- what is sent of a slot */

static void
slot_send(struct feed_cache *cache, void *owner, struct slot *slot,
    struct cached *ret)
{
	bool is_over = clock_second() / SECOND > slot->second;
	int64_t second = slot->second + (slot->is_shared && is_over ? 1 : 0);
	struct hold *hold = mem_new(owner, struct hold);

	slot->sent = second;
	slot->body->refs++;
	*hold = (struct hold){ cache, slot->body };
	talloc_set_destructor(hold, hold_end);
	*ret = (struct cached){
		.etag = mem_copy(owner, slot->etag),
		.body = slot->body->text,
		.length = slot->body->length,
		.modified = second * SECOND,
		.modified_is_vague = slot->is_shared && !is_over,
	};
	slot_used(cache, slot);
}

bool
feed_cache_find(struct feed_cache *cache, void *owner, const char *key,
    int64_t version, struct cached *ret)
{
	struct slot *slot;
	bool found;

	CHECK_MAGIC(cache, FEED_CACHE_MAGIC);
	(void)pthread_mutex_lock(&cache->lock);
	slot = map_get_text(cache->slots, key);
	found = slot != NULL && version != 0 && slot->version == version;
	if (found)
		slot_send(cache, owner, slot, ret);
	(void)pthread_mutex_unlock(&cache->lock);
	return found;
}

static struct body *
body_new(const struct buf *text)
{
	void *memory = mem_root("feed");
	struct body *body = mem_new(memory, struct body);

	body->memory = memory;
	body->refs = 1;
	body->text = mem_copy_n(memory, text->text, text->length);
	body->length = text->length;
	return body;
}

/*
 * The second of a change, seen from what was sent before. What left a feed
 * takes its time along: then the change is of now.
 */
static void
slot_date(const struct feed_cache *cache, struct slot *slot, bool is_new,
    int64_t modified)
{
	slot->second = modified / SECOND;
	if (is_new) {
		slot->is_shared = slot->second <= cache->known_since / SECOND;
		return;
	}
	if (slot->second <= slot->sent)
		slot->second = clock_second() / SECOND;
	slot->is_shared = slot->second <= slot->sent;
	if (slot->is_shared) /* it never runs backwards */
		slot->second = slot->sent;
}

static struct slot *
slot_new(struct feed_cache *cache, const char *key)
{
	struct slot *slot = mem_new(cache, struct slot);

	slot->key = mem_copy(slot, key);
	map_set_text(cache->slots, key, slot);
	slot_link(cache, slot);
	return slot;
}

static void
slot_fill(struct feed_cache *cache, struct slot *slot,
    const struct document *made, struct body *body)
{
	if (slot->body != NULL) {
		cache->bytes -= slot->body->length;
		body_drop(slot->body);
		talloc_free(slot->etag);
	}
	slot->etag = mem_copy(slot, made->etag);
	slot->version = made->version;
	slot->body = body;
	cache->bytes += body->length;
}

/* Nothing to put in: it is newer, or the same. */
static bool
is_as_new(const struct slot *slot, const struct document *made)
{
	return slot->version > made->version ||
	    strcmp(slot->etag, made->etag) == 0;
}

void
feed_cache_put(struct feed_cache *cache, void *owner,
    const struct document *made, struct cached *ret)
{
	struct body *body = body_new(made->body);
	struct slot *slot;

	CHECK_MAGIC(cache, FEED_CACHE_MAGIC);
	(void)pthread_mutex_lock(&cache->lock);
	slot = map_get_text(cache->slots, made->key);
	if (slot != NULL && is_as_new(slot, made)) {
		body_drop(body);
		if (slot->version < made->version)
			slot->version = made->version;
	} else {
		bool is_new = slot == NULL;

		if (is_new)
			slot = slot_new(cache, made->key);
		slot_date(cache, slot, is_new, made->modified);
		slot_fill(cache, slot, made, body);
		make_room(cache, slot);
	}
	slot_send(cache, owner, slot, ret);
	(void)pthread_mutex_unlock(&cache->lock);
}
