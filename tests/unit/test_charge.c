/* SPDX-License-Identifier: ISC */
#include "desk/pause.h"

#include "desk/subscription.h"
#include "desk_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* The world's budget of a filter is 5 ms: that of a person is 50. */
enum { MANY = 12, TWICE = 2 * MANY };
#define MS INT64_C(1000)

/* Readings that are made up: work is told to the desk, not measured. */
struct reading {
	struct world *world;
	struct matches matches;
	struct dear dear[TWICE];
};

static int64_t
subscribe(struct world *world, int64_t person, int number)
{
	char name[32];

	(void)snprintf(name, sizeof name, "/filter *%d/", number);
	return world_subscribe(world, person, name, name);
}

/* The subscription's filter takes so long in each reading from now on. */
static void
costs(struct reading *reading, int64_t subscription, int64_t cost)
{
	int64_t filter = world_subscription(reading->world, subscription)
			     ->filter_id;

	reading->matches.dear = reading->dear;
	reading->dear[reading->matches.n_dear++] = (struct dear){ filter,
		cost };
}

static void
note(struct reading *reading, int64_t incident, const char *address)
{
	reading_note(
	    reading->world->desk, &reading->matches, incident, address);
}

static size_t
n_paused(struct world *world, const int64_t *ids, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += world_subscription(world, ids[i])->paused != 0;
	return count;
}

static void
her_dearest_are_paused_until_the_rest_fits(void **state)
{
	struct world *world = *state;
	struct reading reading = { .world = world };
	int64_t ana = world_person(world, "ana", NULL);
	int64_t ids[MANY];

	/* 4.0, 4.1, ... 5.1 ms: together 54.6 */
	for (int i = 0; i < MANY; i++) {
		ids[i] = subscribe(world, ana, i);
		costs(&reading, ids[i], 4 * MS + i * INT64_C(100));
	}
	note(&reading, 10, NULL);
	note(&reading, 10, NULL); /* one incident */
	note(&reading, 1500, NULL); /* far from it */
	note(&reading, 1501, "192.0.2.1");
	note(&reading, 1502, "192.0.2.1"); /* one address */
	assert_int_equal(n_paused(world, ids, MANY), 0);
	note(&reading, 1503, NULL);
	assert_int_equal(n_paused(world, ids, MANY), 1);
	assert_string_equal(
	    world_subscription(world, ids[MANY - 1])->paused_why,
	    "your filters together took too long on incidents 1500, 1501 and "
	    "1503, 54 ms on the last; this is one of the dearest, it took "
	    "5.1 ms");
	assert_int_equal(matcher_count(world->desk->matcher), MANY - 1);
}

static void
within_her_budget_nothing_is_paused(void **state)
{
	struct world *world = *state;
	struct reading reading = { .world = world };
	int64_t ana = world_person(world, "ana", NULL);
	int64_t bo = world_person(world, "bo", NULL);
	int64_t ids[20];

	/* 98 ms of two people */
	for (int i = 0; i < 20; i++) {
		ids[i] = subscribe(world, i % 2 ? ana : bo, i);
		costs(&reading, ids[i], 4900);
	}
	for (int i = 1; i <= 5; i++)
		note(&reading, i, NULL);
	assert_int_equal(n_paused(world, ids, 20), 0);
}

static void
nobody_gets_anothers_filter_paused_by_sharing_it(void **state)
{
	struct world *world = *state;
	struct reading reading = { .world = world };
	int64_t ana = world_person(world, "ana", NULL);
	int64_t bo = world_person(world, "bo", NULL);
	int64_t hers[5], shared[5], his[MANY];

	for (int i = 0; i < 5; i++) {
		hers[i] = subscribe(world, ana, i);
		shared[i] = subscribe(world, bo, i);
		costs(&reading, hers[i], 9900);
	}
	for (int i = 0; i < MANY; i++) {
		his[i] = subscribe(world, bo, 100 + i);
		costs(&reading, his[i], 4 * MS);
	}
	for (int i = 1; i <= 3; i++)
		note(&reading, i, NULL);
	assert_int_equal(n_paused(world, hers, 5), 0);
	assert_int_equal(n_paused(world, shared, 5), 0);
	/* he is charged half of what they share: 24.75 + 48 ms */
	assert_int_equal(n_paused(world, his, MANY), 6);
}

static void
what_several_have_too_much_of_is_paused_for_all(void **state)
{
	struct world *world = *state;
	struct reading reading = { .world = world };
	int64_t ana = world_person(world, "ana", NULL);
	int64_t bo = world_person(world, "bo", NULL);
	int64_t hers[TWICE], his[TWICE];

	for (int i = 0; i < TWICE; i++) {
		hers[i] = subscribe(world, ana, i);
		his[i] = subscribe(world, bo, i);
		costs(&reading, hers[i], 5 * MS);
	}
	for (int i = 1; i <= 3; i++)
		note(&reading, i, NULL);
	/* 120 ms, of which each may have 50 */
	assert_int_equal(n_paused(world, hers, TWICE), 4);
	assert_int_equal(n_paused(world, his, TWICE), 4);
}

static void
a_reading_for_one_person_spares_what_others_use(void **state)
{
	struct world *world = *state;
	struct reading reading = { .world = world };
	int64_t ana = world_person(world, "ana", NULL);
	int64_t bo = world_person(world, "bo", NULL);
	int64_t hers[MANY], his = subscribe(world, bo, MANY - 1);

	for (int i = 0; i < MANY; i++) {
		hers[i] = subscribe(world, ana, i);
		costs(&reading, hers[i], (i == MANY - 1 ? 20 : 5) * MS);
	}
	for (int i = 1; i <= 3; i++)
		charges_note(world->desk, &reading.matches, i, NULL, bo);
	assert_int_equal(n_paused(world, hers, MANY), 0);
	for (int i = 1; i <= 3; i++)
		charges_note(world->desk, &reading.matches, i, NULL, ana);
	assert_int_equal(world_subscription(world, his)->paused, 0);
	assert_int_equal(n_paused(world, hers, MANY), 3);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(her_dearest_are_paused_until_the_rest_fits),
		TEST(within_her_budget_nothing_is_paused),
		TEST(nobody_gets_anothers_filter_paused_by_sharing_it),
		TEST(what_several_have_too_much_of_is_paused_for_all),
		TEST(a_reading_for_one_person_spares_what_others_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
