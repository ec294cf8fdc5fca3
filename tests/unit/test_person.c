/* SPDX-License-Identifier: ISC */
#include "desk/person.h"

#include "base/mem.h"
#include "base/secret.h"
#include "desk/access.h"
#include "desk/inside.h"
#include "desk/steps.h"
#include "desk/subscription.h"
#include "desk_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *const db_skill[] = { "db", NULL };

static struct person *
look(struct world *world, const char *handle)
{
	struct person *person;
	struct db *db;

	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world, person_by_handle(world, db, handle, &person, &world->err));
	desk_reader_done(world->desk, db);
	return person;
}

static void
edit(struct world *world, int64_t person, struct profile profile)
{
	struct actor root = operator_actor();

	profile.hours = -1;
	OK(world,
	    desk_person_edit(
		world->desk, &root, person, &profile, 0, &world->err));
}

/* --- profiles */

static void
a_person_has_what_she_was_given(void **state)
{
	const char *skills[] = { "Web", "db", "WEB" }, *interests[] = { "k8s" };
	struct profile profile = {
		.name = " Ana \n Lopez ",
		.email = "ana@example.org",
		.availability = "away",
		.hours = 6,
		.has_skills = true,
		.skills = skills,
		.n_skills = 3,
		.has_interests = true,
		.interests = interests,
		.n_interests = 1,
	};
	struct world *world = *state;
	struct actor root = operator_actor();
	struct person *ana;
	char *password;

	OK(world,
	    desk_person_add(world, world->desk, &root,
		&(struct newcomer){
		    .handle = "ana", .profile = &profile, .admin = true },
		&password, &world->err));
	ana = look(world, "ana");
	assert_string_equal(ana->name, "Ana Lopez");
	assert_string_equal(ana->email, "ana@example.org");
	assert_int_equal(ana->n_skills, 2);
	assert_string_equal(ana->skills[0], "db");
	assert_string_equal(ana->skills[1], "web");
	assert_int_equal(ana->n_interests, 1);
	assert_string_equal(ana->interests[0], "k8s");
	assert_false(ana->here);
	assert_int_equal(ana->hours, 6);
	assert_true(ana->admin);
	assert_false(ana->bot);
	assert_true(ana->password_is_first);
	assert_int_equal(strlen(password), 19);
	FAILS(world, ERROR_CONFLICT,
	    desk_person_add(world, world->desk, &root,
		&(struct newcomer){ .handle = "ana", .profile = &profile },
		NULL, &world->err));
	FAILS(world, ERROR_NOT_FOUND,
	    desk_person_disable(world->desk, &root, "nobody",
		&(struct disabled){ 0 }, &world->err));
}

static void
all_wrong_fields_are_named_at_once(void **state)
{
	const char *bad[] = { "no tag" };
	struct profile profile = {
		.email = "nowhere",
		.availability = "maybe",
		.hours = 169,
		.has_skills = true,
		.skills = bad,
		.n_skills = 1,
	};
	struct world *world = *state;
	struct actor root = operator_actor();

	FAILS(world, ERROR_INVALID,
	    desk_person_add(world, world->desk, &root,
		&(struct newcomer){ .handle = "Me", .profile = &profile }, NULL,
		&world->err));
	assert_int_equal(world->err.n_fields, 4);
	assert_string_equal(world->err.fields[0].name, "handle");
	assert_string_equal(world->err.fields[1].name, "email");
	assert_string_equal(world->err.fields[2].name, "hours");
	assert_string_equal(world->err.fields[3].name, "skills");
}

static void
an_edit_changes_only_what_it_names(void **state)
{
	struct world *world = *state;
	struct actor root = operator_actor(), ana;
	int64_t id = world_person(world, "ana", db_skill);
	struct person *before = look(world, "ana"), *after;

	edit(world, id, (struct profile){ .name = "Ana" });
	after = look(world, "ana");
	assert_string_equal(after->name, "Ana");
	assert_int_equal(after->n_skills, 1);
	assert_true(after->here);
	assert_true(after->changed > before->changed);
	FAILS(world, ERROR_PRECONDITION,
	    desk_person_edit(world->desk, &root, id,
		&(struct profile){ .hours = 3 }, before->changed, &world->err));
	(void)world_person(world, "bo", NULL);
	ana = person_actor(world, "bo", SCOPE_WRITE);
	FAILS(world, ERROR_FORBIDDEN,
	    desk_person_edit(world->desk, &ana, id,
		&(struct profile){ .hours = 3 }, 0, &world->err));
}

static void
people_come_in_order_each_with_her_tags(void **state)
{
	static const char *const two[] = { "x", "web", NULL };
	struct world *world = *state;
	struct person **people;
	struct db *db;
	size_t n;

	(void)world_person(world, "cy", two);
	(void)world_person(world, "ana", db_skill);
	(void)world_person(world, "bo", NULL);
	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world, person_list(world, db, &people, &n, &world->err));
	desk_reader_done(world->desk, db);
	assert_int_equal(n, 3);
	assert_string_equal(people[0]->handle, "ana");
	assert_string_equal(people[0]->skills[0], "db");
	assert_int_equal(people[1]->n_skills, 0);
	assert_int_equal(people[2]->n_skills, 2);
	assert_string_equal(people[2]->skills[1], "x");
}

static const struct db_statement add_fix = { "add a fix",
	"INSERT INTO post (id, incident, kind, author, created, changed, text)"
	" VALUES (?, ?, 2, ?, 1, 1, 'done')" };

static void
who_fixed_with_a_tag_last_knows_it_first(void **state)
{
	static const char *const skills[] = { "db_1", NULL };
	static const char *const other[] = { "dbx1", NULL };
	struct world *world = *state;
	struct actor root = operator_actor();
	int64_t ana, bo, cy, incident, similar;
	struct disabled count;
	struct person **people;
	struct db *db;
	size_t n;

	ana = world_person(world, "ana", skills);
	bo = world_person(world, "bo", skills);
	cy = world_person(world, "cy", skills);
	edit(world, world_person(world, "away", skills),
	    (struct profile){ .availability = "away" });
	(void)world_person(world, "gone", skills);
	OK(world,
	    desk_person_disable(
		world->desk, &root, "gone", &count, &world->err));
	(void)world_person(world, "dan", other);
	incident = world_report(world, "slow", "db_1");
	similar = world_report(world, "slow", "dbx1");
	world_change(world, &add_fix,
	    DB_VALUES(db_int(1), db_int(incident), db_int(bo)));
	world_change(world, &add_fix,
	    DB_VALUES(db_int(2), db_int(incident), db_int(cy)));
	world_change(world, &add_fix,
	    DB_VALUES(db_int(3), db_int(similar), db_int(ana)));
	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world,
	    person_who_knows(world, db, "db_1", 10, &people, &n, &world->err));
	assert_int_equal(n, 3);
	assert_string_equal(people[0]->handle, "cy");
	assert_string_equal(people[1]->handle, "bo");
	assert_string_equal(people[2]->handle, "ana");
	OK(world,
	    person_who_knows(world, db, "db_1", 1, &people, &n, &world->err));
	assert_int_equal(n, 1);
	desk_reader_done(world->desk, db);
}

/* --- skills as a subscription */

static struct subscription *
skills_of(struct world *world, int64_t person)
{
	struct subscription *all;
	struct db *db;
	size_t n;

	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world,
	    subscription_list(world, db, person, false, &all, &n, &world->err));
	desk_reader_done(world->desk, db);
	assert_true(n <= 1);
	return n == 0 ? NULL : &all[0];
}

static void
set_skills(
    struct world *world, int64_t person, const char *one, const char *two)
{
	const char *skills[] = { one, two };

	edit(world, person,
	    (struct profile){
		.has_skills = true,
		.skills = skills,
		.n_skills = (one != NULL) + (two != NULL),
	    });
}

static void
skills_are_a_subscription_that_follows_them(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", NULL), first;

	assert_null(skills_of(world, ana));
	set_skills(world, ana, "web", NULL);
	assert_string_equal(skills_of(world, ana)->name, "skills");
	assert_string_equal(skills_of(world, ana)->filter, "#web");
	assert_true(skills_of(world, ana)->follows_skills);
	first = skills_of(world, ana)->id;
	set_skills(world, ana, "web", "db");
	assert_string_equal(skills_of(world, ana)->filter, "#db or #web");
	assert_int_equal(skills_of(world, ana)->id, first);
	set_skills(world, ana, NULL, NULL);
	assert_null(skills_of(world, ana));
	set_skills(world, ana, "db", NULL);
	assert_string_equal(skills_of(world, ana)->filter, "#db");
	assert_true(skills_of(world, ana)->follows_skills);
}

static void
a_skills_subscription_she_edits_or_removes_is_hers(void **state)
{
	struct world *world = *state;
	struct actor root = operator_actor();
	int64_t ana = world_person(world, "ana", db_skill);
	int64_t bo = world_person(world, "bo", db_skill);

	OK(world,
	    desk_subscription_edit(world->desk, &root, ana,
		skills_of(world, ana)->id, NULL, "#db severity:high", 0,
		&world->err));
	set_skills(world, ana, "web", NULL);
	assert_string_equal(skills_of(world, ana)->filter, "#db severity:high");
	assert_false(skills_of(world, ana)->follows_skills);
	OK(world,
	    desk_unsubscribe(
		world->desk, &root, bo, skills_of(world, bo)->id, &world->err));
	set_skills(world, bo, NULL, NULL);
	set_skills(world, bo, "web", NULL);
	assert_null(skills_of(world, bo));
}

/* --- passwords */

static char *
sign_in(struct world *world, const char *handle, const char *password)
{
	struct actor public = { .source = "web" };
	char *secret = mem_array(world, char, SECRET_TOKEN);

	OK(world,
	    desk_signin(
		world->desk, &public, handle, password, secret, &world->err));
	return secret;
}

static bool
is_in(struct world *world, const char *session)
{
	struct identity who;

	return access_find(world, world->desk, ACCESS_SESSION, session, &who);
}

static void
a_password_changes_with_the_old_one_and_ends_other_sessions(void **state)
{
	struct world *world = *state;
	struct actor root = operator_actor(), ana;
	char *first, *here, *there;

	(void)world_person(world, "ana", NULL);
	OK(world,
	    desk_person_passwd(
		world, world->desk, &root, "ana", &first, &world->err));
	ana = person_actor(world, "ana", SCOPE_WRITE);
	here = sign_in(world, "ana", first);
	there = sign_in(world, "ana", first);
	assert_true(is_in(world, here) && is_in(world, there));
	FAILS(world, ERROR_FORBIDDEN,
	    desk_password_change(world->desk, &ana, "guess", "correct horse",
		here, &world->err));
	FAILS(world, ERROR_INVALID,
	    desk_password_change(
		world->desk, &ana, first, "short", here, &world->err));
	OK(world,
	    desk_password_change(
		world->desk, &ana, first, "correct horse", here, &world->err));
	assert_true(is_in(world, here));
	assert_false(is_in(world, there));
	assert_false(look(world, "ana")->password_is_first);
	(void)sign_in(world, "ana", "correct horse");
	OK(world,
	    desk_person_passwd(
		world, world->desk, &root, "ana", &first, &world->err));
	assert_false(is_in(world, here));
	assert_true(look(world, "ana")->password_is_first);
	FAILS(world, ERROR_FORBIDDEN,
	    desk_person_passwd(
		world, world->desk, &ana, "ana", &first, &world->err));
}

/* --- disabling */

static void
disabling_ends_all_that_is_hers(void **state)
{
	struct world *world = *state;
	struct actor root = operator_actor(), ana;
	char secret[SECRET_TOKEN], link[SECRET_TOKEN], *password, *session;
	struct report report = { .title = "hers" };
	struct reported hers;
	struct disabled count;
	struct identity who;
	int64_t id, other;

	(void)world_person(world, "ana", db_skill);
	OK(world,
	    desk_person_passwd(
		world, world->desk, &root, "ana", &password, &world->err));
	session = sign_in(world, "ana", password);
	ana = person_actor(world, "ana", SCOPE_WRITE);
	OK(world,
	    desk_token_add(world->desk, &root, ana.person, SCOPE_READ, "",
		secret, &id, &world->err));
	OK(world,
	    desk_link_add(
		world->desk, &root, ana.person, "", link, &id, &world->err));
	OK(world, desk_report(world->desk, &ana, &report, &hers, &world->err));
	other = world_report(world, "another's", NULL);
	OK(world,
	    desk_join(world->desk, &ana, other, ROLE_HELPER, &world->err));
	assert_int_equal(matcher_count(world->desk->matcher), 1);
	OK(world,
	    desk_person_disable(
		world->desk, &root, "ana", &count, &world->err));
	assert_int_equal(count.sessions, 1);
	assert_int_equal(count.tokens, 1);
	assert_int_equal(count.links, 1);
	assert_int_equal(count.left, 1);
	assert_int_equal(count.hosted, 1);
	assert_true(look(world, "ana")->disabled);
	assert_int_equal(matcher_count(world->desk->matcher), 0);
	assert_null(skills_of(world, ana.person));
	assert_false(is_in(world, session));
	assert_false(
	    access_find(world, world->desk, ACCESS_TOKEN, secret, &who));
	assert_false(access_find(world, world->desk, ACCESS_LINK, link, &who));
	FAILS(world, ERROR_UNAUTHORIZED,
	    desk_signin(
		world->desk, &root, "ana", password, secret, &world->err));
	/* once more finds nothing left */
	OK(world,
	    desk_person_disable(
		world->desk, &root, "ana", &count, &world->err));
	assert_int_equal(count.left + count.hosted + count.sessions, 0);
	FAILS(world, ERROR_CONFLICT,
	    desk_subscribe(
		world->desk, &root, ana.person, "x", "#x", &id, &world->err));
}

/* --- duty */

static void
a_duty_is_given_and_taken_and_none_is_taken_from_oneself(void **state)
{
	const struct duty give = { .admin = DUTY_GIVE };
	const struct duty take = { .admin = DUTY_TAKE };
	const struct duty bot = { .bot = DUTY_GIVE };
	struct world *world = *state;
	struct actor root = operator_actor(), ana, bo;
	const struct report report = { .title = "hers" };
	struct reported hers;
	int64_t changed;

	(void)world_person(world, "ana", db_skill);
	(void)world_person(world, "bo", NULL);
	bo = person_actor(world, "bo", SCOPE_WRITE);
	FAILS(world, ERROR_FORBIDDEN,
	    desk_person_duty(world->desk, &bo, "ana", &give, &world->err));
	OK(world,
	    desk_person_duty(world->desk, &root, "ana", &give, &world->err));
	assert_true(look(world, "ana")->admin);
	changed = look(world, "ana")->changed;
	OK(world,
	    desk_person_duty(world->desk, &root, "ana", &give, &world->err));
	assert_int_equal(look(world, "ana")->changed, changed);
	ana = person_actor(world, "ana", SCOPE_ADMIN);
	FAILS(world, ERROR_CONFLICT,
	    desk_person_duty(world->desk, &ana, "ana", &take, &world->err));
	FAILS(world, ERROR_CONFLICT,
	    desk_person_disable(world->desk, &ana, "ana",
		&(struct disabled){ 0 }, &world->err));
	OK(world, desk_report(world->desk, &ana, &report, &hers, &world->err));
	FAILS(world, ERROR_CONFLICT,
	    desk_person_duty(world->desk, &root, "ana", &bot, &world->err));
	OK(world, desk_person_duty(world->desk, &ana, "bo", &bot, &world->err));
	assert_true(look(world, "bo")->bot);
	OK(world,
	    desk_person_duty(world->desk, &root, "ana", &take, &world->err));
	assert_false(look(world, "ana")->admin);
}

/* A bot's filter is no home for an incident: what it alone has is an orphan. */
static void
a_bots_filters_are_no_home(void **state)
{
	const struct duty bot = { .bot = DUTY_GIVE };
	struct world *world = *state;
	struct actor root = operator_actor();
	int64_t ana = world_person(world, "ana", NULL), id;

	OK(world,
	    desk_subscribe(
		world->desk, &root, ana, "x", "#db", &id, &world->err));
	OK(world, filters_need(world->desk, &world->err));
	assert_true(filters_is_home(world->desk, 1));
	OK(world,
	    desk_person_duty(world->desk, &root, "ana", &bot, &world->err));
	assert_false(filters_is_home(world->desk, 1));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_person_has_what_she_was_given),
		TEST(all_wrong_fields_are_named_at_once),
		TEST(an_edit_changes_only_what_it_names),
		TEST(people_come_in_order_each_with_her_tags),
		TEST(who_fixed_with_a_tag_last_knows_it_first),
		TEST(skills_are_a_subscription_that_follows_them),
		TEST(a_skills_subscription_she_edits_or_removes_is_hers),
		TEST(
		    a_password_changes_with_the_old_one_and_ends_other_sessions),
		TEST(disabling_ends_all_that_is_hers),
		TEST(a_duty_is_given_and_taken_and_none_is_taken_from_oneself),
		TEST(a_bots_filters_are_no_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
