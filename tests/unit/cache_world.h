/* SPDX-License-Identifier: ISC */
#ifndef TESTS_CACHE_WORLD_H
#define TESTS_CACHE_WORLD_H

/* A cache of responses, and handlers that ask it and put into it. */

#include "base/clock.h"
#include "http/response_cache.h"

enum { MOST = 256 * 1024, SIZE = 16 * 1024 };

#define NOON (INT64_C(1764028800) * SECOND)

struct world {
	void *memory;
	struct response_cache *cache;
};

/* cmocka's setup and teardown: the cache begins a minute before noon. */
int world_begin(void **state);
int world_end(void **state);

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

/* As a handler is asked: one whose answer is copied can be looked at. */
struct request
request_of(void *memory, const struct form_field *headers, size_t n);

/* A text of SIZE. */
const char *long_text(void *owner);

/* Puts a version of what must not be there; how it is sent. */
struct answer put_text(struct world *world, const char *key, int64_t version,
    const char *etag, const char *text, int64_t modified);

/*
 * Puts a version of "key" changed at that time; its ETag and body are the same
 * text.
 */
struct answer
put(struct world *world, int64_t version, const char *text, int64_t modified);

/* That version of "key", which must be there; whether one is. */
struct answer found(struct world *world, int64_t version);
bool is_found(struct world *world, const char *key, int64_t version);

#endif
