/* SPDX-License-Identifier: ISC */
#ifndef TESTS_FUZZ_GROW_H
#define TESTS_FUZZ_GROW_H

/*
 * Patterns and texts in which they are found, made up from bytes: so a fuzzer
 * or a random source chooses among them.
 */

#include "base/buf.h"
#include "filter/pattern.h"

#include <stdint.h>

/* Bytes to choose by; when they are used up, zeros follow. */
struct choices {
	const uint8_t *data;
	size_t size;
	size_t at;
};

/*
 * A pattern, and beside it a text. It is made from PCRE2's manual, not from our
 * reader of patterns, and knows for each piece what it matches: so mostly the
 * one is found in the other.
 */
void grow_pattern(struct choices *choices, unsigned flags, struct buf *pattern,
    struct buf *subject);

/* A text that the pattern matches as far as our tree of it knows. */
void grow_subject(const struct pattern *pattern, struct choices *choices,
    struct buf *subject);

#endif
