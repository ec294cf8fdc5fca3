/* SPDX-License-Identifier: ISC */
#ifndef HTTP_NEGOTIATE_H
#define HTTP_NEGOTIATE_H

/* Which representation Accept asks for (RFC 9110 section 12.5.1). */

#include "base/span.h"
#include "http/request.h"

/*
 * One of forms, the one that accept likes best, or 0 if it takes none of them.
 * Of those it likes equally, one that it names comes before one that only a
 * wildcard takes, then usual. accept may be NULL.
 */
enum http_form
negotiate_form(const char *accept, unsigned forms, enum http_form usual);

/* The form of an ending like "json", 0 if there is none. */
enum http_form negotiate_ending(struct span ending);

/*
 * An element of Accept and its like: its name, and how much it is liked, in
 * thousandths (1000 if it does not say, or not readably; 0: not at all).
 */
struct span negotiate_name(struct span element);
int negotiate_quality(struct span element);

/* True if a media type (lower case, no parameters) is JSON or on JSON. */
bool negotiate_is_json(const char *type);

#endif
