/* SPDX-License-Identifier: ISC */
#include "filter/runs.h"

#include "base/mem.h"
#include "filter/cover.h"
#include "filter/letters.h"
#include "filter/literal.h"
#include "filter/regex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DIGIT, HEX, LETTER, WORD, SPACE, MARK, OTHER, LINE, SETS };

static unsigned
length_of(run_lengths lengths, unsigned set)
{
	return lengths[set];
}

static run_lengths
lengths_at_random(unsigned *seed)
{
	run_lengths lengths = { 0 };

	for (unsigned i = 0; i < SETS; i++)
		lengths[i] = (uint16_t)((unsigned)rand_r(seed) >>
				 rand_r(seed) % 16) %
		    (RUN_MAX + 1);
	return lengths;
}

static void
eight_numbers_are_as_good_as_one(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 100000; round++) {
		run_lengths a = lengths_at_random(&seed);
		run_lengths b = lengths_at_random(&seed);
		bool suffice = true;

		for (unsigned i = 0; i < SETS; i++) {
			unsigned x = length_of(a, i), y = length_of(b, i);

			assert_int_equal(
			    length_of(runs_most(a, b), i), x > y ? x : y);
			assert_int_equal(
			    length_of(runs_least(a, b), i), x < y ? x : y);
			assert_int_equal(length_of(runs_sum(a, b), i),
			    x + y > RUN_MAX ? RUN_MAX : x + y);
			suffice &= x >= y;
		}
		assert_int_equal(
		    runs_suffice((struct runs){ a }, (struct runs){ b }),
		    suffice);
		assert_true(runs_suffice(
		    (struct runs){ runs_most(a, b) }, (struct runs){ b }));
	}
}

static void
the_longest_runs_of_a_text_are_found(void **state)
{
	const char *text = "ab12 f00d_x  \n\n!?-";
	run_lengths longest = runs_of_text(text, strlen(text)).lengths;
	static char many[40000];

	(void)state;
	assert_int_equal(length_of(longest, DIGIT), 2);
	assert_int_equal(length_of(longest, HEX), 4);
	assert_int_equal(length_of(longest, LETTER), 2);
	assert_int_equal(length_of(longest, WORD), 6);
	assert_int_equal(length_of(longest, SPACE), 4);
	assert_int_equal(length_of(longest, MARK), 3);
	assert_int_equal(length_of(longest, OTHER), 0);
	assert_int_equal(length_of(longest, LINE), 13);
	/* not ASCII: may be anything */
	longest = runs_of_text("1\xc3\xa4"
			       "2",
	    4)
		      .lengths;
	assert_int_equal(length_of(longest, DIGIT), 4);
	assert_int_equal(length_of(longest, OTHER), 2);
	memset(many, '7', sizeof many);
	longest = runs_of_text(many, sizeof many).lengths;
	assert_int_equal(length_of(longest, DIGIT), RUN_MAX);
	assert_int_equal(length_of(longest, SPACE), 0);
	assert_true(runs_are_none(runs_of_text("", 0)));
}

/* What pattern.c takes for granted of a folded letter's kind. */
static void
what_folds_beyond_ascii_is_not_in_it(void **state)
{
	(void)state;
	for (uint32_t code = 0; code < 0x110000; code++) {
		uint32_t folded = letter_folded(code);

		if (code < 128)
			assert_int_equal(char_kind(code), char_kind(folded));
		else if (code != 0x17f && code != 0x212a) /* s, k */
			assert_true(folded >= 128);
		if (code < 128 && letter_is_space(code))
			assert_true(char_kind(code) == CHAR_SPACE ||
			    char_kind(code) == CHAR_LINE);
	}
}

static const struct {
	const char *pattern;
	unsigned flags;
	unsigned short runs[SETS];
} needed[] = {
	{ "\\d{3}", 0, { 3, 3, 0, 3, 0, 0, 0, 3 } },
	{ "\\d+", 0, { 1, 1, 0, 1, 0, 0, 0, 1 } },
	{ "\\d*", 0, { 0 } },
	{ "[0-9]{2,5}", 0, { 2, 2, 0, 2, 0, 0, 0, 2 } },
	{ "[0-9a-f]{32}", 0, { 0, 32, 0, 32, 0, 0, 0, 32 } },
	{ "[A-Z]{7,}-?\\d{2}", 0, { 2, 2, 7, 7, 0, 0, 0, 9 } },
	{ "(?:ab|cde)+", 0, { 0, 2, 2, 2, 0, 0, 0, 2 } },
	{ "(?:ab|c d)", 0, { 0, 1, 1, 1, 0, 0, 0, 1 } },
	{ "[\\x{17f}]{3}", REGEX_I, { 0, 0, 3, 3, 0, 0, 0, 3 } },
	{ "[\\x{100}-\\x{200}]{3}", REGEX_I, { 0, 0, 3, 3, 0, 0, 0, 3 } },
	{ "(?:12a){3}", 0, { 2, 9, 1, 9, 0, 0, 0, 9 } },
	{ "(?:a12){3}", 0, { 2, 9, 1, 9, 0, 0, 0, 9 } },
	{ "(?:1x1){3}", 0, { 2, 2, 1, 9, 0, 0, 0, 9 } },
	{ "\\d(?=abc)", 0, { 1, 3, 3, 3, 0, 0, 0, 3 } },
	{ "\\d(?!abc)", 0, { 1, 1, 0, 1, 0, 0, 0, 1 } },
	{ "\\s{17}", 0, { 0, 0, 0, 0, 17, 0, 0, 0 } },
	{ "[^\\S\\n]{4}", 0, { 0, 0, 0, 0, 4, 0, 0, 4 } },
	{ "[^\\n]{9}", 0, { 0, 0, 0, 0, 0, 0, 0, 9 } },
	{ "[^a]{9}", 0, { 0 } },
	{ ".{1000,}", 0, { 0, 0, 0, 0, 0, 0, 0, 1000 } },
	{ ".{9}", REGEX_S, { 0 } },
	{ ".(?s).{9}", 0, { 0, 0, 0, 0, 0, 0, 0, 1 } },
	{ ".{9}|\\d", 0, { 0, 0, 0, 0, 0, 0, 0, 1 } },
	{ "[!?]{3}", 0, { 0, 0, 0, 0, 0, 3, 0, 3 } },
	{ "\\W{4}", 0, { 0 } },
	{ "[^\\W\\d_]{4}", 0, { 0, 0, 4, 4, 0, 0, 0, 4 } },
	{ "[\\x80-\\x{ff}]{2}", 0, { 2, 2, 2, 2, 2, 2, 2, 2 } },
	{ "\\p{L}{5}", 0, { 0 } },
	{ "a{0}b{0,9}", 0, { 0 } },
	{ "(a{200}){200}", 0,
	    { 0, RUN_MAX, RUN_MAX, RUN_MAX, 0, 0, 0, RUN_MAX } },
	{ "(?x) \\d \\d # 3", 0, { 2, 2, 0, 2, 0, 0, 0, 2 } },
	{ "\\d\\b\\d", 0, { 2, 2, 0, 2, 0, 0, 0, 2 } },
	{ "[[:digit:]]{2}[[:xdigit:]]", 0, { 2, 3, 0, 3, 0, 0, 0, 3 } },
	{ "[[:^digit:]]{2}", 0, { 0 } },
	{ "[a-z\\Q-\\E9]{5}", 0, { 0 } },
	{ "\\X\\d", 0, { 1, 1, 0, 1, 0, 0, 0, 1 } },
};

static void
a_regex_tells_which_runs_it_needs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
		const char *pattern = needed[i].pattern;
		struct needs *needs = regex_needs(NULL,
		    (struct span){ pattern, strlen(pattern) }, needed[i].flags);

		for (unsigned set = 0; set < SETS; set++) {
			unsigned length = length_of(needs->runs.lengths, set);

			if (length != needed[i].runs[set])
				fail_msg(
				    "%s: set %u: %u", pattern, set, length);
		}
		talloc_free(needs);
	}
}

static const struct {
	const char *filter;
	unsigned digits;
} filters[] = {
	{ "/\\d{3}/", 3 },
	{ "/\\d{3}/ #db", 3 },
	{ "/\\d{3}/ /\\d{4}/", 4 },
	{ "/\\d{3}/ or /\\d{4}/", 3 },
	{ "/\\d{3}/ or #db", 0 },
	{ "-/\\d{3}/", 0 },
	{ "-(-/\\d{3}/ or #db)", 3 },
	{ "-(#db /\\d{3}/)", 0 },
	{ "/\\d{3}/ (severity:high or /\\d{7}/)", 3 },
	{ "", 0 },
};

static void
a_filter_needs_what_its_regexes_need(void **state)
{
	struct frequency *frequency = frequency_new(NULL);
	const struct filter_context context = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
		struct filter *filter = NULL;
		struct error err = { 0 };
		struct runs runs;

		assert_true(filter_parse(
		    frequency, filters[i].filter, &context, &filter, &err));
		(void)cover_new(frequency, filter, frequency, &runs);
		if (length_of(runs.lengths, DIGIT) != filters[i].digits)
			fail_msg("%s: %u", filters[i].filter,
			    length_of(runs.lengths, DIGIT));
	}
	talloc_free(frequency);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eight_numbers_are_as_good_as_one),
		cmocka_unit_test(the_longest_runs_of_a_text_are_found),
		cmocka_unit_test(what_folds_beyond_ascii_is_not_in_it),
		cmocka_unit_test(a_regex_tells_which_runs_it_needs),
		cmocka_unit_test(a_filter_needs_what_its_regexes_need),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
