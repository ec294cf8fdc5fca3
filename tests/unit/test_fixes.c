/* SPDX-License-Identifier: ISC */
#include "desk/fixes.h"

#include "base/mem.h"
#include "desk/steps.h"
#include "desk/used_tags.h"
#include "desk_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *const none[] = { NULL };

static int64_t
fixed(
    struct world *world, const char *handle, const char *title, const char *tag)
{
	struct actor actor = person_actor(world, handle, SCOPE_WRITE);
	int64_t incident = world_report(world, title, tag);
	const struct fix fix = { .resolution = "Do it again." };

	OK(world, desk_fix(world->desk, &actor, incident, &fix, &world->err));
	return incident;
}

static struct fixes
fixes_by(struct world *world, int64_t person)
{
	struct fixes fixes;
	struct db *db;

	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world, fixes_of(world, db, person, &fixes, &world->err));
	desk_reader_done(world->desk, db);
	return fixes;
}

static void
her_fixes_say_what_she_knows(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", none);
	int64_t bo = world_person(world, "bo", none);
	int64_t first = fixed(world, "ana", "Disk full", "disk");
	int64_t second = fixed(world, "ana", "Mail lost", "mail");
	struct actor actor = person_actor(world, "ana", SCOPE_WRITE);
	const struct fix again = { .resolution = "Better so." };
	struct fixes fixes;

	OK(world, desk_fix(world->desk, &actor, first, &again, &world->err));
	fixes = fixes_by(world, ana);
	/* an incident once, at its last fix; tags in their order */
	assert_int_equal(fixes.n, 2);
	assert_int_equal(fixes.newest[0].incident, first);
	assert_int_equal(fixes.newest[1].incident, second);
	assert_string_equal(fixes.newest[1].title, "Mail lost");
	assert_int_equal(fixes.n_tags, 2);
	assert_string_equal(fixes.tags[0], "disk");
	assert_string_equal(fixes.tags[1], "mail");
	assert_int_equal(fixes_by(world, bo).n, 0);
	OK(world,
	    desk_withdraw(world->desk, &actor, first, "spam", 0, &world->err));
	fixes = fixes_by(world, ana);
	assert_int_equal(fixes.n, 1);
	assert_int_equal(fixes.n_tags, 1);
}

static void
who_fixed_with_a_tag_is_found_by_it_and_in_order(void **state)
{
	struct world *world = *state;
	struct actor root = operator_actor();
	struct person **people;
	struct disabled disabled;
	struct db *db;
	size_t n;

	(void)world_person(world, "bo", none);
	(void)world_person(world, "ana", none);
	(void)world_person(world, "cy", none);
	(void)fixed(world, "bo", "Disk full", "disk");
	(void)fixed(world, "ana", "Disk gone", "disk");
	(void)fixed(world, "cy", "Diskette stuck", "diskette");
	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world,
	    person_who_fixed(world, db, "disk", 10, &people, &n, &world->err));
	assert_int_equal(n, 2);
	assert_string_equal(people[0]->handle, "ana");
	assert_string_equal(people[1]->handle, "bo");
	desk_reader_done(world->desk, db);
	OK(world,
	    desk_person_disable(
		world->desk, &root, "ana", &disabled, &world->err));
	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world,
	    person_who_fixed(world, db, "disk", 10, &people, &n, &world->err));
	assert_int_equal(n, 1);
	desk_reader_done(world->desk, db);
}

static void
tags_in_use_are_each_there_once_and_in_order(void **state)
{
	static const char *const skills[] = { "net", "disk", NULL };
	struct world *world = *state;
	const char **tags;
	struct db *db;
	size_t n;

	(void)world_person(world, "ana", skills);
	(void)world_report(world, "Disk full", "disk");
	(void)world_report(world, "No mail", "mail");
	(void)world_report(world, "Nothing", NULL);
	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world, used_tags(world, db, &tags, &n, &world->err));
	desk_reader_done(world->desk, db);
	assert_int_equal(n, 3);
	assert_string_equal(tags[0], "disk");
	assert_string_equal(tags[1], "mail");
	assert_string_equal(tags[2], "net");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    her_fixes_say_what_she_knows, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
		    who_fixed_with_a_tag_is_found_by_it_and_in_order,
		    world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
		    tags_in_use_are_each_there_once_and_in_order, world_setup,
		    world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
