/* SPDX-License-Identifier: ISC */
#include "desk/steps.h"

/*
 * The table "What can happen", row by row: which step is taken in which
 * status, and what is refused with what.
 */

#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const state_names[STATES] = { "open", "swarming", "resolved",
	"closed", "duplicate", "withdrawn" };

/* What each is in each state: a status to be in then, or a refusal. */
enum result { AT_OPEN, AT_SWARMING, AT_RESOLVED, AT_CLOSED, NO, WRONG, GONE };

static const struct row {
	const char *name;
	stage_step *step;
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_step_is_taken_or_refused_as_the_table_says),
		TEST(a_refusal_names_the_status_or_the_other),
		TEST(only_people_with_scope_write_may),
		TEST(a_step_that_is_already_so_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
