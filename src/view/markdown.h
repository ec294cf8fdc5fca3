/* SPDX-License-Identifier: ISC */
#ifndef VIEW_MARKDOWN_H
#define VIEW_MARKDOWN_H

/*
 * What people write, as HTML: for pages and for the content of feed entries.
 *
 * Text in is valid UTF-8; HTML out is a fragment that is well-formed XML as
 * well, made of p br pre code blockquote ul ol li hr em strong h3 to h6 and a.
 * The only attributes are href and rel of a, and start of ol. An href is http,
 * https, mailto or a path of ours (one "/" at its start), nothing else; a
 * character that may not be shown (buf_html) is U+FFFD. Addresses that begin
 * with http:// or https:// are links, punctuation after them is not part of
 * them.
 */

#include "base/buf.h"

enum { MARKDOWN_MOST = 64 * 1024 };

/*
 * Replies, notes, fixes and articles: CommonMark, where a line break stays
 * one. HTML in it is shown as the text it is; an image is a link with its
 * description as text; a link elsewhere is its text, with the address in
 * brackets; headings begin at h3. A text over MARKDOWN_MOST bytes is shown by
 * buf_plain.
 */
void buf_markdown(struct buf *out, const char *text);

/*
 * Bodies, environments, a customer's replies, an article's issue: plain text as
 * it was typed. Prose stands in paragraphs, so that it is wrapped to the width
 * there is; where columns matter (indented lines, tabs, runs of spaces, as in
 * logs and stack traces) the paragraph is a pre.
 */
void buf_plain(struct buf *out, const char *text);

/*
 * The first of text in one line of at most most characters (at least 1), for a
 * summary: cut after a word, with an ellipsis, if there is more.
 */
char *text_summary(void *owner, const char *text, size_t most);

#endif
