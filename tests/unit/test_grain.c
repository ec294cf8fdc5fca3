/* SPDX-License-Identifier: ISC */
#include "filter/grain.h"

#include "base/mem.h"
#include "filter/letters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { IOTA_BELOW = 0x345, IOTA = 0x3b9, CODES = 0x110000 };

static const struct {
	const char *text;
	const char *grains[GRAINS];
} texts[] = {
	{ "", { "", " ", "" } },
	{ "It works", { "it works", " it works ", "aa aaaaa" } },
	{ "  it -- works!",
	    { " it -- works!", " it works ", " aa -- aaaaa!" } },
	{ "snake_case", { "snake_case", " snake case ", "aaaaa_aaaa" } },
	{ "v1.20-rc3", { "v1.20-rc3", " v1 20 rc3 ", "a0.00-aa0" } },
	{ "Größe: ٣½", { "größe: ٣½", " größe ٣½ ", "aaaaa: 00" } },
	{ "ΦΟΩ\n登录", { "φοω 登录", " φοω 登录 ", "aaa aa" } },
	/* a mark below a letter is folded to a letter, and is none */
	{ "\xce\xb1\xcd\x85"
	  "b",
	    { "αιb", " α b ", "aaa" } },
	{ "?!", { "?!", " ", "?!" } },
};

static void
a_text_is_made_coarse(void **state)
{
	void *here = mem_root("test");
	struct word_text made[GRAINS] = { 0 };
	struct word_grams grams = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		word_text_set(here, &made[GRAIN_FOLDED], texts[i].text,
		    strlen(texts[i].text), &grams);
		for (enum grain grain = 0; grain < GRAINS; grain++) {
			const char *want = texts[i].grains[grain];

			if (grain != GRAIN_FOLDED)
				grain_text_set(here, &made[grain], grain,
				    &made[GRAIN_FOLDED]);
			if (made[grain].length != strlen(want) ||
			    memcmp(made[grain].folded, want, strlen(want)) != 0)
				fail_msg("\"%s\": \"%.*s\" for \"%s\"",
				    texts[i].text, (int)made[grain].length,
				    made[grain].folded, want);
		}
	}
	talloc_free(here);
}

/*
 * What a regex needs is worked out from folded letters, and what \b and \W mean
 * from letters as they stand in the text: it must come to the same.
 */
static void
folding_makes_no_letter_but_the_iota_below_one(void **state)
{
	(void)state;
	for (uint32_t code = 0; code < CODES; code++) {
		uint32_t folded = letter_folded(code);

		if (letter_is_word(code) != letter_is_word(folded) ||
		    letter_is_digit(code) != letter_is_digit(folded)) {
			assert_int_equal(code, IOTA_BELOW);
			assert_int_equal(folded, IOTA);
		}
	}
	assert_int_equal(grain_of(GRAIN_WORDS, IOTA), GRAIN_UNKNOWN);
	assert_int_equal(grain_of(GRAIN_SHAPE, IOTA), GRAIN_UNKNOWN);
	assert_int_equal(grain_of(GRAIN_FOLDED, IOTA), IOTA);
}

static void
a_digit_is_a_number_in_the_shape(void **state)
{
	(void)state;
	for (uint32_t code = 0; code < CODES; code++) {
		if (letter_is_digit(code))
			assert_int_equal(grain_of(GRAIN_SHAPE, code), '0');
		if (letter_is_space(code))
			assert_int_equal(grain_of(GRAIN_WORDS, code), ' ');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_made_coarse),
		cmocka_unit_test(
		    folding_makes_no_letter_but_the_iota_below_one),
		cmocka_unit_test(a_digit_is_a_number_in_the_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
