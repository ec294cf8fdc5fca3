/* SPDX-License-Identifier: ISC */
#ifndef FILTER_WHY_H
#define FILTER_WHY_H

/* Which of its terms make a filter true: for people to read. */

#include "filter/filter.h"

/* A filter, taken apart once. */
struct filter_why;

/* Of a filter for incidents; owner's. */
struct filter_why *filter_why_new(void *owner, const struct filter *filter);

/*
 * What holds of a document that the filter matches, as the language says it,
 * with ", " between: of all that must hold each, of what is joined by "or"
 * those that do. "" for the empty filter.
 */
const char *filter_why(void *owner, const struct filter_why *why,
    const struct filter_document *document, const struct filter_state *state,
    struct filter_scratch *scratch);

#endif
