/* SPDX-License-Identifier: ISC */
#ifndef TESTS_BENCH_RIVAL_H
#define TESTS_BENCH_RIVAL_H

/*
 * What a matcher of regexes is measured against. The regexes are filters of
 * one regex each, in canonical form: "/.../i".
 */

#include "base/span.h"
#include "filter/subject.h"

/* The pattern of such a filter, and its flags as letters. */
struct span rival_pattern(const char *filter, const char **flags);

/* Seconds of CPU time of this thread. */
double rival_seconds(void);

/*
 * Bare PCRE2 with JIT, compiled when first asked for, all of the first
 * `rival_loop_compile` at once. One search of one regex in all texts of a
 * document: true if it is in one of them.
 */
struct rival_loop;
struct rival_loop *
rival_loop_new(void *owner, const char *const *filters, size_t n);
void rival_loop_compile(struct rival_loop *loop, size_t n);
bool rival_loop_finds(
    struct rival_loop *loop, size_t i, const struct filter_document *document);

/*
 * Vectorscan (or Hyperscan): one database of all regexes that it takes, in
 * prefilter mode. NULL if this was built without it.
 */
struct rival_vectorscan {
	size_t refused; /* regexes that it does not take */
	double seconds; /* to build the database of the others */
	size_t bytes; /* of that database */
	size_t n_hits, *hits; /* of the last scan: candidates, by no order */
};
struct rival_vectorscan *
rival_vectorscan_new(void *owner, const char *const *filters, size_t n);
void rival_vectorscan_scan(struct rival_vectorscan *vectorscan,
    const struct filter_document *document);

#endif
