/* SPDX-License-Identifier: ISC */
#ifndef FILTER_LITERAL_H
#define FILTER_LITERAL_H

/* What every text must hold in which a regex is found. */

#include "base/span.h"
#include "filter/runs.h"

enum { NEEDS_MAX = 6, NEED_LITERALS_MAX = 64, LITERAL_MAX = 32 /* bytes */ };

/* One of these is in the text. */
struct need {
	size_t n;
	struct span *literals; /* folded as by word_text_set, distinct, each
				  1..LITERAL_MAX bytes */
};

struct needs {
	bool always; /* it is found in every text, also the empty one: `needs`
			is empty */
	size_t n; /* all of them hold, the most selective first; 0: nothing is
		     known */
	struct need needs[NEEDS_MAX];
	struct runs runs; /* in one of the texts, if it is found in several */
};

/*
 * Of a pattern that regex_check takes. Conservative: what is not understood
 * gives fewer needs, never a wrong one. All memory belongs to owner: one piece
 * of it, which talloc_free() of the result frees.
 */
struct needs *regex_needs(void *owner, struct span pattern, unsigned flags);

#endif
