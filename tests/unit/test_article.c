/* SPDX-License-Identifier: ISC */
#include "desk/article.h"

#include "base/clock.h"
#include "base/mem.h"
#include "desk/inside.h"
#include "desk/steps.h"
#include "desk_world.h"
#include "filter/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct shelf {
	struct world *world;
	struct actor ana, reader;
};

static int
begin(void **state)
{
	struct shelf *shelf = mem_new(NULL, struct shelf);
	void *world;

	if (world_setup(&world) != 0)
		return -1;
	shelf->world = world;
	(void)world_person(world, "ana", NULL);
	shelf->ana = person_actor(world, "ana", SCOPE_WRITE);
	shelf->reader = (struct actor){
		.source = "web",
		.address = "192.0.2.1",
	};
	*state = shelf;
	return 0;
}

static int
end(void **state)
{
	struct shelf *shelf = *state;
	void *world = shelf->world;

	talloc_free(shelf);
	return world_teardown(&world);
}

static struct article *
look(struct shelf *shelf, int64_t number)
{
	struct article *article;
	struct db *db;

	OK(shelf->world,
	    desk_reader(shelf->world->desk, &db, &shelf->world->err));
	OK(shelf->world,
	    article_read(shelf, db, number, &article, &shelf->world->err));
	desk_reader_done(shelf->world->desk, db);
	return article;
}

static int64_t
count(struct shelf *shelf, const struct db_statement *statement, int64_t of)
{
	return world_number_of(shelf->world, statement, of);
}

static const struct db_statement revisions = { "revisions",
	"SELECT count(*) FROM article_revision WHERE article = ?" };
static const struct db_statement facts = { "facts of an article",
	"SELECT count(*) FROM journal WHERE article = ?" };
static const struct db_statement published = { "published",
	"SELECT count(*) FROM journal WHERE article = ?"
	" AND kind IN ('publish', 'unpublish')" };

static int64_t
add(struct shelf *shelf, const char *title, const char *audience)
{
	const struct article_parts parts = {
		.title = title,
		.resolution = "Restart it.",
		.audience = audience,
	};
	int64_t number;

	OK(shelf->world,
	    desk_article(shelf->world->desk, &shelf->ana, &parts, &number,
		&shelf->world->err));
	return number;
}

/* --- what is published without having been shown */

static void
what_was_not_shown_is_redacted(void **state)
{
	static const struct {
		const char *text, *name, *redacted;
	} cases[] = {
		/* mail */
		{ "Write to bo.li+x@mail.example.org.", NULL,
		    "Write to [removed]." },
		{ "<bo@example.org>,", NULL, "<[removed]>," },
		{ "mailto:bo@b\303\274cher.example", NULL, "mailto:[removed]" },
		{ "bo@example.org.", NULL, "[removed]." },
		{ "Object@1a2b3c4d root@localhost @home a@b.1", NULL,
		    "Object@1a2b3c4d root@localhost @home a@b.1" },
		/* telephone */
		{ "Call +49 30 1234567 now", NULL, "Call [removed] now" },
		{ "tel:+15551234567", NULL, "tel:[removed]" },
		{ "(030) 123 45-67.", NULL, "[removed]." },
		{ "0171/2345678", NULL, "[removed]" },
		{ "01712345678", NULL, "[removed]" },
		{ "555-123-4567 or 555.123.4567", NULL,
		    "[removed] or [removed]" },
		{ "1 (555) 123 4567", NULL, "[removed]" },
		{ "5551234567", NULL, "[removed]" },
		{ "port 5432 555-123-4567", NULL, "port 5432 [removed]" },
		{ "01 23 45 67 89", NULL, "[removed]" },
		/* what only looks a little like it */
		{ "2026-11-25 01:26:40 and 05.11.2026", NULL,
		    "2026-11-25 01:26:40 and 05.11.2026" },
		{ "10.20.30.40:5432 1.2.3 0.1234567 ORA-00600", NULL,
		    "10.20.30.40:5432 1.2.3 0.1234567 ORA-00600" },
		{ "550e8400-e29b-41d4-a716-446655440000", NULL,
		    "550e8400-e29b-41d4-a716-446655440000" },
		{ "at 1700000000, 12345 rows, 0x0012345678", NULL,
		    "at 1700000000, 12345 rows, 0x0012345678" },
		/* the name */
		{ "Dora Quill cannot print; DORA waits, quills do not.",
		    "Dora Quill",
		    "[removed] cannot print; [removed] waits,"
		    " quills do not." },
		{ "user dora_2 of Quill", "Dora Quill",
		    "user [removed]_2 of [removed]" },
		{ "Bo Li called, bo is a word, Li too", "Bo Li",
		    "[removed] called, bo is a word, Li too" },
		{ "Li.", "Li", "[removed]." },
		{ "Ren\303\251e and Rene\314\201e", "REN\303\211E",
		    "[removed] and [removed]" },
		{ "\345\261\261\347\224\260\345\244\252\351\203\216"
		  "\346\247\230\343\201\256",
		    "\345\261\261\347\224\260 \345\244\252\351\203\216",
		    "[removed]\346\247\230\343\201\256" },
		{ "\345\261\261Ana\345\261\261", "Ana",
		    "\345\261\261[removed]\345\261\261" },
		{ "banana", "Ana", "banana" },
		{ "", "Ana", "" },
		{ "nothing", "", "nothing" },
		{ "all of it: dora@quill.example, Dora, 555-123-4567",
		    "Dora Quill",
		    "all of it: [removed], [removed], [removed]" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *redacted = article_redacted(
		    *state, cases[i].text, cases[i].name);

		assert_string_equal(redacted, cases[i].redacted);
	}
}

static void
redacting_takes_time_in_proportion_to_the_text(void **state)
{
	static const char *const repeated[] = { "a", "a.", "'", "0", "+", "(",
		"0 ", "a@", "-", "Dora ", "Dora", "\345\261\261" };
	const size_t room = 64 * 1024;
	char *text = mem_array(*state, char, room + 1);

	for (size_t i = 0; i < sizeof repeated / sizeof *repeated; i++) {
		size_t length = strlen(repeated[i]), n = 0;
		int64_t before = clock_thread_cpu();

		for (; n + length <= room; n += length)
			memcpy(text + n, repeated[i], length);
		text[n] = '\0';
		(void)article_redacted(*state, text, "Dora Quill");
		if (clock_thread_cpu() - before > 2 * SECOND)
			fail_msg("too long for \"%s\"", repeated[i]);
	}
}

static void
a_fix_that_is_published_is_redacted_where_it_was_not_shown(void **state)
{
	struct shelf *s = *state;
	static const char *const tags[] = { "quill", "pool" };
	const struct report report = {
		.title = "Quill: pool exhausted",
		.body = "I am Dora Quill, call 555-123-4567.",
		.environment = "dora@quill.example",
		.tags = tags,
		.n_tags = 2,
		.customer_name = "Dora Quill",
	};
	const struct fix hidden = { .resolution = "Ask Dora.",
		.publish = true };
	const struct fix shown = { .resolution = "Ask Dora.",
		.title = "Quill again",
		.issue = "Dora's pool",
		.publish = true };
	struct actor by_form = s->ana;
	struct reported made;
	struct article *article;

	by_form.source = "web";
	OK(s->world,
	    desk_report(
		s->world->desk, &s->ana, &report, &made, &s->world->err));
	OK(s->world,
	    desk_fix(s->world->desk, &s->ana, made.incident, &hidden,
		&s->world->err));
	article = look(s, 1);
	assert_string_equal(article->title, "[removed]: pool exhausted");
	assert_string_equal(article->issue, "I am [removed], call [removed].");
	assert_string_equal(article->environment, "[removed]");
	assert_string_equal(article->resolution, "Ask [removed].");
	assert_int_equal(article->n_tags, 1);
	assert_string_equal(article->tags[0], "pool");

	OK(s->world,
	    desk_report(
		s->world->desk, &s->ana, &report, &made, &s->world->err));
	OK(s->world,
	    desk_fix(s->world->desk, &by_form, made.incident, &shown,
		&s->world->err));
	article = look(s, 2);
	assert_string_equal(article->title, "Quill again");
	assert_string_equal(article->issue, "Dora's pool");
	assert_string_equal(article->resolution, "Ask Dora.");
	assert_string_equal(article->environment, "[removed]");
}

static void
a_staff_article_is_redacted_when_it_is_published_later(void **state)
{
	struct shelf *s = *state;
	const struct report report = {
		.title = "Pool exhausted",
		.body = "I am Dora Quill.",
		.customer_name = "Dora Quill",
	};
	const struct fix fix = { .resolution = "Ask Dora." };
	const struct article_parts publish = {
		.resolution = "Ask the desk.",
		.audience = "public",
	};
	struct reported made;
	struct article *article;

	OK(s->world,
	    desk_report(
		s->world->desk, &s->ana, &report, &made, &s->world->err));
	OK(s->world,
	    desk_fix(
		s->world->desk, &s->ana, made.incident, &fix, &s->world->err));
	article = look(s, 1);
	assert_string_equal(article->issue, "I am Dora Quill.");
	assert_false(article_is_public(article));
	OK(s->world,
	    desk_article_edit(
		s->world->desk, &s->ana, 1, &publish, 0, &s->world->err));
	article = look(s, 1);
	assert_string_equal(article->issue, "I am [removed].");
	assert_string_equal(article->resolution, "Ask the desk.");
	assert_true(article_is_public(article));
}

/* --- by hand */

static void
a_new_article_needs_title_and_resolution(void **state)
{
	struct shelf *s = *state;
	const struct article_parts none = { 0 };
	const struct article_parts wrong = {
		.title = " ",
		.resolution = "",
		.confidence = "sure",
		.audience = "all",
	};
	int64_t number;

	FAILS(s->world, ERROR_INVALID,
	    desk_article(
		s->world->desk, &s->ana, &none, &number, &s->world->err));
	assert_int_equal(s->world->err.n_fields, 2);
	FAILS(s->world, ERROR_INVALID,
	    desk_article(
		s->world->desk, &s->ana, &wrong, &number, &s->world->err));
	assert_int_equal(s->world->err.n_fields, 4);
	FAILS(s->world, ERROR_UNAUTHORIZED,
	    desk_article(
		s->world->desk, &s->reader, &wrong, &number, &s->world->err));
}

static void
parts_make_a_revision_and_nothing_makes_none(void **state)
{
	struct shelf *s = *state;
	const struct article_parts cause = { .cause = "A leak." };
	const struct article_parts valid = { .confidence = "validated" };
	int64_t number = add(s, "Pool", NULL), before;

	OK(s->world,
	    desk_article_edit(
		s->world->desk, &s->ana, number, &cause, 0, &s->world->err));
	assert_int_equal(count(s, &revisions, number), 2);
	OK(s->world,
	    desk_article_edit(
		s->world->desk, &s->ana, number, &cause, 0, &s->world->err));
	assert_int_equal(count(s, &revisions, number), 2);
	assert_int_equal(count(s, &facts, number), 2);
	before = look(s, number)->changed;
	OK(s->world,
	    desk_article_edit(s->world->desk, &s->ana, number, &valid, before,
		&s->world->err));
	assert_int_equal(count(s, &revisions, number), 2);
	assert_int_equal(look(s, number)->confidence, CONFIDENCE_VALIDATED);
	assert_string_equal(look(s, number)->resolution, "Restart it.");
	FAILS(s->world, ERROR_PRECONDITION,
	    desk_article_edit(s->world->desk, &s->ana, number, &cause, before,
		&s->world->err));
}

static void
publishing_is_a_fact_of_its_own_and_its_time_stays(void **state)
{
	struct shelf *s = *state;
	const struct article_parts public = { .audience = "public" };
	const struct article_parts staff = { .audience = "staff" };
	int64_t number = add(s, "Pool", "public"), first;

	first = look(s, number)->published;
	assert_true(first != 0);
	OK(s->world,
	    desk_article_edit(
		s->world->desk, &s->ana, number, &staff, 0, &s->world->err));
	assert_false(article_is_public(look(s, number)));
	OK(s->world,
	    desk_article_edit(
		s->world->desk, &s->ana, number, &public, 0, &s->world->err));
	assert_int_equal(look(s, number)->published, first);
	assert_int_equal(count(s, &published, number), 3);
	assert_int_equal(count(s, &revisions, number), 1);
}

static void
a_withdrawn_article_is_archived_and_gone(void **state)
{
	struct shelf *s = *state;
	const struct article_parts public = { .audience = "public" };
	int64_t number = add(s, "Pool", "public");

	OK(s->world,
	    desk_article_withdraw(
		s->world->desk, &s->ana, number, 0, &s->world->err));
	assert_true(look(s, number)->withdrawn);
	assert_int_equal(look(s, number)->confidence, CONFIDENCE_ARCHIVED);
	assert_int_equal(look(s, number)->audience, AUDIENCE_STAFF);
	FAILS(s->world, ERROR_GONE,
	    desk_article_withdraw(
		s->world->desk, &s->ana, number, 0, &s->world->err));
	FAILS(s->world, ERROR_GONE,
	    desk_article_edit(
		s->world->desk, &s->ana, number, &public, 0, &s->world->err));
	FAILS(s->world, ERROR_NOT_FOUND,
	    desk_helped(s->world->desk, &s->reader, number, &s->world->err));
}

static void
it_helped_once_a_day_an_address(void **state)
{
	struct shelf *s = *state;
	struct actor other = s->reader;
	int64_t number = add(s, "Pool", "public"), now = clock_now();

	OK(s->world,
	    desk_helped(s->world->desk, &s->reader, number, &s->world->err));
	OK(s->world,
	    desk_helped(s->world->desk, &s->reader, number, &s->world->err));
	assert_int_equal(look(s, number)->reuse, 1);
	other.address = "192.0.2.2";
	OK(s->world,
	    desk_helped(s->world->desk, &other, number, &s->world->err));
	assert_int_equal(look(s, number)->reuse, 2);
	assert_int_equal(look(s, number)->confidence, CONFIDENCE_UNVALIDATED);
	clock_set(now + DAY);
	OK(s->world,
	    desk_helped(s->world->desk, &s->reader, number, &s->world->err));
	assert_int_equal(look(s, number)->reuse, 3);
	assert_int_equal(look(s, number)->confidence, CONFIDENCE_VALIDATED);
	FAILS(s->world, ERROR_NOT_FOUND,
	    desk_helped(s->world->desk, &s->reader, add(s, "In", "staff"),
		&s->world->err));
}

/* --- lists */

static struct article_list
list(struct shelf *shelf, const struct article_query *query)
{
	struct article_list found;
	struct db *db;

	OK(shelf->world,
	    desk_reader(shelf->world->desk, &db, &shelf->world->err));
	OK(shelf->world,
	    article_list(shelf, db, query, &found, &shelf->world->err));
	desk_reader_done(shelf->world->desk, db);
	return found;
}

static void
a_list_is_newest_first_and_goes_on_where_it_stopped(void **state)
{
	struct shelf *s = *state;
	struct article_query query = { .public_only = true, .limit = 2 };
	struct article_list found;

	for (int i = 0; i < 3; i++) {
		(void)add(s, "Open to all", "public");
		(void)add(s, "Among us", "staff");
	}
	found = list(s, &query);
	assert_int_equal(found.n, 2);
	assert_int_equal(found.articles[0]->number, 5);
	assert_int_equal(found.articles[1]->number, 3);
	query.before = found.next;
	found = list(s, &query);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.articles[0]->number, 1);
	assert_int_equal(found.next, 0);

	query = (struct article_query){ .limit = 6 };
	found = list(s, &query);
	assert_int_equal(found.n, 6);
	assert_int_equal(found.articles[0]->number, 6);
	assert_int_equal(found.next, 0);
}

static void
a_list_has_what_its_filter_matches(void **state)
{
	struct shelf *s = *state;
	const struct filter_context context = { .articles = true };
	struct article_query query = { .limit = 10 };
	struct filter *filter;
	struct article_list found;

	(void)add(s, "Pool exhausted", NULL);
	(void)add(s, "Paper jam", NULL);
	OK(s->world,
	    filter_parse(
		s, "title:pool restart", &context, &filter, &s->world->err));
	query.filter = filter;
	found = list(s, &query);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.articles[0]->number, 1);
}

static void
a_slug_is_letters_and_digits_of_the_title(void **state)
{
	static const struct {
		const char *title, *slug;
	} cases[] = {
		{ "Pool exhausted (v2)!", "pool-exhausted-v2" },
		{ "  \303\204pfel & Birnen ", "pfel-birnen" },
		{ "\345\261\261", "article" },
		{ "", "article" },
		{ "aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee "
		  "ffff g",
		    "aaaaaaaaaa-bbbbbbbbbb-cccccccccc-dddddddddd-eeeeeeeeee-"
		    "ffff" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct article article = {
			.title = mem_copy(*state, cases[i].title),
		};

		assert_string_equal(
		    article_slug(*state, &article), cases[i].slug);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_not_shown_is_redacted),
		TEST(redacting_takes_time_in_proportion_to_the_text),
		TEST(
		    a_fix_that_is_published_is_redacted_where_it_was_not_shown),
		TEST(a_staff_article_is_redacted_when_it_is_published_later),
		TEST(a_new_article_needs_title_and_resolution),
		TEST(parts_make_a_revision_and_nothing_makes_none),
		TEST(publishing_is_a_fact_of_its_own_and_its_time_stays),
		TEST(a_withdrawn_article_is_archived_and_gone),
		TEST(it_helped_once_a_day_an_address),
		TEST(a_list_is_newest_first_and_goes_on_where_it_stopped),
		TEST(a_list_has_what_its_filter_matches),
		TEST(a_slug_is_letters_and_digits_of_the_title),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
