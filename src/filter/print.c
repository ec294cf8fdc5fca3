/* SPDX-License-Identifier: ISC */
#include "filter/ast.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/mem.h"
#include "filter/lexer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Trees are as deep as parentheses may be: FILTER_PARENS. */
/* NOLINTBEGIN(misc-no-recursion) */

static const char *const op_names[] = {
	[OP_EQUAL] = ":",
	[OP_LESS] = "<",
	[OP_AT_MOST] = "<=",
	[OP_MORE] = ">",
	[OP_AT_LEAST] = ">=",
};

static const char *const field_names[] = {
	[FIELD_TITLE] = "title:",
	[FIELD_BODY] = "body:",
	[FIELD_ENVIRONMENT] = "environment:",
	[FIELD_ANY] = "",
};

/* Would a bare word read back as the same word? Behind a field more does. */
static bool
is_bare(const char *text, bool behind_field)
{
	struct error err = { 0 };
	struct lexer lexer = {
		.text = text, .length = strlen(text), .err = &err
	};
	struct filter_context context = { 0 };
	struct term term;
	struct span word;
	void *here;
	bool same;

	if (behind_field)
		return lexer_word(&lexer, &word) && word.length == strlen(text);
	if (span_is_operator(span_of(text)) || !span_begins_word(span_of(text)))
		return false;
	here = mem_root("word");
	same = term_parse(here, &lexer, &context, &term) &&
	    term.kind == TERM_WORD && term.field == FIELD_ANY &&
	    strcmp(term.text, text) == 0;
	talloc_free(here);
	return same;
}

static void
print_text(struct buf *buf, const struct term *term)
{
	char *lower = mem_copy(buf, term->text);
	bool bare;

	for (char *c = lower; *c != '\0'; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c | 0x20 : *c);
	bare = is_bare(lower, term->field != FIELD_ANY);
	buf_text(buf, field_names[term->field]);
	if (!bare)
		buf_char(buf, '"');
	for (const char *c = lower; *c != '\0'; c++) {
		if (!bare && (*c == '"' || *c == '\\'))
			buf_char(buf, '\\');
		buf_char(buf, *c);
	}
	if (!bare)
		buf_char(buf, '"');
}

static void
print_regex(struct buf *buf, const struct term *term)
{
	static const char letters[] = "imsx";

	buf_printf(buf, "%s/%s/", field_names[term->field], term->text);
	for (unsigned i = 0; letters[i] != '\0'; i++) {
		if ((term->flags & 1U << i) != 0)
			buf_char(buf, letters[i]);
	}
}

static void
print_age(struct buf *buf, const struct term *term)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = { { 'w', 604800 }, { 'd', 86400 }, { 'h', 3600 },
		{ 'm', 60 }, { 's', 1 } };
	size_t i = 0;

	if (term->number == 0)
		i = 4;
	while (term->number % units[i].seconds != 0)
		i++;
	buf_printf(buf, "age%s%" PRId64 "%c", op_names[term->op],
	    term->number / units[i].seconds, units[i].letter);
}

const char *
term_print(void *owner, const struct term *term)
{
	struct buf *buf = buf_new(owner);

	switch (term->kind) {
	case TERM_TAG:
		buf_printf(buf, "#%s", term->text);
		break;
	case TERM_PREFIX:
		buf_printf(buf, "#%s*", term->text);
		break;
	case TERM_WORD:
		print_text(buf, term);
		break;
	case TERM_REGEX:
		print_regex(buf, term);
		break;
	case TERM_SEVERITY:
		buf_printf(buf, "severity%s%s", op_names[term->op],
		    filter_severity_names[term->number]);
		break;
	case TERM_STATUS:
		buf_printf(buf, "status:%s", filter_status_names[term->number]);
		break;
	case TERM_IS:
		buf_printf(buf, "is:%s", is_names[term->number]);
		break;
	case TERM_HELPERS:
		buf_printf(
		    buf, "helpers%s%" PRId64, op_names[term->op], term->number);
		break;
	case TERM_AGE:
		print_age(buf, term);
		break;
	case TERM_HOST:
		buf_printf(buf, "host:%s", term->text);
		break;
	case TERM_SWARM:
		buf_printf(buf, "swarm:%s", term->text);
		break;
	case TERM_BY:
		buf_printf(buf, "by:%s", term->text);
		break;
	case TERM_SOURCE:
		buf_printf(buf, "source:%s", term->text);
		break;
	}
	return buf->text;
}

static int
compare_printed(const void *a, const void *b)
{
	const struct tree *const *left = a, *const *right = b;

	return strcmp((*left)->printed, (*right)->printed);
}

static const char *
print_tree(void *owner, const struct tree *tree)
{
	struct buf *buf = buf_new(owner);

	if (tree->kind == NODE_TERM)
		return term_print(owner, &tree->term);
	if (tree->kind == NODE_NOT)
		buf_char(buf, '-');
	for (size_t i = 0; i < tree->n; i++) {
		const struct tree *child = tree->children[i];
		bool parens = tree->kind == NODE_NOT
		    ? child->kind != NODE_TERM
		    : tree->kind == NODE_AND && child->kind == NODE_OR;

		if (i > 0)
			buf_text(buf, tree->kind == NODE_OR ? " or " : " ");
		buf_printf(buf, parens ? "(%s)" : "%s", child->printed);
	}
	return buf->text;
}

/* Children in order, equal ones once. */
static void
sort_children(struct tree *tree)
{
	size_t kept = 0;

	if (tree->n > 0)
		qsort(tree->children, tree->n, sizeof *tree->children,
		    compare_printed);
	for (size_t i = 0; i < tree->n; i++) {
		if (kept == 0 ||
		    compare_printed(
			&tree->children[kept - 1], &tree->children[i]) != 0)
			tree->children[kept++] = tree->children[i];
	}
	tree->n = kept;
}

struct tree *
tree_normalised(void *owner, struct tree *tree)
{
	struct tree *made = mem_new(owner, struct tree);

	made->kind = tree->kind;
	made->term = tree->term;
	for (size_t i = 0; i < tree->n; i++) {
		struct tree *child = tree_normalised(owner, tree->children[i]);

		if (child->kind != made->kind) {
			tree_push(owner, made, child);
			continue;
		}
		if (made->kind == NODE_NOT)
			return child->children[0];
		for (size_t j = 0; j < child->n; j++)
			tree_push(owner, made, child->children[j]);
	}
	if (made->kind == NODE_AND || made->kind == NODE_OR) {
		sort_children(made);
		if (made->n == 1)
			return made->children[0];
	}
	made->printed = print_tree(owner, made);
	return made;
}

/* NOLINTEND(misc-no-recursion) */
