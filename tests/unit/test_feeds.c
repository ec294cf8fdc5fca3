/* SPDX-License-Identifier: ISC */
#include "view_world.h"

#include "base/buf.h"
#include "base/mem.h"
#include "desk/inside.h"
#include "desk/pause.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
reply(struct scene *scene, const struct actor *actor, const char *text)
{
	int64_t post;

	OK(scene->world,
	    desk_reply(scene->desk, actor, scene->incident, text, false, &post,
		&scene->world->err));
}

static int64_t
note(struct scene *scene, const char *text)
{
	int64_t post;

	OK(scene->world,
	    desk_note(scene->desk, &scene->as_bo, scene->incident, text, &post,
		&scene->world->err));
	return post;
}

static void
pull_tag(struct scene *scene, const char *tag)
{
	const struct pull_request pull = { .tags = &tag, .n_tags = 1 };

	OK(scene->world,
	    desk_pull(scene->desk, &scene->as_bo, scene->incident, &pull,
		&scene->world->err));
}

static void
fix(struct scene *scene, bool publish)
{
	const struct fix made = {
		.resolution = "Set **lock_timeout**.",
		.cause = "A long transaction",
		.publish = publish,
	};

	OK(scene->world,
	    desk_fix(scene->desk, &scene->as_bo, scene->incident, &made,
		&scene->world->err));
}

static void
an_empty_feed_has_an_updated_and_an_id(void **state)
{
	struct scene *scene = *state;
	struct view view = look(scene, VIEWER_LINK, scene->bo);
	struct feed_view made = seen_personal(scene, &view);

	assert_int_equal(made.feed.n_entries, 0);
	assert_true(made.feed.updated > 0);
	assert_string_equal(made.feed.title, "Barnraise: bo");
	assert_non_null(strstr(made.feed.id, ":feed:bo"));
}

static void
an_incident_says_why_and_what_is_needed_and_where_to_join(void **state)
{
	struct scene *scene = *state;
	struct view view = look(scene, VIEWER_LINK, scene->ana);
	struct feed_view made = seen_personal(scene, &view);
	const struct feed_entry *entry = entry_of(&made, ":incident:1");
	const char *at;

	assert_int_equal(made.feed.n_entries, 1);
	assert_non_null(entry);
	assert_string_equal(entry->title, "Deadlock <now>");
	assert_string_equal(entry->url, "https://desk.example/incidents/1");
	assert_string_equal(entry->author, "Carla");
	at = strstr(entry->content, "It hangs &amp; waits.");
	assert_non_null(at);
	at = strstr(at, "<em>skills</em>: <code>#db</code>");
	assert_non_null(at);
	at = strstr(at, "0 of 1 hand");
	assert_non_null(at);
	at = strstr(at, "https://desk.example/incidents/1#join");
	assert_non_null(at);
	assert_non_null(strstr(at, "https://desk.example/incidents/1#reply"));
	assert_int_equal(entry->n_categories, 3);
	assert_string_equal(entry->categories[0].term, "db");
	assert_non_null(
	    strstr(entry->categories[1].scheme, ":scheme:severity"));
	assert_string_equal(entry->categories[2].term, "open");
}

static void
no_mail_address_and_no_note_is_in_any_feed(void **state)
{
	struct scene *scene = *state;
	struct view view;
	struct feed_view made[4];

	(void)note(scene, "private words");
	pull_tag(scene, "db");
	view = look(scene, VIEWER_LINK, scene->ana);
	made[0] = seen_personal(scene, &view);
	made[1] = seen_thread(scene, &view);
	made[2] = seen_list(scene, &view);
	made[3] = seen_status(scene, &view);
	for (size_t i = 0; i < 4; i++) {
		assert_true(made[i].feed.n_entries > 0);
		assert_false(feed_says(scene, &made[i], "carla@example.com"));
		assert_false(feed_says(scene, &made[i], "private words"));
	}
}

static const char *
bytes(const struct scene *scene, const struct feed_view *made)
{
	struct buf *out = buf_new(scene->world->desk);

	feed_format_find("json")->write(out, &made->feed);
	return out->text;
}

static void
a_note_changes_no_feed_and_a_reply_does(void **state)
{
	struct scene *scene = *state;
	struct view view = look(scene, VIEWER_PERSON, scene->ana);
	struct feed_view before = seen_personal(scene, &view), after;

	(void)note(scene, "nobody sees this");
	view = look(scene, VIEWER_PERSON, scene->ana);
	after = seen_personal(scene, &view);
	assert_string_equal(bytes(scene, &before), bytes(scene, &after));
	assert_int_equal(before.modified, after.modified);
	reply(scene, &scene->as_bo, "We look at it.");
	view = look(scene, VIEWER_PERSON, scene->ana);
	after = seen_personal(scene, &view);
	assert_string_not_equal(bytes(scene, &before), bytes(scene, &after));
	assert_true(after.modified > before.modified);
}

static void
a_fix_is_an_entry_and_changes_the_incidents(void **state)
{
	struct scene *scene = *state;
	struct feed_view made;
	struct view view;
	const struct feed_entry *event, *own;

	fix(scene, false);
	view = look(scene, VIEWER_LINK, scene->ana);
	made = seen_personal(scene, &view);
	assert_in_order(&made);
	own = entry_of(&made, ":incident:1");
	event = entry_titled(&made, "Fix: Deadlock <now>");
	assert_non_null(own);
	assert_non_null(event);
	assert_string_equal(own->title, "Resolved: Deadlock <now>");
	assert_non_null(strstr(own->content, "<strong>lock_timeout</strong>"));
	assert_string_equal(event->parent_id, own->id);
	assert_string_equal(event->author, "bo");
	assert_int_equal(own->updated, event->updated + 1);
	assert_int_equal(
	    json_array_size(json_object_get(event->object, "posts")), 1);
	assert_string_equal(
	    json_string_value(json_object_get(
		json_object_get(event->object, "event"), "kind")),
	    "fix");
}

static void
a_pull_by_tag_says_who_asked_for_what(void **state)
{
	struct scene *scene = *state;
	const struct feed_entry *entry;
	struct feed_view made;
	struct view view;

	pull_tag(scene, "db");
	view = look(scene, VIEWER_LINK, scene->ana);
	made = seen_personal(scene, &view);
	assert_in_order(&made);
	entry = entry_titled(&made, "Pulled: Deadlock <now>");
	assert_non_null(entry);
	assert_non_null(strstr(entry->content, "bo asked for #db"));
	entry = entry_of(&made, ":incident:1");
	assert_non_null(
	    strstr(entry->content, "0 of 1 hand, bo asked for #db"));
}

static void
a_thread_counts_what_it_holds(void **state)
{
	struct scene *scene = *state;
	const struct feed_entry *entry, *solved;
	struct feed_view made;
	struct view view;

	reply(scene, &scene->as_bo, "Which version?");
	OK(scene->world,
	    desk_customer_reply(scene->desk, &scene->as_customer,
		scene->incident, "Version <16>", &scene->world->err));
	fix(scene, false);
	OK(scene->world,
	    desk_confirm(scene->desk, &scene->as_customer, scene->incident, 5,
		"thank you", &scene->world->err));
	view = look(scene, VIEWER_PERSON, scene->ana);
	made = seen_thread(scene, &view);
	assert_in_order(&made);
	assert_int_equal(made.feed.n_entries, 5);
	assert_string_equal(made.feed.title, "Barnraise: 1 Deadlock <now>");
	entry = entry_of(&made, ":incident:1");
	assert_string_equal(entry->links[0].rel, "replies");
	assert_int_equal(entry->links[0].count, 4);
	solved = entry_titled(&made, "Solved: Deadlock <now>");
	assert_int_equal(entry->links[0].updated, solved->updated);
	entry = entry_titled(&made, "Customer replied: Deadlock <now>");
	assert_string_equal(entry->author, "Carla");
	assert_non_null(strstr(entry->content, "Version &lt;16&gt;"));
	assert_non_null(entry_titled(&made, "Reply: Deadlock <now>"));
	assert_non_null(strstr(solved->content, "5 of 5"));
	assert_non_null(strstr(solved->content, "thank you"));
}

static void
a_withdrawn_post_is_no_entry_and_an_edited_one_moves(void **state)
{
	struct scene *scene = *state;
	struct feed_view before, after;
	int64_t first, second;
	struct view view;

	OK(scene->world,
	    desk_reply(scene->desk, &scene->as_bo, scene->incident, "one",
		false, &first, &scene->world->err));
	OK(scene->world,
	    desk_reply(scene->desk, &scene->as_bo, scene->incident, "two",
		false, &second, &scene->world->err));
	view = look(scene, VIEWER_PERSON, scene->ana);
	before = seen_thread(scene, &view);
	OK(scene->world,
	    desk_post_edit(scene->desk, &scene->as_bo, scene->incident, first,
		"uno", 0, &scene->world->err));
	OK(scene->world,
	    desk_post_withdraw(scene->desk, &scene->as_bo, scene->incident,
		second, 0, &scene->world->err));
	view = look(scene, VIEWER_PERSON, scene->ana);
	after = seen_thread(scene, &view);
	assert_int_equal(before.feed.n_entries, 3);
	assert_int_equal(after.feed.n_entries, 2);
	assert_in_order(&after);
	assert_true(
	    after.feed.entries[0].updated > after.feed.entries[0].published);
	assert_non_null(strstr(after.feed.entries[0].content, "uno"));
}

static void
the_customer_reads_names_and_no_pulls(void **state)
{
	struct scene *scene = *state;
	const struct feed_entry *entry;
	struct feed_view made;
	struct view view;

	reply(scene, &scene->as_bo, "Hello");
	pull_tag(scene, "db");
	view = look(scene, VIEWER_CUSTOMER, 0);
	made = seen_status(scene, &view);
	assert_in_order(&made);
	assert_int_equal(made.feed.n_entries, 2);
	assert_false(feed_says(scene, &made, "asked for"));
	assert_false(feed_says(scene, &made, "/incidents/"));
	entry = entry_of(&made, ":incident:1");
	assert_string_equal(entry->url, "https://desk.example/status/brn_x");
	assert_string_equal(
	    entry->links[0].href, "https://desk.example/status/brn_x.atom");
	assert_int_equal(entry->links[0].count, 1);
}

static void
a_duplicate_shows_the_other_ones_fix_and_never_its_words(void **state)
{
	struct scene *scene = *state;
	int64_t hers = world_report(scene->world, "Also hangs", NULL);
	struct feed_view made;
	struct view view;

	OK(scene->world,
	    desk_duplicate(scene->desk, &scene->as_bo, hers, scene->incident,
		&scene->world->err));
	reply(scene, &scene->as_bo, "for Carla alone");
	fix(scene, false);
	scene->incident = hers;
	view = look(scene, VIEWER_CUSTOMER, 0);
	made = seen_status(scene, &view);
	assert_in_order(&made);
	assert_int_equal(made.feed.n_entries, 2);
	assert_non_null(entry_titled(&made, "Resolved: Also hangs"));
	assert_non_null(entry_titled(&made, "Fix: Also hangs"));
	assert_false(feed_says(scene, &made, "for Carla alone"));
	assert_false(feed_says(scene, &made, "Carla"));
	assert_false(feed_says(scene, &made, "It hangs"));
}

static void
the_public_reads_articles_and_no_customer(void **state)
{
	struct scene *scene = *state;
	const struct feed_entry *entry;
	struct feed_view made;
	struct view view;

	fix(scene, true);
	view = look(scene, VIEWER_PUBLIC, 0);
	made = seen_kb(scene, &view);
	assert_in_order(&made);
	assert_int_equal(made.feed.n_entries, 1);
	entry = &made.feed.entries[0];
	assert_non_null(strstr(entry->id, ":article:1"));
	assert_string_equal(entry->author, "Barnraise");
	assert_string_equal(
	    entry->url, "https://desk.example/kb/1/deadlock-now");
	assert_non_null(strstr(entry->content, "It hangs &amp; waits."));
	assert_non_null(strstr(entry->content, "<strong>lock_timeout"));
	assert_false(feed_says(scene, &made, "Carla"));
	assert_false(feed_says(scene, &made, "carla@"));
	assert_null(json_object_get(entry->object, "incident"));
}

static void
a_long_text_is_cut_and_leads_to_the_whole(void **state)
{
	struct scene *scene = *state;
	struct buf *long_text = buf_new(scene);
	const struct feed_entry *entry;
	struct feed_view made;
	struct edit edit = { 0 };
	struct view view;

	while (long_text->length < 60000)
		buf_text(long_text, "line after line\n");
	edit.body = long_text->text;
	OK(scene->world,
	    desk_edit(scene->desk, &scene->as_bo, scene->incident, &edit,
		&scene->world->err));
	view = look(scene, VIEWER_LINK, scene->ana);
	made = seen_personal(scene, &view);
	entry = entry_of(&made, ":incident:1");
	assert_true(strlen(entry->content) < 12000);
	assert_non_null(strstr(entry->content, "Read the whole text"));
	assert_true(json_is_true(json_object_get(entry->object, "cut")));
}

static void
a_known_answer_is_named_where_it_solved_it(void **state)
{
	struct scene *scene = *state;
	const struct feed_entry *entry;
	struct feed_view made;
	struct view view;
	int64_t other;

	fix(scene, false);
	other = world_report(scene->world, "Again", "db");
	OK(scene->world,
	    desk_answer(scene->desk, &scene->as_bo, other, 1, NULL,
		&scene->world->err));
	view = look(scene, VIEWER_LINK, scene->ana);
	made = seen_personal(scene, &view);
	entry = entry_titled(&made, "Resolved: Again");
	assert_non_null(entry);
	assert_non_null(strstr(entry->content,
	    "The answer: <a href=\"https://desk.example/articles/1\">"));
}

static void
what_a_customer_says_reaches_the_host_unless_it_is_withdrawn(void **state)
{
	struct scene *scene = *state;
	struct actor admin = scene->as_bo;
	struct feed_view made;
	const struct feed_entry *entry;
	struct view view;

	reply(scene, &scene->as_ana, "I am the host now.");
	OK(scene->world,
	    desk_customer_reply(scene->desk, &scene->as_customer,
		scene->incident, "my password is", &scene->world->err));
	view = look(scene, VIEWER_LINK, scene->ana);
	made = seen_personal(scene, &view);
	entry = entry_titled(&made, "Customer replied: Deadlock <now>");
	assert_non_null(entry);
	assert_non_null(strstr(entry->content, "You are its host."));

	admin.scope = SCOPE_ADMIN;
	OK(scene->world,
	    desk_post_withdraw(scene->desk, &admin, scene->incident,
		json_integer_value(json_object_get(
		    json_object_get(entry->object, "event"), "id")),
		0, &scene->world->err));
	view = look(scene, VIEWER_LINK, scene->ana);
	made = seen_personal(scene, &view);
	assert_int_equal(made.feed.n_entries, 1);
	assert_false(feed_says(scene, &made, "my password is"));
}

/* Two of her subscriptions pause at one journal row. */
static void
two_pauses_at_once_have_two_times(void **state)
{
	struct scene *scene = *state;
	struct subscription *all;
	struct feed_view made;
	struct view view;
	int64_t second;
	size_t n;

	OK(scene->world,
	    desk_subscribe(scene->desk, &scene->as_ana, scene->ana, "again",
		"#db", &second, &scene->world->err));
	view = look(scene, VIEWER_LINK, scene->ana);
	OK(scene->world,
	    subscription_list(scene, view.db, scene->ana, false, &all, &n,
		&scene->world->err));
	for (int64_t i = 1; i <= 3; i++)
		strikes_note(scene->desk, &all[0].filter_id, 1, i, NULL);
	view = look(scene, VIEWER_LINK, scene->ana);
	made = seen_personal(scene, &view);
	assert_int_equal(made.feed.n_entries, 3);
	assert_in_order(&made);
	assert_non_null(entry_titled(&made, "Paused: skills"));
	assert_non_null(entry_titled(&made, "Paused: again"));
	assert_true(feed_says(scene, &made, "took too long"));
}

static void
a_removed_subscription_is_gone(void **state)
{
	struct scene *scene = *state;
	struct feed_view made;
	struct view view;

	OK(scene->world,
	    desk_unsubscribe(scene->desk, &scene->as_ana, scene->ana, 1,
		&scene->world->err));
	view = look(scene, VIEWER_LINK, scene->ana);
	FAILS(scene->world, ERROR_GONE,
	    feed_subscription(scene, &view, 1, 50, &made, &scene->world->err));
	view.person = scene->bo;
	FAILS(scene->world, ERROR_NOT_FOUND,
	    feed_subscription(scene, &view, 1, 50, &made, &scene->world->err));
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_empty_feed_has_an_updated_and_an_id),
		TEST(an_incident_says_why_and_what_is_needed_and_where_to_join),
		TEST(no_mail_address_and_no_note_is_in_any_feed),
		TEST(a_note_changes_no_feed_and_a_reply_does),
		TEST(a_fix_is_an_entry_and_changes_the_incidents),
		TEST(a_pull_by_tag_says_who_asked_for_what),
		TEST(a_thread_counts_what_it_holds),
		TEST(a_withdrawn_post_is_no_entry_and_an_edited_one_moves),
		TEST(the_customer_reads_names_and_no_pulls),
		TEST(a_duplicate_shows_the_other_ones_fix_and_never_its_words),
		TEST(the_public_reads_articles_and_no_customer),
		TEST(a_long_text_is_cut_and_leads_to_the_whole),
		TEST(a_known_answer_is_named_where_it_solved_it),
		TEST(
		    what_a_customer_says_reaches_the_host_unless_it_is_withdrawn),
		TEST(two_pauses_at_once_have_two_times),
		TEST(a_removed_subscription_is_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
