/* SPDX-License-Identifier: ISC */
#include "filter/cover.h"

#include "base/check.h"
#include "base/hash.h"
#include "base/mem.h"
#include "filter/ast.h"
#include "filter/literal.h"

#include <assert.h>
#include <string.h>

/* Trees are as deep as parentheses may be: FILTER_PARENS. */
/* NOLINTBEGIN(misc-no-recursion) */

/*
 * A cover of "and" is that of any one child, so the rarest is taken; a cover of
 * "or" is that of all children together, so one child without a cover leaves
 * the whole without. "not" turns "and" into "or" and the reverse (De Morgan);
 * what is under it must be absent, and absence cannot be looked up. Nor can
 * state, which is not known when a document is read.
 */
enum { KEYS_MAX = 1024 }; /* what more would cost is more than it saves */

struct choice {
	struct key *keys;
	size_t n;
	double frequency; /* sum of those of the keys */
	struct runs runs; /* also where there is no cover */
};

/* Of one literal each, the rarest first. */
struct rare {
	struct gram {
		double frequency;
		unsigned short gram;
	} grams[COVER_GRAMS];
	size_t n;
};

static_assert(
    (int)COVER_GRAMS == (int)REGEX_GRAMS, "both are of a struct rare");

struct chooser {
	void *memory;
	const struct filter *filter;
	const struct frequency *frequency;
	bool tells; /* regexes what they need */
	unsigned short node; /* the term that is looked at */
	struct rare rare; /* of what must be there */
};

/* The part of a literal around its rarest bytes that a key has room for. */
static void
push_literal(struct chooser *chooser, struct choice *choice, enum grain grain,
    struct span literal, unsigned char edges)
{
	struct key key = {
		.kind = KEY_LITERAL,
		.grain = (unsigned char)grain,
		.edges = edges,
		.node = chooser->node,
	};
	size_t rarest, from = 0, length = literal.length;

	choice->frequency += frequency_of_literal(
	    chooser->frequency, grain, literal.text, literal.length, &rarest);
	if (length > LITERAL_KEY_MAX) {
		length = LITERAL_KEY_MAX;
		key.edges = 0;
		if (rarest > LITERAL_KEY_MAX / 2)
			from = rarest - LITERAL_KEY_MAX / 2;
		if (from > literal.length - length)
			from = literal.length - length;
		rarest -= from;
	}
	key.text = literal.text + from;
	key.length = (unsigned char)length;
	if (length >= 4)
		key.gram = (unsigned char)(rarest > length - 4 ? length - 4
							       : rarest);
	*mem_push(chooser->memory, &choice->keys, &choice->n) = key;
}

static void
push_tag(
    struct chooser *chooser, struct choice *choice, const struct node *node)
{
	struct key key = {
		.kind = node->term == TERM_TAG ? KEY_TAG : KEY_PREFIX,
		.node = chooser->node,
		.hash = hash_bytes(node->text, strlen(node->text)),
	};

	/* how many tags begin so is not counted: some */
	choice->frequency += node->term == TERM_TAG
	    ? frequency_of_tag(chooser->frequency, node->text)
	    : node->text[0] == '\0' ? 1
				    : 0.2;
	*mem_push(chooser->memory, &choice->keys, &choice->n) = key;
}

/* Puts in the gram of a literal that must be there, if it is rare enough. */
static void
note_literal(
    const struct chooser *chooser, struct rare *rare, struct span literal)
{
	struct gram gram, *grams = rare->grams;
	size_t rarest, i;

	if (literal.length < 3)
		return;
	gram.frequency = frequency_of_literal(chooser->frequency, GRAIN_FOLDED,
	    literal.text, literal.length, &rarest);
	gram.gram = word_gram(literal.text + rarest);
	for (i = 0; i < rare->n; i++)
		if (grams[i].gram == gram.gram)
			return;
	if (i == COVER_GRAMS && grams[--i].frequency <= gram.frequency)
		return;
	rare->n = i + 1;
	for (; i > 0 && grams[i - 1].frequency > gram.frequency; i--)
		grams[i] = grams[i - 1];
	grams[i] = gram;
}

static bool
is_folded_literal(const struct need *need)
{
	return need->grain == GRAIN_FOLDED && need->n == 1;
}

/* Tells a regex what it needs, where another term is why it is searched for. */
static void
tell(const struct chooser *chooser, struct regex *regex,
    const struct needs *needs)
{
	struct rare rare = { 0 };

	for (size_t i = 0; i < needs->n; i++)
		if (is_folded_literal(&needs->needs[i]))
			note_literal(
			    chooser, &rare, needs->needs[i].literals[0]);
	regex->runs = needs->runs;
	regex->n_grams = (unsigned char)rare.n;
	for (size_t i = 0; i < rare.n; i++)
		regex->grams[i] = rare.grams[i].gram;
}

/* The rarest of what it needs; false if nothing is known of it. */
static bool
choose_need(
    struct chooser *chooser, const struct needs *needs, struct choice *ret)
{
	bool found = false;

	for (size_t i = 0; i < needs->n; i++) {
		const struct need *need = &needs->needs[i];
		struct choice choice = { 0 };

		for (size_t k = 0; k < need->n; k++)
			push_literal(chooser, &choice, need->grain,
			    need->literals[k], 0);
		if (!found || choice.frequency < ret->frequency)
			*ret = choice;
		found = true;
	}
	return found;
}

static void
join(struct chooser *chooser, struct choice *all, const struct choice *more)
{
	for (size_t i = 0; i < more->n; i++)
		*mem_push(chooser->memory, &all->keys, &all->n) = more->keys[i];
	all->frequency += more->frequency;
}

/* Of a branch without a literal the runs, which are compared at once. */
static bool
choose_branch(
    struct chooser *chooser, const struct needs *needs, struct choice *ret)
{
	struct key runs = {
		.kind = KEY_RUNS, .node = chooser->node, .runs = needs->runs
	};

	*ret = (struct choice){ 0 };
	if (choose_need(chooser, needs, ret))
		return true;
	if (runs_are_none(needs->runs))
		return false;
	*mem_push(chooser->memory, &ret->keys, &ret->n) = runs;
	ret->frequency = 0.5;
	return true;
}

/* One of each branch, if that is rarer than what all of them need. */
static bool
choose_branches(struct chooser *chooser, const struct needs *needs, bool found,
    struct choice *ret)
{
	struct choice all = { 0 };

	for (size_t i = 0; i < needs->n_branches; i++) {
		struct choice one;

		if (!choose_branch(chooser, needs->branches[i], &one))
			return found;
		join(chooser, &all, &one);
	}
	if (needs->n_branches == 0 || all.n > KEYS_MAX ||
	    (found && all.frequency >= ret->frequency))
		return found;
	*ret = all;
	return true;
}

static bool
choose_regex(struct chooser *chooser, const struct node *node, bool must,
    struct choice *ret)
{
	const struct needs *needs = regex_needs(
	    chooser->memory, regex_pattern(node->regex), node->regex->flags);
	bool found = choose_need(chooser, needs, ret);

	found = choose_branches(chooser, needs, found, ret);
	for (size_t i = 0; must && i < needs->n; i++)
		if (is_folded_literal(&needs->needs[i]))
			note_literal(chooser, &chooser->rare,
			    needs->needs[i].literals[0]);
	ret->runs = needs->runs;
	if (chooser->tells)
		tell(chooser, node->regex, needs);
	return found;
}

/* must: no document without the term can be matched. */
static bool
choose_term(struct chooser *chooser, const struct node *node, bool must,
    struct choice *ret)
{
	chooser->node = (unsigned short)(node - chooser->filter->nodes);
	if (node->term == TERM_REGEX)
		return choose_regex(chooser, node, must, ret);
	if (node->term == TERM_TAG || node->term == TERM_PREFIX) {
		push_tag(chooser, ret, node);
		return true;
	}
	if (node->term != TERM_WORD)
		return false;
	if (must)
		note_literal(chooser, &chooser->rare, word_folded(node->word));
	push_literal(chooser, ret, GRAIN_FOLDED, word_folded(node->word),
	    word_edges(node->word));
	return true;
}

static bool choose(struct chooser *chooser, unsigned at, bool negated,
    bool must, struct choice *ret);

/* Any one child will do for a cover, and all of their runs are there. */
static bool
choose_and(struct chooser *chooser, unsigned at, bool negated, bool must,
    struct choice *ret)
{
	const struct node *nodes = chooser->filter->nodes;
	struct runs runs = { 0 };
	bool found = false;

	for (unsigned i = at + 1; i < nodes[at].end; i = nodes[i].end) {
		struct choice child;
		bool has = choose(chooser, i, negated, must, &child);

		runs.lengths = runs_most(runs.lengths, child.runs.lengths);
		if (has && (!found || child.frequency < ret->frequency))
			*ret = child;
		found = found || has;
	}
	ret->runs = runs;
	return found;
}

/* It takes all children, and only what all of them have. */
static bool
choose_or(
    struct chooser *chooser, unsigned at, bool negated, struct choice *ret)
{
	const struct node *nodes = chooser->filter->nodes;
	run_lengths runs = runs_of_kinds(0);
	bool all = true;

	for (unsigned i = at + 1; i < nodes[at].end; i = nodes[i].end) {
		struct choice child;
		bool has = choose(chooser, i, negated, false, &child);

		runs = runs_least(runs, child.runs.lengths);
		all = all && has && ret->n + child.n <= KEYS_MAX;
		if (all)
			join(chooser, ret, &child);
	}
	ret->runs.lengths = runs;
	return all;
}

static bool
choose(struct chooser *chooser, unsigned at, bool negated, bool must,
    struct choice *ret)
{
	const struct node *node = &chooser->filter->nodes[at];

	*ret = (struct choice){ 0 };
	if (node->kind == NODE_TERM) {
		bool found = choose_term(chooser, node, must && !negated, ret);

		if (negated) /* what it needs has to be told all the same */
			*ret = (struct choice){ 0 };
		return found && !negated;
	}
	if (node->kind == NODE_NOT)
		return choose(chooser, at + 1, !negated, must, ret);
	if ((node->kind == NODE_AND) != negated)
		return choose_and(chooser, at, negated, must, ret);
	return choose_or(chooser, at, negated, ret);
}

/* One piece: the cover, its keys, and their literals behind them. */
static struct cover *
cover_packed(
    void *owner, const struct chooser *chooser, const struct choice *choice)
{
	size_t size = sizeof(struct cover) + choice->n * sizeof(struct key);
	size_t literals = 0;
	struct cover *cover;
	char *text;

	for (size_t i = 0; i < choice->n; i++)
		literals += choice->keys[i].length;
	cover = mem_zero(owner, 1, size + literals, "struct cover");
	talloc_set_name_const(cover, "struct cover");
	cover->frequency = choice->frequency < 1 ? choice->frequency : 1;
	cover->n = choice->n;
	text = (char *)cover + size;
	for (size_t i = 0; i < choice->n; i++) {
		struct key *key = &cover->keys[i];

		*key = choice->keys[i];
		if (key->kind != KEY_LITERAL)
			continue;
		memcpy(text, key->text, key->length);
		key->text = text;
		text += key->length;
	}
	cover->n_grams = (unsigned char)chooser->rare.n;
	for (size_t i = 0; i < chooser->rare.n; i++)
		cover->grams[i] = chooser->rare.grams[i].gram;
	return cover;
}

static struct cover *
cover_chosen(void *owner, struct chooser *chooser, struct runs *runs)
{
	struct choice choice;
	struct cover *cover = NULL;

	chooser->memory = mem_root("cover");
	if (choose(chooser, 0, false, true, &choice))
		cover = cover_packed(owner, chooser, &choice);
	*runs = choice.runs;
	talloc_free(chooser->memory);
	return cover;
}

struct cover *
cover_new(void *owner, struct filter *filter, const struct frequency *frequency,
    struct runs *runs)
{
	struct chooser chooser = {
		.filter = filter, .frequency = frequency, .tells = true
	};

	return cover_chosen(owner, &chooser, runs);
}

struct cover *
cover_anew(
    void *owner, const struct filter *filter, const struct frequency *frequency)
{
	struct chooser chooser = { .filter = filter, .frequency = frequency };
	struct runs same;

	return cover_chosen(owner, &chooser, &same);
}

static bool
is_certain_term(const struct node *node)
{
	struct needs *needs;
	bool always;

	if (node->term != TERM_REGEX || node->field != FIELD_ANY)
		return false;
	needs = regex_needs(
	    NULL, regex_pattern(node->regex), node->regex->flags);
	always = needs->always;
	talloc_free(needs);
	return always;
}

static bool
is_certain(const struct filter *filter, unsigned at)
{
	const struct node *node = &filter->nodes[at];
	bool is_or = node->kind == NODE_OR;

	if (node->kind == NODE_TERM)
		return is_certain_term(node);
	if (node->kind == NODE_NOT)
		return false;
	for (unsigned i = at + 1; i < node->end; i = filter->nodes[i].end)
		if (is_certain(filter, i) == is_or)
			return is_or;
	return !is_or;
}

bool
filter_is_certain(const struct filter *filter)
{
	return is_certain(filter, 0);
}

bool
filter_is_indexed(const struct filter *filter)
{
	struct frequency *frequency = frequency_new(NULL);
	struct cover *cover = cover_anew(frequency, filter, frequency);
	bool indexed = cover != NULL;

	for (size_t i = 0; indexed && i < cover->n; i++)
		indexed = cover->keys[i].kind != KEY_RUNS;
	talloc_free(frequency);
	return indexed;
}

/* NOLINTEND(misc-no-recursion) */
