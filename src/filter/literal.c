/* SPDX-License-Identifier: ISC */
#include "filter/literal.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "filter/literal_set.h"
#include "filter/pattern.h"

#include <string.h>

/*
 * The idea. For each node of a pattern's tree we know some of what it matches,
 * as sets of strings: if they are few, all of them (it is exact); else what a
 * match begins with and ends with, and, as needs, what it has inside. Side by
 * side, exact nodes are multiplied: "(time|run) ?out" is {time out, timeout,
 * run out, runout}. In a sequence we carry along with what all matches end so
 * far, make it longer with each node, and where that cannot go on, because
 * anything may come or because it gets too many or too long, what was reached
 * becomes a need, and we begin anew behind it. So "foo.*bar" needs foo and
 * needs bar. Of a choice one need of each branch together is a need of the
 * whole, unless a branch has none.
 *
 * It is all about folded text: letters of one case, each run of white space
 * one ' '. That loses nothing: what is a part of a text is, folded, a part of
 * the folded text, and what is folded in two pieces is, put together and with
 * two spaces where they meet made one, folded as a whole. It makes the i option
 * and, in most patterns, white space a matter of course. The same holds of the
 * other grains (grain.h), and each is studied by itself.
 *
 * A set is right if it holds more than the node can match, and wrong if it
 * holds less. Where sets stand side by side in a pattern, what they match
 * stands side by side in the text. What looks around (?=foo) has needs, but no
 * place in the sequence.
 */

enum {
	BITS_LEAST = 5, /* less is in every text: no need */
	/*
	 * Once what we carry along is so selective, it is not multiplied any
	 * more: a longer need would find less, but costs more to look for.
	 */
	BITS_GOOD = 24,
	FEW = 4,
	UNROLLED_MAX = 8, /* of x{2,8} */
};

struct conjuncts {
	unsigned n;
	struct {
		struct set set;
		int bits;
	} all[NEEDS_MAX]; /* the most selective first */
};

struct facts {
	bool exact;
	struct set head; /* what all begin with; if exact: what they are */
	struct set tail; /* what all end with; exact: the same */
	struct conjuncts needs;
};

struct study {
	struct pool pool;
	struct set empty; /* of the empty string alone: nothing is known */
	struct pattern pattern;
};

/* NOLINTBEGIN(misc-no-recursion): as deep as the pattern is, PATTERN_DEPTH
 * groups */
static void study_node(struct study *study, uint16_t at, struct facts *ret);

static const struct pattern_node *
node_at(const struct study *study, uint16_t at)
{
	return &study->pattern.nodes[at];
}

static void
conjunct_drop(struct conjuncts *to, unsigned at)
{
	to->n--;
	for (unsigned i = at; i < to->n; i++)
		to->all[i] = to->all[i + 1];
}

/* Puts a set in, unless something better already says it. */
static void
conjunct_put(
    const struct pool *pool, struct conjuncts *to, struct set set, int bits)
{
	unsigned at;

	for (unsigned i = to->n; i-- > 0;) {
		if (to->all[i].bits >= bits &&
		    set_implies(pool, to->all[i].set, set))
			return;
		if (bits >= to->all[i].bits &&
		    set_implies(pool, set, to->all[i].set))
			conjunct_drop(to, i);
	}
	at = to->n;
	while (at > 0 && to->all[at - 1].bits < bits)
		at--;
	if (at == NEEDS_MAX)
		return;
	if (to->n == NEEDS_MAX)
		to->n--;
	for (unsigned i = to->n++; i > at; i--)
		to->all[i] = to->all[i - 1];
	to->all[at].set = set;
	to->all[at].bits = bits;
}

static void
conjunct_add(struct study *study, struct conjuncts *to, struct set set)
{
	int bits;

	if (set.n == 0 || set_is_empty_text(&study->pool, set))
		return;
	bits = set_bits(&study->pool, set);
	if (bits < BITS_LEAST)
		return;
	if (set.n > 1) {
		set = set_reduced(&study->pool, set);
		if (set.n == 0)
			return;
		bits = set_bits(&study->pool, set);
	}
	conjunct_put(&study->pool, to, set, bits);
}

static void
conjuncts_add(
    struct study *study, struct conjuncts *to, const struct conjuncts *from)
{
	for (unsigned i = 0; i < from->n; i++)
		conjunct_put(
		    &study->pool, to, from->all[i].set, from->all[i].bits);
}

/* What is known of the whole also as needs. */
static void
facts_settle(struct study *study, struct facts *facts)
{
	conjunct_add(study, &facts->needs, facts->head);
	if (!facts->exact)
		conjunct_add(study, &facts->needs, facts->tail);
}

static void
facts_set(struct facts *facts, bool exact, struct set set)
{
	facts->exact = exact;
	facts->head = facts->tail = set;
	facts->needs.n = 0;
}

/*
 * A walk along a sequence. tail is what everything so far ends with; as long
 * as it is whole, that is all of it.
 */
struct walk {
	struct study *study;
	bool whole;
	struct set head;
	struct set tail;
	struct conjuncts needs;
};

/* The tail with these behind it, or none where that would not be worth it. */
static struct set
extended(struct walk *walk, struct set with)
{
	struct pool *pool = &walk->study->pool;

	if (walk->tail.n > 1 && set_least(pool, walk->tail) >= 8 &&
	    set_bits(pool, walk->tail) >= BITS_GOOD)
		return (struct set){ 0, 0 };
	if (with.n > FEW && walk->tail.n * with.n > CLASS_MAX &&
	    set_bits(pool, walk->tail) >= BITS_GOOD)
		return (struct set){ 0, 0 };
	return set_cross(pool, walk->tail, with);
}

/* Ends what was carried along; something else is the tail from now on. */
static void
walk_break(struct walk *walk, struct set reached, struct set tail)
{
	conjunct_add(walk->study, &walk->needs, reached);
	if (walk->whole)
		walk->head = reached;
	walk->whole = false;
	walk->tail = tail;
}

static void
walk_exact(struct walk *walk, struct set set)
{
	struct set longer;

	if (set_is_empty_text(&walk->study->pool, set))
		return;
	if (set.n > 1)
		conjunct_add(walk->study, &walk->needs, walk->tail);
	longer = extended(walk, set);
	if (longer.n > 0)
		walk->tail = longer;
	else
		walk_break(walk, walk->tail, set);
}

static void
walk_inexact(struct walk *walk, const struct facts *facts)
{
	struct set longer = extended(walk, facts->head);

	if (longer.n > 0)
		walk_break(walk, longer, facts->tail);
	else {
		walk_break(walk, walk->tail, facts->tail);
		conjunct_add(walk->study, &walk->needs, facts->head);
	}
}

/* As many letters in a row as there are, or fit. Returns what follows. */
static uint16_t
walk_letters(struct walk *walk, uint16_t at)
{
	char bytes[LITERAL_MAX + 4];
	size_t length = 0;
	struct set set;

	while (at != 0 && length + 4 <= LITERAL_MAX &&
	    node_at(walk->study, at)->kind == PATTERN_LETTER) {
		uint32_t code = node_at(walk->study, at)->code;

		if (code != ' ' || length == 0 || bytes[length - 1] != ' ')
			length += utf8_encode(code, bytes + length);
		at = node_at(walk->study, at)->next;
	}
	set = set_of(&walk->study->pool, bytes, length);
	if (set.n > 0)
		walk_exact(walk, set);
	else
		walk_break(walk, walk->tail, walk->study->empty);
	return at;
}

static void
study_sequence(
    struct study *study, const struct pattern_node *node, struct facts *ret)
{
	struct walk walk = { .study = study,
		.whole = true,
		.head = study->empty,
		.tail = study->empty };
	uint16_t at = node->child;

	while (at != 0) {
		struct facts facts;

		if (node_at(study, at)->kind == PATTERN_LETTER) {
			at = walk_letters(&walk, at);
			continue;
		}
		study_node(study, at, &facts);
		conjuncts_add(study, &walk.needs, &facts.needs);
		if (facts.exact)
			walk_exact(&walk, facts.head);
		else
			walk_inexact(&walk, &facts);
		at = node_at(study, at)->next;
	}
	ret->exact = walk.whole;
	ret->head = walk.whole ? walk.tail : walk.head;
	ret->tail = walk.tail;
	ret->needs = walk.needs;
}

/* One set out of many, as long as it does not get too large. */
struct heap {
	bool over;
	size_t n;
	struct text texts[SET_MAX];
};

static void
heap_add(const struct study *study, struct heap *heap, struct set set)
{
	if (set.n == 0 || heap->over ||
	    !set_add(&study->pool, set, heap->texts, &heap->n))
		heap->over = true;
}

/* The set, or instead of it what is always right. */
static struct set
heap_set(struct study *study, struct heap *heap, bool *over)
{
	struct set set = { 0, 0 };

	if (!heap->over)
		set = set_made(&study->pool, heap->texts, heap->n);
	if (set.n > 0)
		return set;
	*over = true;
	return study->empty;
}

/* Of a branch's needs the best, and the one with the fewest strings. */
static void
heap_needs(const struct study *study, const struct conjuncts *needs,
    struct heap *best, struct heap *fewest)
{
	unsigned few = 0;

	for (unsigned i = 1; i < needs->n; i++) {
		if (needs->all[i].set.n < needs->all[few].set.n)
			few = i;
	}
	if (needs->n == 0) {
		best->over = fewest->over = true;
		return;
	}
	heap_add(study, best, needs->all[0].set);
	heap_add(study, fewest, needs->all[few].set);
}

static void
study_choice(
    struct study *study, const struct pattern_node *node, struct facts *ret)
{
	struct heap heads = { .n = 0 }, tails = { .n = 0 };
	struct heap best = { .n = 0 }, fewest = { .n = 0 };
	bool exact = true, over = false;

	for (uint16_t at = node->child; at != 0;
	     at = node_at(study, at)->next) {
		struct facts facts;

		study_node(study, at, &facts);
		exact &= facts.exact;
		heap_add(study, &heads, facts.head);
		heap_add(study, &tails, facts.tail);
		facts_settle(study, &facts);
		heap_needs(study, &facts.needs, &best, &fewest);
	}
	ret->needs.n = 0;
	ret->head = heap_set(study, &heads, &over);
	ret->tail = exact ? ret->head : heap_set(study, &tails, &over);
	ret->exact = exact && !over;
	if (ret->exact)
		return;
	over = false;
	conjunct_add(study, &ret->needs, heap_set(study, &best, &over));
	if (over)
		conjunct_add(
		    study, &ret->needs, heap_set(study, &fewest, &over));
}

/* All that min to max of a set can be, or no set. */
static struct set
unrolled(struct study *study, struct set set, unsigned min, unsigned max)
{
	struct heap heap = { .n = 0 };
	struct set power = study->empty;
	bool over = false;

	if (max > UNROLLED_MAX)
		return (struct set){ 0, 0 };
	for (unsigned i = 0; i <= max && !heap.over; i++) {
		if (i >= min)
			heap_add(study, &heap, power);
		if (i < max)
			power = set_cross(&study->pool, power, set);
		heap.over |= power.n == 0;
	}
	set = heap_set(study, &heap, &over);
	return over ? (struct set){ 0, 0 } : set;
}

/* As many in a row as fit, but at most min: with that all begin and end. */
static struct set
at_least(struct study *study, struct set set, unsigned min)
{
	struct set power = set;

	for (unsigned i = 1; i < min && i < LITERAL_MAX; i++) {
		struct set more = set_cross(&study->pool, power, set);

		if (more.n == 0)
			break;
		power = more;
	}
	return power;
}

static void
study_repeat(
    struct study *study, const struct pattern_node *node, struct facts *ret)
{
	struct conjuncts needs;
	struct set set;

	study_node(study, node->child, ret);
	needs = ret->needs;
	if (node->max == 0)
		facts_set(ret, true, study->empty);
	else if (ret->exact) {
		/* any number of spaces is one, or is none at all */
		if (set_is_space(&study->pool, ret->head))
			set = unrolled(study, ret->head, node->min > 0, 1);
		else
			set = unrolled(study, ret->head, node->min, node->max);
		if (set.n > 0)
			facts_set(ret, true, set);
		else
			facts_set(
			    ret, false, at_least(study, ret->head, node->min));
	}
	if (node->min > 0)
		ret->needs = needs;
	else if (!ret->exact)
		facts_set(ret, false, study->empty);
	else
		ret->needs.n = 0;
}

static void
study_class(
    struct study *study, const struct pattern_node *node, struct facts *ret)
{
	struct text texts[CLASS_MAX];
	struct pool *pool = &study->pool;
	struct set set = { 0, 0 };
	size_t n = 0;

	for (; n < node->n && pool->n_bytes + 4 <= POOL_BYTES; n++) {
		uint32_t code = study->pattern.codes[node->child + n];

		texts[n].at = (uint16_t)pool->n_bytes;
		texts[n].length = (uint16_t)utf8_encode(
		    code, pool->bytes + pool->n_bytes);
		pool->n_bytes += texts[n].length;
	}
	if (n == node->n)
		set = set_made(pool, texts, n);
	facts_set(ret, set.n > 0, set.n > 0 ? set : study->empty);
}

static void
study_node(struct study *study, uint16_t at, struct facts *ret)
{
	const struct pattern_node *node = node_at(study, at);
	struct set set;
	char bytes[4];

	switch ((enum pattern_kind)node->kind) {
	case PATTERN_EMPTY:
	case PATTERN_ASSERT:
	case PATTERN_START:
	case PATTERN_END:
		facts_set(ret, true, study->empty);
		break;
	case PATTERN_LOOK:
		study_node(study, node->child, ret);
		facts_settle(study, ret);
		ret->exact = true;
		ret->head = ret->tail = study->empty;
		break;
	case PATTERN_LETTER:
		set = set_of(
		    &study->pool, bytes, utf8_encode(node->code, bytes));
		facts_set(ret, set.n > 0, set.n > 0 ? set : study->empty);
		break;
	case PATTERN_CLASS:
		study_class(study, node, ret);
		break;
	case PATTERN_ANY:
		facts_set(ret, false, study->empty);
		break;
	case PATTERN_SEQUENCE:
		study_sequence(study, node, ret);
		break;
	case PATTERN_CHOICE:
		study_choice(study, node, ret);
		break;
	case PATTERN_REPEAT:
		study_repeat(study, node, ret);
		break;
	}
}

/* NOLINTEND(misc-no-recursion) */

static size_t
set_bytes(const struct pool *pool, struct set set)
{
	size_t n = 0;

	for (unsigned i = 0; i < set.n; i++)
		n += pool->texts[set.at + i].length;
	return n;
}

/* Those that are worth it behind those that are there. */
static void
needs_add(struct needs *needs, const struct pool *pool,
    const struct conjuncts *conjuncts)
{
	size_t n_spans = 0, n_bytes = 0;
	struct span *spans;
	char *bytes;

	for (unsigned i = 0; i < conjuncts->n; i++) {
		n_spans += conjuncts->all[i].set.n;
		n_bytes += set_bytes(pool, conjuncts->all[i].set);
	}
	if (n_spans == 0)
		return;
	spans = mem_size(needs, n_spans * sizeof *spans + n_bytes);
	bytes = (char *)(spans + n_spans);
	for (unsigned i = 0; i < conjuncts->n; i++) {
		struct set set = conjuncts->all[i].set;

		if (pool->grain != GRAIN_FOLDED && !set_is_grained(pool, set))
			continue;
		needs->needs[needs->n++] = (struct need){
			.grain = pool->grain, .n = set.n, .literals = spans
		};
		for (unsigned j = 0; j < set.n; j++) {
			struct text text = pool->texts[set.at + j];

			memcpy(bytes, pool->bytes + text.at, text.length);
			*spans++ = (struct span){ bytes, text.length };
			bytes += text.length;
		}
	}
}

/* Of the node, in the grain that is studied. */
static void
study_needs(struct study *study, uint16_t at, struct needs *needs)
{
	struct facts facts = { .needs.n = 0 };

	study_node(study, at, &facts);
	facts_settle(study, &facts);
	needs_add(needs, &study->pool, &facts.needs);
	if (study->pool.grain == GRAIN_FOLDED)
		needs->runs = pattern_runs(&study->pattern, at);
}

/* The choice that the whole pattern is, or 0. */
static uint16_t
top_choice(const struct pattern *pattern)
{
	uint16_t at = pattern->root;

	while (pattern->nodes[at].kind == PATTERN_SEQUENCE) {
		at = pattern->nodes[at].child;
		if (at == 0 || pattern->nodes[at].next != 0)
			return 0;
	}
	return pattern->nodes[at].kind == PATTERN_CHOICE ? at : 0;
}

static void
study_branches(struct study *study, struct needs *needs)
{
	uint16_t choice = top_choice(&study->pattern), at;
	size_t n = 0;

	if (choice == 0)
		return;
	for (at = node_at(study, choice)->child; at != 0;
	     at = node_at(study, at)->next)
		n++;
	if (n > NEED_BRANCHES_MAX)
		return;
	if (needs->branches == NULL)
		needs->branches = mem_array(needs, struct needs *, (unsigned)n);
	needs->n_branches = n;
	n = 0;
	for (at = node_at(study, choice)->child; at != 0;
	     at = node_at(study, at)->next, n++) {
		if (needs->branches[n] == NULL)
			needs->branches[n] = mem_new(needs, struct needs);
		study_needs(study, at, needs->branches[n]);
	}
}

/* False if it is not understood, in any grain. */
static bool
study_grain(struct study *study, struct span pattern, unsigned flags,
    enum grain grain, struct needs *needs)
{
	study->empty = pool_begin(&study->pool, grain);
	if (!pattern_read(&study->pattern, pattern, flags, grain))
		return false;
	study_needs(study, study->pattern.root, needs);
	study_branches(study, needs);
	return true;
}

struct needs *
regex_needs(void *owner, struct span pattern, unsigned flags)
{
	struct needs *needs = mem_new(owner, struct needs);
	struct study study; /* large, and only what is used of it is touched */
	bool words, shape;

	if (!study_grain(&study, pattern, flags, GRAIN_FOLDED, needs))
		return needs;
	needs->always = needs->n == 0 && pattern_is_always(&study.pattern);
	words = pattern_has_grain(&study.pattern, GRAIN_WORDS);
	shape = pattern_has_grain(&study.pattern, GRAIN_SHAPE);
	if (words)
		(void)study_grain(&study, pattern, flags, GRAIN_WORDS, needs);
	if (shape)
		(void)study_grain(&study, pattern, flags, GRAIN_SHAPE, needs);
	return needs;
}
