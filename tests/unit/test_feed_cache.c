/* SPDX-License-Identifier: ISC */
#include "web/feed_cache.h"

#include "base/clock.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NOON (INT64_C(1764028800) * SECOND)

struct world {
	void *memory;
	struct feed_cache *cache;
};

/* The cache begins a minute before noon. */
static int
begin(void **state)
{
	void *memory = mem_root("test");
	struct world *world = mem_new(memory, struct world);

	clock_set(NOON - MINUTE);
	world->memory = memory;
	world->cache = feed_cache_new(memory);
	*state = world;
	return 0;
}

static int
end(void **state)
{
	struct world *world = *state;

	clock_set(0);
	talloc_free(world->memory);
	return 0;
}

/* Puts a version changed at that time; its ETag and body are the same text. */
static struct cached
put(struct world *world, int64_t version, const char *text, int64_t modified)
{
	struct buf *body = buf_new(world->memory);
	struct cached sent;

	buf_text(body, text);
	feed_cache_put(world->cache, world->memory,
	    &(struct document){ "key", version, text, modified, body }, &sent);
	return sent;
}

static struct cached
found(struct world *world, int64_t version)
{
	struct cached sent;

	assert_true(feed_cache_find(
	    world->cache, world->memory, "key", version, &sent));
	return sent;
}

static bool
is_found(struct world *world, const char *key, int64_t version)
{
	struct cached sent;

	return feed_cache_find(
	    world->cache, world->memory, key, version, &sent);
}

static void
a_document_is_found_by_its_key_and_version(void **state)
{
	struct world *world = *state;
	struct cached sent;

	assert_false(is_found(world, "key", 1));
	(void)put(world, 1, "one", NOON);
	sent = found(world, 1);
	assert_string_equal(sent.body, "one");
	assert_string_equal(sent.etag, "one");
	assert_int_equal(sent.length, 3);
	assert_false(is_found(world, "key", 2));
	assert_false(is_found(world, "other", 1));
}

static void
a_document_of_unknown_version_is_never_found(void **state)
{
	struct world *world = *state;

	(void)put(world, 0, "one", NOON);
	assert_false(is_found(world, "key", 0));
}

static void
what_did_not_change_keeps_its_date_under_a_new_version(void **state)
{
	struct world *world = *state;
	struct cached sent;

	clock_set(NOON + 5);
	(void)put(world, 1, "one", NOON);
	clock_set(NOON + HOUR);
	sent = put(world, 7, "one", NOON + HOUR);
	assert_int_equal(sent.modified, NOON);
	assert_false(sent.modified_is_vague);
	assert_int_equal(found(world, 7).modified, NOON);
}

static void
the_date_is_the_second_of_the_change(void **state)
{
	struct world *world = *state;
	struct cached sent;

	clock_set(NOON + 10 * SECOND);
	sent = put(world, 1, "one", NOON + 123456);
	assert_int_equal(sent.modified, NOON);
	assert_false(sent.modified_is_vague);
}

static void
a_second_version_in_one_second_is_vague_and_then_of_the_next(void **state)
{
	struct world *world = *state;
	struct cached sent;

	clock_set(NOON + 100);
	(void)put(world, 1, "one", NOON + 50);
	clock_set(NOON + 300);
	sent = put(world, 2, "two", NOON + 200);
	assert_int_equal(sent.modified, NOON);
	assert_true(sent.modified_is_vague);
	clock_set(NOON + SECOND);
	sent = found(world, 2);
	assert_int_equal(sent.modified, NOON + SECOND);
	assert_false(sent.modified_is_vague);
}

static void
a_third_version_counts_from_what_the_second_was_sent_with(void **state)
{
	struct world *world = *state;
	struct cached sent;

	clock_set(NOON + 100);
	(void)put(world, 1, "one", NOON + 50);
	(void)put(world, 2, "two", NOON + 60);
	clock_set(NOON + SECOND + 10);
	(void)found(world, 2);
	sent = put(world, 3, "three", NOON + SECOND + 5);
	assert_int_equal(sent.modified, NOON + SECOND);
	assert_true(sent.modified_is_vague);
	clock_set(NOON + 2 * SECOND);
	sent = found(world, 3);
	assert_int_equal(sent.modified, NOON + 2 * SECOND);
	assert_false(sent.modified_is_vague);
}

static void
what_leaves_without_a_time_of_its_own_does_so_now(void **state)
{
	struct world *world = *state;
	struct cached sent;

	clock_set(NOON + MINUTE);
	(void)put(world, 1, "one", NOON + 30 * SECOND);
	/* the newest entry was withdrawn */
	sent = put(world, 2, "two", NOON);
	assert_int_equal(sent.modified, NOON + MINUTE);
	assert_false(sent.modified_is_vague);
	sent = put(world, 3, "three", NOON);
	assert_int_equal(sent.modified, NOON + MINUTE);
	assert_true(sent.modified_is_vague);
}

static void
other_settings_are_a_change_of_now(void **state)
{
	struct world *world = *state;
	struct cached sent;

	clock_set(NOON + MINUTE);
	(void)put(world, 1, "one", NOON);
	clock_set(NOON + HOUR);
	feed_cache_clear(world->cache);
	assert_false(is_found(world, "key", 1));
	sent = put(world, 1, "one", NOON);
	assert_int_equal(sent.modified, NOON);
	feed_cache_clear(world->cache);
	sent = put(world, 1, "under another name", NOON);
	assert_int_equal(sent.modified, NOON + HOUR);
	assert_string_equal(found(world, 1).body, "under another name");
}

static void
of_a_change_before_the_start_another_version_may_have_been_sent(void **state)
{
	struct world *world = *state;
	int64_t before = NOON - HOUR;
	struct cached sent;

	sent = put(world, 1, "one", before);
	assert_int_equal(sent.modified, before + SECOND);
	assert_false(sent.modified_is_vague);
}

static void
of_a_change_in_the_second_of_the_start_the_date_is_vague(void **state)
{
	struct world *world = *state;
	int64_t start = NOON - MINUTE;
	struct cached sent;

	clock_set(start + 20);
	sent = put(world, 1, "one", start + 10);
	assert_int_equal(sent.modified, start);
	assert_true(sent.modified_is_vague);
	clock_set(start + SECOND);
	sent = found(world, 1);
	assert_int_equal(sent.modified, start + SECOND);
	assert_false(sent.modified_is_vague);
}

static void
an_older_version_does_not_take_the_place_of_a_newer_one(void **state)
{
	struct world *world = *state;

	(void)put(world, 5, "new", NOON);
	assert_string_equal(put(world, 4, "old", NOON).body, "new");
	assert_string_equal(found(world, 5).body, "new");
}

static void
the_same_document_from_two_threads_keeps_its_date(void **state)
{
	struct world *world = *state;
	struct cached sent;

	clock_set(NOON + 100);
	(void)put(world, 1, "one", NOON);
	sent = put(world, 1, "one", NOON);
	assert_int_equal(sent.modified, NOON);
	assert_false(sent.modified_is_vague);
}

static void
what_was_used_least_recently_goes(void **state)
{
	struct world *world = *state;
	struct buf *body = buf_new(world->memory);
	struct cached sent;

	buf_text(body, "x");
	for (int i = 0; i <= FEED_CACHE_MOST; i++) {
		char *key = mem_printf(world->memory, "%d", i);

		feed_cache_put(world->cache, world->memory,
		    &(struct document){ key, 1, "x", NOON, body }, &sent);
		assert_true(is_found(world, "0", 1));
	}
	assert_true(is_found(world, "0", 1));
	assert_false(is_found(world, "1", 1));
	assert_true(is_found(world, "2", 1));
}

static void
the_bytes_of_all_documents_are_bounded(void **state)
{
	enum { SIZE = 1024 * 1024 };
	struct world *world = *state;
	struct buf *body = buf_new(world->memory);
	struct cached sent;

	for (int i = 0; i < SIZE; i++)
		buf_char(body, 'x');
	for (int i = 0; i <= FEED_CACHE_BYTES / SIZE; i++) {
		char *key = mem_printf(world->memory, "%d", i);
		void *request = mem_root("request");

		feed_cache_put(world->cache, request,
		    &(struct document){ key, 1, "x", NOON, body }, &sent);
		talloc_free(request);
	}
	assert_false(is_found(world, "0", 1));
	assert_true(is_found(world, "1", 1));
}

static void
what_was_replaced_takes_no_room(void **state)
{
	enum { SIZE = 1024 * 1024 };
	struct world *world = *state;
	struct buf *body = buf_new(world->memory);
	struct cached sent;

	(void)put(world, 1, "kept", NOON);
	for (int i = 0; i < SIZE; i++)
		buf_char(body, 'x');
	for (int i = 1; i <= 2 * FEED_CACHE_BYTES / SIZE; i++) {
		void *request = mem_root("request");

		feed_cache_put(world->cache, request,
		    &(struct document){
			"other", i, mem_printf(request, "%d", i), NOON, body },
		    &sent);
		talloc_free(request);
	}
	assert_true(is_found(world, "key", 1));
}

static void
of_what_went_another_version_may_have_been_sent(void **state)
{
	struct world *world = *state;
	struct buf *body = buf_new(world->memory);
	struct cached sent;

	buf_text(body, "x");
	clock_set(NOON + MINUTE);
	(void)put(world, 1, "one", NOON);
	clock_set(NOON + HOUR);
	for (int i = 0; i <= FEED_CACHE_MOST; i++)
		feed_cache_put(world->cache, world->memory,
		    &(struct document){ mem_printf(world->memory, "%d", i), 1,
			"x", NOON, body },
		    &sent);
	sent = put(world, 1, "one", NOON);
	assert_int_equal(sent.modified, NOON + SECOND);
}

static void
a_body_stays_as_long_as_it_is_sent(void **state)
{
	struct world *world = *state;
	struct buf *body = buf_new(world->memory);
	void *request = mem_root("request");
	struct cached sent;

	buf_text(body, "still here");
	feed_cache_put(world->cache, request,
	    &(struct document){ "key", 1, "x", NOON, body }, &sent);
	(void)put(world, 2, "other", NOON);
	feed_cache_clear(world->cache);
	assert_string_equal(sent.body, "still here");
	talloc_free(request);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
		TEST(a_document_is_found_by_its_key_and_version),
		TEST(a_document_of_unknown_version_is_never_found),
		TEST(what_did_not_change_keeps_its_date_under_a_new_version),
		TEST(the_date_is_the_second_of_the_change),
		TEST(
		    a_second_version_in_one_second_is_vague_and_then_of_the_next),
		TEST(a_third_version_counts_from_what_the_second_was_sent_with),
		TEST(what_leaves_without_a_time_of_its_own_does_so_now),
		TEST(other_settings_are_a_change_of_now),
		TEST(
		    of_a_change_before_the_start_another_version_may_have_been_sent),
		TEST(of_a_change_in_the_second_of_the_start_the_date_is_vague),
		TEST(an_older_version_does_not_take_the_place_of_a_newer_one),
		TEST(the_same_document_from_two_threads_keeps_its_date),
		TEST(what_was_replaced_takes_no_room),
		TEST(what_was_used_least_recently_goes),
		TEST(the_bytes_of_all_documents_are_bounded),
		TEST(of_what_went_another_version_may_have_been_sent),
		TEST(a_body_stays_as_long_as_it_is_sent),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
