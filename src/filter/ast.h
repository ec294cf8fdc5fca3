/* SPDX-License-Identifier: ISC */
#ifndef FILTER_AST_H
#define FILTER_AST_H

/*
 * A filter as a tree while it is parsed, and as it is kept: one block of
 * memory. Its nodes come first, each group before its children, so that reading
 * one is a walk in memory order and a child that need not be read is jumped
 * over; behind them what they point to.
 */

#include "base/span.h"
#include "filter/filter.h"
#include "filter/regex.h"
#include "filter/word.h"

enum {
	FILTER_PARENS = 32, /* open at once */
	FILTER_NOTS = 200, /* in a row */
	NUMBER_DIGITS = 9,
};

enum term_kind {
	TERM_TAG,
	TERM_PREFIX, /* "#db*" */
	TERM_WORD,
	TERM_REGEX,
	TERM_SEVERITY,
	TERM_STATUS,
	TERM_IS,
	TERM_HELPERS,
	TERM_AGE,
	TERM_HOST,
	TERM_SWARM,
	TERM_BY,
	TERM_SOURCE,
};

enum op { OP_EQUAL, OP_LESS, OP_AT_MOST, OP_MORE, OP_AT_LEAST };

enum is { IS_OPEN, IS_OVERDUE, IS_WANTED, IS_ORPHAN, IS_KNOWN, IS_COUNT };

enum { FIELD_ANY = FIELD_COUNT };

struct term {
	enum term_kind kind;
	enum op op;
	unsigned field; /* enum filter_field or FIELD_ANY */
	unsigned flags; /* of a regex */
	int64_t number; /* level, status, enum is, helpers, seconds */
	const char *text; /* tag, word, pattern, handle, source */
};

enum node_kind { NODE_TERM, NODE_NOT, NODE_AND, NODE_OR };

/* While parsing. An "and" of nothing is the empty filter. */
struct tree {
	enum node_kind kind;
	struct term term;
	struct tree **children;
	size_t n;
	const char *printed; /* its canonical form, once normalised */
	unsigned number; /* of its node, after tree_number() */
};

/* Adds a child at the end. */
void tree_push(void *owner, struct tree *tree, struct tree *child);

/* As kept. */
struct node {
	unsigned char kind; /* enum node_kind */
	unsigned char term; /* enum term_kind */
	unsigned char op;
	unsigned char field;
	unsigned short end; /* the first node behind it and its children */
	unsigned short mark; /* its bit, for tags and texts */
	union {
		const char *text;
		struct word *word;
		struct regex *regex;
		int64_t number;
	};
};

struct filter {
	const char *text; /* here as all the rest: behind the nodes */
	unsigned uses;
	bool topical;
	unsigned short n_nodes;
	struct node nodes[];
};

extern const char *const is_names[IS_COUNT];

/*
 * parser.c: text to tree, as it was written. stored: the text is one that
 * filter_text() gave; then this is its canonical tree.
 */
MUST_CHECK bool
tree_parse(void *owner, const char *text, const struct filter_context *context,
    bool stored, struct tree **ret, struct error *err);

/* term.c: one term, which begins with neither "(" nor "-" nor an operator. */
struct lexer;
MUST_CHECK bool term_parse(void *owner, struct lexer *lexer,
    const struct filter_context *context, struct term *ret);

/* What a term asks about: a bit of filter_uses, or two. */
unsigned term_uses(const struct term *term);

/*
 * filter.c: numbers the nodes of a canonical tree from `next` on, as they stand
 * in the filter; returns the number after the last.
 */
unsigned tree_number(struct tree *tree, unsigned next);

/* print.c: the canonical tree of a tree, every node of it printed. */
struct tree *tree_normalised(void *owner, struct tree *tree);
const char *term_print(void *owner, const struct term *term);

/* eval.c: does a term about state hold? */
bool
state_term_holds(const struct node *node, const struct filter_state *state);

#endif
