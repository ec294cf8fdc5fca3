/* SPDX-License-Identifier: ISC */
#include "http/response_cache.h"

/* The date that a document is sent with: never one that lies. */

#include "base/clock.h"
#include "base/mem.h"
#include "cache_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void
what_did_not_change_keeps_its_date_under_a_new_version(void **state)
{
	struct world *world = *state;
	struct answer sent;

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
	struct answer sent;

	clock_set(NOON + 10 * SECOND);
	sent = put(world, 1, "one", NOON + 123456);
	assert_int_equal(sent.modified, NOON);
	assert_false(sent.modified_is_vague);
}

static void
a_second_version_in_one_second_is_vague_and_then_of_the_next(void **state)
{
	struct world *world = *state;
	struct answer sent;

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
	struct answer sent;

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
	struct answer sent;

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
	struct answer sent;

	clock_set(NOON + MINUTE);
	(void)put(world, 1, "one", NOON);
	clock_set(NOON + HOUR);
	response_cache_clear(world->cache);
	assert_false(is_found(world, "key", 1));
	sent = put(world, 1, "one", NOON);
	assert_int_equal(sent.modified, NOON);
	response_cache_clear(world->cache);
	sent = put(world, 1, "under another name", NOON);
	assert_int_equal(sent.modified, NOON + HOUR);
	assert_string_equal(found(world, 1).body, "under another name");
}

static void
of_a_change_before_the_start_another_version_may_have_been_sent(void **state)
{
	struct world *world = *state;
	int64_t before = NOON - HOUR;
	struct answer sent;

	sent = put(world, 1, "one", before);
	assert_int_equal(sent.modified, before + SECOND);
	assert_false(sent.modified_is_vague);
}

static void
of_a_change_in_the_second_of_the_start_the_date_is_vague(void **state)
{
	struct world *world = *state;
	int64_t start = NOON - MINUTE;
	struct answer sent;

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
the_same_document_from_two_threads_keeps_its_date(void **state)
{
	struct world *world = *state;
	struct answer sent;

	clock_set(NOON + 100);
	(void)put(world, 1, "one", NOON);
	sent = put(world, 1, "one", NOON);
	assert_int_equal(sent.modified, NOON);
	assert_false(sent.modified_is_vague);
}

static void
of_what_went_another_version_may_have_been_sent(void **state)
{
	struct world *world = *state;
	const char *text = long_text(world->memory);
	struct answer sent;

	clock_set(NOON + MINUTE);
	(void)put(world, 1, "one", NOON);
	clock_set(NOON + HOUR);
	for (int i = 0; i < 2 * MOST / SIZE; i++)
		(void)put_text(world, mem_printf(world->memory, "%d", i), 1,
		    "\"x\"", text, NOON);
	sent = put(world, 1, "one", NOON);
	assert_int_equal(sent.modified, NOON + SECOND);
}

static void
what_has_no_date_gets_none(void **state)
{
	struct world *world = *state;

	assert_int_equal(put(world, 1, "one", 0).modified, 0);
	assert_int_equal(put(world, 2, "two", 0).modified, 0);
	assert_false(found(world, 2).modified_is_vague);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
		TEST(the_same_document_from_two_threads_keeps_its_date),
		TEST(of_what_went_another_version_may_have_been_sent),
		TEST(what_has_no_date_gets_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
