/* SPDX-License-Identifier: ISC */
#ifndef FILTER_PATTERN_H
#define FILTER_PATTERN_H

/*
 * A PCRE2 pattern as a small tree, as far as we have to understand it to know
 * what a text must hold. It errs on one side only: a node may stand for more
 * than the pattern matches, never for less. Letters are what they are in one
 * grain of the text (grain.h).
 */

#include "base/span.h"
#include "filter/grain.h"
#include "filter/regex.h"
#include "filter/runs.h"

#include <stdint.h>

enum {
	PATTERN_NODES = 2 * REGEX_MAX + 16,
	PATTERN_CODES = 2048,
	PATTERN_DEPTH = 60, /* groups within groups */
	CLASS_MAX = 16, /* of larger classes nothing is known */
	REPEAT_ENDLESS = UINT16_MAX,
};

enum pattern_kind {
	PATTERN_EMPTY, /* nothing, always there */
	PATTERN_ASSERT, /* nothing, where something holds that we do not know */
	PATTERN_START, /* nothing, true at least where the text begins */
	PATTERN_END, /* nothing, true at least where the text ends */
	PATTERN_LOOK, /* nothing, where the child is found around */
	PATTERN_LETTER, /* one character */
	PATTERN_CLASS, /* one of few characters */
	PATTERN_ANY, /* anything at all, also nothing, also no match */
	PATTERN_SEQUENCE, /* its children, one after the other */
	PATTERN_CHOICE, /* one of its children */
	PATTERN_REPEAT, /* its child, min to max times */
};

struct pattern_node {
	unsigned char kind;
	/*
	 * Letter, class, any: that it is one character, as it stands in the
	 * text, of one of these kinds (runs.h); 0 where that is not known.
	 */
	unsigned char kinds;
	uint16_t next; /* the one to its right, 0: none */
	uint16_t child; /* the leftmost; of a class: its first in codes */
	uint16_t n; /* of a class: how many */
	union {
		uint32_t code;
		struct {
			uint16_t min, max;
		};
	};
};

struct pattern {
	uint16_t root;
	uint16_t n_nodes; /* nodes[0] is none */
	uint16_t n_codes;
	struct pattern_node nodes[PATTERN_NODES];
	uint32_t codes[PATTERN_CODES]; /* folded */
};

/*
 * Reads a pattern that PCRE2 compiles. False if there is something in it that
 * we do not understand, or that regex_check refuses.
 */
bool pattern_read(
    struct pattern *ret, struct span text, unsigned flags, enum grain grain);

/*
 * Both of a pattern read as GRAIN_FOLDED: the runs that are in all that a node
 * of it matches; and true only if the pattern is found in every text, also in
 * the empty one, because it can match nothing at the beginning or at the end.
 */
struct runs pattern_runs(const struct pattern *pattern, uint16_t node);
bool pattern_is_always(const struct pattern *pattern);

/*
 * The same: false if in a coarser grain it has nothing to say that it does not
 * say of a folded text, as most patterns have not.
 */
bool pattern_has_grain(const struct pattern *pattern, enum grain grain);

#endif
