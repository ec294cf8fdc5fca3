/* SPDX-License-Identifier: ISC */
#ifndef FILTER_EXPLAIN_H
#define FILTER_EXPLAIN_H

/* How a filter is looked at, for people to read. */

#include "filter/filter.h"

/*
 * Lines of text, owner's: the filter as a tree, a line for each term with what
 * is done with it when an incident comes in; then what the whole filter is
 * found by, if anything. Control characters are written as \x1b.
 */
const char *filter_explained(void *owner, const struct filter *filter);

#endif
