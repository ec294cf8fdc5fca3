/* SPDX-License-Identifier: ISC */
#ifndef BASE_RESERVE_H
#define BASE_RESERVE_H

/*
 * Memory for when there is none. A server keeps a reserve of it, which it does
 * not use. The first allocation that fails gives up a piece of it, and so on:
 * with that, what was begun is finished. Meanwhile memory is short, and nothing
 * is begun that is not cheap. Once there is enough again the reserve is made
 * whole, and memory is short no longer.
 *
 * Any thread may ask any of these, but reserve_keep and reserve_renew, which
 * belong to one.
 */

#include "base/error.h"

#include <stdint.h>

enum {
	RESERVE_USUAL = 64 << 20,
	RESERVE_PIECES = 16,
};

/*
 * From now on so much is kept; 0: nothing any more. It costs no memory, as it
 * is never touched, but counts where what may be had is limited. False if there
 * is not so much and a quarter more.
 */
MUST_CHECK bool reserve_keep(size_t bytes);

/* Gives up a piece; false if none is left. Memory is short then. */
bool reserve_spend(void);

/* So much at once, now. */
bool memory_can_be_had(size_t bytes);

/* Spends what is needed until it can be had, or all of the reserve. */
void reserve_look(size_t bytes);

bool reserve_is_kept(void);
bool memory_is_short(void);

/* How often it became short. */
int64_t reserve_shortages(void);

/*
 * To be called from time to time while memory is short. If so much can be had
 * again, and a quarter more so that it is not spent again at once, memory is
 * short no longer. What was freed and malloc still has counts, but for a
 * quarter, which the system has to have. False if memory is short still.
 */
bool reserve_renew(void);

#endif
