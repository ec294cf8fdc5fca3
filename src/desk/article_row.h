/* SPDX-License-Identifier: ISC */
#ifndef DESK_ARTICLE_ROW_H
#define DESK_ARTICLE_ROW_H

/* For desk/ only: how an article is written. */

#include "desk/article.h"

/* What a change did to it: a fact each, in this order. */
enum {
	ARTICLE_NEW = 1 << 0,
	ARTICLE_PARTS = 1 << 1, /* makes a revision, as a new one does */
	ARTICLE_CONFIDENCE = 1 << 2,
	ARTICLE_AUDIENCE = 1 << 3,
	ARTICLE_WITHDRAWN = 1 << 4,
};

/*
 * Writes the journal rows, the article (its times and seq are set here) and
 * its revision; a new one gets its number.
 */
MUST_CHECK bool article_write(struct db *db, const struct actor *actor,
    struct article *article, unsigned what, struct error *err);

/* A row about an article, of no incident; *seq and *at are the row's. */
MUST_CHECK bool article_event(struct db *db, const struct actor *actor,
    const struct article *article, int kind, int64_t *seq, int64_t *at,
    struct error *err);

/* Reuse + 1, and validated at the third, unless archived. */
MUST_CHECK bool article_count_reuse(struct db *db,
    const struct article *article, int64_t seq, int64_t at, struct error *err);

/* Its tags without those that say the customer's name. */
void article_redact_tags(struct article *article, const char *customer_name);

#endif
