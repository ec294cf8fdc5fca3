/* SPDX-License-Identifier: ISC */
#ifndef BASE_HASH_H
#define BASE_HASH_H

/*
 * FNV-1a, 64 bits: for tables where whoever chooses the keys wins nothing by
 * choosing collisions, and where the hash of each prefix is wanted too.
 */

#include <stddef.h>
#include <stdint.h>

#define HASH_EMPTY UINT64_C(0xcbf29ce484222325)

/* The hash of what hash stands for with one more byte. */
static inline uint64_t
hash_more(uint64_t hash, char byte)
{
	return (hash ^ (unsigned char)byte) * UINT64_C(0x100000001b3);
}

static inline uint64_t
hash_bytes(const char *bytes, size_t length)
{
	uint64_t hash = HASH_EMPTY;

	for (size_t i = 0; i < length; i++)
		hash = hash_more(hash, bytes[i]);
	return hash;
}

#endif
