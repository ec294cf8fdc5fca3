/* SPDX-License-Identifier: ISC */
#include "filter/explain.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "filter/ast.h"
#include "filter/cover.h"
#include "filter/literal.h"

#include <stdarg.h>
#include <string.h>

/* Trees are as deep as parentheses may be: FILTER_PARENS. */
/* NOLINTBEGIN(misc-no-recursion) */

enum {
	WIDTH = 80,
	NOTES = 32, /* the column where what is said of a term begins */
	SHOWN = 6, /* of keys and of literals; more are counted */
};

struct explainer {
	void *here;
	const struct filter *filter;
	const struct cover *cover; /* or NULL */
	const struct term **terms; /* by the number of their node */
	struct buf *out;
	size_t column;
	size_t margin; /* where a note goes on in its next line */
	bool fresh; /* a note begins */
};

/* --- lines of notes, made of pieces that are not broken */

static void
line_begin(struct explainer *explainer, size_t indent)
{
	if (explainer->column > 0)
		buf_char(explainer->out, '\n');
	buf_printf(explainer->out, "%*s", (int)indent, "");
	explainer->column = indent;
}

/* In the line of the term if there is room, else in one of its own. */
static void
note_begin(struct explainer *explainer)
{
	size_t column = explainer->column;

	if (column + 2 > NOTES)
		line_begin(explainer, NOTES);
	else {
		buf_printf(explainer->out, "%*s", (int)(NOTES - column), "");
		explainer->column = NOTES;
	}
	explainer->margin = NOTES + 2;
	explainer->fresh = true;
}

static void
    PRINTF(2, 3) say(struct explainer *explainer, const char *format, ...)
{
	va_list list;
	const char *piece;
	size_t width;

	va_start(list, format);
	piece = mem_vprintf(explainer->here, format, list);
	va_end(list);
	width = utf8_length(piece);
	if (!explainer->fresh && explainer->column + 1 + width > WIDTH)
		line_begin(explainer, explainer->margin);
	else if (!explainer->fresh) {
		buf_char(explainer->out, ' ');
		explainer->column++;
	}
	buf_text(explainer->out, piece);
	explainer->column += width;
	explainer->fresh = false;
}

/* A literal may hold anything, and end within a character. */
static const char *
quoted(const struct explainer *explainer, struct span text)
{
	struct buf *buf = buf_new(explainer->here);

	buf_char(buf, '"');
	buf_terminal(buf,
	    utf8_repaired(explainer->here, text.text, text.length, NULL),
	    false);
	buf_char(buf, '"');
	return buf->text;
}

/* In the grain in which it is looked for. */
static const char *
literal_named(
    const struct explainer *explainer, enum grain grain, struct span text)
{
	static const char *const names[] = { [GRAIN_FOLDED] = "",
		[GRAIN_WORDS] = "words ",
		[GRAIN_SHAPE] = "shape " };

	return mem_printf(
	    explainer->here, "%s%s", names[grain], quoted(explainer, text));
}

/* a, b or c; of many the first few. */
static void
say_any(struct explainer *explainer, const char *const *all, size_t n)
{
	size_t shown = n > SHOWN + 1 ? SHOWN : n;

	for (size_t i = 0; i < shown; i++) {
		if (i > 0 && i + 1 == n)
			say(explainer, "or");
		say(explainer, i + 2 < n && i + 1 < shown ? "%s," : "%s",
		    all[i]);
	}
	if (shown < n)
		say(explainer, "or %zu more", n - shown);
}

static void
say_need(struct explainer *explainer, const struct need *need)
{
	const char **all = mem_array(
	    explainer->here, const char *, (unsigned)need->n);

	for (size_t i = 0; i < need->n; i++)
		all[i] = literal_named(
		    explainer, need->grain, need->literals[i]);
	say_any(explainer, all, need->n);
}

/* --- terms */

/* Is that what the term of this number is looked up by? */
static bool
is_looked_up(
    const struct explainer *explainer, unsigned number, const struct need *need)
{
	const struct cover *cover = explainer->cover;
	size_t n = 0;

	for (size_t i = 0; cover != NULL && i < cover->n; i++) {
		const struct key *key = &cover->keys[i];

		if (key->node != number)
			continue;
		if (need != NULL &&
		    (n == need->n || key->kind != KEY_LITERAL ||
			key->grain != (unsigned char)need->grain ||
			key->length != need->literals[n].length ||
			memcmp(key->text, need->literals[n].text,
			    key->length) != 0))
			return false;
		n++;
	}
	return n > 0 && (need == NULL || n == need->n);
}

/* Of the longest run, which says most. */
static const char *
runs_named(const struct explainer *explainer, struct runs runs)
{
	static const char *const names[][2] = { { "a digit", "digits" },
		{ "a hex digit", "hex digits" }, { "a letter", "letters" },
		{ "a letter or digit", "letters or digits" },
		{ "a space", "spaces" }, { "a mark", "marks" },
		{ "a character beyond ASCII", "characters beyond ASCII" },
		{ "a character", "characters of a line" } };
	unsigned most = 0;

	/* of equals the first says most: its set is the smallest */
	for (unsigned i = 1; i < RUN_SETS; i++)
		if (runs.lengths[i] > runs.lengths[most])
			most = i;
	if (runs.lengths[most] == 1)
		return names[most][0];
	return mem_printf(explainer->here, "%u %s in a row",
	    (unsigned)runs.lengths[most], names[most][1]);
}

static const char *
key_named(const struct explainer *explainer, const struct key *key)
{
	const struct term *term = explainer->terms[key->node];
	const char *text;

	if (key->kind == KEY_RUNS)
		return runs_named(explainer, key->runs);
	if (key->kind == KEY_PREFIX && term->text[0] == '\0')
		return "any tag";
	if (key->kind != KEY_LITERAL)
		return mem_printf(explainer->here,
		    key->kind == KEY_TAG ? "tag %s" : "tags that begin with %s",
		    term->text);
	if (term->kind != TERM_WORD)
		return literal_named(explainer, key->grain,
		    (struct span){ key->text, key->length });
	text = quoted(explainer, span_of(term->text));
	return mem_printf(explainer->here,
	    strchr(term->text, ' ') != NULL ? "phrase %s" : "word %s", text);
}

/* The keys of one term, or of all (-1); one of several is named once. */
static size_t
say_keys(struct explainer *explainer, int number)
{
	const struct cover *cover = explainer->cover;
	const char **all = mem_array(
	    explainer->here, const char *, (unsigned)cover->n + 1);
	size_t n = 0;

	for (size_t i = 0; i < cover->n; i++) {
		const char *name;
		size_t same = 0;

		if (number >= 0 && cover->keys[i].node != number)
			continue;
		name = key_named(explainer, &cover->keys[i]);
		while (same < n && strcmp(all[same], name) != 0)
			same++;
		if (same == n)
			all[n++] = name;
	}
	say_any(explainer, all, n);
	return n;
}

/* What it is looked up by comes first, then what else it needs. */
static void
explain_needs(
    struct explainer *explainer, const struct needs *needs, unsigned number)
{
	bool looked_up = is_looked_up(explainer, number, NULL), more;

	more = looked_up;
	if (looked_up) {
		say(explainer, "looked up:");
		(void)say_keys(explainer, (int)number);
	}
	for (size_t i = 0; i < needs->n; i++) {
		const struct need *need = &needs->needs[i];

		if (need->grain != GRAIN_FOLDED ||
		    is_looked_up(explainer, number, need))
			continue;
		if (more)
			note_begin(explainer);
		more = true;
		say(explainer, "needed:");
		say_need(explainer, need);
		say(explainer,
		    looked_up ? "(not looked up: something rarer is)"
			      : "(not looked up)");
	}
}

static void
explain_regex(
    struct explainer *explainer, const struct term *term, unsigned number)
{
	const struct needs *needs = regex_needs(
	    explainer->here, span_of(term->text), term->flags);
	bool has_folded = needs->n > 0 && needs->needs[0].grain == GRAIN_FOLDED;

	if (has_folded || is_looked_up(explainer, number, NULL))
		explain_needs(explainer, needs, number);
	else if (needs->always)
		say(explainer, "found in every text");
	else if (!runs_are_none(needs->runs))
		say(explainer, "needed: %s",
		    runs_named(explainer, needs->runs));
	else
		say(explainer, "nothing is known that it needs");
}

static void
explain_term(
    struct explainer *explainer, const struct term *term, unsigned number)
{
	bool looked_up = is_looked_up(explainer, number, NULL);

	if (term->kind == TERM_REGEX)
		explain_regex(explainer, term, number);
	else if (looked_up)
		say(explainer, "looked up");
	else if (term->kind == TERM_WORD)
		say(explainer, "read in the text");
	else if (term->kind == TERM_TAG || term->kind == TERM_PREFIX)
		say(explainer, "compared with its tags");
	else
		say(explainer, "decided from its state, costs nothing");
}

static void
explain_tree(
    struct explainer *explainer, const struct tree *tree, unsigned depth)
{
	static const char *const names[] = {
		[NODE_NOT] = "not", [NODE_AND] = "and", [NODE_OR] = "or"
	};
	struct buf *shown = buf_new(explainer->here);

	buf_terminal(shown,
	    tree->kind == NODE_TERM ? tree->printed
		: tree->n == 0	    ? "everything"
				    : names[tree->kind],
	    false);
	line_begin(explainer, (size_t)depth * 2);
	buf_text(explainer->out, shown->text);
	explainer->column += utf8_length(shown->text);
	if (tree->kind == NODE_TERM) {
		explainer->terms[tree->number] = &tree->term;
		note_begin(explainer);
		explain_term(explainer, &tree->term, tree->number);
	}
	for (size_t i = 0; i < tree->n; i++)
		explain_tree(explainer, tree->children[i], depth + 1);
}

/* --- the whole */

static void
explain_cover(struct explainer *explainer)
{
	size_t n = say_keys(explainer, -1);

	line_begin(explainer, 0);
	buf_printf(explainer->out, "An incident without %s is not looked at.",
	    n == 1 ? "that" : "any of these");
}

static void
explain_whole(struct explainer *explainer)
{
	const struct filter *filter = explainer->filter;
	const char *warning = filter_warning(filter);

	buf_text(explainer->out, "\n\n");
	explainer->column = 0;
	explainer->margin = strlen("found by: ");
	explainer->fresh = true;
	say(explainer, "found by:");
	if (explainer->cover != NULL && explainer->cover->n == 0)
		say(explainer, "nothing: no incident can match");
	else if (explainer->cover != NULL)
		explain_cover(explainer);
	else if (filter_is_certain(filter))
		say(explainer, "nothing: every incident matches, unread");
	else if (warning == NULL)
		say(explainer,
		    "nothing, but it reads no text: "
		    "it costs next to nothing");
	else
		say(explainer, "nothing");
	if (explainer->cover == NULL && warning != NULL &&
	    !filter_is_certain(filter)) {
		line_begin(explainer, 0);
		buf_printf(explainer->out, "Warning: %s.", warning);
	}
	buf_char(explainer->out, '\n');
}

const char *
filter_explained(
    void *owner, const struct filter *filter, const struct frequency *frequency)
{
	const struct filter_context nobody = { 0 };
	void *here = mem_root("explain");
	struct explainer explainer = {
		.here = here,
		.filter = filter,
		.cover = cover_anew(here, filter, frequency),
		.terms = mem_array(here, const struct term *, filter->n_nodes),
		.out = buf_new(owner),
	};
	struct error err = { 0 };
	struct tree *tree = NULL;

	/* what filter_text() printed can be read back */
	CHECK(tree_parse(here, filter->text, &nobody, false, &tree, &err));
	tree = tree_normalised(here, tree);
	CHECK(tree_number(tree, 0) == filter->n_nodes);
	explain_tree(&explainer, tree, 0);
	explain_whole(&explainer);
	talloc_free(here);
	return explainer.out->text;
}

/* NOLINTEND(misc-no-recursion) */
