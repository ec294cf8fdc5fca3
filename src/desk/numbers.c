/* SPDX-License-Identifier: ISC */
#include "desk/numbers.h"

#include "base/mem.h"

#include <stdlib.h>

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

size_t
numbers_sort(int64_t *numbers, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort(numbers, n, sizeof *numbers, numbers_compare);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || numbers[kept - 1] != numbers[i])
			numbers[kept++] = numbers[i];
	return kept;
}
