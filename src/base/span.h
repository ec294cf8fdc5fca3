/* SPDX-License-Identifier: ISC */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

/* Borrowed text: whoever holds a span does not own what it points to. */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const char *text;
	size_t length;
};

#define SPAN(literal) ((struct span){ (literal), sizeof(literal) - 1 })

static inline struct span
span_of(const char *text)
{
	return (struct span){ text, text == NULL ? 0 : strlen(text) };
}

static inline bool
span_is(struct span span, const char *text)
{
	return span.length == strlen(text) &&
	    (span.length == 0 || memcmp(span.text, text, span.length) == 0);
}

#endif
