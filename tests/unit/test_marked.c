/* SPDX-License-Identifier: ISC */
#include "view/marked.h"

#include "rounds.h"

#include "base/escape.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *
marked(void *owner, const char *text, const char *search)
{
	struct buf *out = buf_new(owner);
	struct search_terms terms;

	search_terms_of(owner, search, &terms);
	buf_marked(out, text, &terms);
	return out->text;
}

static void
are_marked(const char *const (*examples)[3], size_t n)
{
	void *root = mem_root("test");

	for (size_t i = 0; i < n; i++)
		assert_string_equal(
		    marked(root, examples[i][0], examples[i][1]),
		    examples[i][2]);
	talloc_free(root);
}

static void
words_that_were_looked_for_are_marked(void **state)
{
	static const char *const examples[][3] = {
		{ "Pool exhausted", "pool", "<mark>Pool</mark> exhausted" },
		{ "a pool, POOL!", "pool",
		    "a <mark>pool</mark>, <mark>POOL</mark>!" },
		{ "whirlpool", "pool", "whirlpool" },
		{ "nothing here", "", "nothing here" },
		{ "", "pool", "" },
	};

	(void)state;
	are_marked(examples, sizeof examples / sizeof *examples);
}

static void
what_begins_as_they_do_is_marked_whole(void **state)
{
	static const char *const examples[][3] = {
		{ "two deadlocks", "deadlock", "two <mark>deadlocks</mark>" },
		{ "a deadlock", "deadlocks", "a <mark>deadlock</mark>" },
		{ "it failed", "failing", "it <mark>failed</mark>" },
		{ "prints", "pr", "prints" },
		{ "pr 7", "pr", "<mark>pr</mark> 7" },
		{ "accessories", "access", "<mark>accessories</mark>" },
		{ "accepted", "access", "accepted" },
	};

	(void)state;
	are_marked(examples, sizeof examples / sizeof *examples);
}

static void
marks_on_letters_do_not_matter(void **state)
{
	static const char *const examples[][3] = {
		{ "M\u00fcllers Caf\u00e9", "muller cafe",
		    "<mark>M\u00fcllers</mark> <mark>Caf\u00e9</mark>" },
		{ "Muller", "M\u00dcLLER", "<mark>Muller</mark>" },
		{ "u\u0308ber", "\u00fcber", "<mark>u\u0308ber</mark>" },
		{ "\u63a5\u7d9a\u5931\u6557", "\u63a5\u7d9a",
		    "<mark>\u63a5\u7d9a\u5931\u6557</mark>" },
	};

	(void)state;
	are_marked(examples, sizeof examples / sizeof *examples);
}

static void
what_is_marked_stays_text(void **state)
{
	static const char *const examples[][3] = {
		{ "<mark>pool</mark>", "pool",
		    "&lt;mark&gt;<mark>pool</mark>&lt;/mark&gt;" },
		{ "a&b \"pool'", "b", "a&amp;<mark>b</mark> &quot;pool&#39;" },
		{ "<script>", "script", "&lt;<mark>script</mark>&gt;" },
	};

	(void)state;
	are_marked(examples, sizeof examples / sizeof *examples);
}

/* Without its marks: each begins and ends, none stands in another. */
static char *
unmarked(void *owner, const char *html)
{
	static const char *const tags[] = { "<mark>", "</mark>" };
	struct buf *out = buf_new(owner);
	size_t next = 0;

	while (*html != '\0')
		if (strncmp(html, tags[next], strlen(tags[next])) == 0) {
			html += strlen(tags[next]);
			next = 1 - next;
		} else
			buf_char(out, *html++);
	assert_int_equal(next, 0);
	return out->text;
}

static void
but_for_the_marks_any_text_is_as_it_would_be(void **state)
{
	static const char *const pieces[] = { "pool", "Pool", "exhausted", "<",
		"mark>", "</mark>", "&amp;", "\"", "'", " ", "\n", "\u00fc",
		"\u0301", "\u63a5\u7d9a", "\001", "e", "s", "-", "_" };
	enum { PIECES = sizeof pieces / sizeof *pieces };

	(void)state;
	for (int i = 0; i < rounds(2000); i++) {
		void *root = mem_root("test");
		struct buf *text = buf_new(root), *search = buf_new(root);
		struct buf *plain = buf_new(root);

		for (int n = rand() % 20; n > 0; n--)
			buf_text(text, pieces[rand() % PIECES]);
		for (int n = rand() % 4; n > 0; n--)
			buf_printf(search, "%s ", pieces[rand() % PIECES]);
		buf_html(plain, text->text);
		assert_string_equal(
		    unmarked(root, marked(root, text->text, search->text)),
		    plain->text);
		talloc_free(root);
	}
}

static const char *
passage(void *owner, const char *text, const char *search, size_t *n)
{
	struct search_terms terms;

	search_terms_of(owner, search, &terms);
	return text_passage(owner, text, &terms, 60, n);
}

#define FILLER "nothing of that stands in this part of the text. "

static void
a_passage_has_most_of_the_words(void **state)
{
	void *root = mem_root("test");
	size_t n;
	const char *found = passage(root,
	    FILLER "a pool. " FILLER FILLER "the pool is\nexhausted. " FILLER,
	    "pool exhausted", &n);

	(void)state;
	assert_int_equal(n, 2);
	assert_non_null(strstr(found, "the pool is exhausted."));
	assert_true(utf8_length(found) <= 64);
	assert_memory_equal(found, "\u2026 ", strlen("\u2026 "));
	talloc_free(root);
}

static void
without_any_word_it_is_the_beginning(void **state)
{
	void *root = mem_root("test");
	size_t n;

	(void)state;
	assert_string_equal(
	    passage(root, "short\ntext", "pool", &n), "short text");
	assert_int_equal(n, 0);
	assert_string_equal(passage(root, "", "pool", &n), "");
	assert_string_equal(passage(root, "a pool", "", &n), "a pool");
	assert_int_equal(n, 0);
	talloc_free(root);
}

static void
a_passage_of_any_length_holds(void **state)
{
	void *root = mem_root("test");
	struct buf *text = buf_new(root);

	(void)state;
	for (size_t i = 0; i < 3000; i++) {
		size_t n;

		buf_text(text, i % 7 == 0 ? "pool\u00fc " : "\u63a5");
		if (i % 50 == 0)
			(void)passage(root, text->text, "pool", &n);
		assert_true(utf8_is_valid(text->text, text->length));
	}
	talloc_free(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_that_were_looked_for_are_marked),
		cmocka_unit_test(what_begins_as_they_do_is_marked_whole),
		cmocka_unit_test(marks_on_letters_do_not_matter),
		cmocka_unit_test(what_is_marked_stays_text),
		cmocka_unit_test(but_for_the_marks_any_text_is_as_it_would_be),
		cmocka_unit_test(a_passage_has_most_of_the_words),
		cmocka_unit_test(without_any_word_it_is_the_beginning),
		cmocka_unit_test(a_passage_of_any_length_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
