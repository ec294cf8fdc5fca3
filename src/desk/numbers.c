/* SPDX-License-Identifier: ISC */
#include "desk/numbers.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

unsigned char *
numbers_encode(void *owner, const int64_t *numbers, size_t n, size_t *length)
{
	enum { VARINT_MAX = 10 };
	unsigned char *bytes = mem_array(owner, unsigned char, n *VARINT_MAX);
	int64_t last = 0;
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t delta = (uint64_t)(numbers[i] - last);

		for (; delta >= 0x80; delta >>= 7)
			bytes[at++] = (unsigned char)(delta | 0x80);
		bytes[at++] = (unsigned char)delta;
		last = numbers[i];
	}
	*length = at;
	return bytes;
}

int64_t *
numbers_decode(void *owner, const void *from, size_t length, size_t *n)
{
	const unsigned char *bytes = from;
	int64_t *numbers = mem_array(owner, int64_t, length);
	uint64_t last = 0, delta = 0;
	unsigned shift = 0;
	size_t count = 0;

	for (size_t i = 0; i < length && shift < 64; i++) {
		delta |= (uint64_t)(bytes[i] & 0x7f) << shift;
		shift += 7;
		if (bytes[i] >= 0x80)
			continue;
		last += delta;
		numbers[count++] = (int64_t)last;
		delta = 0;
		shift = 0;
	}
	*n = count;
	return numbers;
}

int
numbers_compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/*
 * By one byte after the other, the lowest first: many numbers are in order so
 * in an eighth of qsort's time. A byte that all have in common is passed over.
 */
static void
sort_by_bytes(int64_t *numbers, size_t n)
{
	enum { BYTES = sizeof *numbers, VALUES = 256 };
	int64_t *from = numbers, *spare = mem_array(NULL, int64_t, n);
	int64_t *to = spare;

	for (unsigned byte = 0; byte < BYTES; byte++) {
		size_t places[VALUES] = { 0 }, place = 0;

		for (size_t i = 0; i < n; i++)
			places[(uint64_t)from[i] >> 8 * byte & 0xff]++;
		if (places[(uint64_t)from[0] >> 8 * byte & 0xff] == n)
			continue;
		for (size_t value = 0; value < VALUES; value++) {
			size_t count = places[value];

			places[value] = place;
			place += count;
		}
		for (size_t i = 0; i < n; i++)
			to[places[(uint64_t)from[i] >> 8 * byte & 0xff]++] =
			    from[i];
		from = to;
		to = from == spare ? numbers : spare;
	}
	if (from != numbers)
		memcpy(numbers, from, n * sizeof *numbers);
	talloc_free(spare);
}

size_t
numbers_sort(int64_t *numbers, size_t n)
{
	enum { MANY = 1000 };
	size_t kept = 0;

	if (n >= MANY)
		sort_by_bytes(numbers, n);
	else if (n > 1)
		qsort(numbers, n, sizeof *numbers, numbers_compare);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || numbers[kept - 1] != numbers[i])
			numbers[kept++] = numbers[i];
	return kept;
}
