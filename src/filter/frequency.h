/* SPDX-License-Identifier: ISC */
#ifndef FILTER_FREQUENCY_H
#define FILTER_FREQUENCY_H

/*
 * Document frequencies: in which share of the documents a literal or a tag is
 * found, guessed from those that were read. The index looks for the rarest of
 * what a filter needs, so a wrong guess costs time and nothing else. Any number
 * of threads may learn and ask at once.
 */

#include "filter/grain.h"
#include "filter/subject.h"

struct frequency;

struct frequency *frequency_new(void *owner);

/* Counts a document; grams are those of its texts, in each grain. */
void frequency_learn(struct frequency *frequency,
    const struct word_grams *const grams[GRAINS],
    const struct filter_document *document);

/*
 * The share of documents, above 0 and at most 1, that in this grain hold a
 * literal of at least one byte; *rarest is where in it the three bytes begin
 * that are found least (0 if it is shorter).
 */
double frequency_of_literal(const struct frequency *frequency, enum grain grain,
    const char *text, size_t length, size_t *rarest);

/* The same of a tag. */
double frequency_of_tag(const struct frequency *frequency, const char *tag);

#endif
