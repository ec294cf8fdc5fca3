/* SPDX-License-Identifier: ISC */
#ifndef DESK_USED_TAGS_H
#define DESK_USED_TAGS_H

/* The tags that people use: for who is typing one. */

#include "desk/desk.h"

/*
 * Those of all profiles, and the 2,000 that incidents have most often; each
 * once, in their order.
 */
MUST_CHECK bool used_tags(void *owner, struct db *db, const char ***ret,
    size_t *n, struct error *err);

#endif
