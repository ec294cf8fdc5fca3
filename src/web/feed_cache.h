/* SPDX-License-Identifier: ISC */
#ifndef WEB_FEED_CACHE_H
#define WEB_FEED_CACHE_H

/*
 * For web/ only: feed documents in memory, by who asks, address and format,
 * so that a poll of a feed in which nothing changed reads no database and
 * renders nothing; and of each the second of Last-Modified with which it was
 * sent, for the dates of HTTP have whole seconds (design section 7).
 *
 * Bounded: what was used least recently goes. Any thread.
 */

#include "base/buf.h"

#include <stdint.h>

struct feed_cache;

enum {
	FEED_CACHE_MOST = 2000, /* documents */
	FEED_CACHE_BYTES = 64 * 1024 * 1024, /* of all documents together */
};

struct feed_cache *feed_cache_new(void *owner);

/* All documents are to be made anew: after a change of settings. */
void feed_cache_clear(struct feed_cache *cache);

/* A document as it is to be sent. */
struct cached {
	const char *etag; /* with its quotes */
	const char *body;
	size_t length;
	int64_t modified; /* whole seconds, in microseconds */
	bool modified_is_vague; /* struct answer's */
};

/*
 * The document of that key if it is of that version (not 0). What *ret points
 * to stays as long as owner.
 */
MUST_CHECK bool feed_cache_find(struct feed_cache *cache, void *owner,
    const char *key, int64_t version, struct cached *ret);

/* A document as it was made. */
struct document {
	const char *key;
	int64_t version; /* 0: not known */
	const char *etag;
	int64_t modified; /* when it changed last, as far as it shows */
	const struct buf *body;
};

/*
 * Puts a document in (it is copied), and gives what is to be sent: this one,
 * or the newer one that another thread has put in meanwhile. One of the same
 * ETag keeps its date.
 */
void feed_cache_put(struct feed_cache *cache, void *owner,
    const struct document *made, struct cached *ret);

#endif
