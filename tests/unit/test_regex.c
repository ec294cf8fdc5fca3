/* SPDX-License-Identifier: ISC */
#include "filter/regex.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "filter/filter.h"
#include "filter/refuse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <cmocka.h>

enum { TEXT = 65536, BUDGET = 5000 };

static const struct {
	const char *pattern;
	int at; /* where it is refused; -1: it is not */
	unsigned flags;
} patterns[] = {
	{ "(a)\\1", 3, 0 },
	{ "a\\9", 1, 0 },
	{ "a\\0", -1, 0 },
	{ "\\\\1", -1, 0 },
	{ "[\\1]", -1, 0 },
	{ "\\g{1}", 0, 0 },
	{ "(?<n>a)\\k<n>", 7, 0 },
	{ "\\C", 0, 0 },
	{ "a(?R)?", 1, 0 },
	{ "(?1)(a)", 0, 0 },
	{ "(a)(?+1)(b)", 3, 0 },
	{ "(a)(?-1)", 3, 0 },
	{ "(?-i)a", -1, 0 },
	{ "(?<n>a)(?&n)", 7, 0 },
	{ "(?P<n>a)(?P=n)", 8, 0 },
	{ "(?P<n>a)(?P>n)", 8, 0 },
	{ "(?(?=a)b)", 0, 0 },
	{ "(?C)a", 0, 0 },
	{ "(*NO_JIT)a", 0, 0 },
	{ "a(*ACCEPT)", 1, 0 },
	{ "(*pla:a)", 0, 0 },
	{ "[(*]", -1, 0 },
	{ "\\(*", -1, 0 },
	{ "[]\\1]", -1, 0 },
	{ "[^]\\1]\\1", 6, 0 },
	{ "[\\]\\1]", -1, 0 },
	{ "[[:alpha:]\\1]", -1, 0 },
	{ "[[:alpha:]](?R)", 11, 0 },
	{ "[[:x](?R)]", 5, 0 },
	{ "[\\Q]\\E](?R)", 7, 0 },
	{ "\\Q[\\E(?R)", 5, 0 },
	{ "\\Q(?R)", -1, 0 },
	{ "(?#[)(?R)", 5, 0 },
	{ "(?#(?R)a", -1, 0 },
	{ "#[\n(?R)", 3, REGEX_X },
	{ "#[(?R)]", -1, 0 },
	{ "#(?R)\na", -1, REGEX_X },
	{ "(?x:#[\n)#(?R)", 9, 0 },
	{ "(?x)#[\n(?R)", 7, 0 },
	{ "((?x)#[\n)#(?R)", 10, 0 },
	{ "(?x-x)#(?R)", 7, 0 },
	{ "(?^)#(?R)", 5, REGEX_X },
	{ "(?xx)[ ](?R)](?R)", 13, 0 },
	{ "a\\c\\(?R)?", 4, 0 },
	{ "[\\c]](?R)]", 5, 0 },
	{ "[\\c\\](?R)]", 5, 0 },
	{ "\\c(\\c[(?1)a]", 6, 0 },
	{ "(?<code>a+)b(?:c|d)(?=e)(?<!f)(?>g)(?|h)", -1, 0 },
};

static void
what_cannot_be_bounded_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		size_t at = 0;
		const char *what = pattern_refused(span_of(patterns[i].pattern),
		    (patterns[i].flags & REGEX_X) != 0, &at);

		if ((what == NULL) != (patterns[i].at == -1) ||
		    (what != NULL && (int)at != patterns[i].at))
			fail_msg("%s: %s at %zu", patterns[i].pattern,
			    what == NULL ? "taken" : what, at);
	}
}

static const char *const parts[] = { "(", ")", "[", "]", "^", "\\Q", "\\E",
	"\\", "#", "\n", "(?#", "(?x)", "(?-x)", "(?x:", "(?xx)", "(?^)",
	"(?R)", "(?1)", "\\1", "a", "b", " ", "[:alpha:]", "[:", ":]", "*", "|",
	"-", "(?:", "(?=", "(?i)", "\\c" };

/* PCRE2 itself says at which places it sees an item. */
static int
look_at_item(pcre2_callout_enumerate_block *block, void *closure)
{
	const char *pattern = closure;
	const char *item = pattern + block->pattern_position;

	if (block->next_item_length == 1)
		return 0; /* a character for itself */
	if (strncmp(item, "(?R", 3) == 0 || strncmp(item, "(?1", 3) == 0 ||
	    strncmp(item, "\\1", 2) == 0 || strncmp(item, "(*", 2) == 0)
		fail_msg("%s: taken, with %s", pattern, item);
	return 0;
}

static void
nothing_refused_hides_behind_quotes_classes_and_comments(void **state)
{
	unsigned seed = 1, taken = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		char pattern[128] = "";
		unsigned n = 1 + (unsigned)rand_r(&seed) % 9;
		bool x = rand_r(&seed) % 2;
		size_t at;
		int failed;
		pcre2_code *code;

		while (n-- > 0)
			strcat(pattern,
			    parts[(unsigned)rand_r(&seed) %
				(sizeof parts / sizeof *parts)]);
		if (pattern_refused(span_of(pattern), x, &at) != NULL)
			continue;
		code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
		    PCRE2_UTF | PCRE2_UCP | PCRE2_AUTO_CALLOUT |
			(x ? PCRE2_EXTENDED : 0),
		    &failed, &at, NULL);
		if (code == NULL)
			continue;
		taken++;
		pcre2_callout_enumerate(code, look_at_item, pattern);
		pcre2_code_free(code);
	}
	assert_true(taken > 1000);
}

/* The other way round, so that the test above sees what it looks for. */
static int
count_recursion(pcre2_callout_enumerate_block *block, void *closure)
{
	*(int *)closure += block->pattern_position == 1;
	return 0;
}

static void
pcre2_names_the_place_of_a_recursion(void **state)
{
	int failed, seen = 0;
	size_t at;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR) "a(?R)?",
	    PCRE2_ZERO_TERMINATED, PCRE2_AUTO_CALLOUT, &failed, &at, NULL);

	(void)state;
	assert_non_null(code);
	pcre2_callout_enumerate(code, count_recursion, &seen);
	pcre2_code_free(code);
	assert_int_equal(seen, 1);
}

static const char *const hostile[] = { "(a|a)*=", "(a*)*=", "(a+)+$b",
	"(.*a){20}=", "a*a*a*a*a*a*=", "(\\w+\\s?)+=", "(?:a?){30}a{30}=",
	"(?=(a+a+)+=)", "((a|b|ab)*)*=", "(?i)(a|A|aa)+=", "[^=]*[^=]*[^=]*=",
	"\\w*\\w*=", "(?<=a)(a|a)*=", "^(a|a)*=" };

static bool
is_in(const char *pattern, const char *text, size_t length, int64_t budget,
    bool *over)
{
	void *here = mem_root("test");
	struct regex_runner *runner = regex_runner_new(here, budget);
	bool in = regex_is_in(
	    regex_new(here, span_of(pattern), 0), text, length, runner);

	*over = regex_budget_is_over(runner);
	talloc_free(here);
	return in;
}

static void
hostile_regexes_stop_at_their_budget(void **state)
{
	char *text = malloc(TEXT + 1);

	(void)state;
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		for (size_t length = 30; length <= TEXT; length *= 13) {
			int64_t began = clock_thread_cpu(), took;
			bool over;

			memset(text, 'a', length);
			text[length] = '\0';
			assert_false(
			    is_in(hostile[i], text, length, BUDGET, &over));
			took = clock_thread_cpu() - began;
			/* an interpreter or valgrind is slow in one call */
			if (took > 60 * BUDGET)
				fail_msg("%s on %zu: %jd us", hostile[i],
				    length, (intmax_t)took);
			if (length > 60000 && i == 0)
				assert_true(over);
		}
	}
	free(text);
}

/* \G holds at the beginning only, however the text is cut into windows. */
static const char *const harmless[] = { "foo", "(?i)FOO", "zoo$", "^begin",
	"^x", "\\Gx", "x|\\Gbegin", "(?m)^y", ".*zoo", "(?s).*zoo",
	"\\d+\\.\\d+", "\\bzoo\\b", "(?<=q )zoo", "é+", "(?i)É", "[^a-z ]{3}",
	"a{3}", "(?!)", "", "$", "\\z", "\\s\\S+\\sq zoo", "(?i)ſ", "ß|ẞ",
	"(x+x+)+y" };

static void
windows_find_what_one_search_finds(void **state)
{
	struct buf *buf = buf_new(NULL);
	unsigned seed = 3;

	(void)state;
	buf_text(buf, "begin ");
	while (buf->length < TEXT - 64)
		buf_text(buf, rand_r(&seed) % 40 == 0 ? "ü " : "lorem ipsum ");
	buf_text(buf, "\ny 12.5 ÉÉÉ S Foo xxxx q zoo");
	for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
		for (size_t length = buf->length; length > 2;
		     length = length * 9 / 10) {
			size_t to = length;
			bool over, whole, cut;

			while (((unsigned char)buf->text[to] & 0xc0) == 0x80)
				to--;
			whole = is_in(harmless[i], buf->text, to, 0, &over);
			assert_false(over);
			cut = is_in(
			    harmless[i], buf->text, to, 10000000, &over);
			assert_false(over);
			if (whole != cut)
				fail_msg("%s on %zu", harmless[i], to);
		}
	}
	talloc_free(buf);
}

static void
patterns_are_compiled_to_machine_code(void **state)
{
	uint32_t jit = 0;

	(void)state;
	(void)pcre2_config(PCRE2_CONFIG_JIT, &jit);
	assert_int_equal(filter_has_jit(), jit != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_bounded_is_refused),
		cmocka_unit_test(
		    nothing_refused_hides_behind_quotes_classes_and_comments),
		cmocka_unit_test(pcre2_names_the_place_of_a_recursion),
		cmocka_unit_test(hostile_regexes_stop_at_their_budget),
		cmocka_unit_test(windows_find_what_one_search_finds),
		cmocka_unit_test(patterns_are_compiled_to_machine_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
