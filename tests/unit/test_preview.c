/* SPDX-License-Identifier: ISC */
#include "desk/subscription.h"

/* What a filter would have caught, shown before it is saved. */

#include "desk/inside.h"
#include "desk/past.h"
#include "desk_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
a_preview_says_what_a_filter_would_have_caught(void **state)
{
	struct world *world = *state;
	struct preview preview;
	struct db *db;

	for (int i = 0; i < 30; i++) {
		(void)world_report(world, "the pool is empty", "db");
		(void)world_report(world, "no paper", "printer");
	}
	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world,
	    subscription_preview(world, world->desk, db, "ana",
		"paper -swarm:me", &preview, &world->err));
	assert_string_equal(preview.filter, "-swarm:ana paper");
	assert_int_equal(preview.matches, 30);
	assert_int_equal(preview.of, 60);
	assert_int_equal(preview.n_newest, 20);
	assert_int_equal(preview.newest[0], 60);
	assert_int_equal(preview.newest[19], 22);
	assert_true(preview.per_week > 29.9 && preview.per_week < 30.1);
	assert_int_equal(preview.warnings.n, 0);
	OK(world,
	    subscription_preview(world, world->desk, db, "ana", "is:open",
		&preview, &world->err));
	assert_int_equal(preview.matches, 60);
	assert_int_equal(preview.warnings.n, 1);
	assert_non_null(strstr(preview.warnings.all[0], "no subject"));
	FAILS(world, ERROR_INVALID,
	    subscription_preview(world, world->desk, db, "ana", "age<2h",
		&preview, &world->err));
	desk_reader_done(world->desk, db);
}

static void
a_preview_warns_of_a_filter_that_takes_too_long(void **state)
{
	struct world *world = *state;
	struct preview preview;
	struct db *db;

	(void)world_report(world,
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
	    NULL);
	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world,
	    subscription_preview(world, world->desk, db, "ana", "/^(a|aa)+$/",
		&preview, &world->err));
	desk_reader_done(world->desk, db);
	assert_int_equal(preview.matches, 0);
	assert_int_not_equal(preview.warnings.n, 0);
	assert_non_null(strstr(preview.warnings.all[0], "too long"));
}

static const struct db_statement date_incident = { "date an incident",
	"UPDATE incident SET created = ? WHERE id = ?" };

static void
the_rate_a_week_counts_from_the_oldest_that_was_looked_at(void **state)
{
	struct world *world = *state;
	struct preview preview;
	struct db *db;

	for (int i = 0; i < 30; i++)
		(void)world_report(world, "no paper", "printer");
	world_change(world, &date_incident,
	    DB_VALUES(db_int(clock_now() - 10 * 7 * DAY), db_int(7)));
	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world,
	    subscription_preview(
		world, world->desk, db, "ana", "paper", &preview, &world->err));
	desk_reader_done(world->desk, db);
	assert_true(preview.per_week > 2.99 && preview.per_week < 3.01);
}

static void
a_count_that_runs_out_of_time_says_so(void **state)
{
	struct world *world = *state;
	struct counted counted;
	struct db *db;

	for (int i = 0; i < 30; i++)
		(void)world_report(world, "no paper", "printer");
	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world,
	    past_count(
		world->desk, db, "paper", SECOND, &counted, &world->err));
	assert_int_equal(counted.of, 30);
	assert_false(counted.ran_out);
	OK(world,
	    past_count(world->desk, db, "paper", 0, &counted, &world->err));
	assert_int_equal(counted.of, 0);
	assert_true(counted.ran_out);
	desk_reader_done(world->desk, db);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_preview_says_what_a_filter_would_have_caught),
		TEST(a_preview_warns_of_a_filter_that_takes_too_long),
		TEST(the_rate_a_week_counts_from_the_oldest_that_was_looked_at),
		TEST(a_count_that_runs_out_of_time_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
