/* SPDX-License-Identifier: ISC */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

/* UTF-8 (RFC 3629): checked once, where text comes in. */

#include "base/error.h"
#include "base/span.h"

#include <stddef.h>
#include <stdint.h>

/* True if all of text is UTF-8, without surrogates and overlong forms. */
bool utf8_is_valid(const char *text, size_t length);

/*
 * Decodes the character at text, which has length > 0 bytes left, into *code.
 * Returns its bytes, 0 if it is not valid UTF-8.
 */
size_t utf8_decode(const char *text, size_t length, uint32_t *code);

/* Writes code as UTF-8 to out; returns the number of bytes, 1 to 4. */
size_t utf8_encode(uint32_t code, char out[4]);

/*
 * A copy in which each maximal broken part (Unicode 15, chapter 3, "U+FFFD
 * substitution of maximal subparts") and each NUL is U+FFFD; *broken, if not
 * NULL, says whether there was any.
 */
char *utf8_repaired(void *owner, const char *text, size_t length, bool *broken);

/* Characters in text. */
size_t utf8_length(const char *text);

/* The longest length <= most that does not cut a character of text. */
size_t utf8_cut(const char *text, size_t length, size_t most);

/* A copy with CR LF and CR as LF. */
char *utf8_unix_lines(void *owner, const char *text);

/* A copy with runs of white space (line breaks too) as one space, trimmed. */
char *utf8_one_line(void *owner, const char *text);

/* True if text has nothing but white space (ASCII and U+00A0, U+3000 ...). */
bool utf8_is_blank(const char *text);

/* True for a letter, a mark or a number. */
bool utf8_is_word(uint32_t code);

/*
 * The next run of such characters from *at on, which moves behind it; false at
 * the end of the text.
 */
MUST_CHECK bool utf8_word_next(const char **at, struct span *ret);

/*
 * A copy folded to lower case, one character to one, and in Unicode
 * normalisation form C (UAX 15). text is valid UTF-8.
 */
char *utf8_folded(void *owner, const char *text);

/*
 * The same without the marks on letters, as full text compares words: of an
 * accented "e" it is "e". Decomposed, so only for comparing.
 */
char *utf8_bare(void *owner, const char *text);

#endif
