/* SPDX-License-Identifier: ISC */
#include "desk/search.h"

#include "base/clock.h"
#include "base/mem.h"
#include "desk/inside.h"
#include "desk/told.h"
#include "desk_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* What is found in the knowledge base: by a search, beside an article, at all.
 */

static int64_t
publish(struct world *world, const char *title, const char *tag)
{
	const char *const tags[] = { tag };
	const struct article_parts parts = {
		.title = title,
		.resolution = "Restart it.",
		.audience = "public",
		.has_tags = true,
		.tags = tags,
		.n_tags = tag == NULL ? 0 : 1,
	};
	struct actor ana = person_actor(world, "ana", SCOPE_WRITE);
	int64_t number;

	OK(world,
	    desk_article(world->desk, &ana, &parts, &number, &world->err));
	return number;
}

static int
begin(void **state)
{
	if (world_setup(state) != 0)
		return -1;
	(void)world_person(*state, "ana", NULL);
	return 0;
}

/* All that is there, in the full text. */
static void
index_all(struct world *world)
{
	OK(world, search_follow(world->desk, false, &world->err));
}

static void
finds(struct world *world, const char *words, int64_t first, size_t all)
{
	int64_t *numbers;
	size_t n;

	OK(world,
	    search_articles(world, world->desk, words, true, 50, &numbers, &n,
		&world->err));
	assert_int_equal(n, all);
	if (all > 0)
		assert_int_equal(numbers[0], first);
}

static void
a_search_finds_words_by_how_they_begin(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < 8; i++)
		(void)publish(world, "Something else", NULL);
	(void)publish(world, "Portal", NULL);
	(void)publish(world, "Port", NULL);
	(void)publish(world, "Portals closed", NULL);
	index_all(world);
	finds(world, "port", 10, 3);
	finds(world, "portals", 11, 2);
	finds(world, "po", 0, 0);
	finds(world, "ortal", 0, 0);
	finds(world, "\"port\" (*", 10, 3);
	finds(world, "", 0, 0);
}

static void
where_none_has_all_words_one_of_the_rarest_counts(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < 8; i++)
		(void)publish(world, "The printer", NULL);
	(void)publish(world, "A zebra", NULL);
	index_all(world);
	finds(world, "zebra nowhere", 9, 1);
	finds(world, "nothing nowhere", 0, 0);
}

static struct article_list
related(struct world *world, int64_t number)
{
	struct article_list found;
	struct article *article;
	struct db *db;

	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world, article_read(world, db, number, &article, &world->err));
	OK(world,
	    search_related(
		world, world->desk, db, article, &found, &world->err));
	desk_reader_done(world->desk, db);
	return found;
}

static void
related_articles_share_words_of_the_title_and_tags(void **state)
{
	struct world *world = *state;
	struct article_list found;

	(void)publish(world, "Deadlock in checkout", "mysql");
	(void)publish(world, "Slow queries", "mysql");
	(void)publish(world, "Deadlock in the import", "mysql");
	(void)publish(world, "Printer on fire", "office");
	(void)publish(world, "Checkout closed", "shop");
	index_all(world);
	found = related(world, 1);
	assert_int_equal(found.n, 2);
	assert_int_equal(found.articles[0]->number, 3);
	assert_int_equal(found.articles[1]->number, 5);
	assert_int_equal(related(world, 4).n, 0);
}

static void
no_more_are_related_than_are_shown(void **state)
{
	struct world *world = *state;
	struct article_list found;

	for (size_t i = 0; i < 2 * RELATED_MAX; i++)
		(void)publish(world, "Deadlock in checkout", "mysql");
	index_all(world);
	found = related(world, 3);
	assert_int_equal(found.n, RELATED_MAX);
	for (size_t i = 0; i < found.n; i++)
		assert_int_not_equal(found.articles[i]->number, 3);
}

static const struct db_statement copy_far = {
	"an article as the last of many",
	"INSERT INTO article (id, title, issue, environment, resolution, cause,"
	" tags, confidence, audience, created, updated, published, changed)"
	" SELECT ?, 'Far away', issue, environment, resolution, cause,"
	" tags, confidence, audience, created, updated + ?, published, changed"
	" FROM article",
};

static void
all_public_articles_are_told_of_in_parts(void **state)
{
	int64_t far = 3 * TOLD_PART;
	struct world *world = *state;
	struct told_part *parts;
	struct told *told;
	struct db *db;
	size_t n;

	(void)publish(world, "Here", NULL);
	world_change(world, &copy_far, DB_VALUES(db_int(far), db_int(SECOND)));
	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world, told_parts(world, db, &parts, &n, &world->err));
	assert_int_equal(n, 2);
	assert_int_equal(parts[0].number, 0);
	assert_int_equal(parts[1].number, 3);
	assert_int_equal(parts[1].updated, parts[0].updated + SECOND);
	OK(world, told_articles(world, db, 3, &told, &n, &world->err));
	assert_int_equal(n, 1);
	assert_int_equal(told->number, far);
	assert_string_equal(told->title, "Far away");
	assert_int_equal(told->updated, parts[1].updated);
	OK(world, told_articles(world, db, 2, &told, &n, &world->err));
	assert_int_equal(n, 0);
	desk_reader_done(world->desk, db);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_search_finds_words_by_how_they_begin),
		TEST(where_none_has_all_words_one_of_the_rarest_counts),
		TEST(related_articles_share_words_of_the_title_and_tags),
		TEST(no_more_are_related_than_are_shown),
		TEST(all_public_articles_are_told_of_in_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
