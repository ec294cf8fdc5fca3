/* SPDX-License-Identifier: ISC */
#ifndef FILTER_EVAL_H
#define FILTER_EVAL_H

/*
 * Reading one document with many filters: what of it is the same for all is
 * done once.
 */

#include "filter/filter.h"
#include "filter/grain.h"
#include "filter/runs.h"

/* Makes the document ready; it stays borrowed until the next one. */
void scratch_set_document(
    struct filter_scratch *scratch, const struct filter_document *document);

/*
 * The texts of the document in a grain, as many as it has, and the grams in
 * them. Good until the next document.
 */
const struct word_text *
scratch_text(struct filter_scratch *scratch, enum grain grain, size_t i);
const struct word_grams *
scratch_grams(struct filter_scratch *scratch, enum grain grain);

/* The longest runs in any of its texts. */
struct runs scratch_runs(struct filter_scratch *scratch);

/*
 * Until the next document no regex is searched for where something is missing
 * that it was told to need.
 */
void scratch_set_quick(struct filter_scratch *scratch);

/* Are they all there? */
bool grams_are_in(
    const unsigned short *grams, unsigned n, const struct word_grams *all);

/* False if the document has no text at all, not even an empty one. */
bool scratch_has_text(const struct filter_scratch *scratch);

/* filter_read() of the document that is set. */
enum filter_verdict scratch_read(const struct filter *filter,
    struct filter_scratch *scratch, struct filter_marks *marks, bool *over);

/*
 * What the last scratch_read took, as regex_cost(), once costs have begun:
 * before the first of many filters.
 */
void scratch_costs_begin(struct filter_scratch *scratch);
int64_t scratch_cost(struct filter_scratch *scratch);

#endif
