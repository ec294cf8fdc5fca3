/* SPDX-License-Identifier: ISC */
#include "filter/why.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/mem.h"
#include "filter/ast.h"

/* As deep as a filter is told apart: what stands deeper is told as a whole. */
struct filter_why {
	struct filter **parts;
	size_t n;
};

static void
add(struct filter_why *why, const struct tree *part)
{
	static const struct filter_context nobody = { 0 };
	struct error err = { 0 };
	struct filter *filter = NULL;

	/* its canonical text, of a filter that was read already */
	CHECK(filter_parse(why, part->printed, &nobody, &filter, &err));
	*mem_push(why, &why->parts, &why->n) = filter;
}

static void
add_alternatives(struct filter_why *why, const struct tree *tree)
{
	if (tree->kind != NODE_OR) {
		add(why, tree);
		return;
	}
	for (size_t i = 0; i < tree->n; i++)
		add(why, tree->children[i]);
}

struct filter_why *
filter_why_new(void *owner, const struct filter *filter)
{
	static const struct filter_context nobody = { 0 };
	struct filter_why *why = mem_new(owner, struct filter_why);
	void *here = mem_root("why");
	struct error err = { 0 };
	struct tree *tree = NULL;

	CHECK(
	    tree_parse(here, filter_text(filter), &nobody, false, &tree, &err));
	tree = tree_normalised(here, tree);
	if (tree->kind == NODE_AND)
		for (size_t i = 0; i < tree->n; i++)
			add_alternatives(why, tree->children[i]);
	else
		add_alternatives(why, tree);
	talloc_free(here);
	return why;
}

const char *
filter_why(void *owner, const struct filter_why *why,
    const struct filter_document *document, const struct filter_state *state,
    struct filter_scratch *scratch)
{
	struct buf *out = buf_new(owner);

	for (size_t i = 0; i < why->n; i++) {
		if (!filter_matches(why->parts[i], document, state, scratch))
			continue;
		if (out->length > 0)
			buf_text(out, ", ");
		buf_text(out, filter_text(why->parts[i]));
	}
	return out->text;
}
