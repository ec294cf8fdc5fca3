/* SPDX-License-Identifier: ISC */
#include "filter/frequency.h"

#include "base/check.h"
#include "base/hash.h"
#include "base/mem.h"

#include <stdatomic.h>
#include <string.h>

/*
 * Counters under hashes: two grams that share one make each other seem more
 * common, never rarer. Counting is not exact when threads meet, and need not
 * be. When so many documents are counted all counts are halved, so that what
 * is written about today weighs more than what was last year.
 */
enum {
	DOCUMENTS_MOST = 4096,
	TAG_BITS = 12,
	TAGS = 1 << TAG_BITS,
};

/* What a literal is taken for while nothing was read: by its length. */
static const double unread[] = { 1, 0.9, 0.5, 0.1, 0.05, 0.02, 0.01, 0.005,
	0.002 };

struct frequency {
	_Atomic uint32_t documents;
	_Atomic uint16_t grams[GRAINS][GRAMS];
	_Atomic uint16_t tags[TAGS];
};

struct frequency *
frequency_new(void *owner)
{
	return mem_new(owner, struct frequency);
}

static void
count(_Atomic uint16_t *counter)
{
	atomic_store_explicit(counter,
	    (uint16_t)(atomic_load_explicit(counter, memory_order_relaxed) + 1),
	    memory_order_relaxed);
}

static void
halve(_Atomic uint16_t *counters, size_t n)
{
	for (size_t i = 0; i < n; i++)
		atomic_store_explicit(&counters[i],
		    atomic_load_explicit(&counters[i], memory_order_relaxed) /
			2,
		    memory_order_relaxed);
}

static _Atomic uint16_t *
tag_counter(struct frequency *frequency, const char *tag)
{
	uint64_t hash = hash_bytes(tag, strlen(tag));

	return &frequency->tags[hash >> (64 - TAG_BITS)];
}

static void
count_grams(_Atomic uint16_t *counters, const struct word_grams *grams)
{
	for (size_t i = 0; i < GRAMS / 64; i++) {
		for (uint64_t bits = grams->bits[i]; bits != 0;
		     bits &= bits - 1)
			count(&counters[i * 64 +
			    (unsigned)__builtin_ctzll(bits)]);
	}
}

void
frequency_learn(struct frequency *frequency,
    const struct word_grams *const grams[GRAINS],
    const struct filter_document *document)
{
	if (atomic_fetch_add(&frequency->documents, 1) == DOCUMENTS_MOST) {
		for (enum grain grain = 0; grain < GRAINS; grain++)
			halve(frequency->grams[grain], GRAMS);
		halve(frequency->tags, TAGS);
		atomic_fetch_sub(&frequency->documents, DOCUMENTS_MOST / 2);
	}
	for (enum grain grain = 0; grain < GRAINS; grain++)
		count_grams(frequency->grams[grain], grams[grain]);
	for (size_t i = 0; i < document->n_tags; i++)
		count(tag_counter(frequency, document->tags[i]));
}

/* Documents that were not read have it as often as prior says, as one would. */
static double
share(const struct frequency *frequency, uint16_t found, double prior)
{
	double documents = atomic_load_explicit(
	    &frequency->documents, memory_order_relaxed);
	double guess = (found + prior) / (documents + 1);

	return guess < 1 ? guess : 1;
}

double
frequency_of_literal(const struct frequency *frequency, enum grain grain,
    const char *text, size_t length, size_t *rarest)
{
	enum { LENGTHS = sizeof unread / sizeof *unread };
	double prior = unread[length < LENGTHS ? length : LENGTHS - 1];
	uint16_t least = UINT16_MAX;

	CHECK(length > 0);
	*rarest = 0;
	if (length < 3)
		return prior;
	for (size_t i = 0; i + 3 <= length; i++) {
		uint16_t found = atomic_load_explicit(
		    &frequency->grams[grain][word_gram(text + i)],
		    memory_order_relaxed);

		if (found < least) {
			least = found;
			*rarest = i;
		}
	}
	return share(frequency, least, prior);
}

double
frequency_of_tag(const struct frequency *frequency, const char *tag)
{
	uint64_t hash = hash_bytes(tag, strlen(tag));

	return share(frequency,
	    atomic_load_explicit(&frequency->tags[hash >> (64 - TAG_BITS)],
		memory_order_relaxed),
	    0.01);
}
