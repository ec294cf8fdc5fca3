/* SPDX-License-Identifier: ISC */
#ifndef FILTER_LITERAL_H
#define FILTER_LITERAL_H

/* What every text must hold in which a regex is found. */

#include "base/span.h"
#include "filter/grain.h"
#include "filter/runs.h"

enum {
	NEEDS_MAX = 6, /* in one grain */
	NEED_LITERALS_MAX = 64,
	LITERAL_MAX = 32, /* bytes */
	NEED_GRAIN_LEAST = 4,
	NEED_BRANCHES_MAX = 16,
};

/* One of these is in the text, in that grain of it. */
struct need {
	enum grain grain;
	size_t n;
	struct span *literals; /* distinct, each 1..LITERAL_MAX bytes; but
				  folded at least NEED_GRAIN_LEAST */
};

struct needs {
	bool always; /* it is found in every text, also the empty one: `needs`
			is empty */
	size_t n; /* all of them hold; by grain, of each the most selective
		     first; 0: nothing is known */
	struct need needs[GRAINS * NEEDS_MAX];
	struct runs runs; /* in one of the texts, if it is found in several */
	/*
	 * If the whole pattern is a choice of not too many branches: what each
	 * of these needs.
	 */
	size_t n_branches;
	struct needs **branches;
};

/*
 * Of a pattern that regex_check takes. Conservative: what is not understood
 * gives fewer needs, never a wrong one. The result belongs to owner, and all
 * else to the result.
 */
struct needs *regex_needs(void *owner, struct span pattern, unsigned flags);

#endif
