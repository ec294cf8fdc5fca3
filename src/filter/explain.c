/* SPDX-License-Identifier: ISC */
#include "filter/explain.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/mem.h"
#include "filter/ast.h"
#include "filter/cover.h"
#include "filter/literal.h"

#include <string.h>

/* Trees are as deep as parentheses may be: FILTER_PARENS. */
/* NOLINTBEGIN(misc-no-recursion) */

enum {
	COLUMN = 32, /* where what is said of a term begins */
	SHOWN = 4, /* keys and literals that are named one by one */
};

struct explainer {
	struct buf *out;
	const struct cover *cover; /* or NULL */
};

static void
put_span(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.text[i];

		if (c < 0x20 || c == 0x7f)
			buf_printf(out, "\\x%02x", c);
		else
			buf_char(out, text.text[i]);
	}
}

static void
put_literals(struct buf *out, const struct span *literals, size_t n)
{
	for (size_t i = 0; i < n && i < SHOWN; i++) {
		buf_text(out, i == 0 ? "\"" : " or \"");
		put_span(out, literals[i]);
		buf_char(out, '"');
	}
	if (n > SHOWN)
		buf_printf(out, " or one of %zu more", n - SHOWN);
}

static bool
is_key(const struct key *key, struct span text)
{
	return key->kind == KEY_LITERAL &&
	    memmem(text.text, text.length, key->text, key->length) != NULL;
}

static bool
literal_is_looked_up(const struct explainer *explainer, struct span text)
{
	const struct cover *cover = explainer->cover;

	for (size_t i = 0; cover != NULL && i < cover->n; i++)
		if (is_key(&cover->keys[i], text))
			return true;
	return false;
}

static bool
tag_is_looked_up(const struct explainer *explainer, const struct term *term)
{
	const struct cover *cover = explainer->cover;
	uint64_t hash = hash_bytes(term->text, strlen(term->text));
	unsigned kind = term->kind == TERM_TAG ? KEY_TAG : KEY_PREFIX;

	for (size_t i = 0; cover != NULL && i < cover->n; i++)
		if (cover->keys[i].kind == kind && cover->keys[i].hash == hash)
			return true;
	return false;
}

static void
explain_runs(struct buf *out, struct runs runs)
{
	static const char *const names[] = { "digits", "hex digits", "letters",
		"letters or digits", "spaces", "marks",
		"characters beyond ASCII", "characters of a line" };
	unsigned best = 0;

	/* the first sets are the smallest: of equals the first says most */
	for (unsigned i = 1; i < 8; i++)
		if ((runs.lengths >> 8 * i & 255) >
		    (runs.lengths >> 8 * best & 255))
			best = i;
	buf_printf(out, "searched where %u %s stand in a row",
	    (unsigned)(runs.lengths >> 8 * best & 255), names[best]);
}

static void
explain_regex(struct explainer *explainer, const struct term *term)
{
	struct needs *needs = regex_needs(
	    NULL, span_of(term->text), term->flags);
	struct buf *out = explainer->out;
	const struct need *looked_up = NULL;

	for (size_t i = 0; i < needs->n && looked_up == NULL; i++)
		if (literal_is_looked_up(
			explainer, needs->needs[i].literals[0]))
			looked_up = &needs->needs[i];
	if (needs->always)
		buf_text(out, "found in every text");
	else if (looked_up != NULL) {
		buf_text(out, "looked up: ");
		put_literals(out, looked_up->literals, looked_up->n);
		buf_text(out, "; searched there");
	} else if (needs->n > 0) {
		buf_text(out, "searched where there is ");
		put_literals(out, needs->needs[0].literals, needs->needs[0].n);
	} else if (needs->runs.lengths != 0)
		explain_runs(out, needs->runs);
	else
		buf_text(out, "searched in every text");
	talloc_free(needs);
}

static void
explain_term(struct explainer *explainer, const struct term *term)
{
	struct buf *out = explainer->out;
	struct word *word;

	switch (term->kind) {
	case TERM_TAG:
	case TERM_PREFIX:
		buf_text(out,
		    tag_is_looked_up(explainer, term) ? "looked up"
						      : "compared");
		break;
	case TERM_WORD:
		word = word_new(NULL, term->text);
		buf_text(out,
		    literal_is_looked_up(explainer, word_folded(word))
			? "looked up"
			: "read in the text");
		talloc_free(word);
		break;
	case TERM_REGEX:
		explain_regex(explainer, term);
		break;
	case TERM_SEVERITY:
	case TERM_STATUS:
	case TERM_IS:
	case TERM_HELPERS:
	case TERM_AGE:
	case TERM_HOST:
	case TERM_SWARM:
	case TERM_BY:
	case TERM_SOURCE:
		buf_text(out, "decided from the state");
		break;
	}
}

static void
explain_tree(
    struct explainer *explainer, const struct tree *tree, unsigned depth)
{
	static const char *const names[] = {
		[NODE_NOT] = "not", [NODE_AND] = "and", [NODE_OR] = "or"
	};
	struct buf *out = explainer->out;
	size_t begins = out->length;

	buf_printf(out, "%*s", (int)depth * 2, "");
	if (tree->kind == NODE_TERM) {
		put_span(out, span_of(tree->printed));
		buf_text(out, "  ");
		while (out->length - begins < COLUMN)
			buf_char(out, ' ');
		explain_term(explainer, &tree->term);
	} else
		buf_text(out, tree->n == 0 ? "everything" : names[tree->kind]);
	buf_char(out, '\n');
	for (size_t i = 0; i < tree->n; i++)
		explain_tree(explainer, tree->children[i], depth + 1);
}

static void
explain_whole(struct explainer *explainer, const struct filter *filter)
{
	const char *warning = filter_warning(filter);
	const struct cover *cover = explainer->cover;

	if (cover != NULL)
		buf_printf(explainer->out,
		    "\nincidents with %s are read, no others\n",
		    cover->n == 0	? "nothing"
			: cover->n == 1 ? "what is looked up"
					: "one of what is looked up");
	else if (warning != NULL)
		buf_printf(explainer->out, "\n%s\n", warning);
	else
		buf_text(explainer->out,
		    "\nevery incident is looked at, but no text is read\n");
}

const char *
filter_explained(void *owner, const struct filter *filter)
{
	const struct filter_context context = { 0 };
	void *here = mem_root("explain");
	struct frequency *frequency = frequency_new(here);
	struct explainer explainer = {
		.out = buf_new(owner),
		.cover = cover_anew(here, filter, frequency),
	};
	struct error err = { 0 };
	struct tree *tree = NULL;

	/* what was printed by filter_text() is read back */
	CHECK(tree_parse(
	    here, filter_text(filter), &context, false, &tree, &err));
	explain_tree(&explainer, tree_normalised(here, tree), 0);
	explain_whole(&explainer, filter);
	talloc_free(here);
	return explainer.out->text;
}

/* NOLINTEND(misc-no-recursion) */
