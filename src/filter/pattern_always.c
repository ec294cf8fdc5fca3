/* SPDX-License-Identifier: ISC */
#include "filter/pattern.h"

/*
 * Where a node can match nothing at all: bits. A sequence of nodes that each
 * match at every place matches at every place, however much the first of them
 * took, with backtracking or without (atomic groups, possessive quantifiers).
 */
enum {
	WHERE_START = 1,
	WHERE_END = 2,
	WHERE_ALL = 4 | WHERE_START | WHERE_END
};

/* NOLINTBEGIN(misc-no-recursion): as deep as the pattern is */
static unsigned where(const struct pattern *pattern, uint16_t at);

/*
 * At the end of a text nothing is left to take: there each child need only
 * hold by itself. At its start those behind the first that may take something
 * must hold at every place.
 */
static unsigned
where_sequence(const struct pattern *pattern, const struct pattern_node *node)
{
	unsigned all = WHERE_ALL;
	bool at_start = true; /* nothing was taken yet */

	for (uint16_t at = node->child; at != 0; at = pattern->nodes[at].next) {
		unsigned here = where(pattern, at);
		unsigned kind = pattern->nodes[at].kind;

		if (!at_start && here != WHERE_ALL)
			here &= ~(unsigned)WHERE_START;
		if (here != WHERE_ALL)
			all &= here;
		at_start &= kind == PATTERN_START || kind == PATTERN_EMPTY;
	}
	return all;
}

static unsigned
where_choice(const struct pattern *pattern, const struct pattern_node *node)
{
	unsigned any = 0;

	for (uint16_t at = node->child; at != 0; at = pattern->nodes[at].next)
		any |= where(pattern, at);
	return any;
}

/* The second time it may not stand at the start any more. */
static unsigned
where_repeat(const struct pattern *pattern, const struct pattern_node *node)
{
	unsigned once;

	if (node->min == 0)
		return WHERE_ALL;
	once = where(pattern, node->child);
	return once == WHERE_ALL || node->min == 1 ? once : once & WHERE_END;
}

static unsigned
where(const struct pattern *pattern, uint16_t at)
{
	const struct pattern_node *node = &pattern->nodes[at];

	switch ((enum pattern_kind)node->kind) {
	case PATTERN_EMPTY:
		return WHERE_ALL;
	case PATTERN_START:
		return WHERE_START;
	case PATTERN_END:
		return WHERE_END;
	case PATTERN_SEQUENCE:
		return where_sequence(pattern, node);
	case PATTERN_CHOICE:
		return where_choice(pattern, node);
	case PATTERN_REPEAT:
		return where_repeat(pattern, node);
	case PATTERN_LOOK:
	case PATTERN_ASSERT:
	case PATTERN_LETTER:
	case PATTERN_CLASS:
	case PATTERN_ANY:
		return 0;
	}
	return 0;
}

/* NOLINTEND(misc-no-recursion) */

bool
pattern_is_always(const struct pattern *pattern)
{
	return where(pattern, pattern->root) != 0;
}
