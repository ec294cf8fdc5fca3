/* SPDX-License-Identifier: ISC */
#ifndef FILTER_LETTERS_H
#define FILTER_LETTERS_H

/*
 * What kinds of characters the filter language knows. They are the classes of
 * PCRE2 with UCP, from our own tables, so that a filter means the same
 * whichever version of PCRE2 runs; a test holds the two against each other.
 */

#include <stdbool.h>
#include <stdint.h>

/* \w: letters and numbers of all kinds, and '_'. */
bool letter_is_word(uint32_t code);

/* \s: separators of all kinds, and the white space among the controls. */
bool letter_is_space(uint32_t code);

/*
 * A letter or number of a script that is written without spaces: Han,
 * Hiragana, Katakana, Thai, Lao, Khmer, Myanmar.
 */
bool letter_is_unspaced(uint32_t code);

/*
 * The same for all characters that PCRE2 takes for equal without regard to
 * case (simple case folding).
 */
uint32_t letter_folded(uint32_t code);

/* What a tag is made of, besides punctuation. */
bool letter_is_letter(uint32_t code);
bool letter_is_digit(uint32_t code);
bool letter_is_mark(uint32_t code);

#endif
