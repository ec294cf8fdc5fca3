/* SPDX-License-Identifier: ISC */
#ifndef DESK_TOLD_H
#define DESK_TOLD_H

/*
 * Which public articles there are, for search engines: in parts of so many
 * numbers, so that one part never takes much memory.
 */

#include "desk/article.h"

enum { TOLD_PART = 10000 };

struct told_part {
	int64_t
	    number; /* of the part: its articles begin at that * TOLD_PART */
	int64_t updated; /* of the one that changed last */
};

struct told {
	int64_t number;
	char *title;
	int64_t updated;
};

/* Parts that have any, and what stands in one, both by number. */
MUST_CHECK bool told_parts(void *owner, struct db *db, struct told_part **ret,
    size_t *n, struct error *err);
MUST_CHECK bool told_articles(void *owner, struct db *db, int64_t part,
    struct told **ret, size_t *n, struct error *err);

#endif
