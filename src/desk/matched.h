/* SPDX-License-Identifier: ISC */
#ifndef DESK_MATCHED_H
#define DESK_MATCHED_H

/*
 * For desk/ only: the log of what events made true. One row an event: the
 * incident, the journal number, the numbers of the filters, ascending
 * (numbers.h).
 */

#include "store/db.h"

struct matched {
	int64_t seq;
	int64_t *filters;
	size_t n;
};

MUST_CHECK bool matched_add(struct db *db, int64_t incident, int64_t seq,
    const int64_t *filters, size_t n, struct error *err);

/* All rows of an incident, in order. */
MUST_CHECK bool matched_of(void *owner, struct db *db, int64_t incident,
    struct matched **ret, size_t *n, struct error *err);

bool matched_has(const struct matched *matched, int64_t filter);

#endif
