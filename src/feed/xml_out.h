/* SPDX-License-Identifier: ISC */
#ifndef FEED_XML_OUT_H
#define FEED_XML_OUT_H

/*
 * An XML 1.0 document on its way out: the writer of libxml2, which escapes,
 * behind a wall that makes every character that XML forbids U+FFFD. So the
 * document is well-formed whatever the texts are. Nothing here can fail: out
 * of memory ends the process, any other fault of the writer is a bug of ours.
 *
 * Names are ours (with their prefix, as in "thr:count") and go out as they
 * are; a namespace is an attribute of the root ("xmlns:thr").
 */

#include "base/buf.h"

#include <stdint.h>

struct xml_out;

/* Begins a document at the end of out, in UTF-8. */
struct xml_out *xml_begin(struct buf *out);

/* Ends it, with all elements that are open, and releases the writer. */
void xml_finish(struct xml_out *xml);

void xml_start(struct xml_out *xml, const char *name);
void xml_end(struct xml_out *xml);

/* An attribute of the element just started; NULL text: none. */
void xml_attribute(struct xml_out *xml, const char *name, const char *text);

void xml_text(struct xml_out *xml, const char *text);

/* A whole element with that text; NULL text: none. */
void xml_element(struct xml_out *xml, const char *name, const char *text);

/* Of a time: RFC 3339, or RFC 822 for RSS and OPML; 0: none. */
void xml_attribute_rfc3339(struct xml_out *xml, const char *name, int64_t time);
void xml_element_rfc3339(struct xml_out *xml, const char *name, int64_t time);
void xml_element_rss_date(struct xml_out *xml, const char *name, int64_t time);

#endif
