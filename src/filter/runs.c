/* SPDX-License-Identifier: ISC */
#include "filter/runs.h"

#include "filter/letters.h"

#include <pthread.h>

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* In this order from the lowest byte on. */
static const unsigned char sets[8] = {
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

uint64_t
runs_of_kinds(unsigned kinds)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < 8; i++) {
		if ((kinds & ~(unsigned)sets[i]) == 0)
			bits |= (uint64_t)RUN_MAX << 8 * i;
	}
	return bits;
}

/* All bits of the numbers in which the top bit of the byte is set. */
static uint64_t
spread(uint64_t tops)
{
	return (tops >> 7 & EACH(1)) * RUN_MAX;
}

uint64_t
runs_most(uint64_t a, uint64_t b)
{
	uint64_t at_least = spread((a | EACH(0x80)) - b);

	return (a & at_least) | (b & ~at_least);
}

uint64_t
runs_least(uint64_t a, uint64_t b)
{
	uint64_t at_least = spread((a | EACH(0x80)) - b);

	return (b & at_least) | (a & ~at_least & EACH(RUN_MAX));
}

uint64_t
runs_sum(uint64_t a, uint64_t b)
{
	uint64_t sum = a + b;

	return (sum | spread(sum)) & EACH(RUN_MAX);
}

static uint64_t bits_of_byte[256];
static pthread_once_t bits_once = PTHREAD_ONCE_INIT;

static void
make_bits(void)
{
	for (unsigned byte = 0; byte < 256; byte++)
		bits_of_byte[byte] = byte < 0x80
		    ? runs_of_kinds(char_kind(byte))
		    : EACH(RUN_MAX);
}

struct runs
runs_of_text(const char *text, size_t length)
{
	uint64_t run = 0, longest = 0;

	(void)pthread_once(&bits_once, make_bits);
	for (size_t i = 0; i < length; i++) {
		run = runs_sum(run, EACH(1)) &
		    bits_of_byte[(unsigned char)text[i]];
		longest = runs_most(longest, run);
	}
	return (struct runs){ longest };
}

bool
runs_suffice(struct runs longest, struct runs needed)
{
	return (((longest.lengths | EACH(0x80)) - needed.lengths) &
		   EACH(0x80)) == EACH(0x80);
}
