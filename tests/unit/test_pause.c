/* SPDX-License-Identifier: ISC */
#include "desk/pause.h"

/* How filters that are too slow are paused, and run again. */

#include "desk/inside.h"
#include "desk/pause.h"
#include "desk/subscription.h"
#include "desk_world.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct db_statement stretches = { "stretches",
	"SELECT count(*) FROM stretch WHERE subscription = ?" };
static const struct db_statement open_stretch = { "open stretch",
	"SELECT id FROM stretch WHERE subscription = ? AND to_seq IS NULL" };
static const struct db_statement past_size = { "size of the past",
	"SELECT count(*) FROM past WHERE stretch = ?" };
static const struct db_statement past_at = { "past at",
	"SELECT incident FROM past WHERE stretch = ? AND position = ?" };

static const struct db_statement rows_of_kind = { "rows of a kind",
	"SELECT count(*) FROM journal WHERE kind = ?" };

static int64_t
rows(struct world *world, const char *kind)
{
	return world_number(world, &rows_of_kind, DB_VALUES(db_text(kind)));
}

static void
three_strikes_pause_a_filter(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", NULL);
	int64_t id = world_subscribe(world, ana, "slow", "/slow/");
	int64_t filter = world_subscription(world, id)->filter_id;
	struct desk *desk = world->desk;

	strikes_note(desk, &filter, 1, 1, NULL);
	strikes_note(desk, &filter, 1, 1, NULL);
	strikes_note(desk, &filter, 1, 1, NULL); /* one incident */
	strikes_note(desk, &filter, 1, 1500, "192.0.2.1");
	strikes_note(desk, &filter, 1, 1501, "192.0.2.1");
	strikes_note(desk, &filter, 1, 1502, "192.0.2.1"); /* one address */
	strikes_note(desk, &filter, 1, 1503, NULL);
	assert_int_equal(world_subscription(world, id)->paused, 0);
	assert_int_equal(matcher_count(desk->matcher), 1);
	strikes_note(desk, &filter, 1, 1504, "192.0.2.2");
	assert_int_not_equal(world_subscription(world, id)->paused, 0);
	assert_string_equal(world_subscription(world, id)->paused_why,
	    "it took too long on incidents 1500, 1503 and 1504");
	assert_int_equal(matcher_count(desk->matcher), 0);
	for (int i = 1505; i < 1510; i++)
		strikes_note(desk, &filter, 1, i, NULL);
	assert_int_equal(rows(world, "pause"), 1);
}

static void
pause(struct world *world, int64_t filter)
{
	for (int i = 1; i <= 3; i++)
		strikes_note(world->desk, &filter, 1, i, NULL);
}

static void
resuming_gives_all_who_use_it_what_they_missed(void **state)
{
	struct world *world = *state;
	struct actor root = operator_actor();
	int64_t ana = world_person(world, "ana", NULL);
	int64_t bo = world_person(world, "bo", NULL);
	int64_t ids[2], filter, missed;

	(void)world_report(world, "slow before", NULL);
	ids[0] = world_subscribe(world, ana, "slow", "/slow/");
	ids[1] = world_subscribe(world, bo, "slow", "/slow/");
	filter = world_subscription(world, ids[0])->filter_id;
	pause(world, filter);
	missed = world_report(world, "slow meanwhile", NULL);
	OK(world, desk_resume(world->desk, &root, filter, &world->err));
	for (int i = 0; i < 2; i++) {
		int64_t stretch = world_number_of(world, &open_stretch, ids[i]);

		assert_int_equal(world_subscription(world, ids[i])->paused, 0);
		assert_int_equal(world_number_of(world, &stretches, ids[i]), 2);
		assert_int_equal(
		    world_number_of(world, &past_size, stretch), 1);
		assert_int_equal(world_number(world, &past_at,
				     DB_VALUES(db_int(stretch), db_int(0))),
		    missed);
	}
	assert_int_equal(matcher_count(world->desk->matcher), 1);
	OK(world, desk_resume(world->desk, &root, filter, &world->err));
	assert_int_equal(rows(world, "resume"), 1);
	FAILS(world, ERROR_NOT_FOUND,
	    desk_resume(world->desk, &root, filter + 99, &world->err));
}

static void
saving_a_paused_filter_again_resumes_it_for_all(void **state)
{
	struct world *world = *state;
	struct actor root = operator_actor();
	int64_t ana = world_person(world, "ana", NULL);
	int64_t bo = world_person(world, "bo", NULL);
	int64_t hers, his, before, missed;

	before = world_report(world, "slow before", NULL);
	hers = world_subscribe(world, ana, "slow", "/slow/");
	his = world_subscribe(world, bo, "other", "#other");
	pause(world, world_subscription(world, hers)->filter_id);
	missed = world_report(world, "slow meanwhile", NULL);
	/* a name alone leaves it paused */
	OK(world,
	    desk_subscription_edit(
		world->desk, &root, ana, hers, "s", NULL, 0, &world->err));
	assert_int_not_equal(world_subscription(world, hers)->paused, 0);
	OK(world,
	    desk_subscription_edit(
		world->desk, &root, bo, his, NULL, "/slow/", 0, &world->err));
	assert_int_equal(world_subscription(world, hers)->paused, 0);
	assert_int_equal(world_number_of(world, &past_size,
			     world_number_of(world, &open_stretch, hers)),
	    1);
	/* hers began anew: all of the past is in it */
	assert_int_equal(world_number_of(world, &past_size,
			     world_number_of(world, &open_stretch, his)),
	    2);
	pause(world, world_subscription(world, hers)->filter_id);
	OK(world,
	    desk_subscription_edit(
		world->desk, &root, ana, hers, NULL, "/slow/", 0, &world->err));
	assert_int_equal(world_subscription(world, his)->paused, 0);
	assert_int_equal(world_number_of(world, &past_size,
			     world_number_of(world, &open_stretch, hers)),
	    0);
	(void)before;
	(void)missed;
}

static void
a_pause_stays_over_a_restart(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", NULL);
	int64_t id = world_subscribe(world, ana, "slow", "/slow/");

	pause(world, world_subscription(world, id)->filter_id);
	world_restart(world);
	assert_int_not_equal(world_subscription(world, id)->paused, 0);
	assert_int_equal(matcher_count(world->desk->matcher), 0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(three_strikes_pause_a_filter),
		TEST(resuming_gives_all_who_use_it_what_they_missed),
		TEST(saving_a_paused_filter_again_resumes_it_for_all),
		TEST(a_pause_stays_over_a_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
