/* SPDX-License-Identifier: ISC */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

/*
 * Text on its way out, one function a destination. What comes in is valid
 * UTF-8 (base/utf8.h makes it so at the edge).
 */

#include "base/buf.h"

/*
 * HTML text or a quoted attribute: & < > " ' as references; control characters
 * other than tab and line feed, and the noncharacters U+FFFE and U+FFFF,
 * become U+FFFD.
 */
void buf_html(struct buf *buf, const char *text);

/*
 * XML 1.0 character data without its escaping (the XML writer escapes): every
 * code point that production [2] Char forbids becomes U+FFFD.
 */
void buf_xml_chars(struct buf *buf, const char *text, size_t length);

/*
 * One component of a URI: everything but the unreserved characters of RFC 3986
 * section 2.3 is percent-encoded, by bytes.
 */
void buf_url(struct buf *buf, const char *text);

/*
 * A JSON string with its quotes (RFC 8259), control characters, also those
 * from U+0080 to U+009F, as \u00XX.
 */
void buf_json(struct buf *buf, const char *text);

/*
 * A value in a log line: as it is if it is printable ASCII without space, "="
 * or quotes, else quoted, with control characters, backslash, quotes and
 * bytes that are not UTF-8 as \xXX. Cut after 256 bytes. NULL is "-".
 */
void buf_log(struct buf *buf, const char *text);

/*
 * Text for somebody's terminal, which must not be played with: control
 * characters, and those that turn the direction of writing, as \u{HEX}. With
 * lines, tab and line feed go through.
 */
void buf_terminal(struct buf *buf, const char *text, bool lines);

#endif
