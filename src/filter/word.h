/* SPDX-License-Identifier: ISC */
#ifndef FILTER_WORD_H
#define FILTER_WORD_H

/*
 * Words and phrases, found without PCRE2: a text is folded once (case, runs of
 * white space), then each word is a search for bytes and a look at the
 * characters beside it. What is found is what PCRE2 would find, caseless and
 * with UCP; a test compares the two.
 */

#include "base/span.h"

#include <stdint.h>

struct word;
struct word_text;

/* text is a word or phrase, white space at its ends already gone. */
struct word *word_new(void *owner, const char *text);

/* The same in memory of the caller's: so many bytes, at an even address. */
size_t word_room(const char *text);
struct word *word_put(void *room, const char *text);

/* What of it stands in a folded text where it is found. */
struct span word_folded(const struct word *word);

/* Of each text so much is searched, to a whole character. */
enum { SEARCHED_MAX = 65536 };

/*
 * Hashes of all three bytes in a row of some texts, so that most words that
 * are not in them need no search.
 */
enum { GRAMS = 1 << 15 };
struct word_grams {
	uint64_t bits[GRAMS / 64];
};

/*
 * What a word wants of the characters beside it, and whether that holds where
 * it stands in a text. Never 0.
 */
unsigned char word_edges(const struct word *word);
bool word_edges_hold(unsigned char edges, size_t length,
    const struct word_text *text, size_t at);

/* Which of these bits is that of the three bytes at this place. */
unsigned short word_gram(const char *at);

/* A text made ready, in some grain, and room for so many bytes behind it. */
enum { WORD_TEXT_ROOM = 4 };
struct word_text {
	char *folded;
	unsigned char *kinds; /* of the character each byte belongs to */
	size_t length;
};

/* Makes text ready, over what was in it, and adds its grams. */
void word_text_set(void *owner, struct word_text *ret, const char *text,
    size_t length, struct word_grams *grams);

/* Adds the grams of a text that is ready. */
void word_grams_add(struct word_grams *grams, const struct word_text *text);

/* False only if the word is in none of the texts. */
bool word_may_be_in(const struct word *word, const struct word_grams *grams);

bool word_is_in(const struct word *word, const struct word_text *text);

#endif
