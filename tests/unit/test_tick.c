/* SPDX-License-Identifier: ISC */
#include "desk/steps.h"

/* What time alone does: promises, orphans, closing. */

#include "base/clock.h"
#include "desk/subscription.h"
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct db_statement open_stays = { "open stays",
	"SELECT count(*) FROM swarm WHERE incident = ? AND left_at IS NULL" };

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_promise_is_a_time_to_come),
		TEST(a_promise_that_is_past_is_overdue_until_a_reply),
		TEST(a_promise_that_was_kept_is_never_overdue),
		TEST(what_nobody_joined_is_an_orphan),
		TEST(what_is_resolved_closes_when_the_customer_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
