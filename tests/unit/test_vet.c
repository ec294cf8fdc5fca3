/* SPDX-License-Identifier: ISC */
#include "desk/stretch.h"

#include "desk/inside.h"
#include "desk/report.h"
#include "desk/steps.h"
#include "desk_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Ways through such a filter double with nearly each letter. */
#define BAIT "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"
#define HOSTILE "/^(a|aa)+[%d_]$/"
#define SLOW "/^(a|aa)+$/"

enum { MANY = 16 };

static int64_t
subscribe(struct world *world, int64_t person, const char *filter)
{
	return world_subscribe(world, person, filter, filter);
}

/* The operator's reports have no address. */
static void
report_bait(struct world *world, int n)
{
	const struct report report = { .title = BAIT };
	struct actor by = operator_actor();
	struct reported reported;

	for (int i = 0; i < n; i++)
		OK(world,
		    desk_report(
			world->desk, &by, &report, &reported, &world->err));
}

static void
a_filter_too_slow_for_three_texts_of_the_past_is_paused_at_once(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", NULL);
	int64_t id;

	report_bait(world, 4);
	id = subscribe(world, ana, SLOW);
	assert_int_not_equal(world_subscription(world, id)->paused, 0);
	assert_string_equal(world_subscription(world, id)->paused_why,
	    "it took too long on incidents 1, 2 and 3");
	assert_int_equal(matcher_count(world->desk->matcher), 0);
}

static void
public_reports_of_one_address_count_once(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", NULL);

	for (int i = 0; i < 4; i++)
		(void)world_report(world, BAIT, NULL);
	assert_int_equal(
	    world_subscription(world, subscribe(world, ana, SLOW))->paused, 0);
}

static void
an_edit_is_vetted_too(void **state)
{
	struct world *world = *state;
	struct actor root = operator_actor();
	int64_t ana = world_person(world, "ana", NULL);
	int64_t id = subscribe(world, ana, "#db");

	report_bait(world, 3);
	OK(world,
	    desk_subscription_edit(
		world->desk, &root, ana, id, NULL, SLOW, 0, &world->err));
	assert_int_not_equal(world_subscription(world, id)->paused, 0);
}

static void
one_that_is_saved_again_runs_again(void **state)
{
	struct world *world = *state;
	struct actor root = operator_actor();
	int64_t ana = world_person(world, "ana", NULL);
	int64_t id;

	report_bait(world, 3);
	id = subscribe(world, ana, SLOW);
	assert_int_not_equal(world_subscription(world, id)->paused, 0);
	for (int i = 0; i < 2; i++) { /* the second time it runs already */
		OK(world,
		    desk_subscription_edit(world->desk, &root, ana, id, NULL,
			SLOW, 0, &world->err));
		assert_int_equal(world_subscription(world, id)->paused, 0);
	}
	/* nor does another get it paused by taking it up */
	(void)subscribe(world, world_person(world, "bo", NULL), SLOW);
	assert_int_equal(world_subscription(world, id)->paused, 0);
}

static void
with_a_new_one_her_dearest_are_paused(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", NULL);
	int64_t ids[MANY];
	size_t paused = 0;

	for (int i = 0; i < MANY; i++) {
		char filter[32];

		(void)snprintf(filter, sizeof filter, HOSTILE, i);
		ids[i] = subscribe(world, ana, filter);
	}
	report_bait(world, 2);
	world_restart(world); /* strikes are forgotten */
	report_bait(world, 1);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(world_subscription(world, ids[i])->paused, 0);
	/* dear on all three, and too slow for each: so it goes too */
	(void)subscribe(world, ana, SLOW);
	for (int i = 0; i < MANY; i++) {
		const struct subscription *each = world_subscription(
		    world, ids[i]);

		if (each->paused == 0)
			continue;
		paused++;
		assert_non_null(
		    strstr(each->paused_why, "your filters together"));
	}
	/* about 75 ms, of which she may have 50: those that fit run on */
	assert_in_range(paused, 2, MANY * 3 / 4);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(
		    a_filter_too_slow_for_three_texts_of_the_past_is_paused_at_once),
		TEST(public_reports_of_one_address_count_once),
		TEST(an_edit_is_vetted_too),
		TEST(one_that_is_saved_again_runs_again),
		TEST(with_a_new_one_her_dearest_are_paused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
