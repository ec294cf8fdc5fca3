/* SPDX-License-Identifier: ISC */
/*
 * cmark (the reference implementation of CommonMark) makes the tree, and we
 * write it, element by element from the table below: what is not in the table
 * cannot come out. cmark's own renderer drops HTML, and knows bad schemes where
 * we know good ones.
 */
#include "view/markdown.h"

#include "view/link.h"

#include "base/escape.h"
#include "base/mem.h"

#include <stdlib.h>

#include <cmark.h>

struct writer {
	struct buf *out;
	cmark_node *link; /* the link or image that is open: none in another */
	size_t link_text; /* where its text begins in out */
	unsigned depth; /* of elements that may hold their like */
};

/* So deep nobody means it, and readers' parsers get into trouble. */
enum { DEPTH = 32 };

typedef void write_function(struct writer *writer, cmark_node *node);

static void
write_text(struct writer *writer, cmark_node *node)
{
	const char *text = cmark_node_get_literal(node);

	if (writer->link != NULL)
		buf_html(writer->out, text);
	else
		buf_linked(writer->out, span_of(text));
}

static void
write_literal(struct writer *writer, cmark_node *node)
{
	buf_html(writer->out, cmark_node_get_literal(node));
}

static void
write_html_block(struct writer *writer, cmark_node *node)
{
	buf_plain(writer->out, cmark_node_get_literal(node));
}

static void
write_heading_open(struct writer *writer, cmark_node *node)
{
	int level = cmark_node_get_heading_level(node) + 2;

	buf_printf(writer->out, "<h%d>", level < 6 ? level : 6);
}

static void
write_heading_close(struct writer *writer, cmark_node *node)
{
	int level = cmark_node_get_heading_level(node) + 2;

	buf_printf(writer->out, "</h%d>\n", level < 6 ? level : 6);
}

/* In a tight list (no blank lines in it) the items are not paragraphs. */
static bool
is_tight(struct writer *writer, cmark_node *paragraph)
{
	cmark_node *item = cmark_node_parent(paragraph);
	cmark_node *list = cmark_node_parent(item);

	return writer->depth <= DEPTH && list != NULL &&
	    cmark_node_get_list_tight(list) != 0;
}

static void
write_paragraph_open(struct writer *writer, cmark_node *node)
{
	if (!is_tight(writer, node))
		buf_text(writer->out, "<p>");
}

static void
write_paragraph_close(struct writer *writer, cmark_node *node)
{
	if (!is_tight(writer, node))
		buf_text(writer->out, "</p>\n");
	else if (cmark_node_next(node) != NULL)
		buf_char(writer->out, '\n');
}

static void
write_list_open(struct writer *writer, cmark_node *node)
{
	int start = cmark_node_get_list_start(node);

	if (cmark_node_get_list_type(node) == CMARK_BULLET_LIST)
		buf_text(writer->out, "<ul>\n");
	else if (start == 1)
		buf_text(writer->out, "<ol>\n");
	else
		buf_printf(writer->out, "<ol start=\"%d\">\n", start);
}

static void
write_list_close(struct writer *writer, cmark_node *node)
{
	bool bullets = cmark_node_get_list_type(node) == CMARK_BULLET_LIST;

	buf_text(writer->out, bullets ? "</ul>\n" : "</ol>\n");
}

static void
write_link_open(struct writer *writer, cmark_node *node)
{
	const char *address = cmark_node_get_url(node);

	if (writer->link != NULL || !link_is_allowed(address))
		return;
	buf_link_open(writer->out, span_of(address));
	writer->link = node;
	writer->link_text = writer->out->length;
}

/* True of <ftp://x>, whose text says its address already. */
static bool
says_its_address(cmark_node *link)
{
	cmark_node *text = cmark_node_first_child(link);

	return text != NULL && cmark_node_get_type(text) == CMARK_NODE_TEXT &&
	    strcmp(cmark_node_get_literal(text), cmark_node_get_url(link)) == 0;
}

static void
write_link_close(struct writer *writer, cmark_node *node)
{
	const char *address = cmark_node_get_url(node);

	if (writer->link == node) {
		if (writer->out->length == writer->link_text)
			buf_html(writer->out, address);
		buf_text(writer->out, "</a>");
		writer->link = NULL;
	} else if (writer->link == NULL && !says_its_address(node) &&
	    *address != '\0') {
		buf_text(writer->out, " (");
		buf_html(writer->out, address);
		buf_char(writer->out, ')');
	}
}

/* A row is an element: what stands before and after its content. */
static const struct element {
	const char *open, *close;
	write_function *enter, *leave;
	write_function
	    *leaf; /* content of an element that has no nodes in it */
	unsigned deeper; /* 1 if it may hold its like */
} elements[] = {
	[CMARK_NODE_BLOCK_QUOTE] = { "<blockquote>\n", "</blockquote>\n",
	    .deeper = 1 },
	[CMARK_NODE_LIST] = { .enter = write_list_open,
	    .leave = write_list_close,
	    .deeper = 1 },
	/* is as deep as its list, so that neither stands without the other */
	[CMARK_NODE_ITEM] = { .open = "<li>", .close = "</li>\n" },
	[CMARK_NODE_CODE_BLOCK] = { "<pre><code>", "</code></pre>\n",
	    .leaf = write_literal },
	[CMARK_NODE_HTML_BLOCK] = { .leaf = write_html_block },
	[CMARK_NODE_PARAGRAPH] = { .enter = write_paragraph_open,
	    .leave = write_paragraph_close },
	[CMARK_NODE_HEADING] = { .enter = write_heading_open,
	    .leave = write_heading_close },
	[CMARK_NODE_THEMATIC_BREAK] = { .open = "<hr/>\n" },
	[CMARK_NODE_TEXT] = { .leaf = write_text },
	[CMARK_NODE_SOFTBREAK] = { .open = "<br/>\n" },
	[CMARK_NODE_LINEBREAK] = { .open = "<br/>\n" },
	[CMARK_NODE_CODE] = { "<code>", "</code>", .leaf = write_literal },
	[CMARK_NODE_HTML_INLINE] = { .leaf = write_literal },
	[CMARK_NODE_EMPH] = { "<em>", "</em>", .deeper = 1 },
	[CMARK_NODE_STRONG] = { "<strong>", "</strong>", .deeper = 1 },
	[CMARK_NODE_LINK] = { .enter = write_link_open,
	    .leave = write_link_close },
	[CMARK_NODE_IMAGE] = { .enter = write_link_open,
	    .leave = write_link_close },
};

static bool
is_hidden(const struct writer *writer, cmark_node *node)
{
	return writer->depth > DEPTH &&
	    (elements[cmark_node_get_type(node)].deeper > 0 ||
		cmark_node_get_type(node) == CMARK_NODE_ITEM);
}

static void
add(struct writer *writer, const char *text)
{
	if (text != NULL)
		buf_text(writer->out, text);
}

static void
call(write_function *function, struct writer *writer, cmark_node *node)
{
	if (function != NULL)
		function(writer, node);
}

/* What is too deep is written without its element. */
static void
write_node(struct writer *writer, cmark_node *node, cmark_event_type event)
{
	const struct element *element = &elements[cmark_node_get_type(node)];

	if (event == CMARK_EVENT_ENTER) {
		writer->depth += element->deeper;
		if (is_hidden(writer, node))
			return;
		add(writer, element->open);
		call(element->enter, writer, node);
		call(element->leaf, writer, node);
		if (element->leaf != NULL)
			add(writer, element->close);
	} else {
		if (!is_hidden(writer, node)) {
			call(element->leave, writer, node);
			add(writer, element->close);
		}
		writer->depth -= element->deeper;
	}
}

/* It ends the process where there is no memory; so it takes ours. */
static cmark_mem memory = { mem_take_zero, mem_resize, free };

static cmark_node *
parsed(const char *text, size_t length)
{
	cmark_parser *parser = cmark_parser_new_with_mem(
	    CMARK_OPT_DEFAULT, &memory);
	cmark_node *document;

	cmark_parser_feed(parser, text, length);
	document = cmark_parser_finish(parser);
	cmark_parser_free(parser);
	return document;
}

void
buf_markdown(struct buf *out, const char *text)
{
	struct writer writer = { .out = out };
	size_t length = strlen(text);
	cmark_event_type event;
	cmark_node *document;
	cmark_iter *iter;

	if (length > MARKDOWN_MOST) {
		buf_plain(out, text);
		return;
	}
	document = parsed(text, length);
	iter = cmark_iter_new(document);
	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE)
		write_node(&writer, cmark_iter_get_node(iter), event);
	cmark_iter_free(iter);
	cmark_node_free(document);
}
