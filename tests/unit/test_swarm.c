/* SPDX-License-Identifier: ISC */
#include "desk/steps.h"

/* Who comes and goes, what they say, and whom they pull. */

#include "base/mem.h"
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* --- the swarm */

static void
a_change_of_role_is_a_coming_or_leaving_in_the_same_row(void **state)
{
	struct stage *s = *state;
	int64_t n = reported(s);

	OK(s->world, shadow_step(s, n));
	assert_int_equal(look(s, n)->status, STATUS_OPEN);
	OK(s->world, join_step(s, n));
	assert_int_equal(look(s, n)->status, STATUS_SWARMING);
	OK(s->world, shadow_step(s, n));
	assert_int_equal(look(s, n)->status, STATUS_OPEN);
	assert_int_equal(look(s, n)->n_stays, 1);
	assert_int_equal(raises(s, n, "join", RAISE_WANTED), 1);
}

static void
only_the_last_helper_leaving_is_a_raise(void **state)
{
	struct stage *s = *state;
	int64_t n = incident_at(s, SWARMING);

	OK(s->world, join_step(s, n));
	OK(s->world, leave_step(s, n));
	assert_int_equal(raises(s, n, "leave", RAISE_WANTED), 0);
	OK(s->world,
	    desk_leave(s->world->desk, &s->cast.ana, n, &s->world->err));
	assert_int_equal(raises(s, n, "leave", RAISE_WANTED), 1);
	assert_int_equal(look(s, n)->status, STATUS_OPEN);
	assert_int_equal(look(s, n)->n_stays, 2);
}

/* --- replies */

static void
the_first_to_reply_is_host_unless_she_says_otherwise(void **state)
{
	struct stage *s = *state;
	const struct actor *bo = &s->cast.bo;
	int64_t n = reported(s), post;

	OK(s->world,
	    desk_reply(
		s->world->desk, bo, n, "Soon.", true, &post, &s->world->err));
	assert_int_equal(look(s, n)->host, 0);
	OK(s->world,
	    desk_reply(s->world->desk, &s->cast.rob, n, "Beep.", false, &post,
		&s->world->err));
	assert_int_equal(look(s, n)->host, 0);
	OK(s->world,
	    desk_reply(
		s->world->desk, bo, n, "Now.", false, &post, &s->world->err));
	assert_string_equal(look(s, n)->host_handle, "bo");
	OK(s->world, reply_step(s, n));
	assert_string_equal(look(s, n)->host_handle, "bo");
}

static void
a_host_who_replies_or_fixes_joins_nobody(void **state)
{
	struct stage *s = *state;
	int64_t n = reported(s);

	OK(s->world, host_step(s, n));
	OK(s->world, reply_step(s, n));
	OK(s->world, fix_step(s, n));
	assert_int_equal(look(s, n)->n_stays, 0);
}

static void
a_shadow_who_replies_is_a_helper(void **state)
{
	struct stage *s = *state;
	int64_t n = reported(s);

	OK(s->world, shadow_step(s, n));
	OK(s->world, reply_step(s, n));
	assert_int_equal(incident_helpers(look(s, n)), 1);
	assert_int_equal(look(s, n)->n_stays, 1);
}

static void
a_blank_or_long_text_is_refused(void **state)
{
	struct stage *s = *state;
	const struct actor *ana = &s->cast.ana;
	char *text = mem_array(s, char, POST_MAX + 2);
	int64_t n = reported(s), post;

	FAILS(s->world, ERROR_INVALID,
	    desk_reply(
		s->world->desk, ana, n, " \n", false, &post, &s->world->err));
	assert_string_equal(s->world->err.fields[0].name, "text");
	memset(text, 'x', POST_MAX + 1);
	FAILS(s->world, ERROR_INVALID,
	    desk_note(s->world->desk, ana, n, text, &post, &s->world->err));
	text[POST_MAX] = '\0';
	OK(s->world,
	    desk_note(s->world->desk, ana, n, text, &post, &s->world->err));
}

static void
posts_are_changed_by_their_author_or_an_admin(void **state)
{
	struct stage *s = *state;
	struct desk *desk = s->world->desk;
	const struct actor *ana = &s->cast.ana, *bo = &s->cast.bo;
	int64_t n = reported(s), post;

	OK(s->world, desk_note(desk, ana, n, "Od.", &post, &s->world->err));
	FAILS(s->world, ERROR_FORBIDDEN,
	    desk_post_edit(desk, bo, n, post, "Odd.", 0, &s->world->err));
	OK(s->world,
	    desk_post_edit(desk, ana, n, post, "Odd.", post, &s->world->err));
	FAILS(s->world, ERROR_PRECONDITION,
	    desk_post_edit(desk, ana, n, post, "Odd!", post, &s->world->err));
	FAILS(s->world, ERROR_FORBIDDEN,
	    desk_post_withdraw(desk, bo, n, post, 0, &s->world->err));
	OK(s->world,
	    desk_post_withdraw(
		desk, &s->cast.root, n, post, 0, &s->world->err));
	FAILS(s->world, ERROR_GONE,
	    desk_post_edit(desk, ana, n, post, "Odd?", 0, &s->world->err));
	FAILS(s->world, ERROR_NOT_FOUND,
	    desk_post_edit(
		desk, ana, reported(s), post, "Odd?", 0, &s->world->err));
}

/* --- pulls */

static bool
pull_tag(struct stage *s, int64_t n, const char *tag)
{
	const struct pull_request pull = {
		.tags = &tag,
		.n_tags = 1,
		.note = "It is slow.",
	};

	return desk_pull(
	    s->world->desk, &s->cast.ana, n, &pull, &s->world->err);
}

static void
a_pull_by_name_waits_for_those_it_names(void **state)
{
	struct stage *s = *state;
	int64_t n = reported(s);

	OK(s->world, pull_step(s, n));
	assert_int_equal(told(s, &s->cast.cy, n, "pull"), 1);
	assert_int_equal(told(s, &s->cast.bo, n, "pull"), 0);
	OK(s->world,
	    desk_join(
		s->world->desk, &s->cast.bo, n, ROLE_HELPER, &s->world->err));
	assert_true(look(s, n)->pulls[0].open);
	assert_true(incident_is_wanted(look(s, n)));
	OK(s->world,
	    desk_join(
		s->world->desk, &s->cast.cy, n, ROLE_HELPER, &s->world->err));
	assert_false(look(s, n)->pulls[0].open);
	assert_false(incident_is_wanted(look(s, n)));
}

static void
a_pull_by_tag_asks_those_who_have_it_and_are_here(void **state)
{
	struct stage *s = *state;
	const struct profile away = { .hours = -1, .availability = "away" };
	const struct actor *cy = &s->cast.cy;
	int64_t n = reported(s), post;

	OK(s->world, pull_tag(s, n, "DB"));
	assert_int_equal(told(s, cy, n, "pull"), 1);
	assert_string_equal(look(s, n)->pulls[0].tags[0], "db");
	assert_string_equal(look(s, n)->pulls[0].note, "It is slow.");
	assert_int_equal(rows(s, n, "note"), 1);
	assert_int_equal(raises(s, n, "pull", RAISE_PULLED), 1);
	OK(s->world,
	    desk_reply(
		s->world->desk, cy, n, "On it.", false, &post, &s->world->err));
	assert_false(look(s, n)->pulls[0].open);

	OK(s->world,
	    desk_person_edit(
		s->world->desk, cy, cy->person, &away, 0, &s->world->err));
	n = reported(s);
	OK(s->world, pull_tag(s, n, "db"));
	assert_int_equal(told(s, cy, n, "pull"), 0);
}

static void
a_pull_asks_somebody_who_is_there(void **state)
{
	static const char *const nobody[] = { "nobody" };
	static const char *const gone[] = { "cy" };
	const struct pull_request none = { 0 };
	const struct pull_request unknown = {
		.people = nobody,
		.n_people = 1,
	};
	const struct pull_request disabled = { .people = gone, .n_people = 1 };
	struct stage *s = *state;
	struct disabled count;
	int64_t n = reported(s);

	FAILS(s->world, ERROR_INVALID,
	    desk_pull(s->world->desk, &s->cast.ana, n, &none, &s->world->err));
	FAILS(s->world, ERROR_INVALID,
	    desk_pull(
		s->world->desk, &s->cast.ana, n, &unknown, &s->world->err));
	assert_string_equal(s->world->err.fields[0].name, "people");
	OK(s->world,
	    desk_person_disable(
		s->world->desk, &s->cast.root, "cy", &count, &s->world->err));
	FAILS(s->world, ERROR_INVALID,
	    desk_pull(
		s->world->desk, &s->cast.ana, n, &disabled, &s->world->err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_change_of_role_is_a_coming_or_leaving_in_the_same_row),
		TEST(only_the_last_helper_leaving_is_a_raise),
		TEST(the_first_to_reply_is_host_unless_she_says_otherwise),
		TEST(a_host_who_replies_or_fixes_joins_nobody),
		TEST(a_shadow_who_replies_is_a_helper),
		TEST(a_blank_or_long_text_is_refused),
		TEST(posts_are_changed_by_their_author_or_an_admin),
		TEST(a_pull_by_name_waits_for_those_it_names),
		TEST(a_pull_by_tag_asks_those_who_have_it_and_are_here),
		TEST(a_pull_asks_somebody_who_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
