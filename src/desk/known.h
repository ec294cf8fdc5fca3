/* SPDX-License-Identifier: ISC */
#ifndef DESK_KNOWN_H
#define DESK_KNOWN_H

/*
 * For desk/ only: what search.c and known.c share, and the memory of the
 * search for known answers, which every report makes.
 */

#include "desk/search.h"
#include "store/text.h"

/* Groups of documents: a search asks for one and those above. */
enum { GROUP_ARCHIVED, GROUP_STAFF, GROUP_PUBLIC };

struct known *known_new(void *owner);

/* That article has changed. Any thread. */
void known_forget(struct known *known, int64_t article);

/*
 * A connection to the full text, for the calling thread until it gives it
 * back, and one view of it for all that is asked meanwhile: beginning a view
 * costs more than most questions. NULL if nothing was written yet.
 */
MUST_CHECK bool
search_text_take(struct desk *desk, struct db **ret, struct error *err);
void search_text_done(struct desk *desk, struct db *text);

/*
 * Documents with one of the rarest of the query's words (begins are not asked),
 * best first. Only words that more than above documents have.
 */
MUST_CHECK bool search_candidates(void *owner, struct desk *desk,
    const struct text_query *query, int64_t above, struct text_found *ret,
    struct error *err);

/*
 * The words of a text, folded, each once, that have at least shortest bytes;
 * up to most in words, of which *n are there already.
 */
void search_words(void *owner, const char *text, size_t shortest, char **words,
    size_t *n, size_t most);

#endif
