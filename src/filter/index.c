/* SPDX-License-Identifier: ISC */
#include "filter/index.h"

#include "base/check.h"
#include "base/hash.h"
#include "base/mem.h"
#include "filter/literal.h"

#include <assert.h>
#include <string.h>

/*
 * The idea. A filter that cannot match without "deadlock" need not be looked
 * at when "deadlock" is not there; nearly every filter has something like it.
 * So each filter stands in a hash table under its keys, a tag under its hash,
 * a literal under four of its bytes in a row (its gram; fewer only if it is
 * shorter). A document is read once: each of its tags, each beginning of a tag
 * and the gram at each place of its folded texts is looked up. A small table of
 * bits, which stays in the cache, answers most look-ups; of the rest the whole
 * literal is compared. What is left are candidates: few, and each is read
 * exactly. Literals of a coarser grain (grain.h) are looked up in the document
 * made coarse in the same way.
 *
 * This is the filter phase of q-gram string matching for many patterns
 * (Salmela, Tarhio, Kytojoki: Multipattern string matching with q-grams, 2006),
 * with one gram a literal, the one that documents have least often.
 */

/*
 * What a posting is found by: grams by their length, in a folded text and then
 * in the coarser grains, then the two of tags.
 */
enum table {
	GRAM_1 = 1,
	GRAM_2,
	GRAM_3,
	GRAM_4,
	WORDS_4,
	SHAPE_4,
	TAG_WHOLE,
	TAG_BEGIN,
};

static_assert(WORDS_4 - GRAM_4 == (int)GRAIN_WORDS, "tables are in order");
static_assert(SHAPE_4 - GRAM_4 == (int)GRAIN_SHAPE, "tables are in order");
static_assert((int)NEED_GRAIN_LEAST == 4, "coarse literals have four bytes");

/* One that is not looked up. */
struct other {
	struct runs runs;
	uint32_t slot;
};

struct posting {
	uint32_t value; /* gram, or half of the hash of a tag */
	uint32_t slot;
	uint32_t literal; /* where in the index's literals */
	unsigned char table;
	unsigned char length; /* of the literal */
	unsigned char before; /* of it, before the gram */
	unsigned char edges; /* of a word, else 0 */
};

struct index_builder {
	struct posting *postings;
	uint64_t *hashes; /* of each posting */
	size_t n, room;
	char *literals;
	size_t n_literals, literals_room;
	struct other *others;
	size_t n_others;
};

enum { BITS_A_POSTING = 8 };

struct index {
	unsigned has; /* a bit for each table that is not empty */
	unsigned bucket_shift, bit_shift; /* of a hash */
	uint64_t *bits; /* is there a posting with such a hash at all? */
	uint32_t *heads; /* first posting of a bucket, and one more */
	struct posting *postings; /* by bucket */
	char *literals;
	struct other *others;
	size_t n_others;
};

static uint64_t
spread(uint64_t value, enum table table)
{
	return (value + ((uint64_t)table << 32)) * UINT64_C(0x9e3779b97f4a7c15);
}

/* The n bytes at text as a number. */
static inline uint32_t
gram_at(const char *text, unsigned n)
{
	uint32_t value = 0;

	memcpy(&value, text, n);
	return value;
}

struct index_builder *
index_builder_new(void *owner)
{
	return mem_new(owner, struct index_builder);
}

static uint32_t
add_literal(struct index_builder *builder, const struct key *key)
{
	uint32_t at = (uint32_t)builder->n_literals;

	while (builder->n_literals + key->length > builder->literals_room) {
		builder->literals_room = builder->literals_room * 2 + 4096;
		builder->literals = mem_sized(
		    builder, builder->literals, builder->literals_room);
	}
	memcpy(builder->literals + at, key->text, key->length);
	builder->n_literals += key->length;
	return at;
}

static void
add_posting(struct index_builder *builder, const struct posting *posting)
{
	if (builder->n == builder->room) {
		builder->room = builder->room * 2 + 64;
		builder->postings = mem_sized(builder, builder->postings,
		    builder->room * sizeof *builder->postings);
	}
	builder->postings[builder->n++] = *posting;
}

static void
add_other(struct index_builder *builder, struct other other)
{
	*mem_push(builder, &builder->others, &builder->n_others) = other;
}

static void
add_key(struct index_builder *builder, uint32_t slot, const struct key *key)
{
	struct posting posting = { .slot = slot };

	if (key->kind == KEY_LITERAL) {
		unsigned n = key->length < 4 ? key->length : 4;

		posting.table = (unsigned char)(n + key->grain);
		posting.value = gram_at(key->text + key->gram, n);
		posting.literal = add_literal(builder, key);
		posting.length = key->length;
		posting.before = key->gram;
		posting.edges = key->edges;
	} else {
		posting.table = key->kind == KEY_TAG ? TAG_WHOLE : TAG_BEGIN;
		posting.value = (uint32_t)(key->hash >> 32);
	}
	add_posting(builder, &posting);
}

void
index_add(
    struct index_builder *builder, uint32_t slot, const struct cover *cover)
{
	if (cover == NULL)
		add_other(builder, (struct other){ .slot = slot });
	for (size_t i = 0; cover != NULL && i < cover->n; i++) {
		const struct key *key = &cover->keys[i];

		if (key->kind == KEY_RUNS)
			add_other(builder, (struct other){ key->runs, slot });
		else
			add_key(builder, slot, key);
	}
}

static unsigned
bits_for(size_t n)
{
	unsigned bits = 1;

	while ((size_t)1 << bits < n)
		bits++;
	return bits;
}

static uint64_t
posting_hash(const struct posting *posting)
{
	return spread(posting->value, (enum table)posting->table);
}

/* A counting sort by bucket. */
static void
sort_postings(struct index *index, const struct index_builder *builder)
{
	size_t buckets = (size_t)1 << (64 - index->bucket_shift);
	uint32_t *heads = index->heads;

	for (size_t i = 0; i < builder->n; i++) {
		uint64_t hash = posting_hash(&builder->postings[i]);
		uint64_t bit = hash >> index->bit_shift;

		heads[(hash >> index->bucket_shift) + 1]++;
		index->bits[bit / 64] |= UINT64_C(1) << bit % 64;
		index->has |= 1U << builder->postings[i].table;
	}
	for (size_t i = 1; i < buckets; i++)
		heads[i + 1] += heads[i];
	/* from the end, so that a bucket keeps the order of slots */
	for (size_t i = builder->n; i-- > 0;) {
		const struct posting *posting = &builder->postings[i];
		size_t bucket = posting_hash(posting) >> index->bucket_shift;

		index->postings[--heads[bucket + 1]] = *posting;
	}
	/* each head moved to where its bucket begins, one place too late */
	memmove(heads, heads + 1, buckets * sizeof *heads);
	heads[buckets] = (uint32_t)builder->n;
}

static void *
copy(void *owner, const void *bytes, size_t length)
{
	void *ret = mem_size(owner, length + 1);

	if (length > 0)
		memcpy(ret, bytes, length);
	return ret;
}

struct index *
index_build(void *owner, const struct index_builder *builder)
{
	struct index *index = mem_new(owner, struct index);
	unsigned bucket_bits = bits_for(builder->n);
	unsigned bit_bits = bits_for(builder->n * BITS_A_POSTING) > 6
	    ? bits_for(builder->n * BITS_A_POSTING)
	    : 6;

	CHECK(builder->n < UINT32_MAX);
	CHECK(builder->n_literals < UINT32_MAX);
	index->bucket_shift = 64 - bucket_bits;
	index->bit_shift = 64 - bit_bits;
	index->bits = mem_array(index, uint64_t, (unsigned)1 << (bit_bits - 6));
	index->heads = mem_array(
	    index, uint32_t, ((unsigned)1 << bucket_bits) + 1);
	index->postings = mem_array(
	    index, struct posting, (unsigned)builder->n + 1);
	sort_postings(index, builder);
	index->literals = copy(index, builder->literals, builder->n_literals);
	index->n_others = builder->n_others;
	index->others = copy(index, builder->others,
	    builder->n_others * sizeof *builder->others);
	return index;
}

static inline bool
may_have(const struct index *index, uint64_t hash)
{
	uint64_t bit = hash >> index->bit_shift;

	return (index->bits[bit / 64] >> bit % 64 & 1) != 0;
}

static inline void
slot_set(uint64_t *slots, uint32_t slot)
{
	slots[slot / 64] |= UINT64_C(1) << slot % 64;
}

static inline bool
slot_is_set(const uint64_t *slots, uint32_t slot)
{
	return (slots[slot / 64] >> slot % 64 & 1) != 0;
}

static void
find_tag(
    const struct index *index, uint64_t tag, enum table table, uint64_t *slots)
{
	uint32_t value = (uint32_t)(tag >> 32);
	uint64_t hash = spread(value, table);
	size_t bucket = hash >> index->bucket_shift;

	if (!may_have(index, hash))
		return;
	for (uint32_t i = index->heads[bucket]; i < index->heads[bucket + 1];
	     i++) {
		const struct posting *posting = &index->postings[i];

		if (posting->table == table && posting->value == value)
			slot_set(slots, posting->slot);
	}
}

void
index_tags(const struct index *index, const char *const *tags, size_t n,
    uint64_t *slots)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t hash = HASH_EMPTY;

		for (const char *c = tags[i];; c++) {
			if ((index->has & 1U << TAG_BEGIN) != 0)
				find_tag(index, hash, TAG_BEGIN, slots);
			if (*c == '\0')
				break;
			hash = hash_more(hash, *c);
		}
		find_tag(index, hash, TAG_WHOLE, slots);
	}
}

/* The literals that have their gram at this place: are they there whole? */
static void
find_literals(const struct index *index, uint64_t hash, uint32_t value,
    enum table table, const struct word_text *text, size_t at, uint64_t *slots)
{
	size_t bucket = hash >> index->bucket_shift;

	for (uint32_t i = index->heads[bucket]; i < index->heads[bucket + 1];
	     i++) {
		const struct posting *posting = &index->postings[i];

		if (posting->value != value || posting->table != table ||
		    slot_is_set(slots, posting->slot) || posting->before > at ||
		    at - posting->before + posting->length > text->length)
			continue;
		if (memcmp(text->folded + at - posting->before,
			index->literals + posting->literal,
			posting->length) == 0 &&
		    (posting->edges == 0 ||
			word_edges_hold(posting->edges, posting->length, text,
			    at - posting->before)))
			slot_set(slots, posting->slot);
	}
}

enum { HITS = 64 };

/*
 * Where there may be a posting, so that the memory of many of them can be asked
 * for at once: it is all over the place.
 */
struct hits {
	size_t n;
	struct hit {
		uint64_t hash;
		uint32_t value;
		uint32_t at;
	} all[HITS];
};

static void
find_hits(const struct index *index, struct hits *hits, enum table table,
    const struct word_text *text, uint64_t *slots)
{
	for (size_t i = 0; i < hits->n; i++) {
		size_t bucket = hits->all[i].hash >> index->bucket_shift;

		__builtin_prefetch(&index->postings[index->heads[bucket]]);
	}
	for (size_t i = 0; i < hits->n; i++)
		find_literals(index, hits->all[i].hash, hits->all[i].value,
		    table, text, hits->all[i].at, slots);
	hits->n = 0;
}

/* With n so many bytes in a row. */
static void
find_grams(const struct index *index, const struct word_text *text,
    enum table table, unsigned n, uint64_t *slots)
{
	uint32_t mask = UINT32_MAX >> (32 - 8 * n);
	struct hits hits = { .n = 0 };

	if ((index->has & 1U << table) == 0)
		return;
	for (size_t at = 0; at + n <= text->length; at++) {
		/* behind a text there is room for a whole gram */
		uint32_t value = gram_at(text->folded + at, 4) & mask;
		uint64_t hash = spread(value, table);

		if (!may_have(index, hash))
			continue;
		__builtin_prefetch(&index->heads[hash >> index->bucket_shift]);
		hits.all[hits.n++] = (struct hit){ hash, value, (uint32_t)at };
		if (hits.n == HITS)
			find_hits(index, &hits, table, text, slots);
	}
	find_hits(index, &hits, table, text, slots);
}

void
index_text(const struct index *index, enum grain grain,
    const struct word_text *text, uint64_t *slots)
{
	/* apart, so that each is a tight loop */
	find_grams(index, text, GRAM_4 + grain, 4, slots);
	if (grain != GRAIN_FOLDED)
		return;
	find_grams(index, text, GRAM_3, 3, slots);
	find_grams(index, text, GRAM_2, 2, slots);
	find_grams(index, text, GRAM_1, 1, slots);
}

void
index_others(const struct index *index, struct runs longest, uint64_t *slots)
{
	for (size_t i = 0; i < index->n_others; i++) {
		if (runs_suffice(longest, index->others[i].runs))
			slot_set(slots, index->others[i].slot);
	}
}

bool
index_has_literals(const struct index *index, enum grain grain)
{
	unsigned tables = grain != GRAIN_FOLDED
	    ? 1U << (GRAM_4 + grain)
	    : 1U << GRAM_1 | 1U << GRAM_2 | 1U << GRAM_3 | 1U << GRAM_4;

	return (index->has & tables) != 0;
}
