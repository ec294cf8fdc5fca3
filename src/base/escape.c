/* SPDX-License-Identifier: ISC */
#include "base/escape.h"

#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/*
 * XML 1.0 (fifth edition), production [2] Char. HTML allows nearly the same,
 * so one rule serves both.
 */
static bool
is_xml_char(uint32_t code)
{
	return code == 0x9 || code == 0xa || code == 0xd ||
	    (code >= 0x20 && code <= 0xd7ff) ||
	    (code >= 0xe000 && code <= 0xfffd) ||
	    (code >= 0x10000 && code <= 0x10ffff);
}

/* The bytes of the character at text; *good is false if it must not be seen. */
static size_t
next_char(const char *text, size_t length, bool *good)
{
	uint32_t code = 0;
	size_t n = utf8_decode(text, length, &code);

	*good = n > 0 && is_xml_char(code);
	return n > 0 ? n : 1;
}

void
buf_xml_chars(struct buf *buf, const char *text, size_t length)
{
	size_t from = 0, at = 0;

	while (at < length) {
		bool good;
		size_t n = next_char(text + at, length - at, &good);

		if (!good) {
			buf_add(buf, text + from, at - from);
			buf_text(buf, REPLACEMENT);
			from = at + n;
		}
		at += n;
	}
	buf_add(buf, text + from, length - from);
}

void
buf_html(struct buf *buf, const char *text)
{
	static const char *const reference[128] = {
		['&'] = "&amp;",
		['<'] = "&lt;",
		['>'] = "&gt;",
		['"'] = "&quot;",
		['\''] = "&#39;",
		['\r'] = REPLACEMENT,
		[0x7f] = REPLACEMENT,
	};
	size_t length = strlen(text);

	for (size_t at = 0; at < length;) {
		unsigned char c = (unsigned char)text[at];
		bool good;
		size_t n = next_char(text + at, length - at, &good);

		/* U+0080 to U+009F: control characters of the second kind */
		if (n == 2 && c == 0xc2 && (unsigned char)text[at + 1] < 0xa0)
			good = false;
		if (!good)
			buf_text(buf, REPLACEMENT);
		else if (c < 128 && reference[c] != NULL)
			buf_text(buf, reference[c]);
		else
			buf_add(buf, text + at, n);
		at += n;
	}
}

void
buf_url(struct buf *buf, const char *text)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijk"
					 "lmnopqrstuvwxyz0123456789-._~";

	for (; *text != '\0'; text++)
		if (strchr(unreserved, *text) != NULL)
			buf_char(buf, *text);
		else
			buf_printf(buf, "%%%02X", (unsigned char)*text);
}

void
buf_json(struct buf *buf, const char *text)
{
	buf_char(buf, '"');
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			buf_printf(buf, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			buf_printf(buf, "\\u%04x", c);
		else if (c == 0xc2 && (unsigned char)text[1] < 0xa0)
			buf_printf(buf, "\\u%04x", (unsigned char)*++text);
		else
			buf_char(buf, (char)c);
	}
	buf_char(buf, '"');
}

#define PLAIN(c) \
	((c) > 0x20 && (c) <= 0x7e && (c) != '=' && (c) != '"' && (c) != '\\')
#define PLAIN_4(c) PLAIN(c), PLAIN((c) + 1), PLAIN((c) + 2), PLAIN((c) + 3)
#define PLAIN_16(c) \
	PLAIN_4(c), PLAIN_4((c) + 4), PLAIN_4((c) + 8), PLAIN_4((c) + 12)

/* What a value in the log needs no quotes for; each request has some. */
static const bool is_plain_log[256] = { PLAIN_16(0x00), PLAIN_16(0x10),
	PLAIN_16(0x20), PLAIN_16(0x30), PLAIN_16(0x40), PLAIN_16(0x50),
	PLAIN_16(0x60), PLAIN_16(0x70) };

void
buf_log(struct buf *buf, const char *text)
{
	enum { MOST = 256 };
	size_t length = 0;

	if (text == NULL) {
		buf_char(buf, '-');
		return;
	}
	while (length < MOST && is_plain_log[(unsigned char)text[length]])
		length++;
	if (length > 0 && length < MOST && text[length] == '\0') {
		buf_add(buf, text, length);
		return;
	}
	length = strnlen(text, MOST);
	buf_char(buf, '"');
	for (size_t at = 0; at < length;) {
		unsigned char c = (unsigned char)text[at];
		uint32_t code = 0;
		size_t n = utf8_decode(text + at, length - at, &code);

		if (c == '"' || c == '\\')
			buf_printf(buf, "\\%c", c);
		else if (n == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0))
			buf_printf(buf, "\\x%02x", c);
		else
			buf_add(buf, text + at, n);
		at += n > 0 ? n : 1;
	}
	buf_char(buf, '"');
}

static bool
is_tricky(uint32_t code, bool lines)
{
	if (lines && (code == '\n' || code == '\t'))
		return false;
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c ||
	    (code >= 0x200e && code <= 0x200f) ||
	    (code >= 0x2028 && code <= 0x202e) ||
	    (code >= 0x2066 && code <= 0x2069);
}

void
buf_terminal(struct buf *buf, const char *text, bool lines)
{
	size_t length = strlen(text);

	for (size_t at = 0; at < length;) {
		uint32_t code = 0;
		size_t n = utf8_decode(text + at, length - at, &code);

		if (n == 0)
			buf_text(buf, REPLACEMENT);
		else if (is_tricky(code, lines))
			buf_printf(buf, "\\u{%x}", (unsigned)code);
		else
			buf_add(buf, text + at, n);
		at += n > 0 ? n : 1;
	}
}
