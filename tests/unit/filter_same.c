/* SPDX-License-Identifier: ISC */
#include "filter_same.h"

#include "base/mem.h"
#include "filter/ast.h"

#include <string.h>

static bool
span_same(struct span a, struct span b)
{
	return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

static bool
node_same(const struct node *a, const struct node *b)
{
	if (a->kind != b->kind || a->end != b->end)
		return false;
	if (a->kind != NODE_TERM)
		return true;
	if (a->term != b->term || a->op != b->op || a->field != b->field ||
	    a->mark != b->mark)
		return false;
	if (a->term == TERM_WORD)
		return span_same(word_folded(a->word), word_folded(b->word));
	if (a->term == TERM_REGEX)
		return a->regex->flags == b->regex->flags &&
		    span_same(regex_pattern(a->regex), regex_pattern(b->regex));
	if (a->term == TERM_TAG || a->term == TERM_PREFIX ||
	    a->term >= TERM_HOST)
		return strcmp(a->text, b->text) == 0;
	return a->number == b->number;
}

bool
filter_same(const struct filter *a, const struct filter *b)
{
	if (strcmp(filter_text(a), filter_text(b)) != 0 ||
	    filter_uses(a) != filter_uses(b) ||
	    filter_is_topical(a) != filter_is_topical(b) ||
	    a->n_nodes != b->n_nodes)
		return false;
	for (unsigned i = 0; i < a->n_nodes; i++) {
		if (!node_same(&a->nodes[i], &b->nodes[i]))
			return false;
	}
	return true;
}

bool
filter_reads_back(const struct filter *filter)
{
	struct filter *stored = NULL;
	struct error err = { 0 };
	bool same = filter_parse_stored(
			NULL, filter_text(filter), &stored, &err) &&
	    filter_same(filter, stored);

	talloc_free(stored);
	return same;
}
