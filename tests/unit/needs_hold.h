/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_NEEDS_HOLD_H
#define TESTS_UNIT_NEEDS_HOLD_H

#include "filter/literal.h"
#include "filter/word.h"

/* True if each need has one of its literals in the text, which has its runs. */
bool needs_hold(const struct needs *needs, const struct word_text *folded,
    const char *text, size_t length);

/* As "a,b & c", "always", or "". */
char *needs_print(void *owner, const struct needs *needs);

/* True if the literals are as literal.h promises. */
bool needs_are_sound(const struct needs *needs);

#endif
