/* SPDX-License-Identifier: ISC */
#ifndef FILTER_LITERAL_SET_H
#define FILTER_LITERAL_SET_H

/*
 * Small sets of short strings, of which thousands are made and thrown away
 * while one pattern is looked at: strings and sets never change, share what
 * they can, and lie in one pool of fixed size that is dropped as a whole. What
 * does not fit into the pool, or gets too many or too long, is not made.
 *
 * Strings are folded, and no two white spaces stand side by side in one.
 */

#include "filter/literal.h"

#include <stdint.h>

enum { POOL_TEXTS = 8192, POOL_BYTES = 32768, SET_MAX = NEED_LITERALS_MAX };

struct text {
	uint16_t at; /* in the pool's bytes */
	uint16_t length; /* at most LITERAL_MAX */
};

struct set {
	uint16_t at; /* in the pool's texts */
	uint16_t n; /* at most SET_MAX; 0: no set */
};

struct pool {
	enum grain grain; /* of the strings */
	size_t n_texts;
	size_t n_bytes;
	struct text texts[POOL_TEXTS];
	char bytes[POOL_BYTES];
};

/* Begins a pool, and in it the set of the empty string alone. */
struct set pool_begin(struct pool *pool, enum grain grain);

/* The set of one string of at most LITERAL_MAX bytes. */
struct set set_of(struct pool *pool, const char *bytes, size_t length);

/* The set of these strings of the pool. */
struct set set_made(struct pool *pool, const struct text *texts, size_t n);

/* All strings of a with each string of b behind them. */
struct set set_cross(struct pool *pool, struct set a, struct set b);

/* Adds the strings of b to texts, which holds n; false if it gets too many. */
bool
set_add(const struct pool *pool, struct set b, struct text *texts, size_t *n);

/* True if it is the set of the empty string. */
bool set_is_empty_text(const struct pool *pool, struct set set);

/* True if there is nothing in it but "" and " ". */
bool set_is_space(const struct pool *pool, struct set set);

/* Length of its shortest string. */
size_t set_least(const struct pool *pool, struct set set);

/* True if a text that holds one of a always holds one of b. */
bool set_implies(const struct pool *pool, struct set a, struct set b);

/* The same need with as few strings as possible. */
struct set set_reduced(struct pool *pool, struct set set);

/*
 * True if all strings are such as only this grain has them, and at least
 * NEED_GRAIN_LEAST long: what is the same in a folded text is a need there.
 */
bool set_is_grained(const struct pool *pool, struct set set);

/*
 * How selective it is to ask for one of it, in bits: 10 more of them, and one
 * in a thousand texts is left. Less than 0 if it holds "" or " ".
 */
int set_bits(const struct pool *pool, struct set set);

#endif
