/* SPDX-License-Identifier: ISC */
#ifndef DESK_LISTS_H
#define DESK_LISTS_H

/*
 * For desk/ only: the log of matches, by filter and by person, in memory. A
 * filter's list has the journal numbers of what it matched and of the notices
 * of incidents that it had matched; a person's own list has what is addressed
 * to her, pauses of her filters, and notices of incidents of her past (see
 * struct stretch). Rebuilt from the store at the start, then it follows.
 */

#include "desk/desk.h"

struct lists;

/*
 * Copies the newest numbers before `before` (0: from the newest) of a list, at
 * most most, newest first; returns how many.
 */
size_t lists_of_filter(struct lists *lists, int64_t filter, int64_t before,
    int64_t *ret, size_t most);
size_t lists_of_person(struct lists *lists, int64_t person, int64_t before,
    int64_t *ret, size_t most);

/* See timeline.h: 0 if memory knows no such person or subscription. */
int64_t lists_version_of_person(struct lists *lists, int64_t person);
int64_t lists_version_of_subscription(
    struct lists *lists, int64_t person, int64_t subscription);

#endif
