/* SPDX-License-Identifier: ISC */
#include "needs_hold.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

static bool
need_holds(const struct need *need, const struct word_text *text)
{
	for (size_t i = 0; i < need->n; i++) {
		if (memmem(text->folded, text->length, need->literals[i].text,
			need->literals[i].length) != NULL)
			return true;
	}
	return false;
}

bool
needs_hold(const struct needs *needs, const struct word_text *folded,
    const char *text, size_t length)
{
	for (size_t i = 0; i < needs->n; i++) {
		if (!need_holds(&needs->needs[i], folded))
			return false;
	}
	return runs_suffice(runs_of_text(text, length), needs->runs);
}

char *
needs_print(void *owner, const struct needs *needs)
{
	struct buf *buf = buf_new(owner);

	if (needs->always)
		buf_text(buf, "always");
	for (size_t i = 0; i < needs->n; i++) {
		const struct need *need = &needs->needs[i];

		buf_text(buf, i > 0 ? " & " : "");
		for (size_t j = 0; j < need->n; j++) {
			buf_text(buf, j > 0 ? "," : "");
			buf_add(buf, need->literals[j].text,
			    need->literals[j].length);
		}
	}
	return buf->text;
}

static bool
is_folded(struct span literal)
{
	static struct word_grams grams;
	struct word_text text = { 0 };
	void *here = mem_root("test");
	bool same;

	word_text_set(here, &text, literal.text, literal.length, &grams);
	same = text.length == literal.length &&
	    memcmp(text.folded, literal.text, text.length) == 0;
	talloc_free(here);
	return same;
}

static bool
need_is_sound(const struct need *need)
{
	for (size_t i = 0; i < need->n; i++) {
		struct span one = need->literals[i];

		if (one.length == 0 || one.length > LITERAL_MAX ||
		    !utf8_is_valid(one.text, one.length) || !is_folded(one))
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
	return needs->n <= NEEDS_MAX && !(needs->always && needs->n > 0);
}
