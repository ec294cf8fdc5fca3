/* SPDX-License-Identifier: ISC */
#ifndef DESK_COUNT_H
#define DESK_COUNT_H

/* For desk/ only: what the desk counts of itself. */

#include "base/metric.h"
#include "desk/inside.h"

enum desk_count {
	DESK_READINGS,
	DESK_CANDIDATES,
	DESK_MATCHES,
	DESK_READING_SECONDS,
	DESK_READING_CPU,
	DESK_OVER,
	DESK_AGAIN, /* changes that were read anew, as something was newer */
	DESK_FILTERS,
	DESK_PAUSES,
	DESK_PLACE,
	DESK_LAG, /* by enum desk_follower */
	DESK_READERS,
	DESK_COUNTS
};

enum desk_follower { FOLLOWER_LISTS, FOLLOWER_SEARCH, FOLLOWERS };

struct metrics *count_desk_new(void *owner);

/*
 * Reads a document with the desk's filters (matcher_read, on the calling
 * thread's own scratch), and counts it.
 */
struct matches *desk_match(void *owner, struct desk *desk,
    const struct filter_document *document, unsigned uses);

#endif
