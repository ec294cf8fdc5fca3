/* SPDX-License-Identifier: ISC */
#include "needs_hold.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

void
grained_set(void *owner, struct grained *ret, const char *text, size_t length)
{
	word_text_set(
	    owner, &ret->texts[GRAIN_FOLDED], text, length, &ret->grams);
	grain_text_set(owner, &ret->texts[GRAIN_WORDS], GRAIN_WORDS,
	    &ret->texts[GRAIN_FOLDED]);
	grain_text_set(owner, &ret->texts[GRAIN_SHAPE], GRAIN_SHAPE,
	    &ret->texts[GRAIN_FOLDED]);
	ret->runs = runs_of_text(text, length);
}

static bool
need_holds(const struct need *need, const struct grained *text)
{
	const struct word_text *in = &text->texts[need->grain];

	for (size_t i = 0; i < need->n; i++) {
		if (memmem(in->folded, in->length, need->literals[i].text,
			need->literals[i].length) != NULL)
			return true;
	}
	return false;
}

static bool
all_hold(const struct needs *needs, const struct grained *text)
{
	for (size_t i = 0; i < needs->n; i++) {
		if (!need_holds(&needs->needs[i], text))
			return false;
	}
	return runs_suffice(text->runs, needs->runs);
}

bool
needs_hold(const struct needs *needs, const struct grained *text)
{
	bool one = needs->n_branches == 0;

	for (size_t i = 0; i < needs->n_branches && !one; i++)
		one = all_hold(needs->branches[i], text);
	return one && all_hold(needs, text);
}

char *
needs_print(void *owner, const struct needs *needs, enum grain grain)
{
	struct buf *buf = buf_new(owner);

	if (needs->always)
		buf_text(buf, "always");
	for (size_t i = 0; i < needs->n; i++) {
		const struct need *need = &needs->needs[i];

		if (need->grain != grain)
			continue;
		buf_text(buf, buf->length > 0 ? " & " : "");
		for (size_t j = 0; j < need->n; j++) {
			buf_text(buf, j > 0 ? "," : "");
			buf_add(buf, need->literals[j].text,
			    need->literals[j].length);
		}
	}
	return buf->text;
}

/* Is it as such a part of a text in that grain is? */
static bool
is_grained(enum grain grain, struct span literal)
{
	struct grained text = { 0 };
	void *here = mem_root("test");
	const struct word_text *made = &text.texts[grain];
	bool same;

	grained_set(here, &text, literal.text, literal.length);
	same = memmem(made->folded, made->length, literal.text,
		   literal.length) != NULL;
	talloc_free(here);
	return same;
}

static bool
need_is_sound(const struct need *need)
{
	for (size_t i = 0; i < need->n; i++) {
		struct span one = need->literals[i];

		if (one.length <
			(need->grain == GRAIN_FOLDED ? 1 : NEED_GRAIN_LEAST) ||
		    one.length > LITERAL_MAX ||
		    !utf8_is_valid(one.text, one.length) ||
		    !is_grained(need->grain, one))
			return false;
		for (size_t j = 0; j < i; j++) {
			if (one.length == need->literals[j].length &&
			    memcmp(one.text, need->literals[j].text,
				one.length) == 0)
				return false;
		}
	}
	return need->n > 0 && need->n <= NEED_LITERALS_MAX;
}

bool
needs_are_sound(const struct needs *needs)
{
	for (size_t i = 0; i < needs->n; i++) {
		if (!need_is_sound(&needs->needs[i]))
			return false;
	}
	for (size_t i = 0; i < needs->n_branches; i++) {
		if (!needs_are_sound(needs->branches[i]))
			return false;
	}
	return needs->n <= GRAINS * NEEDS_MAX &&
	    needs->n_branches <= NEED_BRANCHES_MAX &&
	    !(needs->always && needs->n > 0);
}
