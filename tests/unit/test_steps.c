/* SPDX-License-Identifier: ISC */
#include "desk/steps.h"

#include "base/clock.h"
#include "base/mem.h"
#include "desk/article.h"
#include "desk/inside.h"
#include "desk/person.h"
#include "desk/subscription.h"
#include "desk/timeline.h"
#include "desk_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * The table "What can happen", row by row: which step is taken in which
 * status, what is refused with what, and what follows.
 */

struct cast {
	struct actor ana, bo, cy, rob, root, customer;
};

struct stage {
	struct world *world;
	struct cast cast;
	int64_t article; /* public, validated */
};

/* --- the cast: cy knows #db, rob is a bot, root an admin */

static int
begin(void **state)
{
	static const char *const db[] = { "db", NULL };
	struct stage *stage = mem_new(NULL, struct stage);
	const struct article_parts parts = {
		.title = "How to restart the pool",
		.resolution = "Restart it.",
		.confidence = "validated",
		.audience = "public",
	};
	void *world;

	if (world_setup(&world) != 0)
		return -1;
	stage->world = world;
	(void)world_person(world, "ana", NULL);
	(void)world_person(world, "bo", NULL);
	(void)world_person(world, "cy", db);
	(void)world_newcomer(
	    world, &(struct newcomer){ .handle = "rob", .bot = true });
	(void)world_newcomer(
	    world, &(struct newcomer){ .handle = "root", .admin = true });
	stage->cast = (struct cast){
		.ana = person_actor(world, "ana", SCOPE_WRITE),
		.bo = person_actor(world, "bo", SCOPE_WRITE),
		.cy = person_actor(world, "cy", SCOPE_WRITE),
		.rob = person_actor(world, "rob", SCOPE_WRITE),
		.root = person_actor(world, "root", SCOPE_ADMIN),
		.customer = { .scope = SCOPE_NONE, .source = "web" },
	};
	OK(world,
	    desk_article(stage->world->desk, &stage->cast.ana, &parts,
		&stage->article, &stage->world->err));
	*state = stage;
	return 0;
}

static int
end(void **state)
{
	struct stage *stage = *state;
	void *world = stage->world;

	talloc_free(stage);
	return world_teardown(&world);
}

/* --- what there is */

static struct incident *
look(struct stage *stage, int64_t number)
{
	struct incident *incident;
	struct db *db;

	OK(stage->world,
	    desk_reader(stage->world->desk, &db, &stage->world->err));
	OK(stage->world,
	    incident_read(stage, db, number, &incident, &stage->world->err));
	desk_reader_done(stage->world->desk, db);
	return incident;
}

static const struct db_statement last_row = { "last row",
	"SELECT coalesce(max(seq), 0) FROM journal" };
static const struct db_statement rows_of_kind = { "rows of a kind",
	"SELECT count(*) FROM journal WHERE incident = ? AND kind = ?" };
static const struct db_statement raises_of_kind = { "raises of a kind",
	"SELECT count(*) FROM journal j"
	" WHERE j.incident = ? AND j.kind = ? AND j.raise = ?" };
static const struct db_statement told_of = { "events told to a person",
	"SELECT count(*) FROM addressed a JOIN journal j ON j.seq = a.seq"
	" WHERE a.person = ? AND j.incident = ? AND j.kind = ?" };
static const struct db_statement open_stays = { "open stays",
	"SELECT count(*) FROM swarm WHERE incident = ? AND left_at IS NULL" };
static const struct db_statement revisions_of = { "revisions",
	"SELECT count(*) FROM article_revision WHERE article = ?" };
static const struct db_statement last_article = { "last article",
	"SELECT max(id) FROM article" };

static int64_t
journal_end(struct stage *stage)
{
	return world_number(stage->world, &last_row, DB_NO_VALUES);
}

static int64_t
rows(struct stage *stage, int64_t incident, const char *kind)
{
	return world_number(stage->world, &rows_of_kind,
	    DB_VALUES(db_int(incident), db_text(kind)));
}

static int64_t
raises(struct stage *stage, int64_t incident, const char *kind,
    enum desk_raise raise)
{
	return world_number(stage->world, &raises_of_kind,
	    DB_VALUES(db_int(incident), db_text(kind), db_int(raise)));
}

static int64_t
told(struct stage *stage, const struct actor *who, int64_t incident,
    const char *kind)
{
	return world_number(stage->world, &told_of,
	    DB_VALUES(db_int(who->person), db_int(incident), db_text(kind)));
}

static struct article *
look_article(struct stage *stage, int64_t article)
{
	struct article *found;
	struct db *db;

	OK(stage->world,
	    desk_reader(stage->world->desk, &db, &stage->world->err));
	OK(stage->world,
	    article_read(stage, db, article, &found, &stage->world->err));
	desk_reader_done(stage->world->desk, db);
	return found;
}

/* --- incidents in each state; nobody is host, bo is who did it */

enum at { OPEN, SWARMING, RESOLVED, CLOSED, DUPLICATE, WITHDRAWN, STATES };

static const char *const state_names[STATES] = { "open", "swarming", "resolved",
	"closed", "duplicate", "withdrawn" };

static int64_t
reported(struct stage *stage)
{
	const struct report report = {
		.title = "The pool is exhausted",
		.body = "Nothing answers.",
		.customer_name = "Dora Quill",
	};
	struct reported made;

	OK(stage->world,
	    desk_report(stage->world->desk, &stage->cast.customer, &report,
		&made, &stage->world->err));
	return made.incident;
}

static bool
fix_it(struct stage *stage, const struct actor *who, int64_t incident)
{
	const struct fix fix = { .resolution = "Turned it off and on." };

	return desk_fix(
	    stage->world->desk, who, incident, &fix, &stage->world->err);
}

static int64_t
incident_at(struct stage *stage, enum at at)
{
	const struct actor *bo = &stage->cast.bo;
	struct desk *desk = stage->world->desk;
	int64_t n = reported(stage);

	if (at == SWARMING || at == RESOLVED || at == CLOSED)
		OK(stage->world,
		    desk_join(desk, bo, n, ROLE_HELPER, &stage->world->err));
	if (at == RESOLVED || at == CLOSED)
		OK(stage->world, fix_it(stage, bo, n));
	if (at == CLOSED)
		OK(stage->world,
		    desk_close(desk, bo, n, NULL, &stage->world->err));
	if (at == DUPLICATE)
		OK(stage->world,
		    desk_duplicate(
			desk, bo, n, reported(stage), &stage->world->err));
	if (at == WITHDRAWN)
		OK(stage->world,
		    desk_withdraw(desk, bo, n, "spam", 0, &stage->world->err));
	return n;
}

/* --- the steps, taken by ana (leave: by bo) or by the customer */

#define STEP(name, ...)                                                    \
	static bool name(struct stage *s, int64_t n)                       \
	{                                                                  \
		struct desk *desk = s->world->desk;                        \
		const struct actor *ana = &s->cast.ana, *bo = &s->cast.bo; \
		const struct actor *customer = &s->cast.customer;          \
		struct error *err = &s->world->err;                        \
		int64_t post;                                              \
                                                                           \
		(void)desk, (void)err, (void)post;                         \
		(void)ana;                                                 \
		(void)bo;                                                  \
		(void)customer;                                            \
		return __VA_ARGS__;                                        \
	}

static const struct edit hands = { .hands = 3 };
static const struct edit host = { .host = "ana" };
static const char *const people[] = { "cy" };
static const struct pull_request pulled = {
	.people = people,
	.n_people = 1,
};

STEP(edit_step, desk_edit(desk, ana, n, &hands, err))
STEP(host_step, desk_edit(desk, ana, n, &host, err))
STEP(promise_step,
    desk_edit(desk, ana, n,
	&(struct edit){ .has_promised = true, .promised = clock_now() + HOUR },
	err))
STEP(join_step, desk_join(desk, ana, n, ROLE_HELPER, err))
STEP(shadow_step, desk_join(desk, ana, n, ROLE_SHADOW, err))
STEP(leave_step, desk_leave(desk, bo, n, err))
STEP(reply_step, desk_reply(desk, ana, n, "Hello.", false, &post, err))
STEP(note_step, desk_note(desk, ana, n, "Odd.", &post, err))
STEP(fix_step, fix_it(s, ana, n))
STEP(answer_step, desk_answer(desk, ana, n, s->article, NULL, err))
STEP(pull_step, desk_pull(desk, ana, n, &pulled, err))
STEP(close_step, desk_close(desk, ana, n, NULL, err))
STEP(close_why_step, desk_close(desk, ana, n, "No answer.", err))
STEP(reopen_step, desk_reopen(desk, ana, n, NULL, err))
STEP(customer_reply_step, desk_customer_reply(desk, customer, n, "?", err))
STEP(confirm_step, desk_confirm(desk, customer, n, 5, NULL, err))
STEP(customer_reopen_step, desk_customer_reopen(desk, customer, n, "!", err))
STEP(duplicate_step, desk_duplicate(desk, ana, n, reported(s), err))
STEP(withdraw_step, desk_withdraw(desk, ana, n, "spam", 0, err))

/* What each is in each state: a status to be in then, or a refusal. */
enum result { AT_OPEN, AT_SWARMING, AT_RESOLVED, AT_CLOSED, NO, WRONG, GONE };

static const struct row {
	const char *name;
	bool (*step)(struct stage *stage, int64_t incident);
	enum result results[STATES];
} table[] = {
	{ "edit", edit_step,
	    { AT_OPEN, AT_SWARMING, AT_RESOLVED, AT_CLOSED, AT_OPEN, GONE } },
	{ "host", host_step,
	    { AT_OPEN, AT_SWARMING, AT_RESOLVED, NO, NO, GONE } },
	{ "promise", promise_step, { AT_OPEN, AT_SWARMING, NO, NO, NO, GONE } },
	{ "join", join_step,
	    { AT_SWARMING, AT_SWARMING, AT_RESOLVED, NO, NO, GONE } },
	{ "join as shadow", shadow_step,
	    { AT_OPEN, AT_SWARMING, AT_RESOLVED, NO, NO, GONE } },
	{ "leave", leave_step,
	    { AT_OPEN, AT_OPEN, AT_RESOLVED, NO, NO, GONE } },
	{ "reply", reply_step,
	    { AT_SWARMING, AT_SWARMING, AT_RESOLVED, NO, NO, GONE } },
	{ "note", note_step,
	    { AT_OPEN, AT_SWARMING, AT_RESOLVED, AT_CLOSED, AT_OPEN, GONE } },
	{ "fix", fix_step,
	    { AT_RESOLVED, AT_RESOLVED, AT_RESOLVED, NO, NO, GONE } },
	{ "answer", answer_step,
	    { AT_RESOLVED, AT_RESOLVED, AT_RESOLVED, NO, NO, GONE } },
	{ "pull", pull_step, { AT_OPEN, AT_SWARMING, NO, NO, NO, GONE } },
	{ "close", close_step,
	    { WRONG, WRONG, AT_CLOSED, AT_CLOSED, NO, GONE } },
	{ "close with a reason", close_why_step,
	    { AT_CLOSED, AT_CLOSED, AT_CLOSED, AT_CLOSED, NO, GONE } },
	{ "reopen", reopen_step, { NO, NO, AT_SWARMING, AT_OPEN, NO, GONE } },
	{ "customer's reply", customer_reply_step,
	    { AT_OPEN, AT_SWARMING, AT_RESOLVED, NO, AT_OPEN, GONE } },
	{ "confirm", confirm_step, { NO, NO, AT_CLOSED, AT_CLOSED, NO, GONE } },
	{ "customer's reopening", customer_reopen_step,
	    { NO, NO, AT_SWARMING, AT_OPEN, NO, GONE } },
	{ "duplicate", duplicate_step,
	    { AT_OPEN, AT_SWARMING, AT_RESOLVED, NO, NO, GONE } },
	{ "withdraw", withdraw_step,
	    { AT_CLOSED, AT_CLOSED, AT_CLOSED, AT_CLOSED, AT_CLOSED, GONE } },
};

static const enum error_kind kinds[] = {
	[NO] = ERROR_CONFLICT,
	[WRONG] = ERROR_INVALID,
	[GONE] = ERROR_GONE,
};

static void
take(struct stage *stage, const struct row *row, enum at at)
{
	enum result result = row->results[at];
	int64_t n = incident_at(stage, at);
	enum filter_status status;
	int64_t before;
	bool ok;

	/* what else a step makes beforehand is not its own doing */
	before = look(stage, n)->changed;
	stage->world->err = (struct error){ 0 };
	ok = row->step(stage, n);
	if (result >= NO) {
		if (ok || stage->world->err.kind != kinds[result])
			fail_msg("%s in %s: %s, kind %d", row->name,
			    state_names[at],
			    ok ? "taken" : stage->world->err.message,
			    stage->world->err.kind);
		assert_int_equal(look(stage, n)->changed, before);
		return;
	}
	if (!ok)
		fail_msg("%s in %s: %s %s", row->name, state_names[at],
		    stage->world->err.message,
		    stage->world->err.fields[0].message);
	status = look(stage, n)->status;
	if ((int)status != (int)result)
		fail_msg("%s in %s leads to %s", row->name, state_names[at],
		    filter_status_names[status]);
}

static void
each_step_is_taken_or_refused_as_the_table_says(void **state)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		for (enum at at = OPEN; at < STATES; at++)
			take(*state, &table[i], at);
}

static void
a_refusal_names_the_status_or_the_other(void **state)
{
	struct stage *s = *state;
	int64_t n = incident_at(s, CLOSED);
	char other[40];

	FAILS(s->world, ERROR_CONFLICT, join_step(s, n));
	assert_non_null(strstr(s->world->err.message, "closed"));
	n = incident_at(s, DUPLICATE);
	(void)snprintf(other, sizeof other, "of incident %jd",
	    (intmax_t)look(s, n)->duplicate_of);
	FAILS(s->world, ERROR_CONFLICT, join_step(s, n));
	assert_non_null(strstr(s->world->err.message, other));
}

static void
only_people_with_scope_write_may(void **state)
{
	struct stage *s = *state;
	int64_t n = reported(s);

	s->cast.ana.scope = SCOPE_READ;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (strstr(table[i].name, "customer") != NULL ||
		    table[i].step == confirm_step ||
		    table[i].step == leave_step)
			continue;
		FAILS(s->world, ERROR_FORBIDDEN, table[i].step(s, n));
	}
	s->cast.bo.scope = SCOPE_READ;
	FAILS(s->world, ERROR_FORBIDDEN, leave_step(s, n));
}

static void
a_step_that_is_already_so_changes_nothing(void **state)
{
	static const struct {
		bool (*first)(struct stage *, int64_t);
		bool (*again)(struct stage *, int64_t);
		enum at at;
	} cases[] = {
		{ edit_step, edit_step, OPEN },
		{ host_step, host_step, OPEN },
		{ join_step, join_step, OPEN },
		{ shadow_step, shadow_step, OPEN },
		{ leave_step, leave_step, SWARMING },
		{ answer_step, answer_step, OPEN },
		{ close_step, close_step, RESOLVED },
		{ close_step, close_why_step, RESOLVED },
		{ confirm_step, confirm_step, RESOLVED },
	};
	struct stage *s = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t n = incident_at(s, cases[i].at);
		int64_t before;

		OK(s->world, cases[i].first(s, n));
		before = journal_end(s);
		OK(s->world, cases[i].again(s, n));
		if (journal_end(s) != before)
			fail_msg("case %zu wrote something", i);
	}
}

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

/* --- time */

static int64_t
tick_at(struct stage *s, int64_t time)
{
	int64_t next;

	clock_set(time);
	OK(s->world, desk_tick(s->world->desk, &next, &s->world->err));
	return next;
}

static void
a_promise_is_a_time_to_come(void **state)
{
	struct stage *s = *state;
	const struct edit past = {
		.has_promised = true,
		.promised = clock_now() - 1,
	};
	const struct edit none = { .has_promised = true };
	int64_t n = reported(s);

	FAILS(s->world, ERROR_INVALID,
	    desk_edit(s->world->desk, &s->cast.ana, n, &past, &s->world->err));
	OK(s->world, promise_step(s, n));
	OK(s->world,
	    desk_edit(s->world->desk, &s->cast.ana, n, &none, &s->world->err));
	assert_int_equal(look(s, n)->promised, 0);
	assert_int_equal(rows(s, n, "promise"), 2);
}

static void
a_promise_that_is_past_is_overdue_until_a_reply(void **state)
{
	struct stage *s = *state;
	int64_t n = incident_at(s, SWARMING);
	int64_t now = clock_now();

	OK(s->world, promise_step(s, n));
	(void)tick_at(s, now + 30 * MINUTE);
	assert_false(look(s, n)->overdue);
	(void)tick_at(s, now + 2 * HOUR);
	assert_true(look(s, n)->overdue);
	assert_int_equal(told(s, &s->cast.bo, n, "overdue"), 1);
	OK(s->world, reply_step(s, n));
	assert_false(look(s, n)->overdue);
	(void)tick_at(s, now + 3 * HOUR);
	assert_int_equal(rows(s, n, "overdue"), 1);
}

static void
a_promise_that_was_kept_is_never_overdue(void **state)
{
	struct stage *s = *state;
	int64_t n = incident_at(s, SWARMING);
	int64_t now = clock_now();

	OK(s->world, promise_step(s, n));
	OK(s->world, reply_step(s, n));
	assert_true(look(s, n)->promised != 0);
	(void)tick_at(s, now + 2 * HOUR);
	assert_false(look(s, n)->overdue);
}

static void
what_nobody_joined_is_an_orphan(void **state)
{
	struct stage *s = *state;
	/* a topical filter has matched them: no orphans from the beginning */
	int64_t lonely, joined, now = clock_now(), subscription;

	OK(s->world,
	    desk_subscribe(s->world->desk, &s->cast.bo, s->cast.bo.person,
		"pool", "pool", &subscription, &s->world->err));
	lonely = reported(s);
	joined = incident_at(s, SWARMING);
	OK(s->world, leave_step(s, joined));
	assert_false(look(s, lonely)->orphan);
	(void)tick_at(s, now + HOUR);
	assert_true(look(s, lonely)->orphan);
	assert_false(look(s, joined)->orphan);
	assert_int_equal(rows(s, lonely, "orphan"), 1);
	OK(s->world, join_step(s, lonely));
	assert_false(look(s, lonely)->orphan);
}

static void
what_is_resolved_closes_when_the_customer_says_nothing(void **state)
{
	struct stage *s = *state;
	int64_t quiet = incident_at(s, RESOLVED);
	int64_t again = incident_at(s, RESOLVED), now = clock_now(), next;

	(void)tick_at(s, now + 6 * DAY);
	assert_int_equal(look(s, quiet)->status, STATUS_RESOLVED);
	OK(s->world, reopen_step(s, again));
	OK(s->world, fix_step(s, again));
	next = tick_at(s, now + 8 * DAY);
	assert_int_equal(look(s, quiet)->status, STATUS_CLOSED);
	assert_int_equal(
	    world_number(s->world, &open_stays, DB_VALUES(db_int(quiet))), 0);
	assert_int_equal(look(s, again)->status, STATUS_RESOLVED);
	assert_true(next > now + 12 * DAY);
	(void)tick_at(s, now + 14 * DAY);
	assert_int_equal(look(s, again)->status, STATUS_CLOSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_step_is_taken_or_refused_as_the_table_says),
		TEST(a_refusal_names_the_status_or_the_other),
		TEST(only_people_with_scope_write_may),
		TEST(a_step_that_is_already_so_changes_nothing),
		TEST(a_change_of_role_is_a_coming_or_leaving_in_the_same_row),
		TEST(only_the_last_helper_leaving_is_a_raise),
		TEST(the_first_to_reply_is_host_unless_she_says_otherwise),
		TEST(a_host_who_replies_or_fixes_joins_nobody),
		TEST(a_shadow_who_replies_is_a_helper),
		TEST(a_blank_or_long_text_is_refused),
		TEST(posts_are_changed_by_their_author_or_an_admin),
		TEST(a_fix_makes_an_article_and_then_its_next_revision),
		TEST(an_article_that_was_the_answer_stays_as_it_is),
		TEST(a_fix_needs_a_resolution),
		TEST(an_answer_counts_as_reuse_and_its_text_joins_nobody),
		TEST(three_reuses_make_an_article_validated),
		TEST(an_answer_is_an_article_that_is_there_and_not_archived),
		TEST(a_pull_by_name_waits_for_those_it_names),
		TEST(a_pull_by_tag_asks_those_who_have_it_and_are_here),
		TEST(a_pull_asks_somebody_who_is_there),
		TEST(closing_ends_all_stays_and_reopening_tells_who_was_in),
		TEST(reopening_clears_the_promise_and_keeps_the_article),
		TEST(a_customers_words_are_told_to_host_and_swarm),
		TEST(a_rating_is_one_to_five),
		TEST(a_duplicates_helpers_and_duplicates_go_along),
		TEST(a_duplicate_is_of_another_that_goes_on),
		TEST(a_duplicates_customer_is_heard_where_it_goes_on),
		TEST(a_withdrawal_needs_a_reason_and_the_right_version),
		TEST(a_promise_is_a_time_to_come),
		TEST(a_promise_that_is_past_is_overdue_until_a_reply),
		TEST(a_promise_that_was_kept_is_never_overdue),
		TEST(what_nobody_joined_is_an_orphan),
		TEST(what_is_resolved_closes_when_the_customer_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
