/* SPDX-License-Identifier: ISC */
#ifndef DESK_ASCENDING_H
#define DESK_ASCENDING_H

/*
 * For desk/ only: ascending numbers of 32 bits, each once. Memory has hundreds
 * of thousands of such lists, most of them short, so one is 16 bytes and what
 * it holds, without an owner; all zero is an empty one.
 */

#include <stddef.h>
#include <stdint.h>

struct ascending {
	uint32_t *all;
	uint32_t n, room;
};

void ascending_free(struct ascending *list);

/* At the end, in whatever order: then ascending_settle() before it is read. */
void ascending_push(struct ascending *list, int64_t number);
void ascending_settle(struct ascending *list);

/* In its place, unless it is there. */
void ascending_insert(struct ascending *list, int64_t number);

/* The place of the first that is not smaller; n if there is none. */
size_t ascending_find(const struct ascending *list, int64_t number);

/* Takes the first n away, with the room that they took. */
void ascending_cut(struct ascending *list, size_t n);

#endif
