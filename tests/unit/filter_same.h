/* SPDX-License-Identifier: ISC */
#ifndef FILTER_SAME_H
#define FILTER_SAME_H

#include "filter/filter.h"

/* True if two filters are the same in all that is kept of them. */
bool filter_same(const struct filter *a, const struct filter *b);

/* True if the text of a filter is read back as that filter. */
bool filter_reads_back(const struct filter *filter);

#endif
