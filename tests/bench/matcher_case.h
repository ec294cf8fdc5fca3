/* SPDX-License-Identifier: ISC */
#ifndef TESTS_BENCH_MATCHER_CASE_H
#define TESTS_BENCH_MATCHER_CASE_H

/* One crowd of filters, measured: see bench_matcher.c. */

#include "filter_crowd.h"

enum { ADDED = 1000 /* filters that are added to a crowd, one by one */ };

enum side { LOOP, VECTORSCAN, MATCHER, BOUND, SIDES };
enum text_class { INCIDENT, TWO_KIB, CLASSES };

struct options {
	const char *incidents, *folder;
	size_t most; /* filters */
	size_t vectorscan; /* at most so many in its database */
	double seconds; /* for one side of one class */
	size_t print;
};

/* Shared with the processes that measure. */
struct result {
	double times[CLASSES][SIDES]; /* 0: not measured */
	double build, index, rebuild; /* seconds; the first from text on */
	double vectorscan; /* to build its database; 0: not built */
	double bytes; /* a filter */
	double add, add_worst;
};

/* The filters beyond n, from `more` on, are those to add. */
struct matcher_case {
	enum crowd_kind kind;
	const char *const *filters;
	size_t n;
	const char *const *more;
};

/* Measures in a process of its own, waits for it, and fills the result. */
bool
matcher_case_run(const struct options *options, const struct corpus *corpus,
    const struct matcher_case *of, struct result *result);

#endif
