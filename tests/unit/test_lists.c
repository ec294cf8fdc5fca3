/* SPDX-License-Identifier: ISC */
#include "desk/lists.h"

/* Lists in memory and in chunks, held against lists that are kept whole. */

#include "base/mem.h"
#include "desk/chunks.h"
#include "desk/inside.h"
#include "desk/journal.h"
#include "desk/lists_inside.h"
#include "desk/matched.h"
#include "desk_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { FILTERS = 70, INCIDENTS = 40, MOST = 100000 };

/* What ought to be: filters and incidents are numbered from 1. */
struct model {
	struct world *world;
	int64_t *lists[FILTERS + 1];
	size_t n[FILTERS + 1];
	bool had[INCIDENTS + 1][FILTERS + 1]; /* matched earlier */
	uint32_t random;
};

static uint32_t
pick(struct model *model, uint32_t below)
{
	model->random = model->random * 1664525 + 1013904223;
	return (model->random >> 8) % below;
}

static const struct db_statement add_filter = {
	"test: add a filter",
	"INSERT INTO filter (id, text) VALUES (?, ?)",
};

static struct model *
model_of(struct world *world, uint32_t seed)
{
	struct model *model = mem_new(world, struct model);

	model->world = world;
	model->random = seed;
	for (int i = 1; i <= FILTERS; i++)
		world_change(world, &add_filter,
		    DB_VALUES(
			db_int(i), db_text(mem_printf(model, "#tag%d", i))));
	return model;
}

struct made {
	struct event event;
	int64_t filters[FILTERS];
	size_t n;
};

static bool
made_job(struct db *db, void *arg, struct error *err)
{
	struct made *made = arg;

	return journal_add(db, &made->event, NULL, err) &&
	    (made->n == 0 ||
		matched_add(db, made->event.incident, made->event.seq,
		    made->filters, made->n, err));
}

/* Writes it, and notes what ought to be in the lists now. */
static void
happens(struct model *model, struct made *made, bool notice)
{
	int64_t incident = made->event.incident;
	bool here[FILTERS + 1] = { false };

	for (size_t i = 0; i < made->n; i++)
		here[made->filters[i]] = true;
	OK(model->world,
	    desk_write(model->world->desk, made_job, made, &model->world->err));
	for (int i = 1; i <= FILTERS; i++) {
		if (here[i] || (notice && model->had[incident][i]))
			*mem_push(model, &model->lists[i],
			    &model->n[i]) = made->event.seq;
		model->had[incident][i] |= here[i];
	}
}

/* The low filters match often, the high ones hardly ever. */
static void
something_happens(struct model *model)
{
	static const struct {
		enum journal_kind kind;
		enum desk_raise raise;
		bool notice;
	} kinds[] = {
		{ JOURNAL_REPORT, RAISE_REPORTED, false },
		{ JOURNAL_EDIT, RAISE_MATCHED, false },
		{ JOURNAL_NOTE, RAISE_NONE, false },
		{ JOURNAL_FIX, RAISE_NONE, true },
		{ JOURNAL_LEAVE, RAISE_WANTED, true },
	};
	size_t kind = pick(model, sizeof kinds / sizeof *kinds);
	int64_t incident = 1 + pick(model, INCIDENTS);
	struct made made = {
		.event = { .kind = kinds[kind].kind,
		    .raise = kinds[kind].raise,
		    .incident = incident },
	};

	for (int i = 1; i <= FILTERS; i++)
		if (kinds[kind].kind != JOURNAL_NOTE &&
		    pick(model, (uint32_t)i + 1) == 0)
			made.filters[made.n++] = i;
	happens(model, &made, kinds[kind].notice);
}

/* One incident that all filters match, and then many notices of it. */
static void
all_are_noticed(struct model *model)
{
	struct made made = {
		.event = { .kind = JOURNAL_REPORT,
		    .raise = RAISE_REPORTED,
		    .incident = 1 },
	};

	for (int i = 1; i <= FILTERS; i++)
		made.filters[made.n++] = i;
	happens(model, &made, false);
	for (int i = 0; i < 20; i++) {
		struct made notice = {
			.event = { .kind = JOURNAL_FIX, .incident = 1 },
		};

		happens(model, &notice, true);
	}
}

/* A whole list as it is read, in pages of that size, down from `before`. */
static size_t
read_list(struct model *model, struct db *db, int64_t filter, int64_t before,
    size_t page, int64_t *ret)
{
	struct world *world = model->world;
	size_t n = 0, more;

	do {
		OK(world,
		    lists_of_filter(world->desk->lists, db, filter, before,
			ret + n, page, &more, &world->err));
		n += more;
		assert_true(n < MOST);
		before = n > 0 ? ret[n - 1] : before;
	} while (more == page);
	return n;
}

/* All lists are right, as db sees them: not after last. */
static void
lists_are_right(struct model *model, struct db *db, int64_t last)
{
	int64_t *found = mem_array(NULL, int64_t, MOST);

	for (int i = 1; i <= FILTERS; i++) {
		int64_t before = pick(model, 2) == 0
		    ? 0
		    : 1 + pick(model, (uint32_t)last + 10);
		size_t n = read_list(
		    model, db, i, before, 1 + pick(model, 200), found);
		size_t at = 0, wanted = model->n[i];

		while (at < n && found[at] > last)
			at++;
		while (wanted > 0 &&
		    (model->lists[i][wanted - 1] > last ||
			(before != 0 && model->lists[i][wanted - 1] >= before)))
			wanted--;
		assert_int_equal(n - at, wanted);
		while (wanted > 0)
			assert_int_equal(
			    found[at++], model->lists[i][--wanted]);
	}
	talloc_free(found);
}

static void
all_is_right(struct model *model)
{
	struct world *world = model->world;
	char *damage = NULL;
	struct db *db;
	int64_t last;

	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world, journal_last(db, &last, &world->err));
	lists_are_right(model, db, last);
	OK(world, chunks_check(world, db, &damage, &world->err));
	assert_null(damage);
	desk_reader_done(world->desk, db);
}

static void
flush(struct model *model)
{
	OK(model->world,
	    lists_follow(model->world->desk, true, &model->world->err));
}

static void
whatever_is_written_and_forgotten_the_lists_are_whole(void **state)
{
	struct model *model = model_of(*state, 1);

	for (int i = 0; i < 1000; i++) {
		something_happens(model);
		if (pick(model, 40) == 0)
			flush(model);
		if (pick(model, 300) == 0)
			world_restart(*state);
		if (pick(model, 200) == 0)
			all_is_right(model);
	}
	all_is_right(model);
}

static void
where_there_is_little_room_they_are_too(void **state)
{
	whatever_is_written_and_forgotten_the_lists_are_whole(state);
}

static void
an_older_view_misses_nothing_that_memory_forgot_since(void **state)
{
	struct world *world = *state;
	struct model *model = model_of(world, 2);

	for (int round = 0; round < 20; round++) {
		int64_t last;
		struct db *db;

		for (uint32_t i = pick(model, 60); i > 0; i--)
			something_happens(model);
		OK(world, desk_reader(world->desk, &db, &world->err));
		OK(world, journal_last(db, &last, &world->err));
		for (uint32_t i = pick(model, 60); i > 0; i--) {
			something_happens(model);
			if (pick(model, 10) == 0)
				flush(model);
		}
		flush(model);
		lists_are_right(model, db, last);
		desk_reader_done(world->desk, db);
	}
}

static void
an_older_view_misses_nothing_in_little_room_either(void **state)
{
	an_older_view_misses_nothing_that_memory_forgot_since(state);
}

static const struct db_statement count_chunks = {
	"test: count chunks",
	"SELECT count(*) FROM chunk",
};

static void
a_batch_that_breaks_off_repeats_and_loses_nothing(void **state)
{
	struct world *world = *state;
	struct model *model = model_of(world, 3);
	int64_t place;

	for (int i = 0; i < 300; i++)
		something_happens(model);
	world->desk->ending = true; /* after one job of many */
	OK(world, chunks_follow(world->desk, &place, &world->err));
	assert_int_equal(place, 0);
	assert_true(world_number(world, &count_chunks, DB_NO_VALUES) > 0);
	for (int i = 0; i < 300; i++)
		something_happens(model);
	all_is_right(model);
	world_restart(world);
	all_is_right(model);
	OK(world, chunks_follow(world->desk, &place, &world->err));
	assert_int_equal(place, 600);
	all_is_right(model);
	world_restart(world);
	all_is_right(model);
}

static void
what_a_few_events_matched_is_written_though_more_go_on(void **state)
{
	struct world *world = *state;
	struct model *model = model_of(world, 5);

	for (int i = 0; i < 100; i++)
		something_happens(model);
	OK(world, lists_follow(world->desk, false, &world->err));
	assert_true(world->desk->lists->written > 0);
	assert_true(world_number(world, &count_chunks, DB_NO_VALUES) > 0);
	all_is_right(model);
}

static void
memory_is_within_its_bound(const struct world *world)
{
	struct lists *lists = world->desk->lists;
	size_t n = 0;

	pthread_rwlock_rdlock(&lists->lock);
	for (size_t i = 0; i < lists->n_filters; i++)
		n += lists->filters[i].seqs.n;
	pthread_rwlock_unlock(&lists->lock);
	assert_true(n <= FILTERS * lists_bounds.keep + lists_bounds.spare_most);
}

static void
memory_forgets_what_is_not_written_and_the_lists_are_whole(void **state)
{
	struct world *world = *state;
	struct model *model = model_of(world, 6);

	world->desk->ending = true; /* so the clerk writes nothing */
	for (int i = 0; i < 200; i++) {
		something_happens(model);
		memory_is_within_its_bound(world);
	}
	assert_int_equal(world->desk->lists->written, 0);
	all_is_right(model);
	world_restart(world);
	memory_is_within_its_bound(world);
	all_is_right(model);
	OK(world, lists_follow(world->desk, false, &world->err));
	assert_true(world->desk->lists->written > 0);
	all_is_right(model);
}

static void
a_batch_has_no_more_entries_than_it_may(void **state)
{
	struct world *world = *state;
	struct model *model = model_of(world, 7);
	size_t wanted = 0, found = 0;
	int64_t at = 0, last;
	struct db *db;

	all_are_noticed(model);
	for (int i = 0; i < 200; i++)
		something_happens(model);
	for (int i = 1; i <= FILTERS; i++)
		wanted += model->n[i];
	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world, journal_last(db, &last, &world->err));
	while (at < last) {
		struct entries entries;

		OK(world,
		    chunks_gather(world, db, at, last, &entries, &world->err));
		assert_true(entries.upto > at);
		assert_true(entries.n <= 2 * (chunks_bounds.entries + FILTERS));
		found += entries.n;
		at = entries.upto;
	}
	desk_reader_done(world->desk, db);
	assert_int_equal(found, wanted);
}

/* What a command wrote is in chunks, but for what makes no batch. */
static void
to_catch_up_writes_all_full_batches(void **state)
{
	struct world *world = *state;
	struct model *model = model_of(world, 8);
	int64_t place = 0, last;
	struct entries rest;
	struct db *db;

	for (int i = 0; i < 200; i++)
		something_happens(model);
	OK(world, chunks_catch_up(world->desk, &world->err));
	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world, journal_last(db, &last, &world->err));
	OK(world, chunks_place(db, &place, &world->err));
	OK(world, chunks_gather(world, db, place, last, &rest, &world->err));
	desk_reader_done(world->desk, db);
	assert_true(place > 0);
	assert_int_equal(rest.upto, last);
	assert_true(rest.n < 2 * (chunks_bounds.entries + FILTERS));
	all_is_right(model);
}

static const struct db_statement spoil[] = {
	{ "test: empty a chunk",
	    "UPDATE chunk SET data = x'' WHERE key IN"
	    " (SELECT min(key) FROM chunk)" },
	{ "test: change a number",
	    "UPDATE chunk SET data = CAST(x'7f' || substr(data, 2) AS BLOB) "
	    "WHERE key IN"
	    " (SELECT max(key) FROM chunk WHERE n > 2)" },
	{ "test: remove a chunk",
	    "DELETE FROM chunk WHERE key IN"
	    " (SELECT min(key) FROM chunk)" },
	{ "test: another key",
	    "UPDATE chunk SET key = key + 1 WHERE key IN"
	    " (SELECT min(key) FROM chunk)" },
	{ "test: all", "DELETE FROM chunk" },
};

static void
damage_is_seen_and_repaired(void **state)
{
	struct world *world = *state;
	struct model *model = model_of(world, 4);

	for (int i = 0; i < 400; i++)
		something_happens(model);
	flush(model);
	all_is_right(model);
	for (size_t i = 0; i < sizeof spoil / sizeof *spoil; i++) {
		char *damage = NULL;
		struct db *db;

		something_happens(model);
		world_change(world, &spoil[i], DB_NO_VALUES);
		OK(world, desk_reader(world->desk, &db, &world->err));
		OK(world, chunks_check(world, db, &damage, &world->err));
		desk_reader_done(world->desk, db);
		assert_non_null(damage);
		OK(world, chunks_repair(world->desk, &world->err));
		world_restart(world);
		all_is_right(model);
	}
}

static int
setup(void **state)
{
	lists_bounds = (struct lists_bounds){ 5, 32768, 1 << 21, 1 << 23 };
	chunks_bounds = (struct chunks_bounds){ 32768, 1 << 21 };
	return world_setup(state);
}

/* One event of this model makes up to FILTERS entries. */
static int
setup_batches(void **state)
{
	lists_bounds = (struct lists_bounds){ 5, 32768, 1 << 21, 1 << 23 };
	chunks_bounds = (struct chunks_bounds){ 32768, 100 };
	return world_setup(state);
}

static int
setup_pressed(void **state)
{
	lists_bounds = (struct lists_bounds){ 5, 32768, 200, 500 };
	chunks_bounds = (struct chunks_bounds){ 32768, 100 };
	return world_setup(state);
}

/* Nothing is written before memory has forgotten some. */
static int
setup_forgetting(void **state)
{
	lists_bounds = (struct lists_bounds){ 5, 32768, SIZE_MAX, 500 };
	chunks_bounds = (struct chunks_bounds){ 32768, 100 };
	return world_setup(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)
#define BATCHES(name) \
	cmocka_unit_test_setup_teardown(name, setup_batches, world_teardown)
#define PRESSED(name) \
	cmocka_unit_test_setup_teardown(name, setup_pressed, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whatever_is_written_and_forgotten_the_lists_are_whole),
		PRESSED(where_there_is_little_room_they_are_too),
		TEST(an_older_view_misses_nothing_that_memory_forgot_since),
		PRESSED(an_older_view_misses_nothing_in_little_room_either),
		TEST(a_batch_that_breaks_off_repeats_and_loses_nothing),
		PRESSED(what_a_few_events_matched_is_written_though_more_go_on),
		cmocka_unit_test_setup_teardown(
		    memory_forgets_what_is_not_written_and_the_lists_are_whole,
		    setup_forgetting, world_teardown),
		BATCHES(a_batch_has_no_more_entries_than_it_may),
		BATCHES(to_catch_up_writes_all_full_batches),
		TEST(damage_is_seen_and_repaired),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
