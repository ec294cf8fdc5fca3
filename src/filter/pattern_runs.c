/* SPDX-License-Identifier: ISC */
#include "filter/pattern.h"

/*
 * The runs that every match of a pattern has. Of each node we know, for each
 * of the eight sets at once: whether all that it matches is of that set, and
 * how long a run it has at least at its beginning, at its end, and anywhere.
 * Two nodes side by side make a longer run where they meet. Putting together
 * is associative, so a repetition is a power.
 */
struct span_runs {
	run_lengths whole; /* bits of the sets that all of it is of */
	run_lengths head, tail, best; /* whole: head and tail are its length */
};

/* Of no characters all are of each set. */
static struct span_runs
runs_of_nothing(void)
{
	return (struct span_runs){ .whole = runs_of_kinds(0) };
}

static struct span_runs
joined(const struct span_runs *a, const struct span_runs *b)
{
	struct span_runs both;

	both.whole = a->whole & b->whole;
	both.head = (runs_sum(a->head, b->head) & a->whole) |
	    (a->head & ~a->whole);
	both.tail = (runs_sum(a->tail, b->tail) & b->whole) |
	    (b->tail & ~b->whole);
	both.best = runs_most(
	    runs_most(a->best, b->best), runs_sum(a->tail, b->head));
	return both;
}

static struct span_runs
repeated(struct span_runs once, unsigned times)
{
	struct span_runs all = runs_of_nothing();

	for (; times > 0; times >>= 1) {
		if ((times & 1) != 0)
			all = joined(&all, &once);
		once = joined(&once, &once);
	}
	return all;
}

/* NOLINTBEGIN(misc-no-recursion): as deep as the pattern is */
static struct span_runs runs_at(const struct pattern *pattern, uint16_t at);

static struct span_runs
runs_of_sequence(const struct pattern *pattern, uint16_t at)
{
	struct span_runs all = runs_of_nothing();

	for (; at != 0; at = pattern->nodes[at].next) {
		struct span_runs next = runs_at(pattern, at);

		all = joined(&all, &next);
	}
	return all;
}

static struct span_runs
runs_of_choice(const struct pattern *pattern, uint16_t at)
{
	struct span_runs any = runs_at(pattern, at);

	while ((at = pattern->nodes[at].next) != 0) {
		struct span_runs next = runs_at(pattern, at);

		any.whole &= next.whole;
		any.head = runs_least(any.head, next.head);
		any.tail = runs_least(any.tail, next.tail);
		any.best = runs_least(any.best, next.best);
	}
	return any;
}

/* More than min times can only make it longer; not at all is nothing. */
static struct span_runs
runs_of_repeat(const struct pattern *pattern, const struct pattern_node *node)
{
	struct span_runs once = runs_at(pattern, node->child);

	if (node->max == 0)
		return runs_of_nothing();
	if (node->min == 0)
		return (struct span_runs){ .whole = once.whole };
	return repeated(once, node->min);
}

static struct span_runs
runs_at(const struct pattern *pattern, uint16_t at)
{
	const struct pattern_node *node = &pattern->nodes[at];
	static const run_lengths one = { 1, 1, 1, 1, 1, 1, 1, 1 };
	struct span_runs runs = { 0 };

	switch ((enum pattern_kind)node->kind) {
	case PATTERN_EMPTY:
	case PATTERN_START:
	case PATTERN_END:
	case PATTERN_ASSERT:
		return runs_of_nothing();
	case PATTERN_LOOK: /* it has no place, but it is somewhere */
		runs.best = runs_at(pattern, node->child).best;
		runs.whole = runs_of_kinds(0);
		return runs;
	case PATTERN_SEQUENCE:
		return runs_of_sequence(pattern, node->child);
	case PATTERN_CHOICE:
		return runs_of_choice(pattern, node->child);
	case PATTERN_REPEAT:
		return runs_of_repeat(pattern, node);
	case PATTERN_LETTER:
	case PATTERN_CLASS:
	case PATTERN_ANY:
		if (node->kinds == 0)
			return runs;
		runs.whole = runs_of_kinds(node->kinds);
		runs.head = runs.tail = runs.best = runs.whole & one;
		return runs;
	}
	return runs;
}

/* NOLINTEND(misc-no-recursion) */

struct runs
pattern_runs(const struct pattern *pattern, uint16_t node)
{
	return (struct runs){ runs_at(pattern, node).best };
}
