/* SPDX-License-Identifier: ISC */
#ifndef FILTER_INDEX_H
#define FILTER_INDEX_H

/*
 * The index over filters: which of many may match a document. Each filter is
 * there under its keys (cover.h), one of which is in every document that the
 * filter can match; one pass over a document finds the keys that are in it.
 * An index never changes once it is built.
 */

#include "filter/cover.h"
#include "filter/grain.h"

#include <stdint.h>

struct index_builder;

struct index_builder *index_builder_new(void *owner);

/*
 * Adds a filter under a number of its own, its slot. Without a cover it is a
 * candidate for every document. The cover is borrowed until the index is built.
 */
void index_add(
    struct index_builder *builder, uint32_t slot, const struct cover *cover);

/* The index of all that was added, which belongs to owner. */
struct index *index_build(void *owner, const struct index_builder *builder);

/* Sets the bits of the slots whose filter may match; others stay as they are.*/
void index_tags(const struct index *index, const char *const *tags, size_t n,
    uint64_t *slots);
void index_text(const struct index *index, enum grain grain,
    const struct word_text *text, uint64_t *slots);

/* Those that are not looked up, if the runs they ask for are there. */
void
index_others(const struct index *index, struct runs longest, uint64_t *slots);

/* False if it has no literal in this grain: then index_text() finds none. */
bool index_has_literals(const struct index *index, enum grain grain);

#endif
