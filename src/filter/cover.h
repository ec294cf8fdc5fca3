/* SPDX-License-Identifier: ISC */
#ifndef FILTER_COVER_H
#define FILTER_COVER_H

/*
 * The cover of a filter: tags and literals of which at least one is in every
 * document that the filter can match, in whatever state; the rarest such set.
 * What else has to be there is kept as a second look at a candidate, which
 * costs less than reading it.
 */

#include "filter/filter.h"
#include "filter/frequency.h"
#include "filter/grain.h"
#include "filter/runs.h"

enum key_kind {
	KEY_TAG, /* this very tag */
	KEY_PREFIX, /* a tag that begins so */
	KEY_LITERAL, /* text, in some grain */
	KEY_RUNS, /* runs: not looked up, but soon compared */
};

enum { LITERAL_KEY_MAX = 32 };

struct key {
	unsigned char kind; /* enum key_kind */
	unsigned char length; /* of a literal: 1 to LITERAL_KEY_MAX */
	unsigned char gram; /* where in it the bytes begin to look for */
	unsigned char edges; /* word_edges() of a whole word, else 0 */
	unsigned char grain; /* of a literal: enum grain */
	unsigned short node; /* of the filter, whose key it is */
	union {
		uint64_t hash; /* of a tag or prefix */
		const char *text; /* of a literal */
		struct runs runs;
	};
};

enum { COVER_GRAMS = 4 };

struct cover {
	/* all of these grams are in the texts of what it can match */
	unsigned char n_grams;
	unsigned short grams[COVER_GRAMS];
	double frequency; /* guessed share of documents that have a key */
	size_t n;
	struct key keys[];
};

/*
 * For a filter that nobody reads yet: the cover as one piece of memory of
 * owner's, or NULL if there is none: the filter may match a document that has
 * nothing of what it names. *runs is what one of the document's texts has to
 * have, with or without a cover. Each regex is told what it needs.
 */
struct cover *cover_new(void *owner, struct filter *filter,
    const struct frequency *frequency, struct runs *runs);

/* The same, also while it is read, as more is known of what is rare. */
struct cover *cover_anew(void *owner, const struct filter *filter,
    const struct frequency *frequency);

/*
 * True if the filter matches every document that has a text, in whatever state,
 * by its form: the empty filter, and a regex that is also found in nothing.
 */
bool filter_is_certain(const struct filter *filter);

#endif
