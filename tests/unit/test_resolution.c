/* SPDX-License-Identifier: ISC */
#include "desk/steps.h"

/* Fixes and answers, the end of an incident, and what comes after it. */

#include "desk/timeline.h"
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct db_statement open_stays = { "open stays",
	"SELECT count(*) FROM swarm WHERE incident = ? AND left_at IS NULL" };
static const struct db_statement revisions_of = { "revisions",
	"SELECT count(*) FROM article_revision WHERE article = ?" };
static const struct db_statement last_article = { "last article",
	"SELECT max(id) FROM article" };

/* --- fix and answer */

static bool
publish(struct stage *s, int64_t n, bool yes)
{
	const struct fix fix = {
		.resolution = "Restart it.",
		.publish = yes,
	};

	return desk_fix(s->world->desk, &s->cast.ana, n, &fix, &s->world->err);
}

static void
a_fix_makes_an_article_and_then_its_next_revision(void **state)
{
	struct stage *s = *state;
	int64_t n = reported(s), article;

	OK(s->world, publish(s, n, true));
	article = look(s, n)->article;
	assert_int_equal(
	    look_article(s, article)->confidence, CONFIDENCE_UNVALIDATED);
	OK(s->world, publish(s, n, false));
	assert_int_equal(look(s, n)->article, article);
	assert_true(article_is_public(look_article(s, article)));
	assert_int_equal(
	    world_number(s->world, &revisions_of, DB_VALUES(db_int(article))),
	    2);
	assert_true(look(s, n)->resolved != 0);
}

static void
an_article_that_was_the_answer_stays_as_it_is(void **state)
{
	struct stage *s = *state;
	int64_t n = reported(s);

	OK(s->world, answer_step(s, n));
	assert_true(look(s, n)->answered);
	OK(s->world, publish(s, n, false));
	assert_true(look(s, n)->article != s->article);
	assert_false(look(s, n)->answered);
	assert_string_equal(
	    look_article(s, s->article)->resolution, "Restart it.");
}

static void
a_fix_needs_a_resolution(void **state)
{
	struct stage *s = *state;
	const struct fix blank = { .resolution = " " };
	int64_t n = reported(s);

	FAILS(s->world, ERROR_INVALID,
	    desk_fix(s->world->desk, &s->cast.ana, n, &blank, &s->world->err));
	assert_string_equal(s->world->err.fields[0].name, "resolution");
	assert_int_equal(look(s, n)->status, STATUS_OPEN);
}

static void
an_answer_counts_as_reuse_and_its_text_joins_nobody(void **state)
{
	struct stage *s = *state;
	int64_t n = reported(s), kb = timeline_version_kb(s->world->desk);

	OK(s->world,
	    desk_answer(s->world->desk, &s->cast.bo, n, s->article, "See this.",
		&s->world->err));
	assert_true(timeline_version_kb(s->world->desk) > kb);
	assert_int_equal(look_article(s, s->article)->reuse, 1);
	assert_int_equal(look(s, n)->n_stays, 0);
	assert_int_equal(rows(s, n, "reply"), 1);
	assert_int_equal(look(s, n)->status, STATUS_RESOLVED);
}

static void
three_reuses_make_an_article_validated(void **state)
{
	struct stage *s = *state;
	int64_t article;

	OK(s->world, publish(s, reported(s), false));
	article = world_number(s->world, &last_article, DB_NO_VALUES);
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(look_article(s, article)->confidence,
		    CONFIDENCE_UNVALIDATED);
		OK(s->world,
		    desk_answer(s->world->desk, &s->cast.bo, reported(s),
			article, NULL, &s->world->err));
	}
	assert_int_equal(
	    look_article(s, article)->confidence, CONFIDENCE_VALIDATED);
}

static void
an_answer_is_an_article_that_is_there_and_not_archived(void **state)
{
	struct stage *s = *state;
	const struct article_parts archived = { .confidence = "archived" };
	int64_t n = reported(s);

	FAILS(s->world, ERROR_INVALID,
	    desk_answer(
		s->world->desk, &s->cast.ana, n, 999, NULL, &s->world->err));
	OK(s->world,
	    desk_article_edit(s->world->desk, &s->cast.ana, s->article,
		&archived, 0, &s->world->err));
	FAILS(s->world, ERROR_INVALID, answer_step(s, n));
	assert_string_equal(s->world->err.fields[0].name, "article");
	assert_int_equal(look(s, n)->status, STATUS_OPEN);
}

/* --- the end, and again */

static void
closing_ends_all_stays_and_reopening_tells_who_was_in(void **state)
{
	struct stage *s = *state;
	int64_t n = incident_at(s, SWARMING);

	OK(s->world, close_why_step(s, n));
	assert_int_equal(
	    world_number(s->world, &open_stays, DB_VALUES(db_int(n))), 0);
	assert_int_equal(rows(s, n, "leave"), 0);
	assert_int_equal(rows(s, n, "note"), 1);
	OK(s->world, reopen_step(s, n));
	assert_int_equal(told(s, &s->cast.bo, n, "reopen"), 1);
	assert_int_equal(raises(s, n, "reopen", RAISE_REOPENED), 1);
	assert_int_equal(look(s, n)->closed, 0);
}

static void
reopening_clears_the_promise_and_keeps_the_article(void **state)
{
	struct stage *s = *state;
	int64_t n = reported(s), article;

	OK(s->world, promise_step(s, n));
	OK(s->world, publish(s, n, false));
	article = look(s, n)->article;
	OK(s->world,
	    desk_customer_reopen(s->world->desk, &s->cast.customer, n, "Again!",
		&s->world->err));
	assert_int_equal(look(s, n)->promised, 0);
	assert_int_equal(look(s, n)->resolved, 0);
	assert_int_equal(look(s, n)->article, article);
	assert_int_equal(rows(s, n, "reply"), 1);
	assert_int_equal(told(s, &s->cast.ana, n, "reopen"), 1);
}

static void
a_customers_words_are_told_to_host_and_swarm(void **state)
{
	struct stage *s = *state;
	int64_t n = incident_at(s, RESOLVED);

	OK(s->world, host_step(s, n));
	OK(s->world, customer_reply_step(s, n));
	OK(s->world, confirm_step(s, n));
	assert_int_equal(told(s, &s->cast.ana, n, "reply"), 1);
	assert_int_equal(told(s, &s->cast.bo, n, "reply"), 1);
	assert_int_equal(told(s, &s->cast.bo, n, "confirm"), 1);
	assert_int_equal(told(s, &s->cast.cy, n, "reply"), 0);
	assert_int_equal(look(s, n)->rating, 5);
	assert_int_equal(
	    world_number(s->world, &open_stays, DB_VALUES(db_int(n))), 0);
}

static void
a_rating_is_one_to_five(void **state)
{
	struct stage *s = *state;
	const struct actor *customer = &s->cast.customer;
	int64_t n = incident_at(s, RESOLVED);

	FAILS(s->world, ERROR_INVALID,
	    desk_confirm(s->world->desk, customer, n, 6, NULL, &s->world->err));
	FAILS(s->world, ERROR_INVALID,
	    desk_confirm(
		s->world->desk, customer, n, -1, NULL, &s->world->err));
	OK(s->world,
	    desk_confirm(
		s->world->desk, customer, n, 0, "Fine.", &s->world->err));
	assert_int_equal(look(s, n)->rating, 0);
	assert_string_equal(look(s, n)->comment, "Fine.");
	OK(s->world,
	    desk_confirm(s->world->desk, customer, n, 4, NULL, &s->world->err));
	assert_int_equal(look(s, n)->rating, 4);
	assert_string_equal(look(s, n)->comment, "Fine.");
}

/* --- duplicates */

static void
a_duplicates_helpers_and_duplicates_go_along(void **state)
{
	struct stage *s = *state;
	struct desk *desk = s->world->desk;
	const struct actor *ana = &s->cast.ana;
	int64_t first = reported(s), second = incident_at(s, SWARMING);
	int64_t third = reported(s);

	OK(s->world, desk_duplicate(desk, ana, first, second, &s->world->err));
	OK(s->world, desk_duplicate(desk, ana, second, third, &s->world->err));
	assert_int_equal(look(s, first)->duplicate_of, third);
	assert_int_equal(look(s, second)->duplicate_of, third);
	assert_int_equal(look(s, third)->status, STATUS_SWARMING);
	assert_string_equal(look(s, third)->stays[0].handle, "bo");
	assert_int_equal(
	    world_number(s->world, &open_stays, DB_VALUES(db_int(second))), 0);
	OK(s->world, desk_duplicate(desk, ana, second, third, &s->world->err));
	assert_int_equal(rows(s, second, "duplicate"), 1);
	assert_int_equal(rows(s, first, "duplicate"), 2);
}

static void
a_duplicate_is_of_another_that_goes_on(void **state)
{
	struct stage *s = *state;
	struct desk *desk = s->world->desk;
	const struct actor *ana = &s->cast.ana;
	static const enum at cannot[] = { CLOSED, DUPLICATE, WITHDRAWN };
	int64_t n = reported(s);

	FAILS(s->world, ERROR_CONFLICT,
	    desk_duplicate(desk, ana, n, n, &s->world->err));
	FAILS(s->world, ERROR_INVALID,
	    desk_duplicate(desk, ana, n, 999, &s->world->err));
	for (size_t i = 0; i < sizeof cannot / sizeof *cannot; i++) {
		int64_t of = incident_at(s, cannot[i]);

		FAILS(s->world, ERROR_CONFLICT,
		    desk_duplicate(desk, ana, n, of, &s->world->err));
	}
	assert_int_equal(look(s, n)->duplicate_of, 0);
}

static void
a_duplicates_customer_is_heard_where_it_goes_on(void **state)
{
	struct stage *s = *state;
	struct desk *desk = s->world->desk;
	const struct actor *customer = &s->cast.customer;
	int64_t n = reported(s), of = incident_at(s, SWARMING);

	OK(s->world, desk_duplicate(desk, &s->cast.ana, n, of, &s->world->err));
	OK(s->world, host_step(s, of));
	OK(s->world, customer_reply_step(s, n));
	assert_int_equal(told(s, &s->cast.ana, n, "reply"), 1);
	assert_int_equal(told(s, &s->cast.bo, n, "reply"), 1);
	FAILS(s->world, ERROR_CONFLICT, confirm_step(s, n));

	OK(s->world, fix_step(s, of));
	OK(s->world, desk_confirm(desk, customer, n, 3, NULL, &s->world->err));
	assert_int_equal(look(s, n)->rating, 3);
	OK(s->world, customer_reopen_step(s, n));
	assert_int_equal(told(s, &s->cast.bo, n, "reopen"), 1);
	assert_int_equal(raises(s, n, "reopen", RAISE_NONE), 1);
	assert_int_equal(look(s, of)->status, STATUS_RESOLVED);
	assert_int_equal(look(s, of)->rating, 0);
}

static void
a_withdrawal_needs_a_reason_and_the_right_version(void **state)
{
	struct stage *s = *state;
	const struct actor *ana = &s->cast.ana;
	int64_t n = reported(s);

	FAILS(s->world, ERROR_INVALID,
	    desk_withdraw(s->world->desk, ana, n, NULL, 0, &s->world->err));
	FAILS(s->world, ERROR_PRECONDITION,
	    desk_withdraw(s->world->desk, ana, n, "spam", 1, &s->world->err));
	OK(s->world,
	    desk_withdraw(s->world->desk, ana, n, "spam", look(s, n)->changed,
		&s->world->err));
	assert_true(look(s, n)->withdrawn != 0);
	assert_int_equal(look(s, n)->withdrawn, look(s, n)->changed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_fix_makes_an_article_and_then_its_next_revision),
		TEST(an_article_that_was_the_answer_stays_as_it_is),
		TEST(a_fix_needs_a_resolution),
		TEST(an_answer_counts_as_reuse_and_its_text_joins_nobody),
		TEST(three_reuses_make_an_article_validated),
		TEST(an_answer_is_an_article_that_is_there_and_not_archived),
		TEST(closing_ends_all_stays_and_reopening_tells_who_was_in),
		TEST(reopening_clears_the_promise_and_keeps_the_article),
		TEST(a_customers_words_are_told_to_host_and_swarm),
		TEST(a_rating_is_one_to_five),
		TEST(a_duplicates_helpers_and_duplicates_go_along),
		TEST(a_duplicate_is_of_another_that_goes_on),
		TEST(a_duplicates_customer_is_heard_where_it_goes_on),
		TEST(a_withdrawal_needs_a_reason_and_the_right_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
