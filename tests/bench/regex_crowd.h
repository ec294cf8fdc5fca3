/* SPDX-License-Identifier: ISC */
#ifndef TESTS_BENCH_REGEX_CROWD_H
#define TESTS_BENCH_REGEX_CROWD_H

/* Regexes such as people write them, as filters: see regex_crowd.c. */

#include "base/buf.h"
#include "corpus.h"

/* A regex made from real ones, or like one; not checked at all. */
void
regex_derive(struct buf *buf, const struct corpus *corpus, struct dice *dice);

#endif
