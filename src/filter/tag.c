/* SPDX-License-Identifier: ISC */
#include "filter/tag.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "filter/letters.h"

#include <stdint.h>
#include <string.h>

/*
 * What a character does in a tag. Combining marks go with a letter: many
 * scripts write their vowels as marks, and a letter may fall into the two when
 * it is normalised.
 */
enum part { PART_NONE, PART_FIRST, PART_INNER, PART_COLON, PART_MARK };

static enum part
part_of(uint32_t code)
{
	if (code == ':')
		return PART_COLON;
	if (code == '.' || letter_is_letter(code) || letter_is_digit(code))
		return PART_FIRST;
	if (code == '_' || code == '-' || code == '+' || code == '#')
		return PART_INNER;
	return letter_is_mark(code) ? PART_MARK : PART_NONE;
}

size_t
tag_span(struct span text)
{
	size_t at = 0;

	while (at < text.length) {
		uint32_t code = 0;
		size_t n = utf8_decode(text.text + at, text.length - at, &code);

		if (n == 0 || part_of(code) == PART_NONE)
			break;
		at += n;
	}
	return at;
}

const char *
tag_fault(struct span text, bool prefix, size_t *at)
{
	enum part before = PART_COLON;
	uint32_t code = 0, last = 0;
	size_t i = 0, n, end = 0;

	for (; i < text.length; end = i, i += n) {
		enum part part;

		*at = i;
		n = utf8_decode(text.text + i, text.length - i, &code);
		if (n == 0)
			return "not valid UTF-8";
		part = part_of(code);
		if (i == 0 && part != PART_FIRST)
			return "a tag begins with a letter, a digit or '.'";
		if (part == PART_NONE ||
		    (part == PART_MARK && before != PART_MARK &&
			!letter_is_letter(last)))
			return "a tag has letters, digits and . _ - + # : only";
		if (part == PART_COLON && before == PART_COLON)
			return "a part of the tag is missing before ':'";
		before = part;
		last = code;
	}
	*at = i;
	if (text.length == 0 && !prefix)
		return "a tag is missing";
	*at = end;
	if (text.length > 0 && before == PART_COLON && !prefix)
		return "a part of the tag is missing after ':'";
	return NULL;
}

/* False if there is more than ASCII in it, which folds byte by byte. */
static bool
fold_ascii(char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text >= 0x80)
			return false;
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text | 0x20);
	}
	return true;
}

char *
tag_folded(void *owner, struct span text)
{
	char *copy = mem_copy_n(owner, text.text, text.length), *folded = copy;

	if (!fold_ascii(copy)) {
		folded = utf8_folded(owner, copy);
		talloc_free(copy);
	}
	if (utf8_length(folded) <= TAG_MAX)
		return folded;
	talloc_free(folded);
	return NULL;
}

/* Characters in the first length bytes. */
static unsigned
characters(const char *text, size_t length)
{
	unsigned n = 0;

	for (size_t i = 0; i < length; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

bool
tag_parse(void *owner, struct span text, const char *field, char **ret,
    struct error *err)
{
	size_t at;
	const char *fault = tag_fault(text, false, &at);
	char *folded;

	if (fault != NULL)
		return error_field(
		    err, field, characters(text.text, at) + 1, "%s", fault);
	folded = tag_folded(owner, text);
	if (folded == NULL)
		return error_field(
		    err, field, 1, "a tag has at most %d characters", TAG_MAX);
	*ret = folded;
	return true;
}

const char *
handle_fault(const char *text, size_t *at)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-");

	*at = 0;
	if (text[0] == '\0')
		return "a handle is missing";
	if (text[0] < 'a' || text[0] > 'z')
		return "a handle begins with a letter a-z";
	*at = n;
	if (text[n] != '\0')
		return "a handle has a-z 0-9 . _ - only";
	*at = 0;
	if (n > HANDLE_MAX)
		return "a handle has at most 32 characters";
	return NULL;
}

bool
handle_check(const char *text, const char *field, struct error *err)
{
	size_t at;
	const char *fault = handle_fault(text, &at);

	if (fault != NULL)
		return error_field(err, field, (unsigned)at + 1, "%s", fault);
	if (strcmp(text, "me") == 0 || strcmp(text, "none") == 0)
		return error_field(
		    err, field, 1, "me and none are nobody's handle");
	return true;
}
