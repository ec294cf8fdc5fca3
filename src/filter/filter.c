/* SPDX-License-Identifier: ISC */
#include "filter/filter.h"

#include "base/check.h"
#include "base/mem.h"
#include "filter/ast.h"

#include <string.h>

enum {
	ALIGNED = 8, /* all that stands in a filter behind its nodes */
	PARSING = 4096, /* bytes that most filters need while parsed, at once */
};

/* Trees are as deep as parentheses may be: FILTER_PARENS. */
/* NOLINTBEGIN(misc-no-recursion) */

/* Where the next node goes while a tree is laid out, and what it points to. */
struct layout {
	struct filter *filter;
	char *room;
	unsigned marks;
};

/* How dear a tree is to read: tags, then words, then regexes. */
static unsigned
tree_cost(const struct tree *tree)
{
	unsigned most = 0;

	if (tree->kind == NODE_TERM)
		return tree->term.kind == TERM_REGEX ? 3
		    : tree->term.kind == TERM_WORD   ? 2
						     : 1;
	for (size_t i = 0; i < tree->n; i++) {
		unsigned cost = tree_cost(tree->children[i]);

		most = cost > most ? cost : most;
	}
	return most;
}

/* Bytes for what the node of a term points to. */
static size_t
term_room(const struct term *term)
{
	size_t room = 0;

	if (term->kind == TERM_WORD)
		room = word_room(term->text);
	else if (term->kind == TERM_REGEX)
		room = sizeof(struct regex);
	else if (term->text != NULL)
		room = strlen(term->text) + 1;
	return (room + ALIGNED - 1) / ALIGNED * ALIGNED;
}

/* Bytes for all nodes of a tree and what they point to. */
static size_t
tree_room(const struct tree *tree)
{
	size_t room = sizeof(struct node);

	if (tree->kind == NODE_TERM)
		room += term_room(&tree->term);
	for (size_t i = 0; i < tree->n; i++)
		room += tree_room(tree->children[i]);
	return room;
}

static unsigned
tree_count(const struct tree *tree)
{
	unsigned n = 1;

	for (size_t i = 0; i < tree->n; i++)
		n += tree_count(tree->children[i]);
	return n;
}

/* Topical by its form: see barnraise-filter(7), is:orphan. */
static bool
tree_is_topical(const struct tree *tree)
{
	size_t topical = 0;

	for (size_t i = 0; i < tree->n; i++)
		topical += tree_is_topical(tree->children[i]);
	switch (tree->kind) {
	case NODE_TERM:
		return tree->term.kind == TERM_TAG ||
		    tree->term.kind == TERM_WORD ||
		    tree->term.kind == TERM_REGEX ||
		    (tree->term.kind == TERM_PREFIX &&
			tree->term.text[0] != '\0');
	case NODE_AND:
		return topical > 0;
	case NODE_OR:
		return topical == tree->n;
	case NODE_NOT:
		break;
	}
	return false;
}

/* A pattern stands in the text of the filter as it is: it is borrowed there. */
static void
lay_regex(struct layout *layout, struct node *node, const struct term *term)
{
	const char *text = layout->filter->text;
	struct span pattern = span_of(term->text);

	pattern.text = memmem(text, strlen(text), pattern.text, pattern.length);
	CHECK(pattern.text != NULL);
	node->regex = (struct regex *)(void *)layout->room;
	regex_set(node->regex, pattern, term->flags);
}

static void
lay_term(struct layout *layout, struct node *node, const struct term *term)
{
	struct filter *filter = layout->filter;
	unsigned uses = term_uses(term);

	node->term = (unsigned char)term->kind;
	node->op = (unsigned char)term->op;
	node->field = (unsigned char)term->field;
	filter->uses |= uses;
	if ((uses & FILTER_USES_DOCUMENT) != 0)
		node->mark = (unsigned short)layout->marks++;
	if (term->kind == TERM_WORD)
		node->word = word_put(layout->room, term->text);
	else if (term->kind == TERM_REGEX)
		lay_regex(layout, node, term);
	else if (term->text != NULL)
		node->text = memcpy(
		    layout->room, term->text, strlen(term->text) + 1);
	else
		node->number = term->number;
	layout->room += term_room(term);
}

/* The cheap children first: the order says nothing about what is true. */
static void
lay_out(struct layout *layout, const struct tree *tree)
{
	struct filter *filter = layout->filter;
	struct node *node = &filter->nodes[filter->n_nodes++];

	node->kind = (unsigned char)tree->kind;
	if (tree->kind == NODE_TERM)
		lay_term(layout, node, &tree->term);
	for (unsigned cost = 0; cost <= 3 && tree->n > 0; cost++) {
		for (size_t i = 0; i < tree->n; i++) {
			if (tree_cost(tree->children[i]) == cost)
				lay_out(layout, tree->children[i]);
		}
	}
	node->end = filter->n_nodes;
}

/* In the same order. */
unsigned
tree_number(struct tree *tree, unsigned next)
{
	tree->number = next++;
	for (unsigned cost = 0; cost <= 3 && tree->n > 0; cost++) {
		for (size_t i = 0; i < tree->n; i++) {
			if (tree_cost(tree->children[i]) == cost)
				next = tree_number(tree->children[i], next);
		}
	}
	return next;
}

static int
filter_free(struct filter *filter)
{
	for (unsigned i = 0; i < filter->n_nodes; i++) {
		const struct node *node = &filter->nodes[i];

		if (node->kind == NODE_TERM && node->term == TERM_REGEX)
			regex_drop(node->regex);
	}
	return 0;
}

static struct filter *
filter_compiled(void *owner, const struct tree *tree)
{
	size_t length = strlen(tree->printed) + 1, room = tree_room(tree);
	struct filter *filter = mem_zero(
	    owner, 1, sizeof *filter + room + length, "struct filter");
	struct layout layout = { .filter = filter };

	filter->text = memcpy(
	    (char *)filter->nodes + room, tree->printed, length);
	filter->topical = tree_is_topical(tree);
	layout.room = (char *)(filter->nodes + tree_count(tree));
	lay_out(&layout, tree);
	CHECK(layout.room == filter->text);
	talloc_set_destructor(filter, filter_free);
	return filter;
}

bool
filter_parse(void *owner, const char *text,
    const struct filter_context *context, struct filter **ret,
    struct error *err)
{
	void *here = mem_pool("parsing", PARSING);
	struct tree *tree = NULL;
	bool ok = tree_parse(here, text, context, false, &tree, err);

	if (ok) {
		tree = tree_normalised(here, tree);
		/* what is stored has to be read again */
		if (strlen(tree->printed) > FILTER_MAX)
			ok = error_field(err, "filter", 1,
			    "in its canonical form the filter has more than "
			    "%d bytes",
			    FILTER_MAX);
	}
	if (ok)
		*ret = filter_compiled(owner, tree);
	talloc_free(here);
	return ok;
}

bool
filter_parse_stored(
    void *owner, const char *text, struct filter **ret, struct error *err)
{
	const struct filter_context nobody = { 0 };
	void *here = mem_pool("parsing", PARSING);
	struct tree *tree = NULL;
	bool ok = tree_parse(here, text, &nobody, true, &tree, err);

	if (ok) {
		tree->printed = text;
		*ret = filter_compiled(owner, tree);
	}
	talloc_free(here);
	return ok;
}

const char *
filter_text(const struct filter *filter)
{
	return filter->text;
}

unsigned
filter_uses(const struct filter *filter)
{
	return filter->uses;
}

bool
filter_is_topical(const struct filter *filter)
{
	return filter->topical;
}

/* NOLINTEND(misc-no-recursion) */
