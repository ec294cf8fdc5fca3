/* SPDX-License-Identifier: ISC */
#include "filter/pattern.h"

enum { MOST = CHAR_ALL & ~CHAR_LINE }; /* what "." is */

/* Numbers that are not written out, and not as one of anything. */
static bool
has_shape(const struct pattern_node *node)
{
	return (node->kind == PATTERN_ANY || node->kind == PATTERN_CLASS) &&
	    (node->kinds & CHAR_DIGIT) != 0 && (node->kinds & MOST) != MOST;
}

/* An end of a word, or what stands between two. */
static bool
has_words(const struct pattern_node *node)
{
	if (node->kind == PATTERN_ASSERT || node->kind == PATTERN_START ||
	    node->kind == PATTERN_END)
		return true;
	if (node->kind == PATTERN_LETTER)
		return node->code != ' ' &&
		    grain_of(GRAIN_WORDS, node->code) == ' ';
	return (node->kind == PATTERN_ANY || node->kind == PATTERN_CLASS) &&
	    (node->kinds & (CHAR_MARK | CHAR_LOW_LINE)) != 0 &&
	    (node->kinds & MOST) != MOST;
}

bool
pattern_has_grain(const struct pattern *pattern, enum grain grain)
{
	for (uint16_t at = 1; at < pattern->n_nodes; at++) {
		const struct pattern_node *node = &pattern->nodes[at];

		if (grain == GRAIN_WORDS ? has_words(node) : has_shape(node))
			return true;
	}
	return false;
}
