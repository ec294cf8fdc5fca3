/* SPDX-License-Identifier: ISC */
#include "desk/timeline.h"

/* What stands in a feed: design sections 4 and 7, from the steps' side. */

#include "base/mem.h"
#include "desk/article.h"
#include "desk/inside.h"
#include "desk/journal.h"
#include "desk/steps.h"
#include "desk/subscription.h"
#include "desk_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/*
 * A feed in one line, newest first: "3" is incident 3's own entry, "3/join" an
 * event of it, "paused 2" a pause of subscription 2.
 */
static char *
line_of(struct world *world, int64_t person, int64_t subscription)
{
	struct timeline timeline;
	char *line = mem_copy(world, "");
	struct db *db;

	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world,
	    subscription == 0
		? timeline_personal(world, world->desk, db, person, 200,
		      &timeline, &world->err)
		: timeline_subscription(world, world->desk, db, person,
		      subscription, 200, &timeline, &world->err));
	for (size_t i = 0; i < timeline.n; i++) {
		const struct item *item = &timeline.items[i];
		const char *space = i == 0 ? "" : " ";
		struct event *event;

		if (item->kind == ITEM_INCIDENT)
			line = mem_printf(world, "%s%s%jd", line, space,
			    (intmax_t)item->incident);
		else if (item->kind == ITEM_PAUSE)
			line = mem_printf(world, "%s%spaused-%jd", line, space,
			    (intmax_t)item->subscription);
		else {
			OK(world,
			    journal_find(
				world, db, item->seq, &event, &world->err));
			line = mem_printf(world, "%s%s%jd/%s", line, space,
			    (intmax_t)item->incident,
			    journal_names[event->kind]);
		}
	}
	desk_reader_done(world->desk, db);
	return line;
}

#define FEED_IS(world, person, line) \
	assert_string_equal(line_of(world, person, 0), line)
#define SUBSCRIPTION_IS(world, person, id, line) \
	assert_string_equal(line_of(world, person, id), line)

static int64_t
subscribe(struct world *world, const char *handle, const char *name,
    const char *filter)
{
	struct actor actor = person_actor(world, handle, SCOPE_WRITE);
	int64_t id;

	OK(world,
	    desk_subscribe(world->desk, &actor, actor.person, name, filter, &id,
		&world->err));
	return id;
}

static void
join(struct world *world, const char *handle, int64_t incident)
{
	struct actor actor = person_actor(world, handle, SCOPE_WRITE);

	OK(world,
	    desk_join(world->desk, &actor, incident, ROLE_HELPER, &world->err));
}

static void
edit(struct world *world, const char *handle, int64_t incident,
    const struct edit *edit)
{
	struct actor actor = person_actor(world, handle, SCOPE_WRITE);

	OK(world, desk_edit(world->desk, &actor, incident, edit, &world->err));
}

static const char *const no_skills[] = { NULL };
static const char *const db_tag[] = { "db" };
static const char *const web_tag[] = { "web" };

static void
a_report_stands_where_its_filter_matches(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", no_skills);
	int64_t bo = world_person(world, "bo", no_skills);
	int64_t databases = subscribe(world, "ana", "databases", "#db");

	subscribe(world, "ana", "pool", "/pool/i");
	subscribe(world, "bo", "web", "#web");
	world_report(world, "Pool exhausted", "db");
	world_report(world, "Page is blank", "web");
	FEED_IS(world, ana, "1");
	SUBSCRIPTION_IS(world, ana, databases, "1");
	FEED_IS(world, bo, "2");
}

static void
an_edit_that_makes_it_true_brings_it_once(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", no_skills);

	world_person(world, "bo", no_skills);
	subscribe(world, "ana", "databases", "#db");
	world_report(world, "one", "web");
	world_report(world, "two", "db");
	FEED_IS(world, ana, "2");
	edit(world, "bo", 1,
	    &(struct edit){ .has_tags = true, .tags = db_tag, .n_tags = 1 });
	FEED_IS(world, ana, "1 2");
	edit(world, "bo", 1,
	    &(struct edit){ .has_tags = true, .tags = web_tag, .n_tags = 1 });
	FEED_IS(world, ana, "1 2");
	edit(world, "bo", 1,
	    &(struct edit){ .has_tags = true, .tags = db_tag, .n_tags = 1 });
	FEED_IS(world, ana, "1 2");
}

static void
terms_of_state_count_at_each_event(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", no_skills);

	world_person(world, "bo", no_skills);
	subscribe(world, "ana", "busy", "status:swarming #db");
	subscribe(world, "ana", "not", "-host:none -#db");
	subscribe(world, "ana", "or", "helpers>=1 or severity:critical");
	world_report(world, "one", "db");
	world_report(world, "two", "web");
	FEED_IS(world, ana, "");
	join(world, "bo", 1);
	FEED_IS(world, ana, "1");
	edit(world, "bo", 2, &(struct edit){ .host = "bo" });
	FEED_IS(world, ana, "2 1");
}

static void
a_notice_stands_beside_the_entry_but_not_for_who_did_it(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", no_skills);
	int64_t bo = world_person(world, "bo", no_skills);
	int64_t cy = world_person(world, "cy", no_skills);
	struct actor actor = person_actor(world, "bo", SCOPE_WRITE);

	subscribe(world, "ana", "databases", "#db");
	subscribe(world, "bo", "databases", "#db");
	subscribe(world, "cy", "nothing", "#none");
	world_report(world, "one", "db");
	join(world, "bo", 1);
	OK(world, desk_leave(world->desk, &actor, 1, &world->err));
	edit(world, "bo", 1, &(struct edit){ .severity = "high" });
	FEED_IS(world, ana, "1/edit 1/leave 1");
	FEED_IS(world, bo, "1");
	FEED_IS(world, cy, "");
}

static void
the_event_that_brought_it_is_no_notice_there(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", no_skills);

	world_person(world, "bo", no_skills);
	subscribe(world, "ana", "urgent", "severity>=high");
	world_report(world, "one", "db");
	edit(world, "bo", 1, &(struct edit){ .severity = "high" });
	FEED_IS(world, ana, "1");
	edit(world, "bo", 1, &(struct edit){ .severity = "critical" });
	FEED_IS(world, ana, "1/edit 1");
}

static void
a_pull_is_addressed_by_name_and_by_tag(void **state)
{
	static const char *const skills[] = { "postgres", NULL };
	static const char *const people[] = { "ana" };
	static const char *const tags[] = { "postgres" };
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", no_skills);
	int64_t bo = world_person(world, "bo", skills);
	struct actor cy;

	world_person(world, "cy", no_skills);
	cy = person_actor(world, "cy", SCOPE_WRITE);
	world_report(world, "one", "db");
	OK(world,
	    desk_pull(world->desk, &cy, 1,
		&(struct pull_request){ .people = people,
		    .n_people = 1,
		    .tags = tags,
		    .n_tags = 1 },
		&world->err));
	FEED_IS(world, ana, "1/pull");
	FEED_IS(world, bo, "1/pull");
}

static void
what_nobody_is_at_home_with_is_an_orphan(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", no_skills);
	int64_t bo = world_person(world, "bo", no_skills);

	subscribe(world, "ana", "orphans", "is:orphan");
	subscribe(world, "ana", "all", "-status:closed #none");
	subscribe(world, "bo", "databases", "#db");
	subscribe(world, "bo", "homed", "-is:orphan");
	world_report(world, "one", "db");
	world_report(world, "two", "web");
	FEED_IS(world, ana, "2");
	FEED_IS(world, bo, "1");
	join(world, "ana", 2);
	FEED_IS(world, bo, "2 1");
}

static void
a_new_subscription_begins_with_some_of_the_past(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", no_skills);
	struct actor bo;
	int64_t id;

	world_person(world, "bo", no_skills);
	bo = person_actor(world, "bo", SCOPE_WRITE);
	world_report(world, "one", "db");
	world_report(world, "two", "db");
	world_report(world, "three", "web");
	OK(world, desk_close(world->desk, &bo, 1, "spam", &world->err));
	id = subscribe(world, "ana", "databases", "#db");
	SUBSCRIPTION_IS(world, ana, id, "2 1");
	FEED_IS(world, ana, "2");
	world_report(world, "four", "db");
	SUBSCRIPTION_IS(world, ana, id, "4 2 1");
	FEED_IS(world, ana, "4 2");
	edit(world, "bo", 2, &(struct edit){ .severity = "high" });
	FEED_IS(world, ana, "2/edit 4 2");
	SUBSCRIPTION_IS(world, ana, id, "2/edit 4 2 1");
}

static void
of_the_past_no_notice_stands_before_the_entry(void **state)
{
	struct world *world = *state;
	int64_t bo = world_person(world, "bo", no_skills);
	const struct edit high = { .severity = "high" };
	const struct edit critical = { .severity = "critical" };
	int64_t one;

	world_person(world, "ana", no_skills);
	subscribe(world, "ana", "databases", "#db");
	one = world_report(world, "one", "db");
	edit(world, "ana", one, &high);
	subscribe(world, "bo", "databases", "#db");
	FEED_IS(world, bo, "1");
	edit(world, "ana", one, &critical);
	FEED_IS(world, bo, "1/edit 1");
}

static void
what_was_delivered_stays_when_the_subscription_goes(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", no_skills);
	struct actor actor = person_actor(world, "ana", SCOPE_WRITE);
	int64_t id = subscribe(world, "ana", "databases", "#db");

	world_report(world, "one", "db");
	OK(world,
	    desk_subscription_edit(
		world->desk, &actor, ana, id, NULL, "#web", 0, &world->err));
	world_report(world, "two", "db");
	world_report(world, "three", "web");
	SUBSCRIPTION_IS(world, ana, id, "3 1");
	OK(world, desk_unsubscribe(world->desk, &actor, ana, id, &world->err));
	world_report(world, "four", "web");
	FEED_IS(world, ana, "3 1");
}

static void
a_withdrawn_incident_and_a_duplicate_leave_the_feed(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", no_skills);
	struct actor bo;

	world_person(world, "bo", no_skills);
	bo = person_actor(world, "bo", SCOPE_WRITE);
	subscribe(world, "ana", "databases", "#db");
	for (int i = 0; i < 3; i++)
		world_report(world, "same", "db");
	OK(world, desk_duplicate(world->desk, &bo, 3, 2, &world->err));
	OK(world, desk_withdraw(world->desk, &bo, 1, "spam", 0, &world->err));
	FEED_IS(world, ana, "2");
}

static void
a_duplicates_customer_is_heard_by_the_other_ones_swarm(void **state)
{
	const struct actor customer = { .source = "web" };
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", no_skills);
	struct actor actor = person_actor(world, "ana", SCOPE_WRITE);

	world_report(world, "same", "db");
	world_report(world, "same again", "db");
	join(world, "ana", 1);
	OK(world, desk_duplicate(world->desk, &actor, 2, 1, &world->err));
	OK(world,
	    desk_customer_reply(
		world->desk, &customer, 2, "any news?", &world->err));
	FEED_IS(world, ana, "2/reply");
}

static void
what_is_addressed_moves_the_version_when_its_incident_changes(void **state)
{
	static const char *const people[] = { "ana" };
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", no_skills), version;
	struct actor bo;

	world_person(world, "bo", no_skills);
	bo = person_actor(world, "bo", SCOPE_WRITE);
	world_report(world, "one", "db");
	OK(world,
	    desk_pull(world->desk, &bo, 1,
		&(struct pull_request){ .people = people, .n_people = 1 },
		&world->err));
	version = timeline_version_personal(world->desk, ana);
	edit(world, "bo", 1, &(struct edit){ .title = "another" });
	assert_true(timeline_version_personal(world->desk, ana) > version);
}

static void
a_duplicates_words_move_the_version_with_the_other_ones_status(void **state)
{
	static const struct fix fix = { .resolution = "Restart it." };
	struct world *world = *state;
	const struct actor customer = { .source = "web" };
	int64_t ana = world_person(world, "ana", no_skills), version;
	struct actor bo;

	world_person(world, "bo", no_skills);
	bo = person_actor(world, "bo", SCOPE_WRITE);
	world_report(world, "one", "db");
	world_report(world, "two", "db");
	join(world, "ana", 1);
	OK(world, desk_duplicate(world->desk, &bo, 2, 1, &world->err));
	OK(world,
	    desk_customer_reply(
		world->desk, &customer, 2, "Still so.", &world->err));
	FEED_IS(world, ana, "2/reply");
	version = timeline_version_personal(world->desk, ana);
	OK(world, desk_fix(world->desk, &bo, 1, &fix, &world->err));
	assert_true(timeline_version_personal(world->desk, ana) > version);
}

static void
a_restart_changes_no_feed(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", no_skills);
	struct actor bo;
	char *before;

	world_person(world, "bo", no_skills);
	bo = person_actor(world, "bo", SCOPE_WRITE);
	world_report(world, "zero", "db");
	subscribe(world, "ana", "databases", "#db");
	subscribe(world, "ana", "busy", "status:swarming");
	for (int i = 0; i < 3; i++)
		world_report(world, "more", i == 1 ? "web" : "db");
	join(world, "bo", 3);
	edit(world, "bo", 1, &(struct edit){ .severity = "high" });
	OK(world, desk_leave(world->desk, &bo, 3, &world->err));
	before = line_of(world, ana, 0);
	assert_string_equal(before, "3/leave 1/edit 3 4 2 1");
	world_restart(world);
	FEED_IS(world, ana, before);
}

static void
a_version_moves_with_her_feed_only(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", no_skills);
	int64_t bo = world_person(world, "bo", no_skills);
	int64_t of_ana, of_bo;

	subscribe(world, "ana", "databases", "#db");
	subscribe(world, "bo", "web", "#web");
	of_ana = timeline_version_personal(world->desk, ana);
	of_bo = timeline_version_personal(world->desk, bo);
	world_report(world, "one", "db");
	assert_true(timeline_version_personal(world->desk, ana) > of_ana);
	assert_int_equal(timeline_version_personal(world->desk, bo), of_bo);
	of_ana = timeline_version_personal(world->desk, ana);
	join(world, "bo", 1);
	assert_true(timeline_version_personal(world->desk, ana) > of_ana);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_report_stands_where_its_filter_matches),
		TEST(an_edit_that_makes_it_true_brings_it_once),
		TEST(terms_of_state_count_at_each_event),
		TEST(a_notice_stands_beside_the_entry_but_not_for_who_did_it),
		TEST(the_event_that_brought_it_is_no_notice_there),
		TEST(a_pull_is_addressed_by_name_and_by_tag),
		TEST(what_nobody_is_at_home_with_is_an_orphan),
		TEST(a_new_subscription_begins_with_some_of_the_past),
		TEST(of_the_past_no_notice_stands_before_the_entry),
		TEST(what_was_delivered_stays_when_the_subscription_goes),
		TEST(a_withdrawn_incident_and_a_duplicate_leave_the_feed),
		TEST(a_duplicates_customer_is_heard_by_the_other_ones_swarm),
		TEST(
		    what_is_addressed_moves_the_version_when_its_incident_changes),
		TEST(
		    a_duplicates_words_move_the_version_with_the_other_ones_status),
		TEST(a_restart_changes_no_feed),
		TEST(a_version_moves_with_her_feed_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
