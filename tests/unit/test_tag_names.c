/* SPDX-License-Identifier: ISC */
#include "desk/tag.h"

#include "base/mem.h"
#include "desk/inside.h"
#include "desk/person.h"
#include "desk/steps.h"
#include "desk/subscription.h"
#include "desk/tag_names.h"
#include "desk/timeline.h"
#include "desk_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The tags of an incident, as one text. */
static char *
tags_of(struct world *world, int64_t number)
{
	struct incident *incident;
	struct db *db;

	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world, incident_read(world, db, number, &incident, &world->err));
	desk_reader_done(world->desk, db);
	return words_join(world, incident->tags, incident->n_tags);
}

/* "db 2 0, net 1 3": each tag, its incidents and its people. */
static char *
uses(struct world *world)
{
	char *text = mem_copy(world, "");
	struct tag_use *all;
	struct db *db;
	size_t n;

	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world, tag_page(world, db, "", 100, &all, &n, &world->err));
	desk_reader_done(world->desk, db);
	for (size_t i = 0; i < n; i++)
		text = mem_printf(world, "%s%s%s %jd %jd", text,
		    i == 0 ? "" : ", ", all[i].tag, (intmax_t)all[i].incidents,
		    (intmax_t)all[i].people);
	return text;
}

static void
give_tags(
    struct world *world, int64_t number, const char *const *tags, size_t n)
{
	const struct edit edit = {
		.has_tags = true, .tags = tags, .n_tags = n
	};
	struct actor ana = person_actor(world, "ana", SCOPE_WRITE);

	OK(world, desk_edit(world->desk, &ana, number, &edit, &world->err));
}

static void
merge(struct world *world, const char *tag, const char *into)
{
	struct actor root = operator_actor();

	OK(world, desk_tag_merge(world->desk, &root, tag, into, &world->err));
}

static void
rename_tag(struct world *world, const char *tag, const char *into)
{
	struct actor root = operator_actor();

	OK(world, desk_tag_rename(world->desk, &root, tag, into, &world->err));
}

static void
uses_are_counted_as_tags_come_and_go(void **state)
{
	static const char *const skills[] = { "db", NULL };
	static const char *const two[] = { "db", "net" },
				 *const one[] = { "net" };
	struct world *world = *state;
	struct actor root = operator_actor();
	int64_t first, spam;

	(void)world_person(world, "ana", skills);
	first = world_report(world, "a", "db");
	(void)world_report(world, "b", "db");
	assert_string_equal(uses(world), "db 2 1");
	give_tags(world, first, two, 2);
	assert_string_equal(uses(world), "db 2 1, net 1 0");
	give_tags(world, first, one, 1);
	assert_string_equal(uses(world), "db 1 1, net 1 0");
	give_tags(world, first, NULL, 0);
	assert_string_equal(uses(world), "db 1 1");
	spam = world_report(world, "spam", "viagra");
	assert_string_equal(uses(world), "db 1 1, viagra 1 0");
	OK(world,
	    desk_withdraw(world->desk, &root, spam, "spam", 0, &world->err));
	assert_string_equal(uses(world), "db 1 1");
}

static void
what_was_tagged_is_read_by_the_name_of_now(void **state)
{
	static const char *const skills[] = { "database", NULL };
	static const char *const old[] = { "database" };
	struct world *world = *state;
	int64_t ana, number;
	struct person *person;
	struct db *db;

	ana = world_person(world, "ana", skills);
	number = world_report(world, "a", "database");
	(void)world_report(world, "b", "db");
	merge(world, "database", "#db");
	assert_string_equal(tags_of(world, number), "db");
	assert_string_equal(uses(world), "db 2 1");
	/* whoever still types it means the same */
	assert_string_equal(
	    tags_of(world, world_report(world, "c", "database")), "db");
	give_tags(world, number, old, 1);
	assert_string_equal(uses(world), "db 3 1");
	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world, person_by_id(world, db, ana, &person, &world->err));
	desk_reader_done(world->desk, db);
	assert_int_equal(person->n_skills, 1);
	assert_string_equal(person->skills[0], "db");
}

static void
who_fixed_under_a_former_name_is_found(void **state)
{
	const struct fix fix = { .resolution = "wait" };
	struct world *world = *state;
	struct actor ana;
	struct person **people;
	struct db *db;
	size_t n;

	(void)world_person(world, "ana", NULL);
	ana = person_actor(world, "ana", SCOPE_WRITE);
	OK(world,
	    desk_fix(world->desk, &ana, world_report(world, "a", "k_8"), &fix,
		&world->err));
	rename_tag(world, "k_8", "kube");
	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world,
	    person_who_fixed(world, db, "kube", 9, &people, &n, &world->err));
	assert_int_equal(n, 1);
	OK(world,
	    person_who_fixed(world, db, "k_8", 9, &people, &n, &world->err));
	assert_int_equal(n, 1);
	OK(world,
	    person_who_fixed(world, db, "k", 9, &people, &n, &world->err));
	assert_int_equal(n, 0);
	desk_reader_done(world->desk, db);
}

static void
names_go_along_and_a_rename_can_be_taken_back(void **state)
{
	struct world *world = *state;
	int64_t number = world_report(world, "a", "one");

	rename_tag(world, "one", "two");
	rename_tag(world, "two", "three");
	assert_string_equal(tags_of(world, number), "three");
	rename_tag(world, "three", "one");
	assert_string_equal(tags_of(world, number), "one");
	assert_string_equal(uses(world), "one 1 0");
	(void)world_report(world, "b", "two");
	assert_string_equal(uses(world), "one 2 0");
}

static void
a_name_that_does_not_fit_is_refused(void **state)
{
	struct world *world = *state;
	struct actor root = operator_actor(), bo;

	(void)world_person(world, "bo", NULL);
	bo = person_actor(world, "bo", SCOPE_WRITE);
	(void)world_report(world, "a", "one");
	(void)world_report(world, "b", "two");
	FAILS(world, ERROR_FORBIDDEN,
	    desk_tag_merge(world->desk, &bo, "one", "two", &world->err));
	FAILS(world, ERROR_INVALID,
	    desk_tag_merge(world->desk, &root, "one", "one", &world->err));
	FAILS(world, ERROR_INVALID,
	    desk_tag_merge(world->desk, &root, "one", "new", &world->err));
	FAILS(world, ERROR_INVALID,
	    desk_tag_rename(world->desk, &root, "one", "two", &world->err));
	FAILS(world, ERROR_INVALID,
	    desk_tag_rename(world->desk, &root, "one", "a b", &world->err));
	assert_string_equal(world->err.fields[0].name, "into");
	merge(world, "one", "two");
	merge(world, "one", "two"); /* already so */
	FAILS(world, ERROR_INVALID,
	    desk_tag_rename(world->desk, &root, "one", "new", &world->err));
}

/* What a filter matched, and whether anything is new in that feed. */
static size_t
entries(struct world *world, int64_t person, int64_t subscription)
{
	struct timeline timeline;
	struct db *db;

	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world,
	    timeline_subscription(world, world->desk, db, person, subscription,
		100, &timeline, &world->err));
	desk_reader_done(world->desk, db);
	return timeline.n;
}

static void
filters_go_on_finding_and_nothing_is_posted_again(void **state)
{
	static const char *const both[] = { "db", "net" };
	struct world *world = *state;
	struct actor root = operator_actor();
	int64_t ana = world_person(world, "ana", NULL), old, now, number;

	OK(world,
	    desk_subscribe(world->desk, &root, ana, "old", "#database", &old,
		&world->err));
	OK(world,
	    desk_subscribe(
		world->desk, &root, ana, "now", "#db", &now, &world->err));
	number = world_report(world, "a", "database");
	(void)world_report(world, "b", "db");
	merge(world, "database", "db");
	assert_int_equal(entries(world, ana, old), 1);
	assert_int_equal(entries(world, ana, now), 1);
	/* an event of an incident that was tagged before makes it no match */
	give_tags(world, number, both, 2);
	assert_int_equal(entries(world, ana, now), 1);
	(void)world_report(world, "c", "db");
	assert_int_equal(entries(world, ana, old), 2);
	assert_int_equal(entries(world, ana, now), 2);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(uses_are_counted_as_tags_come_and_go),
		TEST(what_was_tagged_is_read_by_the_name_of_now),
		TEST(who_fixed_under_a_former_name_is_found),
		TEST(names_go_along_and_a_rename_can_be_taken_back),
		TEST(a_name_that_does_not_fit_is_refused),
		TEST(filters_go_on_finding_and_nothing_is_posted_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
