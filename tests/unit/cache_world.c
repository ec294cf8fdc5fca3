/* SPDX-License-Identifier: ISC */
#include "cache_world.h"

#include "base/clock.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

int
world_begin(void **state)
{
	void *memory = mem_root("test");
	struct world *world = mem_new(memory, struct world);

	clock_set(NOON - MINUTE);
	world->memory = memory;
	world->cache = response_cache_new(memory, MOST, NULL);
	*state = world;
	return 0;
}

int
world_end(void **state)
{
	struct world *world = *state;

	clock_set(0);
	talloc_free(world->memory);
	return 0;
}

struct request
request_of(void *memory, const struct form_field *headers, size_t n)
{
	return (struct request){ .memory = memory,
		.method = HTTP_GET,
		.path = "/",
		.shown = "/",
		.query = "",
		.ending = "",
		.headers = headers,
		.n_headers = n };
}

struct answer
put_text(struct world *world, const char *key, int64_t version,
    const char *etag, const char *text, int64_t modified)
{
	struct request request = request_of(world->memory, NULL, 0);
	struct answer answer = { 0 };

	request.closes = true;
	if (response_cache_find(world->cache, &request, &answer, key,
		version == 0 ? 0 : INT64_MAX) != CACHE_MAKE)
		fail_msg("%s is there", key);
	answer_body(&answer, "text/plain", text, strlen(text));
	answer.etag = etag;
	answer.modified = modified;
	response_cache_put(world->cache, &request, &answer, key, version);
	assert_null(response_cache_land(world->cache, &request));
	return answer;
}

struct answer
put(struct world *world, int64_t version, const char *text, int64_t modified)
{
	return put_text(world, "key", version, text, text, modified);
}

static bool
find(struct world *world, const char *key, int64_t version, struct answer *ret)
{
	struct request request = request_of(world->memory, NULL, 0);
	enum cached found;

	request.closes = true;
	found = response_cache_find(world->cache, &request, ret, key, version);
	assert_null(response_cache_land(world->cache, &request));
	return found == CACHED;
}

struct answer
found(struct world *world, int64_t version)
{
	struct answer sent = { 0 };

	assert_true(find(world, "key", version, &sent));
	return sent;
}

bool
is_found(struct world *world, const char *key, int64_t version)
{
	struct answer sent = { 0 };

	return find(world, key, version, &sent);
}

const char *
long_text(void *owner)
{
	char *text = mem_array(owner, char, SIZE + 1);

	memset(text, 'x', SIZE);
	return text;
}
