/* SPDX-License-Identifier: ISC */
#ifndef FILTER_GRAIN_H
#define FILTER_GRAIN_H

/*
 * A text can be looked at in several grains. Each makes one of what a regex
 * often leaves open, so that in some grain most regexes have a literal:
 *
 * - folded: letters of either case are one, a run of white space is one ' ';
 * - words: moreover each run of what is neither letter nor number is one ' ',
 *   and so are the ends of the text, so that \b is a ' ' where a word is;
 * - shape: folded, with 'a' for each letter and '0' for each number.
 *
 * What is in a text in one grain is worked out from the folded text, of a regex
 * and of a document alike.
 */

#include "filter/word.h"

enum grain { GRAIN_FOLDED, GRAIN_WORDS, GRAIN_SHAPE, GRAINS };

enum { GRAIN_UNKNOWN = UINT32_MAX };

/*
 * What a character of a folded text is in that grain. GRAIN_UNKNOWN if it may
 * be one or another: of iota, as a mark below a letter is folded to it, which
 * is no letter.
 */
uint32_t grain_of(enum grain grain, uint32_t folded);

/*
 * The text in that grain, over what was in ret, whose memory belongs to owner.
 * It has no kinds.
 */
void grain_text_set(void *owner, struct word_text *ret, enum grain grain,
    const struct word_text *folded);

#endif
