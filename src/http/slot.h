/* SPDX-License-Identifier: ISC */
#ifndef HTTP_SLOT_H
#define HTTP_SLOT_H

/*
 * Inside of the response cache. A slot is one answer of one key: its headers,
 * its bytes in each coding that was asked for, and for each a response that
 * sends it and one that says 304. A memo leads from a request as it was sent to
 * the slot that answered it.
 *
 * One lock guards all. Who only takes what is ready reads under it; the mark of
 * use is all that is written there.
 *
 * Of Last-Modified: a client that only sends If-Modified-Since must get each
 * change. A version whose second another version was sent with is vague while
 * that second lasts; from then on it is sent with the next second. What was
 * sent before the cache knows (before the start, or of a slot that went), or in
 * that same second, may have been another version.
 */

#include "base/check.h"
#include "base/map.h"
#include "http/prepared.h"
#include "http/response_cache.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
	CACHE_MAGIC = 0x2c5e90b1,
	SLOT_COST = 2048, /* what a slot takes besides its bytes, about */
	MEMO_COST = 512,
	MEMOS_MOST = 8, /* of one slot */
	MEMO_KEY = 512, /* a longer address is not noted */
};

struct memo {
	struct memo *next; /* of the slot */
	struct slot *slot;
	char *key;
	char *shown; /* struct request's */
	struct recall recall;
	const struct route *route;
	enum http_form form;
};

struct slot {
	struct slot *newer, *older;
	char *key;
	int64_t version;
	int64_t second; /* of the last change; 0: it has no date */
	bool is_shared; /* another version was sent with this second */
	int64_t sent; /* the last second that was sent */
	struct answer *answer; /* headers only */
	bool is_filled; /* once at least */
	bool is_worth; /* coding */
	struct bytes *bytes[ENCODINGS];
	bool is_useless[ENCODINGS]; /* it got no smaller */
	struct prepared *full[ENCODINGS], *current[ENCODINGS];
	struct memo *memos;
	size_t size;
	atomic_bool is_used;
};

struct response_cache {
	unsigned magic;
	pthread_rwlock_t lock;
	struct map *slots; /* by key */
	struct map *memos; /* by memo_key */
	struct map *flights; /* by key */
	struct slot *newest, *oldest;
	size_t size, most;
	int64_t known_since; /* of what changed earlier we know not all */
	uint64_t cleared; /* how often */
	version_now *version;
	_Atomic uint64_t hits, misses;
};

static inline void
cache_lock_to_read(struct response_cache *cache)
{
	CHECK_MAGIC(cache, CACHE_MAGIC);
	(void)pthread_rwlock_rdlock(&cache->lock);
}

static inline void
cache_lock(struct response_cache *cache)
{
	CHECK_MAGIC(cache, CACHE_MAGIC);
	(void)pthread_rwlock_wrlock(&cache->lock);
}

static inline void
cache_unlock(struct response_cache *cache)
{
	(void)pthread_rwlock_unlock(&cache->lock);
}

static inline void
cache_count(
    struct response_cache *cache, struct slot *slot, size_t more, size_t less)
{
	slot->size += more - less;
	cache->size += more - less;
}

/* Lets slots go until there is room, but never keep. In response_cache.c */
void cache_make_room(struct response_cache *cache, const struct slot *keep);

/* --- slot.c; all with the lock held to write, but slot_ready() */

/* Lets bytes and responses go. */
void slot_empty(struct response_cache *cache, struct slot *slot);

/* Headers of answer, bytes (whose hold is the slot's now), the date. */
void slot_fill(struct response_cache *cache, struct slot *slot,
    const struct answer *answer, struct bytes *bytes);

/*
 * Makes of answer what is to be sent. False if the bytes of *missing have to be
 * made first.
 */
MUST_CHECK bool slot_send(struct slot *slot, struct request *request,
    struct answer *answer, enum encoding *missing);

/* What is to be sent, if nothing has to be made for it; a hold on it. */
struct prepared *slot_ready(struct slot *slot, const struct request *request);

/* A hold becomes the answer's. */
void answer_prepare(struct answer *answer, struct prepared *prepared);

/* --- memo.c */

/* Lets all memos of a slot go. */
void slot_forget(struct response_cache *cache, struct slot *slot);

#endif
