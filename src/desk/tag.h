/* SPDX-License-Identifier: ISC */
#ifndef DESK_TAG_H
#define DESK_TAG_H

/*
 * All tags, and changing by what name one goes. What is tagged with a former
 * name stays so: it is read by the name of now, and filters and people that
 * still say the former one mean the same.
 */

#include "desk/desk.h"

struct tag_use {
	char *tag;
	int64_t incidents; /* how often it was given to one */
	int64_t people; /* who have it as a skill */
	char **former; /* its former names */
	size_t n_former;
};

/* Those from that tag on ("": the first), by name; at most limit. */
MUST_CHECK bool tag_page(void *owner, struct db *db, const char *from,
    size_t limit, struct tag_use **ret, size_t *n, struct error *err);

/*
 * Admins. tag goes by the name into from now on: at a merge that of another
 * tag, at a rename one that no tag has yet. ERROR_INVALID with the field "tag"
 * or "into". Journal: tag.
 */
MUST_CHECK bool desk_tag_merge(struct desk *desk, const struct actor *actor,
    const char *tag, const char *into, struct error *err);
MUST_CHECK bool desk_tag_rename(struct desk *desk, const struct actor *actor,
    const char *tag, const char *into, struct error *err);

/* --- for desk/ only */

/*
 * Counts what an incident has now and had before, both sorted; inside of a
 * transaction.
 */
MUST_CHECK bool tag_count(struct db *db, char *const *now, size_t n_now,
    char *const *before, size_t n_before, struct error *err);

#endif
