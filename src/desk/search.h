/* SPDX-License-Identifier: ISC */
#ifndef DESK_SEARCH_H
#define DESK_SEARCH_H

/*
 * Full text of articles. It follows the journal, in a file of its own beside
 * the store, which can be made again from it at any time.
 */

#include "desk/article.h"

/*
 * Indexes what the journal has new; one at a time in all processes. all: makes
 * it new from the start.
 */
MUST_CHECK bool search_follow(struct desk *desk, bool all, struct error *err);

/*
 * What a search looks for: words, folded, each once, and for all but short
 * ones how a word begins that is found too: "deadlocks" finds what begins with
 * "deadlock". NULL: only the word itself.
 */
enum { SEARCH_TERMS = 32 };
struct search_terms {
	char *words[SEARCH_TERMS];
	char *begins[SEARCH_TERMS];
	size_t n;
};
void search_terms_of(void *owner, const char *text, struct search_terms *ret);

/*
 * Articles with all the words, best first; at most limit. Where none has all:
 * those with one of the rarest.
 */
MUST_CHECK bool search_articles(void *owner, struct desk *desk,
    const char *words, bool public_only, size_t limit, int64_t **ret, size_t *n,
    struct error *err);

/*
 * Articles, not archived, that may answer an incident: the known answers; at
 * most KNOWN_MAX, best first. None rather than a poor one.
 */
struct known_asked {
	const char *title, *body, *environment; /* of the incident */
	bool public_only;
};
MUST_CHECK bool search_known(struct desk *desk, const struct known_asked *asked,
    int64_t *ret, size_t *n, struct error *err);

/*
 * Public articles on the same matter as that one, by its tags and the words of
 * its title; at most RELATED_MAX, best first.
 */
enum { RELATED_MAX = 5 };
MUST_CHECK bool search_related(void *owner, struct desk *desk, struct db *db,
    const struct article *article, struct article_list *ret, struct error *err);

#endif
