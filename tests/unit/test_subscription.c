/* SPDX-License-Identifier: ISC */
#include "desk/subscription.h"

#include "base/mem.h"
#include "desk/inside.h"
#include "desk/past.h"
#include "desk/steps.h"
#include "desk_world.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include <cmocka.h>

static const struct db_statement stretches = { "stretches",
	"SELECT count(*) FROM stretch WHERE subscription = ?" };
static const struct db_statement open_stretch = { "open stretch",
	"SELECT id FROM stretch WHERE subscription = ? AND to_seq IS NULL" };
static const struct db_statement from_of = { "from",
	"SELECT from_seq FROM stretch WHERE subscription = ?"
	" AND to_seq IS NULL" };
static const struct db_statement past_size = { "size of the past",
	"SELECT count(*) FROM past WHERE stretch = ?" };
static const struct db_statement past_personal = { "personal past",
	"SELECT count(*) FROM past WHERE stretch = ? AND personal = 1" };
static const struct db_statement past_at = { "past at",
	"SELECT incident FROM past WHERE stretch = ? AND position = ?" };

/* --- what is refused, and how it is kept */

static void
a_filter_is_kept_in_canonical_form_with_her_handle(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", NULL);
	struct subscription *made = world_subscription(world,
	    world_subscribe(world, ana, " mine\n now ", "swarm:me  or #DB"));

	assert_string_equal(made->filter, "#db or swarm:ana");
	assert_string_equal(made->name, "mine now");
	assert_string_equal(made->handle, "ana");
	assert_int_equal(made->removed, 0);
	assert_int_equal(made->paused, 0);
}

static void
a_wrong_filter_or_name_says_where(void **state)
{
	static const struct {
		const char *name, *filter, *field;
		unsigned column;
	} cases[] = {
		{ "a", "(#db", "filter", 1 },
		{ "a", "#db age>2h", "filter", 0 },
		{ " ", "#db", "name", 0 },
		{ "123456789 123456789 123456789 123456789 123456789 "
		  "123456789 123456789 123456789 1",
		    "#db", "name", 0 },
	};
	struct world *world = *state;
	struct actor root = operator_actor();
	int64_t id, ana = world_person(world, "ana", NULL);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		FAILS(world, ERROR_INVALID,
		    desk_subscribe(world->desk, &root, ana, cases[i].name,
			cases[i].filter, &id, &world->err));
		assert_string_equal(world->err.fields[0].name, cases[i].field);
		assert_int_equal(world->err.fields[0].column, cases[i].column);
	}
}

static void
a_name_is_hers_once(void **state)
{
	struct world *world = *state;
	struct actor root = operator_actor();
	int64_t id, first, second;
	int64_t ana = world_person(world, "ana", NULL);
	int64_t bo = world_person(world, "bo", NULL);

	first = world_subscribe(world, ana, "db", "#db");
	(void)world_subscribe(world, bo, "db", "#db");
	FAILS(world, ERROR_CONFLICT,
	    desk_subscribe(
		world->desk, &root, ana, "db", "#x", &id, &world->err));
	second = world_subscribe(world, ana, "other", "#x");
	FAILS(world, ERROR_CONFLICT,
	    desk_subscription_edit(
		world->desk, &root, ana, second, "db", NULL, 0, &world->err));
	OK(world,
	    desk_unsubscribe(world->desk, &root, ana, first, &world->err));
	OK(world,
	    desk_subscription_edit(
		world->desk, &root, ana, second, "db", NULL, 0, &world->err));
}

static const struct db_statement filters_named = { "filters of a text",
	"SELECT count(*) FROM filter WHERE text = '#db #web'" };

static void
equal_filters_are_stored_once(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", NULL);
	int64_t bo = world_person(world, "bo", NULL);

	(void)world_subscribe(world, ana, "a", "#web and #db");
	(void)world_subscribe(world, bo, "b", "#db #WEB");
	assert_int_equal(world_number(world, &filters_named, DB_NO_VALUES), 1);
	assert_int_equal(matcher_count(world->desk->matcher), 1);
}

static void
nobody_changes_anothers_subscriptions(void **state)
{
	struct world *world = *state;
	int64_t ana = world_person(world, "ana", NULL);
	int64_t id = world_subscribe(world, ana, "db", "#db");
	struct actor bo;

	(void)world_person(world, "bo", NULL);
	bo = person_actor(world, "bo", SCOPE_WRITE);
	FAILS(world, ERROR_NOT_FOUND,
	    desk_subscription_edit(
		world->desk, &bo, bo.person, id, "x", NULL, 0, &world->err));
	FAILS(world, ERROR_FORBIDDEN,
	    desk_unsubscribe(world->desk, &bo, ana, id, &world->err));
	FAILS(world, ERROR_FORBIDDEN,
	    desk_unsubscribe(world->desk, &bo, 0, id, &world->err));
}

/* --- stretches */

static void
an_edit_of_the_filter_ends_a_stretch_and_begins_one(void **state)
{
	struct world *world = *state;
	struct actor root = operator_actor();
	int64_t ana = world_person(world, "ana", NULL);
	int64_t id = world_subscribe(world, ana, "db", "#db");
	int64_t first = world_number_of(world, &open_stretch, id);
	struct subscription *now = world_subscription(world, id);

	assert_int_equal(world_number_of(world, &from_of, id), now->changed);
	FAILS(world, ERROR_PRECONDITION,
	    desk_subscription_edit(world->desk, &root, ana, id, NULL, "#web",
		now->changed + 1, &world->err));
	OK(world,
	    desk_subscription_edit(world->desk, &root, ana, id, "names only",
		"#DB", now->changed, &world->err));
	assert_int_equal(world_number_of(world, &open_stretch, id), first);
	OK(world,
	    desk_subscription_edit(
		world->desk, &root, ana, id, NULL, "#web", 0, &world->err));
	now = world_subscription(world, id);
	assert_string_equal(now->name, "names only");
	assert_string_equal(now->filter, "#web");
	assert_int_equal(world_number_of(world, &stretches, id), 2);
	assert_int_not_equal(world_number_of(world, &open_stretch, id), first);
	assert_int_equal(world_number_of(world, &from_of, id), now->changed);
	assert_int_equal(matcher_count(world->desk->matcher), 1);
	/* the same once more is no change */
	OK(world,
	    desk_subscription_edit(world->desk, &root, ana, id, "names only",
		"#web", 0, &world->err));
	assert_int_equal(world_subscription(world, id)->changed, now->changed);
}

static void
a_removed_one_ends_and_stays_readable(void **state)
{
	struct world *world = *state;
	struct actor root = operator_actor();
	int64_t ana = world_person(world, "ana", NULL);
	int64_t id = world_subscribe(world, ana, "db", "#db");
	struct subscription *all;
	struct db *db;
	size_t n;

	OK(world, desk_unsubscribe(world->desk, &root, 0, id, &world->err));
	OK(world, desk_unsubscribe(world->desk, &root, 0, id, &world->err));
	assert_int_not_equal(world_subscription(world, id)->removed, 0);
	assert_int_equal(world_number_of(world, &open_stretch, id), 0);
	assert_int_equal(matcher_count(world->desk->matcher), 0);
	FAILS(world, ERROR_GONE,
	    desk_subscription_edit(
		world->desk, &root, ana, id, "x", NULL, 0, &world->err));
	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world,
	    subscription_list(world, db, ana, false, &all, &n, &world->err));
	assert_int_equal(n, 0);
	OK(world, subscription_list(world, db, 0, true, &all, &n, &world->err));
	assert_int_equal(n, 1);
	desk_reader_done(world->desk, db);
}

/* --- the past */

static const struct db_statement close_until = { "close until",
	"UPDATE incident SET status = 3 WHERE id <= ?" };
static const struct db_statement withdraw_one = { "withdraw one",
	"UPDATE incident SET withdrawn = 1 WHERE id = ?" };
static const struct db_statement duplicate_one = { "duplicate one",
	"UPDATE incident SET duplicate_of = 1 WHERE id = ?" };

static void
the_past_has_the_newest_50_in_order_and_20_open_ones_personal(void **state)
{
	struct world *world = *state;
	int64_t id, stretch, ana = world_person(world, "ana", NULL);

	for (int i = 0; i < 70; i++) {
		(void)world_report(world, "the pool is empty", "db");
		(void)world_report(world, "no paper", "printer");
	}
	world_change(world, &close_until, DB_VALUES(db_int(110)));
	world_change(world, &withdraw_one, DB_VALUES(db_int(139)));
	world_change(world, &duplicate_one, DB_VALUES(db_int(137)));
	id = world_subscribe(world, ana, "db", "#db");
	stretch = world_number_of(world, &open_stretch, id);
	assert_int_equal(world_number_of(world, &past_size, stretch), PAST_MAX);
	/* 111, 113 ... 135 are open */
	assert_int_equal(world_number_of(world, &past_personal, stretch), 13);
	for (int i = 0; i < PAST_MAX; i++)
		assert_int_equal(world_number(world, &past_at,
				     DB_VALUES(db_int(stretch), db_int(i))),
		    135 - 2 * i);
	id = world_subscribe(world, ana, "all", "");
	stretch = world_number_of(world, &open_stretch, id);
	assert_int_equal(
	    world_number_of(world, &past_personal, stretch), PAST_PERSONAL);
	assert_int_equal(world_number(world, &past_at,
			     DB_VALUES(db_int(stretch), db_int(0))),
	    140);
}

static const struct db_statement missing = { "missing",
	"SELECT count(*) FROM incident i JOIN incident_text t ON t.id = i.id"
	" WHERE t.tags = 'db' AND i.id NOT IN"
	" (SELECT p.incident FROM past p"
	"  JOIN stretch s ON s.id = p.stretch WHERE s.subscription = ?)"
	" AND i.id NOT IN (SELECT m.incident FROM matched m"
	"  JOIN stretch s ON m.seq > s.from_seq WHERE s.subscription = ?)" };
static const struct db_statement twice = { "twice",
	"SELECT count(*) FROM past p JOIN stretch s ON s.id = p.stretch"
	" JOIN matched m ON m.incident = p.incident AND m.seq > s.from_seq"
	" WHERE s.subscription = ?" };

struct reporter {
	struct world *world;
	atomic_bool ready, done;
};

static void *
report_on(void *arg)
{
	struct reporter *reporter = arg;

	for (int i = 0; i < 45; i++) {
		(void)world_report(reporter->world, "it stands still", "db");
		reporter->ready = true;
	}
	reporter->done = true;
	return NULL;
}

/* Each subscription gets each incident once, whatever was first. */
static void
nothing_is_lost_or_doubled_while_incidents_come_in(void **state)
{
	struct world *world = *state;
	struct reporter reporter = { .world = world };
	int64_t ids[200], ana = world_person(world, "ana", NULL);
	pthread_t thread;
	size_t n = 0;

	assert_int_equal(
	    pthread_create(&thread, NULL, report_on, &reporter), 0);
	while (!reporter.done && n < 200) {
		char *name = mem_printf(world, "db %zu", n);
		char *filter = mem_printf(world, "#db -#none%zu", n);

		ids[n++] = world_subscribe(world, ana, name, filter);
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(n > 3);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(world_number(world, &missing,
				     DB_VALUES(db_int(ids[i]), db_int(ids[i]))),
		    0);
		assert_int_equal(world_number_of(world, &twice, ids[i]), 0);
	}
}

/* --- many */

static void
many_go_in_at_once_and_a_bad_one_stays_out(void **state)
{
	struct subscription_order orders[] = {
		{ .handle = "ana", .name = "db", .filter = "#db" },
		{ .handle = "ana", .name = "bad", .filter = "/(/" },
		{ .handle = "zoe", .name = "nobody", .filter = "#db" },
		{ .handle = "bo", .name = "db", .filter = "#db" },
		{ .handle = "bo", .name = "old", .filter = "#new" },
		{ .handle = "bo", .name = "twice", .filter = "#a" },
		{ .handle = "bo", .name = "twice", .filter = "#b" },
		{ .handle = "bo", .name = "no filter" },
	};
	struct world *world = *state;
	struct actor root = operator_actor();
	struct subscription *all;
	struct db *db;
	int64_t bo, old;
	size_t n;

	(void)world_person(world, "ana", NULL);
	bo = world_person(world, "bo", NULL);
	(void)world_report(world, "the pool is empty", "db");
	old = world_subscribe(world, bo, "old", "#old");
	OK(world,
	    desk_subscribe_many(world->desk, &root, orders,
		sizeof orders / sizeof *orders, &world->err));
	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
		assert_int_equal(orders[i].failed, i == 1 || i == 2 || i == 7);
	assert_int_equal(orders[1].error.kind, ERROR_INVALID);
	assert_int_equal(orders[2].error.kind, ERROR_NOT_FOUND);
	assert_string_equal(world_subscription(world, old)->filter, "#new");
	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world,
	    subscription_list(world, db, bo, false, &all, &n, &world->err));
	desk_reader_done(world->desk, db);
	assert_int_equal(n, 3);
	assert_string_equal(all[1].name, "db");
	assert_int_equal(world_number_of(world, &past_size,
			     world_number_of(world, &open_stretch, all[1].id)),
	    1);
	assert_string_equal(all[2].filter, "#b");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_filter_is_kept_in_canonical_form_with_her_handle),
		TEST(a_wrong_filter_or_name_says_where),
		TEST(a_name_is_hers_once),
		TEST(equal_filters_are_stored_once),
		TEST(nobody_changes_anothers_subscriptions),
		TEST(an_edit_of_the_filter_ends_a_stretch_and_begins_one),
		TEST(a_removed_one_ends_and_stays_readable),
		TEST(
		    the_past_has_the_newest_50_in_order_and_20_open_ones_personal),
		TEST(nothing_is_lost_or_doubled_while_incidents_come_in),
		TEST(many_go_in_at_once_and_a_bad_one_stays_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
