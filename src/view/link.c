/* SPDX-License-Identifier: ISC */
#include "view/link.h"

#include "base/escape.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <ctype.h>
#include <strings.h>

static bool
begins(struct span text, const char *with)
{
	size_t length = strlen(with);

	return text.length >= length &&
	    strncasecmp(text.text, with, length) == 0;
}

/* The length of "http://" or "https://" at the start of text, or 0. */
static size_t
web_scheme(struct span text)
{
	static const char *const schemes[] = { "https://", "http://" };

	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (begins(text, schemes[i]))
			return strlen(schemes[i]);
	return 0;
}

bool
link_is_allowed(const char *address)
{
	struct span text = span_of(address);
	size_t scheme = web_scheme(text);

	if (scheme > 0)
		return text.length > scheme && address[scheme] != '/';
	if (begins(text, "mailto:"))
		return true;
	/* browsers take a backslash for a slash */
	return begins(text, "/") && !begins(text, "//") && !begins(text, "/\\");
}

static void
buf_html_span(struct buf *out, struct span text)
{
	char *copy = mem_copy_n(out, text.text, text.length);

	buf_html(out, copy);
	talloc_free(copy);
}

void
buf_link_open(struct buf *out, struct span address)
{
	/* RFC 3986: reserved, unreserved, and the percent sign */
	static const char marks[] = ":/?#[]@!$&'()*+,;=-._~%";
	struct buf *href = buf_new(out);

	for (size_t i = 0; i < address.length; i++) {
		unsigned char c = (unsigned char)address.text[i];

		if (c < 128 && (isalnum(c) || strchr(marks, c) != NULL))
			buf_char(href, (char)c);
		else
			buf_printf(href, "%%%02X", c);
	}
	buf_text(out, "<a href=\"");
	buf_html(out, href->text);
	buf_text(out, "\" rel=\"nofollow noopener ugc\">");
	talloc_free(href);
}

/*
 * Ends an address: white space, controls, and marks that people put round one
 * or behind it and nobody in it, those of other scripts too.
 */
static bool
ends_address(uint32_t code)
{
	static const uint32_t ends[] = { '<', '>', '"', '`', '|', 0xa0,
		0xab /* guillemets */, 0xbb, 0xad /* soft hyphen */,
		0x2018 /* quotation marks */, 0x2019, 0x201c, 0x201d, 0x201e,
		0x2026 /* ellipsis */, 0xfffd, 0xfffe, 0xffff };

	/* spaces, line separators, marks of direction; CJK marks; full width */
	if (code <= 0x20 || (code >= 0x7f && code < 0xa0) ||
	    (code >= 0x2000 && code <= 0x200f) ||
	    (code >= 0x2028 && code <= 0x202f) ||
	    (code >= 0x3000 && code <= 0x3020) ||
	    (code >= 0xff01 && code <= 0xff20))
		return true;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (ends[i] == code)
			return true;
	return false;
}

static size_t
count(struct span text, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < text.length; i++)
		n += text.text[i] == c;
	return n;
}

/*
 * Leaves off the punctuation at the end; a closing bracket stays if the address
 * has its opening one, as in /wiki/Barn_(building).
 */
static size_t
without_punctuation(struct span address)
{
	static const char closing[] = ")]}", opening[] = "([{";
	size_t n_closing[3], n_opening[3];
	size_t length = address.length;

	for (size_t i = 0; i < 3; i++) {
		n_closing[i] = count(address, closing[i]);
		n_opening[i] = count(address, opening[i]);
	}
	for (; length > 0; length--) {
		char last = address.text[length - 1];
		const char *bracket = strchr(closing, last);

		if (bracket != NULL) {
			size_t i = (size_t)(bracket - closing);

			if (n_closing[i] <= n_opening[i])
				break;
			n_closing[i]--;
		} else if (strchr("?!.,:;*_~'", last) == NULL)
			break;
	}
	return length;
}

/* The length of the address at the start of text, or 0. */
static size_t
address_length(struct span text)
{
	size_t scheme = web_scheme(text), at = scheme;

	if (scheme == 0 || at == text.length || text.text[at] == '/')
		return 0;
	while (at < text.length) {
		uint32_t code = 0;
		size_t n = utf8_decode(text.text + at, text.length - at, &code);

		if (n == 0 || ends_address(code))
			break;
		at += n;
	}
	at = without_punctuation((struct span){ text.text, at });
	return at > scheme ? at : 0;
}

void
buf_linked(struct buf *out, struct span text)
{
	size_t from = 0, at = 0;

	while (at < text.length) {
		struct span rest = { text.text + at, text.length - at };
		bool in_word = at > 0 && isalnum((unsigned char)rest.text[-1]);
		size_t length = in_word ? 0 : address_length(rest);
		struct span address = { rest.text, length };

		if (length == 0) {
			at++;
			continue;
		}
		buf_html_span(
		    out, (struct span){ text.text + from, at - from });
		buf_link_open(out, address);
		buf_html_span(out, address);
		buf_text(out, "</a>");
		at += length;
		from = at;
	}
	buf_html_span(
	    out, (struct span){ text.text + from, text.length - from });
}
