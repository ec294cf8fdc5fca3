/* SPDX-License-Identifier: ISC */
#ifndef DESK_TAG_NAMES_H
#define DESK_TAG_NAMES_H

/*
 * For desk/ only: what tags were called before. Incidents, articles and pulls
 * keep the tags that they were given; a merge or a rename is one row that says
 * by what name a tag goes from now on. Whoever reads them reads the name of
 * now, and a filter sees beside it all names that it had, so that one which
 * names an old one goes on finding. So nothing that was tagged is rewritten,
 * and no feed has an entry again.
 */

#include "store/db.h"

#include <stdbool.h>

struct desk;
struct tag_names;

/*
 * Reads them anew from the store, for all connections of the desk. A reading
 * of a text that was made with others is too old. On the writer's thread; as
 * the last step of a job that may fail.
 */
MUST_CHECK bool
tag_names_load(struct desk *desk, struct db *db, struct error *err);

/* Those of the desk that the connection belongs to; NULL: nothing was renamed.
 */
const struct tag_names *tag_names_of(const struct db *db);

/* The name of now, which is the tag itself if it was never renamed. */
const char *tag_now(const struct tag_names *names, const char *tag);

/* True if that tag had another name, or is one that some tag had. */
bool tag_was_renamed(const struct tag_names *names, const char *tag);

/*
 * Tags, sorted and each once, by the names of now; the same ones if none was
 * renamed, else an array of owner's. Their text is the given one or as long
 * there as the desk.
 */
void
tags_now(void *owner, const struct tag_names *names, char ***tags, size_t *n);

/* Tags by the names of now, and all that these had before: for a filter. */
void tags_ever(void *owner, const struct tag_names *names, char *const *tags,
    size_t n, const char *const **ret, size_t *n_ret);

#endif
