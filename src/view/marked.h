/* SPDX-License-Identifier: ISC */
#ifndef VIEW_MARKED_H
#define VIEW_MARKED_H

/* What a search found, with the words marked that it was found by. */

#include "base/buf.h"
#include "desk/search.h"

/* Plain text as HTML: escaped, found words in <mark>. */
void
buf_marked(struct buf *out, const char *text, const struct search_terms *terms);

/*
 * A passage of text in one line, of about most bytes, with as many different
 * terms as can be; *n says how many. Without any it is the beginning.
 */
char *text_passage(void *owner, const char *text,
    const struct search_terms *terms, size_t most, size_t *n);

#endif
