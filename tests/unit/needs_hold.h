/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_NEEDS_HOLD_H
#define TESTS_UNIT_NEEDS_HOLD_H

#include "filter/grain.h"
#include "filter/literal.h"

/* A text in all grains, each over what was there. */
struct grained {
	struct word_text texts[GRAINS];
	struct word_grams grams; /* of many texts, not used */
	struct runs runs;
};

void
grained_set(void *owner, struct grained *ret, const char *text, size_t length);

/*
 * True if each need has one of its literals in the text, which has its runs;
 * and the same of one of the branches.
 */
bool needs_hold(const struct needs *needs, const struct grained *text);

/* Those of a grain, as "a,b & c", "always", or "". */
char *needs_print(void *owner, const struct needs *needs, enum grain grain);

/* True if the literals are as literal.h promises. */
bool needs_are_sound(const struct needs *needs);

#endif
