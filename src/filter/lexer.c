/* SPDX-License-Identifier: ISC */
#include "filter/lexer.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "filter/letters.h"
#include "filter/regex.h"
#include "filter/tag.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

bool
lexer_fail(struct lexer *lexer, size_t at, const char *format, ...)
{
	char what[200];
	unsigned column = 1;
	va_list args;

	for (size_t i = 0; i < at; i++)
		column += ((unsigned char)lexer->text[i] & 0xc0) != 0x80;
	va_start(args, format);
	(void)vsnprintf(what, sizeof what, format, args);
	va_end(args);
	return error_field(lexer->err, "filter", column, "%s", what);
}

/* Bytes of the white space at that place, 0 if there is none. */
static size_t
space_at(const struct lexer *lexer, size_t at)
{
	const char *t = lexer->text + at;

	if (at == lexer->length)
		return 0;
	if (*t == ' ' || *t == '\t' || *t == '\r' || *t == '\n')
		return 1;
	return t[0] == '\xc2' && t[1] == '\xa0' ? 2 : 0; /* U+00A0 */
}

void
lexer_space(struct lexer *lexer)
{
	size_t n;

	while ((n = space_at(lexer, lexer->at)) > 0)
		lexer->at += n;
}

char
lexer_peek(const struct lexer *lexer)
{
	return lexer->text[lexer->at];
}

struct span
lexer_run(const struct lexer *lexer)
{
	size_t at = lexer->at;

	for (; at < lexer->length && space_at(lexer, at) == 0; at++) {
		char c = lexer->text[at];

		if (c == '(' || c == ')' || c == '"')
			break;
	}
	return (struct span){ lexer->text + lexer->at, at - lexer->at };
}

bool
lexer_end(struct lexer *lexer)
{
	if (lexer->at == lexer->length || lexer_peek(lexer) == ')' ||
	    space_at(lexer, lexer->at) > 0)
		return true;
	return lexer_fail(lexer, lexer->at, "put white space before this");
}

bool
span_is_word(struct span span, const char *word)
{
	return span.length == strlen(word) &&
	    strncasecmp(span.text, word, span.length) == 0;
}

bool
span_is_operator(struct span span)
{
	return span_is_word(span, "and") || span_is_word(span, "or") ||
	    span_is_word(span, "not");
}

bool
span_begins_word(struct span span)
{
	uint32_t code = 0;

	return span.length > 0 &&
	    utf8_decode(span.text, span.length, &code) > 0 &&
	    letter_is_word(code);
}

bool
lexer_phrase(void *owner, struct lexer *lexer, const char **ret)
{
	struct buf *buf = buf_new(owner);
	size_t opened = lexer->at++;
	bool space = false;

	for (char c; (c = lexer_peek(lexer)) != '"'; lexer->at++) {
		size_t n = space_at(lexer, lexer->at);

		if (lexer->at == lexer->length)
			return lexer_fail(lexer, opened,
			    "the quote is never closed: write \" at its end");
		if (n > 0) {
			space = buf->length > 0;
			lexer->at += n - 1;
			continue;
		}
		if (space)
			buf_char(buf, ' ');
		space = false;
		if (c == '\\' &&
		    (lexer->text[lexer->at + 1] == '"' ||
			lexer->text[lexer->at + 1] == '\\'))
			c = lexer->text[++lexer->at];
		buf_char(buf, c);
	}
	if (buf->length == 0)
		return lexer_fail(
		    lexer, opened, "there is nothing in the quotes");
	lexer->at++;
	*ret = buf->text;
	return lexer_end(lexer);
}

static bool
lexer_flags(struct lexer *lexer, unsigned *flags)
{
	static const char letters[] = "imsx";
	unsigned all = 0;

	for (;; lexer->at++) {
		char c = lexer_peek(lexer);
		const char *letter = c == '\0' ? NULL : strchr(letters, c);
		unsigned flag;

		if (letter == NULL)
			break;
		flag = 1U << (letter - letters);
		if ((all & flag) != 0)
			return lexer_fail(
			    lexer, lexer->at, "the flag %c is there twice", c);
		all |= flag;
	}
	*flags = all;
	if (lexer_peek(lexer) >= 'a' && lexer_peek(lexer) <= 'z')
		return lexer_fail(lexer, lexer->at,
		    "a regex has the flags i m s x; "
		    "put a path in quotes to look for it");
	return lexer_end(lexer);
}

bool
lexer_regex(struct lexer *lexer, struct span *pattern, unsigned *flags)
{
	size_t opened = lexer->at++;
	size_t end = lexer->at;
	struct regex_fault fault;

	while (end < lexer->length &&
	    (lexer->text[end] != '/' || lexer->text[end - 1] == '\\'))
		end++;
	if (end == lexer->length)
		return lexer_fail(lexer, opened,
		    "the regex is never closed: write / at its end, "
		    "or put it in quotes to look for it");
	*pattern = (struct span){ lexer->text + lexer->at, end - lexer->at };
	if (pattern->length == 0)
		return lexer_fail(lexer, opened, "the regex is empty");
	if (pattern->length > REGEX_MAX)
		return lexer_fail(
		    lexer, opened, "a regex has at most %d bytes", REGEX_MAX);
	lexer->at = end + 1;
	if (!lexer_flags(lexer, flags))
		return false;
	if (!lexer->stored && !regex_check(*pattern, *flags, &fault))
		return lexer_fail(
		    lexer, opened + 1 + fault.at, "%s", fault.what);
	return true;
}

/* What people write who know other languages. */
static const struct {
	char begins;
	const char *hint;
} hints[] = {
	{ '|', "write or" },
	{ '&', "write nothing, or and" },
	{ '!', "write - or not" },
	{ '*', "only a tag takes *, at its end" },
};

static bool
fail_to_begin(struct lexer *lexer)
{
	char c = lexer_peek(lexer);

	for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
		if (c == hints[i].begins)
			return lexer_fail(lexer, lexer->at,
			    "%s; put it in quotes to look for it",
			    hints[i].hint);
	}
	return lexer_fail(lexer, lexer->at,
	    "a word begins with a letter, a digit or _: put it in quotes");
}

bool
lexer_word(struct lexer *lexer, struct span *ret)
{
	struct span run = lexer_run(lexer);

	if (!span_begins_word(run))
		return fail_to_begin(lexer);
	if (run.text[run.length - 1] == '*')
		return lexer_fail(lexer, lexer->at + run.length - 1,
		    "only a tag takes *: write a regex, or put it in quotes");
	lexer->at += run.length;
	*ret = run;
	return lexer_end(lexer);
}

bool
lexer_tag(void *owner, struct lexer *lexer, const char **ret, bool *prefix)
{
	const char *text = lexer->text + lexer->at;
	struct span tag = { text, lexer->length - lexer->at };
	const char *fault, *folded;
	size_t at = 0;

	tag.length = tag_span(tag);
	*prefix = text[tag.length] == '*';
	fault = tag_fault(tag, *prefix, &at);
	if (fault != NULL)
		return lexer_fail(lexer, lexer->at + at, "%s", fault);
	folded = tag_folded(owner, tag);
	if (folded == NULL)
		return lexer_fail(lexer, lexer->at,
		    "a tag has at most %d characters", TAG_MAX);
	lexer->at += tag.length + *prefix;
	*ret = folded;
	return lexer_end(lexer);
}
