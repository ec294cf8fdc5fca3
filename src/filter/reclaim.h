/* SPDX-License-Identifier: ISC */
#ifndef FILTER_RECLAIM_H
#define FILTER_RECLAIM_H

/*
 * Memory that other threads may still be reading is freed once every reading
 * that had begun before it was taken away is over. Whoever takes something away
 * makes it unreachable first, then retires it; whoever reads begins a reading
 * before she looks. Any thread may call any of these.
 */

#include <stdint.h>

struct reclaim;

/* Freed when no reading goes on, with all that is retired. */
struct reclaim *reclaim_new(void *owner);

/* Belongs to the reader, and stays where it is until the reading ends. */
struct reading {
	uint64_t retired; /* before it began */
	struct reading *older, *newer;
};

void reading_begin(struct reclaim *reclaim, struct reading *reading);
void reading_end(struct reclaim *reclaim, struct reading *reading);

/* Takes over memory that was made with an owner of NULL; NULL is nothing. */
void reclaim_retire(struct reclaim *reclaim, void *memory);

#endif
