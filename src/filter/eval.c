/* SPDX-License-Identifier: ISC */
#include "filter/eval.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "filter/ast.h"

#include <string.h>

/* Trees are as deep as parentheses may be: FILTER_PARENS. */
/* NOLINTBEGIN(misc-no-recursion) */

struct text {
	const struct filter_text *source;
	size_t length; /* of source: as much as is searched */
	struct word_text grains[GRAINS];
	struct word_grams grams; /* folded */
	struct runs runs;
};

struct filter_scratch {
	struct regex_runner *runner;
	const struct filter_document *document;
	struct text *texts;
	size_t n_texts, room; /* those beyond n_texts keep their memory */
	bool has_grain[GRAINS]; /* the texts are ready in it */
	bool has_grams[GRAINS];
	bool has_runs;
	bool quick; /* scratch_set_quick() */
	struct runs runs;
	struct word_grams grams[GRAINS];
};

struct filter_scratch *
filter_scratch_new(void *owner, int64_t budget)
{
	struct filter_scratch *scratch = mem_new(owner, struct filter_scratch);

	scratch->runner = regex_runner_new(scratch, budget);
	return scratch;
}

void
scratch_set_document(
    struct filter_scratch *scratch, const struct filter_document *document)
{
	regex_costs_end(scratch->runner);
	scratch->document = document;
	memset(scratch->has_grain, 0, sizeof scratch->has_grain);
	memset(scratch->has_grams, 0, sizeof scratch->has_grams);
	scratch->has_runs = scratch->quick = false;
	for (size_t i = 0; i < document->n_texts; i++) {
		const struct filter_text *text = &document->texts[i];

		if (i == scratch->room)
			*mem_push(scratch, &scratch->texts,
			    &scratch->room) = (struct text){ 0 };
		scratch->texts[i].source = text;
		scratch->texts[i].length = utf8_cut(
		    text->text, text->length, SEARCHED_MAX);
	}
	scratch->n_texts = document->n_texts;
}

/* Only when one is asked for: folding costs more than a short regex. */
static void
scratch_need(struct filter_scratch *scratch, enum grain grain)
{
	if (scratch->has_grain[grain])
		return;
	if (grain != GRAIN_FOLDED)
		scratch_need(scratch, GRAIN_FOLDED);
	for (size_t i = 0; i < scratch->n_texts; i++) {
		struct text *text = &scratch->texts[i];
		struct word_text *folded = &text->grains[GRAIN_FOLDED];

		if (grain != GRAIN_FOLDED) {
			grain_text_set(
			    scratch, &text->grains[grain], grain, folded);
			continue;
		}
		memset(&text->grams, 0, sizeof text->grams);
		word_text_set(scratch, folded, text->source->text, text->length,
		    &text->grams);
	}
	scratch->has_grain[grain] = true;
}

static void
grams_join(struct word_grams *all, const struct word_grams *more)
{
	for (size_t i = 0; i < GRAMS / 64; i++)
		all->bits[i] |= more->bits[i];
}

const struct word_text *
scratch_text(struct filter_scratch *scratch, enum grain grain, size_t i)
{
	CHECK(i < scratch->n_texts);
	scratch_need(scratch, grain);
	return &scratch->texts[i].grains[grain];
}

const struct word_grams *
scratch_grams(struct filter_scratch *scratch, enum grain grain)
{
	struct word_grams *grams = &scratch->grams[grain];

	scratch_need(scratch, grain);
	if (scratch->has_grams[grain])
		return grams;
	memset(grams, 0, sizeof *grams);
	for (size_t i = 0; i < scratch->n_texts; i++) {
		const struct text *text = &scratch->texts[i];

		if (grain == GRAIN_FOLDED)
			grams_join(grams, &text->grams);
		else
			word_grams_add(grams, &text->grains[grain]);
	}
	scratch->has_grams[grain] = true;
	return grams;
}

struct runs
scratch_runs(struct filter_scratch *scratch)
{
	struct runs longest = { 0 };

	if (scratch->has_runs)
		return scratch->runs;
	for (size_t i = 0; i < scratch->n_texts; i++) {
		struct text *text = &scratch->texts[i];

		text->runs = runs_of_text(text->source->text, text->length);
		longest.lengths = runs_most(
		    longest.lengths, text->runs.lengths);
	}
	scratch->has_runs = true;
	return scratch->runs = longest;
}

void
scratch_set_quick(struct filter_scratch *scratch)
{
	scratch_need(scratch, GRAIN_FOLDED);
	(void)scratch_runs(scratch);
	scratch->quick = true;
}

bool
grams_are_in(
    const unsigned short *grams, unsigned n, const struct word_grams *all)
{
	for (unsigned i = 0; i < n; i++) {
		if ((all->bits[grams[i] / 64] >> grams[i] % 64 & 1) == 0)
			return false;
	}
	return true;
}

bool
scratch_has_text(const struct filter_scratch *scratch)
{
	return scratch->n_texts > 0;
}

static bool
has_field(const struct node *node, const struct text *text)
{
	return node->field == FIELD_ANY ||
	    node->field == (unsigned char)text->source->field;
}

static bool
word_holds(const struct node *node, struct filter_scratch *scratch)
{
	if (!word_may_be_in(node->word, scratch_grams(scratch, GRAIN_FOLDED)))
		return false;
	for (size_t i = 0; i < scratch->n_texts; i++) {
		if (has_field(node, &scratch->texts[i]) &&
		    word_is_in(
			node->word, &scratch->texts[i].grains[GRAIN_FOLDED]))
			return true;
	}
	return false;
}

static bool
may_be_found(const struct regex *regex, const struct text *text)
{
	return runs_suffice(text->runs, regex->runs) &&
	    grams_are_in(regex->grams, regex->n_grams, &text->grams);
}

static bool
regex_holds(const struct node *node, struct filter_scratch *scratch)
{
	for (size_t i = 0; i < scratch->n_texts; i++) {
		const struct text *text = &scratch->texts[i];

		if (has_field(node, text) &&
		    (!scratch->quick || may_be_found(node->regex, text)) &&
		    regex_is_in(node->regex, text->source->text, text->length,
			scratch->runner))
			return true;
	}
	return false;
}

static bool
tag_holds(const struct node *node, const struct filter_document *document)
{
	size_t n = node->term == TERM_TAG ? SIZE_MAX : strlen(node->text);

	for (size_t i = 0; i < document->n_tags; i++) {
		const char *tag = document->tags[i];

		if (n == SIZE_MAX ? strcmp(tag, node->text) == 0
				  : strncmp(tag, node->text, n) == 0)
			return true;
	}
	return false;
}

static enum filter_verdict
read_term(const struct node *node, struct filter_scratch *scratch,
    struct filter_marks *marks)
{
	bool holds;

	if (node->term == TERM_TAG || node->term == TERM_PREFIX)
		holds = tag_holds(node, scratch->document);
	else if (node->term == TERM_WORD)
		holds = word_holds(node, scratch);
	else if (node->term == TERM_REGEX)
		holds = regex_holds(node, scratch);
	else
		return FILTER_OPEN;
	if (holds)
		marks->bits[node->mark / 64] |= UINT64_C(1) << node->mark % 64;
	return holds ? FILTER_TRUE : FILTER_FALSE;
}

/*
 * Three values, after Kleene. A child that decides its group ends it: what
 * was not read has no bit, and filter_decide needs none of them, as the one
 * that decided is there.
 */
static enum filter_verdict
read_node(const struct filter *filter, unsigned at,
    struct filter_scratch *scratch, struct filter_marks *marks)
{
	const struct node *node = &filter->nodes[at];
	enum filter_verdict ends, verdict;

	if (node->kind == NODE_TERM)
		return read_term(node, scratch, marks);
	if (node->kind == NODE_NOT) {
		verdict = read_node(filter, at + 1, scratch, marks);
		return verdict == FILTER_OPEN ? FILTER_OPEN
		    : verdict == FILTER_TRUE  ? FILTER_FALSE
					      : FILTER_TRUE;
	}
	ends = node->kind == NODE_AND ? FILTER_FALSE : FILTER_TRUE;
	verdict = node->kind == NODE_AND ? FILTER_TRUE : FILTER_FALSE;
	for (unsigned i = at + 1; i < node->end; i = filter->nodes[i].end) {
		enum filter_verdict child = read_node(
		    filter, i, scratch, marks);

		if (child == ends)
			return ends;
		if (child == FILTER_OPEN)
			verdict = FILTER_OPEN;
	}
	return verdict;
}

enum filter_verdict
scratch_read(const struct filter *filter, struct filter_scratch *scratch,
    struct filter_marks *marks, bool *over)
{
	enum filter_verdict verdict;

	*marks = (struct filter_marks){ 0 };
	regex_budget_begin(scratch->runner);
	verdict = read_node(filter, 0, scratch, marks);
	*over = regex_budget_is_over(scratch->runner);
	return verdict;
}

void
scratch_costs_begin(struct filter_scratch *scratch)
{
	regex_costs_begin(scratch->runner);
}

int64_t
scratch_cost(struct filter_scratch *scratch)
{
	return regex_cost(scratch->runner);
}

enum filter_verdict
filter_read(const struct filter *filter, const struct filter_document *document,
    struct filter_scratch *scratch, struct filter_marks *marks, bool *over)
{
	scratch_set_document(scratch, document);
	return scratch_read(filter, scratch, marks, over);
}

static bool
number_holds(const struct node *node, int64_t number)
{
	switch ((enum op)node->op) {
	case OP_EQUAL:
		return number == node->number;
	case OP_LESS:
		return number < node->number;
	case OP_AT_MOST:
		return number <= node->number;
	case OP_MORE:
		return number > node->number;
	case OP_AT_LEAST:
		return number >= node->number;
	}
	CHECK(!"an operator");
	return false;
}

/* Seconds against microseconds; the largest age has 15 digits of seconds. */
static bool
age_holds(const struct node *node, int64_t age)
{
	struct node scaled = *node;

	scaled.number = node->number > INT64_MAX / SECOND
	    ? INT64_MAX
	    : node->number * SECOND;
	return number_holds(&scaled, age);
}

static bool
is_holds(enum is is, const struct filter_state *state)
{
	bool open = state->status == STATUS_OPEN;
	bool going = open || state->status == STATUS_SWARMING;

	switch (is) {
	case IS_OPEN:
		return going;
	case IS_OVERDUE:
		return going && state->overdue;
	case IS_WANTED:
		return going && state->wanted;
	case IS_ORPHAN:
		return open && state->orphan;
	case IS_KNOWN:
		return state->known;
	case IS_COUNT:
		break;
	}
	CHECK(!"a state");
	return false;
}

static bool
is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
is_among(const char *handle, const char *const *handles, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(handle, handles[i]) == 0)
			return true;
	}
	return false;
}

bool
state_term_holds(const struct node *node, const struct filter_state *state)
{
	switch ((enum term_kind)node->term) {
	case TERM_SEVERITY:
		return number_holds(node, (int64_t)state->severity);
	case TERM_STATUS:
		return node->number == (int64_t)state->status;
	case TERM_IS:
		return is_holds((enum is)node->number, state);
	case TERM_HELPERS:
		return number_holds(node, state->helpers);
	case TERM_AGE:
		return age_holds(node, state->age);
	case TERM_HOST:
		return state->host == NULL
		    ? strcmp(node->text, "none") == 0
		    : strcmp(node->text, state->host) == 0;
	case TERM_SWARM:
		return is_among(node->text, state->swarm, state->n_swarm);
	case TERM_BY:
		return is_same(node->text, state->by);
	case TERM_SOURCE:
		return is_same(node->text, state->source);
	case TERM_TAG:
	case TERM_PREFIX:
	case TERM_WORD:
	case TERM_REGEX:
		break;
	}
	CHECK(!"a term about state");
	return false;
}

static bool
decide_node(const struct filter *filter, unsigned at,
    const struct filter_marks *marks, const struct filter_state *state)
{
	const struct node *node = &filter->nodes[at];

	if (node->kind == NODE_TERM) {
		if (node->term <= TERM_REGEX)
			return (marks->bits[node->mark / 64] >>
				       node->mark % 64 &
				   1) != 0;
		return state_term_holds(node, state);
	}
	if (node->kind == NODE_NOT)
		return !decide_node(filter, at + 1, marks, state);
	for (unsigned i = at + 1; i < node->end; i = filter->nodes[i].end) {
		if (decide_node(filter, i, marks, state) ==
		    (node->kind == NODE_OR))
			return node->kind == NODE_OR;
	}
	return node->kind == NODE_AND;
}

bool
filter_decide(const struct filter *filter, const struct filter_marks *marks,
    const struct filter_state *state)
{
	return decide_node(filter, 0, marks, state);
}

bool
filter_matches(const struct filter *filter,
    const struct filter_document *document, const struct filter_state *state,
    struct filter_scratch *scratch)
{
	struct filter_marks marks;
	bool over;
	enum filter_verdict verdict = filter_read(
	    filter, document, scratch, &marks, &over);

	return verdict == FILTER_OPEN ? filter_decide(filter, &marks, state)
				      : verdict == FILTER_TRUE;
}

static bool
swarm_holds_all(const struct filter_state *of, const struct filter_state *in)
{
	for (size_t i = 0; i < of->n_swarm; i++) {
		if (!is_among(of->swarm[i], in->swarm, in->n_swarm))
			return false;
	}
	return true;
}

unsigned
filter_state_changes(
    const struct filter_state *before, const struct filter_state *after)
{
	const struct filter_state *a = before, *b = after;
	const struct {
		unsigned uses;
		bool same;
	} parts[] = {
		{ FILTER_USES_SEVERITY, a->severity == b->severity },
		{ FILTER_USES_STATUS, a->status == b->status },
		{ FILTER_USES_OVERDUE, a->overdue == b->overdue },
		{ FILTER_USES_WANTED, a->wanted == b->wanted },
		{ FILTER_USES_ORPHAN, a->orphan == b->orphan },
		{ FILTER_USES_KNOWN, a->known == b->known },
		{ FILTER_USES_HELPERS, a->helpers == b->helpers },
		{ FILTER_USES_AGE, a->age == b->age },
		{ FILTER_USES_HOST, is_same(a->host, b->host) },
		{ FILTER_USES_SWARM,
		    swarm_holds_all(a, b) && swarm_holds_all(b, a) },
		{ FILTER_USES_BY, is_same(a->by, b->by) },
		{ FILTER_USES_SOURCE, is_same(a->source, b->source) },
	};
	unsigned changes = 0;

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		changes |= parts[i].same ? 0 : parts[i].uses;
	return changes;
}

/* NOLINTEND(misc-no-recursion) */
