/* SPDX-License-Identifier: ISC */
#ifndef FILTER_RUNS_H
#define FILTER_RUNS_H

/*
 * Runs: how many characters of one kind stand in a row. Of a text the longest
 * ones are found in one pass; a regex without a literal often needs one, as
 * \d{3} and [0-9a-f]{32} do, and is not searched for where there is none.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Kinds of characters, as bits. White space and letters are of ASCII only. */
enum {
	CHAR_DIGIT = 1 << 0,
	CHAR_HEX = 1 << 1, /* a-f, A-F */
	CHAR_LETTER = 1 << 2, /* the others */
	CHAR_LOW_LINE = 1 << 3, /* "_" */
	CHAR_SPACE = 1 << 4, /* but the next one */
	CHAR_LINE = 1 << 5, /* the end of a line: \n */
	CHAR_MARK = 1 << 6, /* what else is ASCII */
	CHAR_OTHER = 1 << 7, /* what is not */
	CHAR_ALL = 255,
	CHAR_WORD = CHAR_DIGIT | CHAR_HEX | CHAR_LETTER | CHAR_LOW_LINE,
};

/* The kind of a character. */
unsigned char_kind(uint32_t code);

/*
 * A run for each of eight sets of kinds: digits, hex digits, letters, word
 * characters, white space, marks, not ASCII, what is not the end of a line.
 * Eight numbers, each at most RUN_MAX, which are calculated with at once.
 */
typedef uint16_t run_lengths __attribute__((vector_size(16), aligned(2)));

struct runs {
	run_lengths lengths;
};

enum { RUN_SETS = 8, RUN_MAX = 32767 };

/* All bits in those of the eight in which all of these kinds are. */
run_lengths runs_of_kinds(unsigned kinds);

/* Of two runs the longer one, the shorter one, and the two end to end. */
run_lengths runs_most(run_lengths a, run_lengths b);
run_lengths runs_least(run_lengths a, run_lengths b);
run_lengths runs_sum(run_lengths a, run_lengths b);

/*
 * The longest runs of a text, in bytes. Characters that are not ASCII count for
 * each of the eight: they may be whatever a regex takes them for.
 */
struct runs runs_of_text(const char *text, size_t length);

/* True if there is none. */
bool runs_are_none(struct runs runs);

/* True if none is shorter than what is needed. */
bool runs_suffice(struct runs longest, struct runs needed);

#endif
