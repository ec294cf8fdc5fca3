/* SPDX-License-Identifier: ISC */
#include "filter/pattern_reader.h"

#include <string.h>

enum { OUTSIDE = 1, INSIDE = 2, BOTH = OUTSIDE | INSIDE };

/* What is not here is either a number or not understood. */
static const struct {
	char letter;
	unsigned char where; /* of classes */
	unsigned char kind;
	unsigned char code;
} escapes[] = {
	{ 'a', BOTH, ESCAPE_CODE, 0x07 },
	{ 'e', BOTH, ESCAPE_CODE, 0x1b },
	{ 'f', BOTH, ESCAPE_CODE, 0x0c },
	{ 'n', BOTH, ESCAPE_CODE, 0x0a },
	{ 'r', BOTH, ESCAPE_CODE, 0x0d },
	{ 't', BOTH, ESCAPE_CODE, 0x09 },
	{ 'b', INSIDE, ESCAPE_CODE, 0x08 },
	{ 'b', OUTSIDE, ESCAPE_EDGE, 0 },
	{ 'B', OUTSIDE, ESCAPE_ASSERT, 0 },
	{ 'A', OUTSIDE, ESCAPE_START, 0 },
	{ 'G', OUTSIDE, ESCAPE_ASSERT, 0 }, /* where the search began */
	{ 'Z', OUTSIDE, ESCAPE_END, 0 },
	{ 'z', OUTSIDE, ESCAPE_END, 0 },
	{ 'K', OUTSIDE, ESCAPE_EMPTY, 0 },
	{ 's', BOTH, ESCAPE_SPACE, 0 },
	{ 'h', BOTH, ESCAPE_SPACE, 0 },
	{ 'v', BOTH, ESCAPE_SPACE, 0 },
	{ 'R', OUTSIDE, ESCAPE_SPACE, 0 },
	{ 'S', BOTH, ESCAPE_NOT_SPACE, 0 },
	{ 'd', BOTH, ESCAPE_DIGIT, 0 },
	{ 'D', BOTH, ESCAPE_ANY, 0 },
	{ 'w', BOTH, ESCAPE_ANY, 0 },
	{ 'W', BOTH, ESCAPE_NOT_WORD, 0 },
	{ 'H', BOTH, ESCAPE_ANY, 0 },
	{ 'V', BOTH, ESCAPE_ANY, 0 },
	{ 'X', OUTSIDE, ESCAPE_ANY, 0 },
};

/* With UCP each takes in more than ASCII; what is not here may be anything. */
static const struct {
	char letter;
	bool exact; /* of ASCII */
	unsigned char kinds;
} escaped_kinds[] = {
	{ 'd', true, CHAR_DIGIT | CHAR_OTHER },
	{ 'D', true, CHAR_ALL & ~CHAR_DIGIT },
	{ 'w', true, CHAR_WORD | CHAR_OTHER },
	{ 'W', true, CHAR_ALL & ~CHAR_WORD },
	{ 's', true, CHAR_SPACE | CHAR_LINE | CHAR_OTHER },
	{ 'S', true, CHAR_ALL & ~(CHAR_SPACE | CHAR_LINE) },
	{ 'h', false, CHAR_SPACE | CHAR_OTHER },
	{ 'v', false, CHAR_SPACE | CHAR_LINE | CHAR_OTHER },
	{ 'R', false, CHAR_SPACE | CHAR_LINE | CHAR_OTHER },
	{ 'X', false, 0 },
};

unsigned
escape_kinds(const struct reader *reader, bool *exact)
{
	*exact = false;
	for (size_t i = 0; i < sizeof escaped_kinds / sizeof *escaped_kinds &&
	     reader->length - reader->at > 1;
	     i++) {
		if (reader->text[reader->at + 1] != escaped_kinds[i].letter)
			continue;
		*exact = escaped_kinds[i].exact;
		return escaped_kinds[i].kinds;
	}
	return CHAR_ALL;
}

/*
 * Of two characters side by side where a word begins or ends one is ' ' in
 * GRAIN_WORDS, and the ends of a text and of a line are: a ' ' that is put
 * between them makes one with that.
 */
uint32_t
escape_grain(const struct reader *reader, enum escape_kind kind)
{
	static const struct {
		enum grain grain;
		enum escape_kind kind;
		uint32_t code;
	} known[] = {
		{ GRAIN_FOLDED, ESCAPE_SPACE, ' ' },
		{ GRAIN_WORDS, ESCAPE_SPACE, ' ' },
		{ GRAIN_WORDS, ESCAPE_NOT_WORD, ' ' },
		{ GRAIN_WORDS, ESCAPE_EDGE, ' ' },
		{ GRAIN_WORDS, ESCAPE_START, ' ' },
		{ GRAIN_WORDS, ESCAPE_END, ' ' },
		{ GRAIN_SHAPE, ESCAPE_SPACE, ' ' },
		{ GRAIN_SHAPE, ESCAPE_DIGIT, '0' },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].grain == reader->grain && known[i].kind == kind)
			return known[i].code;
	return GRAIN_UNKNOWN;
}

static int
digit_value(char c, int base)
{
	int value = -1;

	if (c >= '0' && c <= '9')
		value = c - '0';
	else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		value = (c | 0x20) - 'a' + 10;
	return value < base ? value : -1;
}

/* Up to so many digits, none of which need be there. */
static uint32_t
read_digits(struct reader *reader, int base, int most)
{
	uint32_t code = 0;
	int value;

	while (most-- > 0 && reader->at < reader->length &&
	    (value = digit_value(reader->text[reader->at], base)) >= 0) {
		code = code * (uint32_t)base + (uint32_t)value;
		reader->at++;
	}
	return code;
}

/* Behind "{": at least one digit, then "}". */
static enum escape_kind
read_braced(struct reader *reader, int base, uint32_t *code)
{
	size_t at = reader->at;

	*code = read_digits(reader, base, 10);
	if (reader->at == at || !reader_takes(reader, "}") || *code > 0x10ffff)
		return ESCAPE_BAD;
	return ESCAPE_CODE;
}

/* Behind \p or \P. */
static enum escape_kind
skip_property(struct reader *reader)
{
	bool braced = reader_takes(reader, "{");

	if (braced) {
		while (reader->at < reader->length &&
		    reader->text[reader->at] != '}')
			reader->at++;
	}
	if (reader->at == reader->length)
		return ESCAPE_BAD;
	reader->at++;
	return ESCAPE_ANY;
}

/* Behind \c: a printable ASCII character. */
static enum escape_kind
read_control(struct reader *reader, uint32_t *code)
{
	char c;

	if (reader->at == reader->length)
		return ESCAPE_BAD;
	c = reader->text[reader->at++];
	if (c < ' ' || c > '~')
		return ESCAPE_BAD;
	if (c >= 'a' && c <= 'z')
		c -= 'a' - 'A';
	*code = (unsigned char)c ^ 0x40U;
	return ESCAPE_CODE;
}

/* At what follows the backslash: a character by its number, or a digit. */
static enum escape_kind
read_number(struct reader *reader, bool in_class, uint32_t *code)
{
	char c = reader->text[reader->at];

	if (in_class && c >= '1' && c <= '7') {
		*code = read_digits(reader, 8, 3);
		return ESCAPE_CODE;
	}
	reader->at++;
	switch (c) {
	case '0':
		*code = read_digits(reader, 8, 2);
		return ESCAPE_CODE;
	case 'o':
		if (!reader_takes(reader, "{"))
			return ESCAPE_BAD;
		return read_braced(reader, 8, code);
	case 'x':
		if (reader_takes(reader, "{"))
			return read_braced(reader, 16, code);
		*code = read_digits(reader, 16, 2);
		return ESCAPE_CODE;
	case 'c':
		return read_control(reader, code);
	case 'N':
		if (reader_takes(reader, "{U+"))
			return read_braced(reader, 16, code);
		return in_class ? ESCAPE_BAD : ESCAPE_ANY;
	case 'p':
	case 'P':
		return skip_property(reader);
	default:
		return ESCAPE_BAD;
	}
}

enum escape_kind
read_escape(struct reader *reader, bool in_class, uint32_t *code)
{
	unsigned where = in_class ? INSIDE : OUTSIDE;
	char c;

	reader->at++;
	if (reader->at == reader->length)
		return ESCAPE_BAD;
	c = reader->text[reader->at];
	for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
		if (escapes[i].letter != c || (escapes[i].where & where) == 0)
			continue;
		reader->at++;
		*code = escapes[i].code;
		return escapes[i].kind;
	}
	if ((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
		return read_number(reader, in_class, code);
	return reader_code(reader, code) ? ESCAPE_CODE : ESCAPE_BAD;
}
