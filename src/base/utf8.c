/* SPDX-License-Identifier: ISC */
#include "base/utf8.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

/* Unicode 15, table 3-7: what the second byte of each lead byte may be. */
struct lead {
	unsigned char length;
	unsigned char low, high; /* of the second byte */
};

static struct lead
lead_of(unsigned char c)
{
	if (c < 0x80)
		return (struct lead){ 1, 0, 0 };
	if (c >= 0xc2 && c <= 0xdf)
		return (struct lead){ 2, 0x80, 0xbf };
	if (c == 0xe0)
		return (struct lead){ 3, 0xa0, 0xbf };
	if (c == 0xed)
		return (struct lead){ 3, 0x80, 0x9f };
	if (c >= 0xe1 && c <= 0xef)
		return (struct lead){ 3, 0x80, 0xbf };
	if (c == 0xf0)
		return (struct lead){ 4, 0x90, 0xbf };
	if (c >= 0xf1 && c <= 0xf3)
		return (struct lead){ 4, 0x80, 0xbf };
	if (c == 0xf4)
		return (struct lead){ 4, 0x80, 0x8f };
	return (struct lead){ 0, 0, 0 };
}

/*
 * The length of the longest part at text that begins a character; *whole says
 * whether it is one.
 */
static size_t
subpart(const char *text, size_t length, bool *whole)
{
	struct lead lead = lead_of((unsigned char)*text);
	size_t n = 1;

	*whole = false;
	if (lead.length == 0)
		return 1;
	while (n < lead.length && n < length) {
		unsigned char c = (unsigned char)text[n];

		if (c < (n == 1 ? lead.low : 0x80) ||
		    c > (n == 1 ? lead.high : 0xbf))
			return n;
		n++;
	}
	*whole = n == lead.length;
	return n;
}

bool
utf8_is_valid(const char *text, size_t length)
{
	bool whole = true;

	for (size_t at = 0; at < length && whole;)
		at += subpart(text + at, length - at, &whole);
	return whole;
}

size_t
utf8_decode(const char *text, size_t length, uint32_t *code)
{
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	bool whole;
	size_t n;

	if ((unsigned char)*text < 0x80) { /* as nearly all is */
		*code = (unsigned char)*text;
		return 1;
	}
	n = subpart(text, length, &whole);
	if (!whole)
		return 0;
	*code = (unsigned char)*text & mask[n];
	for (size_t i = 1; i < n; i++)
		*code = *code << 6 | ((unsigned char)text[i] & 0x3f);
	return n;
}

size_t
utf8_encode(uint32_t code, char out[4])
{
	return (size_t)utf8proc_encode_char(
	    (utf8proc_int32_t)code, (utf8proc_uint8_t *)out);
}

char *
utf8_repaired(void *owner, const char *text, size_t length, bool *broken)
{
	struct buf *buf = buf_new(owner);
	char *repaired;
	bool any = false;

	for (size_t at = 0; at < length;) {
		bool whole;
		size_t n = subpart(text + at, length - at, &whole);

		if (whole && text[at] != '\0')
			buf_add(buf, text + at, n);
		else {
			buf_text(buf, "\xef\xbf\xbd");
			any = true;
		}
		at += n;
	}
	repaired = mem_copy_n(owner, buf->text, buf->length);
	talloc_free(buf);
	if (broken != NULL)
		*broken = any;
	return repaired;
}

size_t
utf8_length(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

size_t
utf8_cut(const char *text, size_t length, size_t most)
{
	if (length <= most)
		return length;
	while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
		most--;
	return most;
}

char *
utf8_unix_lines(void *owner, const char *text)
{
	char *copy = mem_copy(owner, text);
	char *to = copy;

	for (const char *from = text; *from != '\0'; from++) {
		if (*from != '\r')
			*to++ = *from;
		else if (from[1] != '\n')
			*to++ = '\n';
	}
	*to = '\0';
	return copy;
}

static bool
is_space(uint32_t code)
{
	utf8proc_category_t category;

	if (code >= 0x9 && code <= 0xd)
		return true;
	category = utf8proc_category((utf8proc_int32_t)code);
	return category == UTF8PROC_CATEGORY_ZS ||
	    category == UTF8PROC_CATEGORY_ZL ||
	    category == UTF8PROC_CATEGORY_ZP || code == 0x85;
}

char *
utf8_one_line(void *owner, const char *text)
{
	struct buf *buf = buf_new(owner);
	size_t length = strlen(text);
	bool space = false;
	char *line;

	for (size_t at = 0; at < length;) {
		uint32_t code = 0;
		size_t n = utf8_decode(text + at, length - at, &code);

		if (n > 0 && is_space(code))
			space = true;
		else {
			if (space && buf->length > 0)
				buf_char(buf, ' ');
			space = false;
			buf_add(buf, text + at, n > 0 ? n : 1);
		}
		at += n > 0 ? n : 1;
	}
	line = mem_copy_n(owner, buf->text, buf->length);
	talloc_free(buf);
	return line;
}

bool
utf8_is_blank(const char *text)
{
	size_t length = strlen(text);

	for (size_t at = 0; at < length;) {
		uint32_t code = 0;
		size_t n = utf8_decode(text + at, length - at, &code);

		if (n == 0 || !is_space(code))
			return false;
		at += n;
	}
	return true;
}

bool
utf8_is_word(uint32_t code)
{
	utf8proc_category_t category = utf8proc_category(
	    (utf8proc_int32_t)code);

	return category >= UTF8PROC_CATEGORY_LU &&
	    category <= UTF8PROC_CATEGORY_NO;
}

/* Bytes of the character at text if it is of a word, else 0. */
static size_t
word_bytes(const char *text, size_t *other)
{
	unsigned char c = (unsigned char)*text;
	uint32_t code = 0;
	size_t n;

	*other = 1;
	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z');
	n = utf8_decode(text, strnlen(text, 4), &code);
	if (n > 0)
		*other = n;
	return n > 0 && utf8_is_word(code) ? n : 0;
}

bool
utf8_word_next(const char **at, struct span *ret)
{
	const char *from = *at, *end;
	size_t n, other = 0;

	while (*from != '\0' && word_bytes(from, &other) == 0)
		from += other;
	for (end = from; *end != '\0' && (n = word_bytes(end, &other)) > 0;)
		end += n;
	*at = end;
	ret->text = from;
	ret->length = (size_t)(end - from);
	return end != from;
}

/* Most text: it is composed, and its lower case needs no table. */
static size_t
ascii_prefix(const char *text, size_t length)
{
	size_t n = 0;

	while (n < length && (unsigned char)text[n] < 0x80)
		n++;
	return n;
}

static char *
ascii_folded(void *owner, const char *text, size_t length)
{
	char *folded = mem_copy_n(owner, text, length);

	for (size_t i = 0; i < length; i++)
		if (folded[i] >= 'A' && folded[i] <= 'Z')
			folded[i] = (char)(folded[i] - 'A' + 'a');
	return folded;
}

char *
utf8_folded(void *owner, const char *text)
{
	size_t length = strlen(text);
	struct buf *lower;
	utf8proc_uint8_t *composed;
	char *folded;

	if (ascii_prefix(text, length) == length)
		return ascii_folded(owner, text, length);
	lower = buf_new(owner);
	for (size_t at = 0; at < length;) {
		uint32_t code = 0;
		size_t n = utf8_decode(text + at, length - at, &code);
		char out[4];

		if (n == 0)
			break;
		code = (uint32_t)utf8proc_tolower((utf8proc_int32_t)code);
		buf_add(lower, out, utf8_encode(code, out));
		at += n;
	}
	mem_insist(
	    (composed = utf8proc_NFC((utf8proc_uint8_t *)lower->text)) != NULL);
	folded = mem_copy(owner, (const char *)composed);
	free(composed);
	talloc_free(lower);
	return folded;
}

char *
utf8_bare(void *owner, const char *text)
{
	char *folded = utf8_folded(owner, text), *bare;
	utf8proc_uint8_t *mapped = NULL;

	if (ascii_prefix(folded, strlen(folded)) == strlen(folded))
		return folded;
	/* what is UTF-8 fails for want of memory only */
	(void)utf8proc_map((const utf8proc_uint8_t *)folded, 0, &mapped,
	    UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_DECOMPOSE |
		UTF8PROC_STRIPMARK);
	bare = mem_copy(owner, mem_made(mapped));
	free(mapped);
	talloc_free(folded);
	return bare;
}
