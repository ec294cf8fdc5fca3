/* SPDX-License-Identifier: ISC */
#ifndef FILTER_REGEX_H
#define FILTER_REGEX_H

/*
 * Regular expressions: PCRE2 with UTF and UCP, without what cannot be bounded,
 * within a budget of CPU time.
 *
 * PCRE2 counts its match limit anew at each place where a match may begin, and
 * its JIT looks at no clock. So a text is searched in windows of such places:
 * a window times its limit is always about the same small amount of work, and
 * between two windows we look at the clock.
 */

#include "base/error.h"
#include "base/span.h"
#include "filter/runs.h"

#include <stdint.h>

enum { REGEX_MAX = 1024, REGEX_GRAMS = 4 };

enum { REGEX_I = 1, REGEX_M = 2, REGEX_S = 4, REGEX_X = 8 };

struct regex_fault {
	size_t at; /* byte in the pattern */
	char what[160];
};

/* True if pattern is one that we take; else fault says what is wrong. */
MUST_CHECK bool
regex_check(struct span pattern, unsigned flags, struct regex_fault *fault);

/*
 * One that regex_check has taken. It is compiled when it is first searched for,
 * by whatever thread does so, and again if its code was thrown out meanwhile
 * (codes.h).
 */
struct regex {
	_Atomic(struct code *) code;
	const char *pattern; /* as it was written; not ended by NUL */
	unsigned short length;
	unsigned char flags;
	/* what all texts have in which it is found, as far as cover.h told it
	 */
	unsigned char n_grams;
	unsigned short grams[REGEX_GRAMS]; /* word_gram() */
	struct runs runs;
};

static inline struct span
regex_pattern(const struct regex *regex)
{
	return (struct span){ regex->pattern, regex->length };
}

/* Fills in a regex that borrows its pattern. */
void regex_set(struct regex *regex, struct span pattern, unsigned flags);

/* Gives back what was compiled of a regex that nobody uses any more. */
void regex_drop(struct regex *regex);

/* One for itself, that does both, with a copy of its pattern. */
struct regex *regex_new(void *owner, struct span pattern, unsigned flags);

/* What a thread needs for searching; budget in microseconds, 0 for none. */
struct regex_runner;
struct regex_runner *regex_runner_new(void *owner, int64_t budget);

/* A new budget begins. */
void regex_budget_begin(struct regex_runner *runner);

/* True if the budget ran out since it began. */
bool regex_budget_is_over(const struct regex_runner *runner);

/*
 * What the reading since the budget began took, in microseconds of CPU time, if
 * it was dear: an eighth of the budget or more. Else 0, and always 0 without a
 * budget. Costs are counted from regex_costs_begin() on, before the first
 * reading of many, to regex_costs_end().
 */
void regex_costs_begin(struct regex_runner *runner);
void regex_costs_end(struct regex_runner *runner);
int64_t regex_cost(struct regex_runner *runner);

/*
 * True if the regex is found in the text. When the budget is over nothing is
 * found any more. A regex that does not compile (it was taken by another
 * version of PCRE2) counts as one that is over its budget.
 */
bool regex_is_in(struct regex *regex, const char *text, size_t length,
    struct regex_runner *runner);

#endif
