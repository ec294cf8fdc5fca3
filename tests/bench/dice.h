/* SPDX-License-Identifier: ISC */
#ifndef TESTS_BENCH_DICE_H
#define TESTS_BENCH_DICE_H

/* Random numbers that are the same everywhere for the same seed: SplitMix64. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

static inline uint64_t
dice_throw(struct dice *dice)
{
	uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* A number below n, which is not 0. */
static inline size_t
dice_below(struct dice *dice, size_t n)
{
	return (size_t)((dice_throw(dice) >> 32) * n >> 32);
}

/* True so often of a hundred times. */
static inline bool
dice_says(struct dice *dice, unsigned percent)
{
	return dice_below(dice, 100) < percent;
}

#endif
