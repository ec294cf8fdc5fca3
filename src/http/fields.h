/* SPDX-License-Identifier: ISC */
#ifndef HTTP_FIELDS_H
#define HTTP_FIELDS_H

/* The grammar that header fields share (RFC 9110 section 5.6). */

#include "base/error.h"
#include "base/span.h"

#include <strings.h>

/*
 * True if a header's name is wanted, without case. Most part from it with their
 * first letter.
 */
static inline bool
field_is_named(const char *name, const char *wanted)
{
	return ((name[0] ^ wanted[0]) & ~0x20) == 0 &&
	    strcasecmp(name, wanted) == 0;
}

/* Which characters may stand in what. None has a NUL, so each text ends it. */
enum field_class {
	FIELD_TOKEN = 1, /* RFC 9110 section 5.6.2 */
	FIELD_VALUE = 2, /* no control characters but tab, which is white */
	FIELD_TARGET = 4, /* no spaces, control characters or fragment */
};

/* How many characters at the start of text are of that class. */
size_t field_span(const char *text, enum field_class class);

/* Without spaces and tabs at both ends. */
struct span field_trimmed(struct span text);

/* True if span is text, letters without case. */
bool field_is(struct span span, const char *text);

/*
 * Takes the next element from *at: up to separator, which does not count
 * inside a quoted string; trimmed. False at the end; empty elements are
 * skipped.
 */
MUST_CHECK bool field_next(const char **at, char separator, struct span *ret);

/*
 * The value of parameter name of a field like "form-data; name=\"a\"", without
 * its quotes and escapes, or NULL.
 */
const char *field_parameter(void *owner, const char *value, const char *name);

/*
 * Percent-decoded (plus: + is a space) into memory of owner. NULL if an escape
 * is broken, or the outcome has U+0000 or is not UTF-8.
 */
const char *field_decoded(void *owner, struct span text, bool plus);

#endif
