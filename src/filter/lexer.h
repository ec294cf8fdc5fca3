/* SPDX-License-Identifier: ISC */
#ifndef FILTER_LEXER_H
#define FILTER_LEXER_H

/*
 * From characters to tokens (barnraise-filter(7), TOKENS). A reader with a
 * place in the text; what a run of characters means depends on what stands
 * before it, so the parser asks for what it wants.
 */

#include "base/error.h"
#include "base/span.h"

struct lexer {
	const char *text;
	size_t length;
	size_t at;
	struct error *err;
	bool stored; /* its regexes were checked when it was saved */
};

/* An error at that byte; always false. */
bool lexer_fail(struct lexer *lexer, size_t at, const char *format, ...)
    PRINTF(3, 4);

/* Skips white space. */
void lexer_space(struct lexer *lexer);

/* The next byte, '\0' at the end. */
char lexer_peek(const struct lexer *lexer);

/* The bytes up to white space, '(', ')', '"' or the end; may be none. */
struct span lexer_run(const struct lexer *lexer);

/* True if white space, ')' or the end comes next; else an error there. */
MUST_CHECK bool lexer_end(struct lexer *lexer);

/* True if a run of length bytes is this word in any case. */
bool span_is_word(struct span span, const char *word);

/* True if a run reads as and, or, not. */
bool span_is_operator(struct span span);

/* True if a bare word may begin like this text. */
bool span_begins_word(struct span span);

/* At '"': the phrase, unescaped, and its end. */
MUST_CHECK bool
lexer_phrase(void *owner, struct lexer *lexer, const char **ret);

/* At '/': the pattern as written, its flags, and its end. */
MUST_CHECK bool
lexer_regex(struct lexer *lexer, struct span *pattern, unsigned *flags);

/* A bare word and its end. */
MUST_CHECK bool lexer_word(struct lexer *lexer, struct span *ret);

/* A tag behind '#' or "tag:", *prefix if '*' follows, and its end. */
MUST_CHECK bool
lexer_tag(void *owner, struct lexer *lexer, const char **ret, bool *prefix);

#endif
