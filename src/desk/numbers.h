/* SPDX-License-Identifier: ISC */
#ifndef DESK_NUMBERS_H
#define DESK_NUMBERS_H

/*
 * For desk/ only: ascending numbers in few bytes, as varint (LEB128) deltas,
 * the first from 0.
 */

#include <stddef.h>
#include <stdint.h>

/* The bytes of n numbers; *length is how many. */
unsigned char *
numbers_encode(void *owner, const int64_t *numbers, size_t n, size_t *length);

/* The numbers in these bytes. */
int64_t *
numbers_decode(void *owner, const void *bytes, size_t length, size_t *n);

/* For qsort. */
int numbers_compare(const void *a, const void *b);

/* Puts them, none negative, in order, each once; returns how many are left. */
size_t numbers_sort(int64_t *numbers, size_t n);

#endif
