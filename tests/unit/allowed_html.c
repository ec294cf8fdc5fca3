/* SPDX-License-Identifier: ISC */
#include "allowed_html.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/span.h"
#include "base/utf8.h"

#include <ctype.h>
#include <stdio.h>

enum { DEPTH = 200, NAME = 16 };

struct reader {
	const char *at;
	char open[DEPTH][NAME];
	size_t depth;
	struct buf *text; /* or NULL */
};

static const char *const elements[] = { "p", "pre", "code", "blockquote", "ul",
	"ol", "li", "em", "strong", "h3", "h4", "h5", "h6", "a" };
static const char *const empty_elements[] = { "br/", "hr/" };
/* what phrasing content may not hold */
static const char *const phrasing[] = { "p", "pre", "code", "em", "strong",
	"h3", "h4", "h5", "h6", "a" };
static const char *const blocks[] = { "p", "pre", "blockquote", "ul", "ol",
	"li", "h3", "h4", "h5", "h6", "hr/" };

#define IS_ONE_OF(name, list) \
	is_one_of(name, list, sizeof(list) / sizeof(list)[0])

static bool
is_one_of(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}

static bool
take(struct reader *reader, const char *text)
{
	size_t length = strlen(text);

	if (strncmp(reader->at, text, length) != 0)
		return false;
	reader->at += length;
	return true;
}

static bool
is_href(const char *text, size_t length)
{
	static const char *const schemes[] = { "http://", "https://",
		"mailto:", "/" };
	struct buf *lower = buf_new(NULL);
	bool good = false;

	for (size_t i = 0; i < length; i++)
		buf_char(lower, (char)tolower((unsigned char)text[i]));
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		good = good ||
		    strncmp(lower->text, schemes[i], strlen(schemes[i])) == 0;
	if (strncmp(lower->text, "//", 2) == 0)
		good = false;
	for (size_t i = 0; i < length; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f || text[i] == '\\')
			good = false;
	talloc_free(lower);
	return good;
}

static const char *
read_reference(struct reader *reader)
{
	static const struct {
		const char *name;
		char c;
	} references[] = {
		{ "&amp;", '&' },
		{ "&lt;", '<' },
		{ "&gt;", '>' },
		{ "&quot;", '"' },
		{ "&#39;", '\'' },
	};

	for (size_t i = 0; i < sizeof references / sizeof *references; i++)
		if (take(reader, references[i].name)) {
			if (reader->text != NULL)
				buf_char(reader->text, references[i].c);
			return NULL;
		}
	return "a reference that is not known";
}

/* The attributes of <a> and of <ol>; at stands behind the name. */
static const char *
read_attributes(struct reader *reader, const char *name)
{
	const char *from;

	if (strcmp(name, "ol") == 0 && take(reader, " start=\"")) {
		if (!isdigit((unsigned char)*reader->at))
			return "start is no number";
		while (isdigit((unsigned char)*reader->at))
			reader->at++;
		return take(reader, "\">") ? NULL : "ol: what is this?";
	}
	if (strcmp(name, "a") != 0)
		return take(reader, ">") ? NULL : "an attribute";
	if (!take(reader, " href=\""))
		return "a without href";
	from = reader->at;
	while (strchr("\"<>", *reader->at) == NULL)
		reader->at++;
	if (!is_href(from, (size_t)(reader->at - from)))
		return "an href that is not allowed";
	if (!take(reader, "\" rel=\"nofollow noopener ugc\">"))
		return "a without its rel";
	return NULL;
}

static bool
is_open(const struct reader *reader, const char *name)
{
	for (size_t i = 0; i < reader->depth; i++)
		if (strcmp(reader->open[i], name) == 0)
			return true;
	return false;
}

/* The rules of HTML's content models that matter here. */
static const char *
is_misplaced(const struct reader *reader, const char *name)
{
	const char *in = reader->depth > 0 ? reader->open[reader->depth - 1]
					   : "";
	bool in_list = strcmp(in, "ul") == 0 || strcmp(in, "ol") == 0;

	if (in_list != (strcmp(name, "li") == 0))
		return "li without list, or list with something else";
	if (IS_ONE_OF(name, blocks) && IS_ONE_OF(in, phrasing))
		return "a block in phrasing content";
	if (strcmp(name, "a") == 0 && is_open(reader, "a"))
		return "a link in a link";
	return NULL;
}

static const char *
read_tag(struct reader *reader)
{
	bool closing = take(reader, "</");
	char name[NAME] = "";
	const char *fault;

	if (!closing)
		(void)take(reader, "<");
	for (size_t i = 0; i < NAME - 1 && *reader->at != '\0' &&
	     strchr(" >", *reader->at) == NULL;
	     i++)
		name[i] = *reader->at++;
	if (closing) {
		if (reader->depth == 0 ||
		    strcmp(reader->open[--reader->depth], name) != 0)
			return "closes what is not open";
		return take(reader, ">") ? NULL : "a bad end tag";
	}
	fault = is_misplaced(reader, name);
	if (fault != NULL)
		return fault;
	if (IS_ONE_OF(name, empty_elements)) {
		if (reader->text != NULL)
			buf_char(reader->text, '\n');
		return take(reader, ">") ? NULL : "an attribute";
	}
	if (!IS_ONE_OF(name, elements))
		return "an element that is not allowed";
	if (reader->depth == DEPTH)
		return "too deep";
	(void)snprintf(reader->open[reader->depth++], NAME, "%s", name);
	return read_attributes(reader, name);
}

static const char *
read_char(struct reader *reader)
{
	uint32_t code = 0;
	size_t n = utf8_decode(
	    reader->at, strlen(reader->at) < 4 ? strlen(reader->at) : 4, &code);

	if (n == 0)
		return "no UTF-8";
	if (code == '>' || code == '"' || code == '\'')
		return "not escaped";
	if ((code < 0x20 && code != '\n' && code != '\t') ||
	    (code >= 0x7f && code < 0xa0) || code == 0xfffe || code == 0xffff)
		return "a control character";
	if (reader->depth > 0 && code != '\n' &&
	    (strcmp(reader->open[reader->depth - 1], "ul") == 0 ||
		strcmp(reader->open[reader->depth - 1], "ol") == 0))
		return "text in a list";
	/* a line feed behind br is for the eye only */
	if (reader->text != NULL && (code != '\n' || is_open(reader, "pre")))
		buf_add(reader->text, reader->at, n);
	reader->at += n;
	return NULL;
}

static const char *
read_all(struct reader *reader)
{
	const char *fault = NULL;

	while (fault == NULL && *reader->at != '\0')
		if (*reader->at == '<')
			fault = read_tag(reader);
		else if (*reader->at == '&')
			fault = read_reference(reader);
		else
			fault = read_char(reader);
	if (fault == NULL && reader->depth > 0)
		fault = "something stays open";
	return fault;
}

const char *
html_fault(const char *html)
{
	static char text[200];
	struct reader reader = { .at = html };
	const char *fault = read_all(&reader);

	if (fault == NULL)
		return NULL;
	(void)snprintf(text, sizeof text, "%s, at byte %td: %.60s", fault,
	    reader.at - html, reader.at);
	return text;
}

char *
html_text(void *owner, const char *html)
{
	struct reader reader = { .at = html, .text = buf_new(owner) };

	(void)read_all(&reader);
	return reader.text->text;
}
