/* SPDX-License-Identifier: ISC */
#include "filter/ast.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "filter/lexer.h"

#include <string.h>

/* Trees are as deep as parentheses may be: FILTER_PARENS. */
/* NOLINTBEGIN(misc-no-recursion) */

/* The grammar of barnraise-filter(7), a function a rule. */
struct parser {
	void *owner;
	struct lexer *lexer;
	const struct filter_context *context;
	unsigned terms;
	unsigned parens;
};

void
tree_push(void *owner, struct tree *tree, struct tree *child)
{
	*mem_push(owner, &tree->children, &tree->n) = child;
}

static bool parse_or(struct parser *parser, struct tree **ret);

/* One child alone stands for its group. */
static struct tree *
group_end(struct tree *group)
{
	return group->n == 1 ? group->children[0] : group;
}

/* The run that comes next is this operator. */
static bool
is_next(const struct parser *parser, const char *operator)
{
	return span_is_word(lexer_run(parser->lexer), operator);
}

/* Reads an operator that is_next; a "(" may follow it at once. */
static bool
operator_read(struct parser *parser)
{
	struct lexer *lexer = parser->lexer;

	lexer->at += lexer_run(lexer).length;
	return lexer_peek(lexer) == '(' || lexer_end(lexer);
}

static bool
parse_parens(struct parser *parser, struct tree **ret)
{
	struct lexer *lexer = parser->lexer;
	size_t opened = lexer->at;

	if (parser->parens == FILTER_PARENS)
		return lexer_fail(lexer, opened,
		    "more than %d parentheses are open", FILTER_PARENS);
	parser->parens++;
	lexer->at++;
	lexer_space(lexer);
	if (lexer_peek(lexer) == ')')
		return lexer_fail(
		    lexer, opened, "there is nothing in the parentheses");
	if (lexer->at == lexer->length)
		return lexer_fail(lexer, opened, "( is never closed");
	if (!parse_or(parser, ret))
		return false;
	/* parse_or ends at ")" or at the end */
	if (lexer_peek(lexer) != ')')
		return lexer_fail(lexer, opened, "( is never closed");
	parser->parens--;
	lexer->at++;
	return true;
}

static bool
parse_primary(struct parser *parser, struct tree **ret)
{
	struct lexer *lexer = parser->lexer;
	struct tree *tree;

	if (lexer->at == lexer->length)
		return lexer_fail(lexer, lexer->at, "a term is missing");
	if (lexer_peek(lexer) == '(')
		return parse_parens(parser, ret);
	if (lexer_peek(lexer) == ')')
		return lexer_fail(
		    lexer, lexer->at, "a term is missing before )");
	if (span_is_operator(lexer_run(lexer)))
		return lexer_fail(lexer, lexer->at,
		    "a term is missing before this; "
		    "put the word in quotes to look for it");
	if (parser->terms == FILTER_TERMS)
		return lexer_fail(lexer, lexer->at,
		    "a filter has at most %d terms", FILTER_TERMS);
	parser->terms++;
	tree = mem_new(parser->owner, struct tree);
	tree->kind = NODE_TERM;
	if (!term_parse(parser->owner, lexer, parser->context, &tree->term))
		return false;
	*ret = tree;
	return true;
}

static bool
minus_read(struct parser *parser)
{
	struct lexer *lexer = parser->lexer;
	size_t minus = lexer->at++;
	size_t before = lexer->at;

	lexer_space(lexer);
	if (lexer->at != before || lexer->at == lexer->length ||
	    lexer_peek(lexer) == '-')
		return lexer_fail(lexer, minus,
		    "- stands directly before what it negates; "
		    "put it in quotes to look for it");
	return true;
}

static bool
parse_unary(struct parser *parser, struct tree **ret)
{
	struct lexer *lexer = parser->lexer;
	struct tree *tree = NULL, *negated;
	unsigned nots = 0;

	for (;; nots++) {
		bool minus = lexer_peek(lexer) == '-';

		if (!minus && !is_next(parser, "not"))
			break;
		if (nots == FILTER_NOTS)
			return lexer_fail(lexer, lexer->at,
			    "more than %d not in a row", FILTER_NOTS);
		if (minus ? !minus_read(parser) : !operator_read(parser))
			return false;
		lexer_space(lexer);
	}
	if (!parse_primary(parser, &tree))
		return false;
	if (nots % 2 == 0) {
		*ret = tree;
		return true;
	}
	negated = mem_new(parser->owner, struct tree);
	negated->kind = NODE_NOT;
	tree_push(parser->owner, negated, tree);
	*ret = negated;
	return true;
}

static bool
parse_and(struct parser *parser, struct tree **ret)
{
	struct lexer *lexer = parser->lexer;
	struct tree *all = mem_new(parser->owner, struct tree);
	struct tree *child = NULL;

	all->kind = NODE_AND;
	for (;;) {
		if (!parse_unary(parser, &child))
			return false;
		tree_push(parser->owner, all, child);
		lexer_space(lexer);
		if (lexer->at == lexer->length || lexer_peek(lexer) == ')' ||
		    is_next(parser, "or"))
			break;
		if (is_next(parser, "and")) {
			if (!operator_read(parser))
				return false;
			lexer_space(lexer);
		}
	}
	*ret = group_end(all);
	return true;
}

static bool
parse_or(struct parser *parser, struct tree **ret)
{
	struct lexer *lexer = parser->lexer;
	struct tree *any = mem_new(parser->owner, struct tree);
	struct tree *child = NULL;

	any->kind = NODE_OR;
	for (;;) {
		if (!parse_and(parser, &child))
			return false;
		tree_push(parser->owner, any, child);
		if (!is_next(parser, "or"))
			break;
		if (!operator_read(parser))
			return false;
		lexer_space(lexer);
	}
	*ret = group_end(any);
	return true;
}

/* What holds for the text before any of it is read. */
static bool
text_check(struct lexer *lexer)
{
	size_t at = 0;
	uint32_t code = 0;

	while (at < lexer->length) {
		size_t n = utf8_decode(
		    lexer->text + at, lexer->length - at, &code);

		if (n == 0)
			return lexer_fail(lexer, at, "not valid UTF-8");
		if (at + n > FILTER_MAX)
			return lexer_fail(lexer, at,
			    "a filter has at most %d bytes", FILTER_MAX);
		at += n;
	}
	return true;
}

bool
tree_parse(void *owner, const char *text, const struct filter_context *context,
    bool stored, struct tree **ret, struct error *err)
{
	struct lexer lexer = { text, strlen(text), 0, err, stored };
	struct parser parser = { owner, &lexer, context, 0, 0 };
	struct tree *tree = NULL;

	if (!text_check(&lexer))
		return false;
	lexer_space(&lexer);
	if (lexer.at == lexer.length) {
		tree = mem_new(owner, struct tree);
		tree->kind = NODE_AND;
	} else if (!parse_or(&parser, &tree))
		return false;
	if (lexer.at < lexer.length) /* parse_or stops at ")" only */
		return lexer_fail(&lexer, lexer.at, ") was never opened");
	*ret = tree;
	return true;
}

/* NOLINTEND(misc-no-recursion) */
