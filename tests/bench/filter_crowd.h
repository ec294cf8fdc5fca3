/* SPDX-License-Identifier: ISC */
#ifndef TESTS_BENCH_FILTER_CROWD_H
#define TESTS_BENCH_FILTER_CROWD_H

/*
 * As many different filters as are wanted, such as people write them; the same
 * ones for the same corpus and seed. Different means: in canonical form.
 */

#include "corpus.h"

enum crowd_kind {
	CROWD_MIX, /* see filter_crowd.c */
	CROWD_REGEXES, /* each one regex: see regex_crowd.c */
};

struct crowd;

struct crowd *crowd_new(void *owner, const struct corpus *corpus,
    enum crowd_kind kind, uint64_t seed);

/*
 * The canonical text of the next filter, owner's; NULL if a thousand tries in
 * a row gave nothing new.
 */
const char *crowd_next(void *owner, struct crowd *crowd);

/* n of them; ends the program with a message where there are not so many. */
const char **crowd_texts(void *owner, const struct corpus *corpus,
    enum crowd_kind kind, size_t n, uint64_t seed);

#endif
