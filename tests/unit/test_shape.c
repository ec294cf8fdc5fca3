/* SPDX-License-Identifier: ISC */
#include "view_world.h"

#include "base/json.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The members of an object in order, joined by spaces. */
static const char *
members(void *owner, json_t *object)
{
	char *names = mem_copy(owner, "");
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value)
	{
		names = mem_printf(
		    owner, "%s%s%s", names, *names != '\0' ? " " : "", name);
	}
	return names;
}

static json_t *
first(const json_t *object, const char *list)
{
	return json_array_get(json_object_get(object, list), 0);
}

static const char *
text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void
say_all(struct scene *scene, bool publish)
{
	const char *tag = "db";
	const struct pull_request pull = { .tags = &tag, .n_tags = 1 };
	const struct fix fix = { .resolution = "Wait.", .publish = publish };
	int64_t post;

	OK(scene->world,
	    desk_pull(scene->desk, &scene->as_ana, scene->incident, &pull,
		&scene->world->err));
	OK(scene->world,
	    desk_note(scene->desk, &scene->as_ana, scene->incident, "a note",
		&post, &scene->world->err));
	OK(scene->world,
	    desk_reply(scene->desk, &scene->as_bo, scene->incident, "a reply",
		true, &post, &scene->world->err));
	OK(scene->world,
	    desk_fix(scene->desk, &scene->as_bo, scene->incident, &fix,
		&scene->world->err));
}

static json_t *
status_of(struct scene *scene, int64_t number)
{
	struct view view = look(scene, VIEWER_CUSTOMER, 0);
	struct incident *incident;
	json_t *object;

	OK(scene->world,
	    incident_read(
		scene, view.db, number, &incident, &scene->world->err));
	OK(scene->world,
	    shape_status(scene, &view, incident, &object, &scene->world->err));
	return object;
}

static void
an_incident_has_the_members_of_the_contract_in_order(void **state)
{
	struct scene *scene = *state;
	struct view view;
	json_t *object;

	say_all(scene, false);
	view = look(scene, VIEWER_PERSON, scene->ana);
	object = seen_incident(scene, &view);
	assert_string_equal(members(scene, object),
	    "id url title body environment tags severity status source by"
	    " customer host hands swarm pulls promised created updated resolved"
	    " posts article duplicate_of rating known matched");
	assert_string_equal(
	    members(scene, json_object_get(object, "customer")), "name email");
	assert_string_equal(
	    members(scene, first(object, "swarm")), "person role joined left");
	assert_string_equal(members(scene, first(object, "pulls")),
	    "by people tags note created open");
	assert_string_equal(members(scene, first(object, "posts")),
	    "id kind author created edited text");
	assert_string_equal(
	    members(scene, json_array_get(json_object_get(object, "posts"), 2)),
	    "id kind author created edited resolution cause environment");
	assert_string_equal(members(scene, first(object, "matched")),
	    "subscription name filter");
	assert_string_equal(text(object, "status"), "resolved");
	assert_int_equal(
	    json_integer_value(json_object_get(object, "article")), 1);
}

static void
what_is_not_there_is_null(void **state)
{
	static const char *const names[] = { "by", "host", "promised",
		"resolved", "article", "duplicate_of", "rating" };
	struct scene *scene = *state;
	struct view view = look(scene, VIEWER_PERSON, scene->bo);
	json_t *object = seen_incident(scene, &view);

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_true(json_is_null(json_object_get(object, names[i])));
	assert_int_equal(
	    json_array_size(json_object_get(object, "matched")), 0);
}

static void
a_link_shows_no_mail_address_and_no_note(void **state)
{
	struct scene *scene = *state;
	struct view view;
	json_t *object;

	say_all(scene, false);
	view = look(scene, VIEWER_LINK, scene->ana);
	object = seen_incident(scene, &view);
	assert_string_equal(
	    members(scene, json_object_get(object, "customer")), "name");
	assert_int_equal(json_array_size(json_object_get(object, "posts")), 2);
	assert_null(strstr(json_compact(scene, object), "a note"));
}

static void
a_withdrawn_incident_is_gone(void **state)
{
	struct scene *scene = *state;
	struct incident *incident;
	struct view view;
	json_t *object;

	OK(scene->world,
	    desk_withdraw(scene->desk, &scene->as_ana, scene->incident, "spam",
		0, &scene->world->err));
	view = look(scene, VIEWER_PERSON, scene->ana);
	OK(scene->world,
	    incident_read(scene, view.db, scene->incident, &incident,
		&scene->world->err));
	FAILS(scene->world, ERROR_GONE,
	    shape_incident(
		scene, &view, incident, &object, &scene->world->err));
}

static void
a_status_names_people_and_only_a_public_article(void **state)
{
	struct scene *scene = *state;
	json_t *object;

	say_all(scene, false);
	object = status_of(scene, scene->incident);
	assert_string_equal(members(scene, object),
	    "id title body environment status severity host people helpers"
	    " promised created resolved posts article rating");
	assert_int_equal(json_array_size(json_object_get(object, "people")), 1);
	assert_int_equal(json_array_size(json_object_get(object, "posts")), 2);
	assert_true(json_is_null(json_object_get(object, "article")));
	assert_null(strstr(json_compact(scene, object), "a note"));
	assert_null(strstr(json_compact(scene, object), "carla@"));
}

static void
a_duplicate_follows_the_other_and_hides_its_words(void **state)
{
	struct scene *scene = *state;
	int64_t hers = world_report(scene->world, "Hangs too", NULL);
	json_t *object;
	char *all;

	OK(scene->world,
	    desk_duplicate(scene->desk, &scene->as_bo, hers, scene->incident,
		&scene->world->err));
	say_all(scene, true);
	object = status_of(scene, hers);
	all = json_compact(scene, object);
	assert_string_equal(text(object, "status"), "resolved");
	assert_string_equal(
	    text(first(object, "posts"), "resolution"), "Wait.");
	assert_int_equal(
	    json_integer_value(json_object_get(object, "article")), 1);
	assert_null(strstr(all, "a reply"));
	assert_null(strstr(all, "hangs &"));
	assert_null(strstr(all, "Carla"));
}

static void
a_public_article_says_nothing_of_its_incident(void **state)
{
	struct scene *scene = *state;
	struct article *article;
	struct view view;

	say_all(scene, true);
	view = look(scene, VIEWER_PUBLIC, 0);
	OK(scene->world,
	    article_read(scene, view.db, 1, &article, &scene->world->err));
	assert_string_equal(
	    members(scene, shape_article(scene, &view, article)),
	    "id url title issue environment resolution cause tags confidence"
	    " audience reuse created updated");
	view.viewer = VIEWER_PERSON;
	assert_string_equal(
	    members(scene, shape_article(scene, &view, article)),
	    "id url title issue environment resolution cause tags confidence"
	    " audience incident reuse created updated");
}

static void
a_person_shows_her_mail_address_to_herself_alone(void **state)
{
	struct scene *scene = *state;
	struct view view = look(scene, VIEWER_PERSON, scene->bo);
	struct person *person;

	OK(scene->world,
	    person_by_id(
		scene, view.db, scene->ana, &person, &scene->world->err));
	assert_string_equal(
	    members(scene, shape_person(scene, &view, person, false)),
	    "handle name skills interests availability hours bot admin");
	assert_string_equal(
	    members(scene, shape_person(scene, &view, person, true)),
	    "handle name skills interests availability hours bot admin email");
}

static void
a_subscription_says_when_and_why_it_was_paused(void **state)
{
	struct scene *scene = *state;
	struct view view = look(scene, VIEWER_PERSON, scene->ana);
	struct subscription *all;
	json_t *object;
	size_t n;

	OK(scene->world,
	    subscription_list(scene, view.db, scene->ana, false, &all, &n,
		&scene->world->err));
	assert_int_equal(n, 1);
	object = shape_subscription(scene, &view, all);
	assert_string_equal(
	    members(scene, object), "id name filter url paused created");
	assert_true(json_is_null(json_object_get(object, "paused")));
	all->paused = 1764034000000000;
	all->paused_why = mem_copy(scene, "slow");
	object = shape_subscription(scene, &view, all);
	assert_string_equal(
	    members(scene, json_object_get(object, "paused")), "when why");
}

static void
a_preview_shows_the_incidents_it_would_have_caught(void **state)
{
	struct scene *scene = *state;
	struct view view = look(scene, VIEWER_PERSON, scene->ana);
	struct preview preview;
	json_t *object;

	OK(scene->world,
	    subscription_preview(scene, scene->desk, view.db, "ana", "deadlock",
		&preview, &scene->world->err));
	OK(scene->world,
	    shape_preview(scene, &view, &preview, &object, &scene->world->err));
	assert_string_equal(members(scene, object),
	    "filter matches of per_week newest warnings");
	assert_int_equal(
	    json_integer_value(json_object_get(first(object, "newest"), "id")),
	    1);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_incident_has_the_members_of_the_contract_in_order),
		TEST(what_is_not_there_is_null),
		TEST(a_link_shows_no_mail_address_and_no_note),
		TEST(a_withdrawn_incident_is_gone),
		TEST(a_status_names_people_and_only_a_public_article),
		TEST(a_duplicate_follows_the_other_and_hides_its_words),
		TEST(a_public_article_says_nothing_of_its_incident),
		TEST(a_person_shows_her_mail_address_to_herself_alone),
		TEST(a_subscription_says_when_and_why_it_was_paused),
		TEST(a_preview_shows_the_incidents_it_would_have_caught),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
