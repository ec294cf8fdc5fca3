/* SPDX-License-Identifier: ISC */
/*
 * Plain text as HTML that looks right without a style sheet, in a terminal's
 * feed reader as in a browser: no reader keeps white space in a p, and none
 * wraps a pre, so each paragraph gets the one it needs.
 */
#include "view/markdown.h"

#include "view/link.h"

#include "base/check.h"
#include "base/mem.h"
#include "base/utf8.h"

#define NO_BREAK_SPACE "\xc2\xa0"
#define ELLIPSIS "\xe2\x80\xa6"

static struct span
next_line(struct span *rest)
{
	const char *end = memchr(rest->text, '\n', rest->length);
	struct span line = { rest->text,
		end != NULL ? (size_t)(end - rest->text) : rest->length };
	size_t taken = line.length + (end != NULL);

	rest->text += taken;
	rest->length -= taken;
	while (line.length > 0 &&
	    strchr(" \t", line.text[line.length - 1]) != NULL)
		line.length--;
	return line;
}

/* One or two spaces between words are prose, anything more is a column. */
static bool
has_columns(struct span line)
{
	size_t spaces = 2;

	for (size_t i = 0; i < line.length; i++) {
		spaces = line.text[i] == ' ' ? spaces + 1 : 0;
		if (spaces > 2 || line.text[i] == '\t')
			return true;
	}
	return false;
}

struct paragraph {
	struct span text; /* from its first line to the end of its last */
	bool columns;
};

/* The paragraph at the start of *rest, empty if there is none. */
static struct paragraph
next_paragraph(struct span *rest)
{
	struct paragraph paragraph = { { rest->text, 0 }, false };

	while (rest->length > 0) {
		struct span line = next_line(rest);
		const char *end = line.text + line.length;

		if (line.length == 0 && paragraph.text.length > 0)
			break;
		if (line.length == 0) {
			paragraph.text.text = rest->text;
			continue;
		}
		paragraph.columns = paragraph.columns || has_columns(line);
		paragraph.text.length = (size_t)(end - paragraph.text.text);
	}
	return paragraph;
}

/* Two spaces, as some people type after a full stop, stay two. */
static void
write_prose_line(struct buf *out, struct span line)
{
	struct buf *kept = buf_new(out);

	for (size_t i = 0; i < line.length; i++) {
		bool two = line.text[i] == ' ' && line.text[i + 1] == ' ';

		buf_add(kept, two ? NO_BREAK_SPACE : &line.text[i],
		    two ? strlen(NO_BREAK_SPACE) : 1);
	}
	buf_linked(out, (struct span){ kept->text, kept->length });
	talloc_free(kept);
}

static void
write_prose(struct buf *out, struct span text)
{
	const char *between = "<p>";

	while (text.length > 0) {
		buf_text(out, between);
		write_prose_line(out, next_line(&text));
		between = "<br/>\n";
	}
	buf_text(out, "</p>\n");
}

static void
write_columns(struct buf *out, struct span text)
{
	buf_text(out, "<pre>");
	buf_linked(out, text);
	buf_text(out, "</pre>\n");
}

void
buf_plain(struct buf *out, const char *text)
{
	struct span rest = span_of(text);
	struct paragraph next = next_paragraph(&rest);

	while (next.text.length > 0) {
		struct paragraph now = next;

		next = next_paragraph(&rest);
		/* a log with blank lines in it stays one pre */
		while (now.columns && next.columns) {
			now.text.length = (size_t)(next.text.text +
			    next.text.length - now.text.text);
			next = next_paragraph(&rest);
		}
		if (now.columns)
			write_columns(out, now.text);
		else
			write_prose(out, now.text);
	}
}

/* The bytes of the first n characters of text. */
static size_t
bytes_of(const char *text, size_t n)
{
	size_t at = 0;

	while (text[at] != '\0') {
		if (((unsigned char)text[at] & 0xc0) != 0x80 && n-- == 0)
			break;
		at++;
	}
	return at;
}

char *
text_summary(void *owner, const char *text, size_t most)
{
	char *line = utf8_one_line(owner, text), *summary;
	size_t all, length;

	CHECK(most > 0);
	if (utf8_length(line) <= most)
		return line;
	all = length = bytes_of(line, most - 1);
	/* back to the end of a word, but never by more than half */
	while (length > all / 2 && line[length] != ' ')
		length--;
	if (line[length] != ' ' || length == 0)
		length = all;
	while (length > 0 && line[length - 1] == ' ')
		length--;
	summary = mem_printf(owner, "%.*s" ELLIPSIS, (int)length, line);
	talloc_free(line);
	return summary;
}
