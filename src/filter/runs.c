/* SPDX-License-Identifier: ISC */
#include "filter/runs.h"

#include "filter/letters.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

static const unsigned char sets[RUN_SETS] = {
	CHAR_DIGIT | CHAR_OTHER,
	CHAR_DIGIT | CHAR_HEX | CHAR_OTHER,
	CHAR_HEX | CHAR_LETTER | CHAR_OTHER,
	CHAR_WORD | CHAR_OTHER,
	CHAR_SPACE | CHAR_LINE | CHAR_OTHER,
	CHAR_LOW_LINE | CHAR_MARK | CHAR_OTHER,
	CHAR_OTHER,
	CHAR_ALL & ~CHAR_LINE,
};

unsigned
char_kind(uint32_t code)
{
	uint32_t lower = code | 0x20;

	if (code >= 0x80)
		return CHAR_OTHER;
	if (code == '\n')
		return CHAR_LINE;
	if (letter_is_space(code))
		return CHAR_SPACE;
	if (code >= '0' && code <= '9')
		return CHAR_DIGIT;
	if (lower >= 'a' && lower <= 'z')
		return lower <= 'f' ? CHAR_HEX : CHAR_LETTER;
	return code == '_' ? CHAR_LOW_LINE : CHAR_MARK;
}

run_lengths
runs_of_kinds(unsigned kinds)
{
	run_lengths bits = { 0 };

	for (unsigned i = 0; i < RUN_SETS; i++) {
		if ((kinds & ~(unsigned)sets[i]) == 0)
			bits[i] = UINT16_MAX;
	}
	return bits;
}

run_lengths
runs_most(run_lengths a, run_lengths b)
{
	run_lengths is_a = (run_lengths)(a > b);

	return (a & is_a) | (b & ~is_a);
}

run_lengths
runs_least(run_lengths a, run_lengths b)
{
	run_lengths is_a = (run_lengths)(a < b);

	return (a & is_a) | (b & ~is_a);
}

run_lengths
runs_sum(run_lengths a, run_lengths b)
{
	static const run_lengths most = { RUN_MAX, RUN_MAX, RUN_MAX, RUN_MAX,
		RUN_MAX, RUN_MAX, RUN_MAX, RUN_MAX };

	return runs_least(a + b, most);
}

static run_lengths bits_of_byte[256];
static pthread_once_t bits_once = PTHREAD_ONCE_INIT;

static void
make_bits(void)
{
	for (unsigned byte = 0; byte < 256; byte++)
		bits_of_byte[byte] = runs_of_kinds(
		    byte < 0x80 ? char_kind(byte) : 0);
}

struct runs
runs_of_text(const char *text, size_t length)
{
	static const run_lengths one = { 1, 1, 1, 1, 1, 1, 1, 1 };
	run_lengths run = { 0 }, longest = { 0 };

	(void)pthread_once(&bits_once, make_bits);
	for (size_t i = 0; i < length; i++) {
		run = runs_sum(run, one) & bits_of_byte[(unsigned char)text[i]];
		longest = runs_most(longest, run);
	}
	return (struct runs){ longest };
}

bool
runs_are_none(struct runs runs)
{
	uint64_t halves[2];

	static_assert(sizeof halves == sizeof runs.lengths, "two halves");
	memcpy(halves, &runs.lengths, sizeof halves);
	return (halves[0] | halves[1]) == 0;
}

bool
runs_suffice(struct runs longest, struct runs needed)
{
	return runs_are_none(
	    (struct runs){ (run_lengths)(needed.lengths > longest.lengths) });
}
