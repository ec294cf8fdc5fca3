/* SPDX-License-Identifier: ISC */
#ifndef FILTER_EXPLAIN_H
#define FILTER_EXPLAIN_H

/* How a filter is looked at, for people to read. */

#include "filter/filter.h"
#include "filter/frequency.h"

/*
 * Lines of text, owner's: the canonical filter as a tree, a line for each of
 * its nodes, beside each term what is done with it when an incident comes in;
 * then what the whole filter is found by, if what is rare is as frequency says.
 * As wide as a terminal where its terms are not longer, and nothing in it can
 * play with one.
 */
const char *filter_explained(void *owner, const struct filter *filter,
    const struct frequency *frequency);

#endif
