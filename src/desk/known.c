/* SPDX-License-Identifier: ISC */
#include "desk/known.h"

/*
 * Known answers. Candidates come from the full text; whether one is good is
 * judged by its words. Memory has, of articles that were candidates, the words
 * as hashes, and, of words that were asked for, how many articles have them.
 */

#include "base/check.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "desk/article.h"
#include "desk/incident.h"
#include "desk/inside.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
	WORDS_KNOWN = 12, /* of a report: more find no better answers */
	WORDS_RARE = 4, /* ... of which the candidates have one */
	CANDIDATES = 16,
	ARTICLES_MOST = 20000, /* in memory; then it begins anew */
	WORDS_OF_ARTICLE = 400,
	COUNTS = 65536, /* slots */
};

/* The words of an article's title and issue: hashes, ascending. */
struct article_words {
	size_t n;
	uint64_t hashes[];
};

struct known {
	pthread_rwlock_t lock; /* guards articles */
	struct map *articles; /* struct article_words, of malloc */
	/*
	 * A slot is 40 bits of a word's hash, which has its number besides;
	 * 16 of the moment of the full text; and the count, up to 255. Of two
	 * words in one slot the later stays.
	 */
	_Atomic uint64_t counts[COUNTS];
};

static uint64_t
hash_of(const char *word, size_t length)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)word[i]) *
		    UINT64_C(0x100000001b3);
	return hash ^ hash >> 32;
}

/* --- articles in memory */

static void
forget_all(struct known *known)
{
	void *words;

	for (size_t at = 0;
	     (words = map_next(known->articles, &at, NULL)) != NULL;)
		free(words);
	talloc_free(known->articles);
	known->articles = map_new(known);
}

static int
known_free(struct known *known)
{
	forget_all(known);
	(void)pthread_rwlock_destroy(&known->lock);
	return 0;
}

struct known *
known_new(void *owner)
{
	struct known *known = mem_new(owner, struct known);

	CHECK(pthread_rwlock_init(&known->lock, NULL) == 0);
	known->articles = map_new(known);
	talloc_set_destructor(known, known_free);
	return known;
}

void
known_forget(struct known *known, int64_t article)
{
	pthread_rwlock_wrlock(&known->lock);
	free(map_get(known->articles, article));
	map_set(known->articles, article, NULL);
	pthread_rwlock_unlock(&known->lock);
}

static int
by_hash(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static size_t
gather_hashes(const char *folded, uint64_t *hashes, size_t n)
{
	struct span word;

	while (n < WORDS_OF_ARTICLE && utf8_word_next(&folded, &word))
		hashes[n++] = hash_of(word.text, word.length);
	return n;
}

static struct article_words *
words_of_article(void *owner, const struct article *article)
{
	uint64_t hashes[WORDS_OF_ARTICLE];
	size_t n = gather_hashes(utf8_folded(owner, article->title), hashes, 0);
	struct article_words *words;

	n = gather_hashes(utf8_folded(owner, article->issue), hashes, n);
	qsort(hashes, n, sizeof *hashes, by_hash);
	words = mem_take(sizeof *words + n * sizeof *hashes);
	words->n = n;
	memcpy(words->hashes, hashes, n * sizeof *hashes);
	return words;
}

/* How many of the hashes it has. */
static size_t
shared(const struct article_words *words, const uint64_t *hashes, size_t n)
{
	size_t shared = 0;

	for (size_t i = 0; i < n; i++)
		shared += bsearch(&hashes[i], words->hashes, words->n,
			      sizeof *hashes, by_hash) != NULL;
	return shared;
}

/* As of version: what has changed meanwhile is not kept. */
static void
article_keep(struct desk *desk, int64_t number, int64_t version,
    struct article_words *words)
{
	struct known *known = desk->known;

	pthread_rwlock_wrlock(&known->lock);
	if (map_count(known->articles) >= ARTICLES_MOST)
		forget_all(known);
	if (desk->kb_version == version &&
	    map_get(known->articles, number) == NULL)
		map_set(known->articles, number, words);
	else
		free(words);
	pthread_rwlock_unlock(&known->lock);
}

/* --- the rarest words */

static uint64_t
slot_of(uint64_t hash, int64_t moment, int64_t count)
{
	return (hash >> 24) << 24 | (uint64_t)(moment & 0xffff) << 8 |
	    (uint64_t)count;
}

static bool
count_word(struct desk *desk, struct db *text, const char *word, int64_t *ret,
    struct error *err)
{
	uint64_t hash = hash_of(word, strlen(word));
	_Atomic uint64_t *slot = &desk->known->counts[hash % COUNTS];
	int64_t moment = desk->indexed;
	uint64_t found = atomic_load_explicit(slot, memory_order_relaxed);

	if (found != 0 &&
	    (found & ~UINT64_C(0xff)) == slot_of(hash, moment, 0)) {
		*ret = (int64_t)(found & 0xff);
		return true;
	}
	if (!text_count(text, word, ret, err))
		return false;
	atomic_store_explicit(
	    slot, slot_of(hash, moment, *ret), memory_order_relaxed);
	return true;
}

struct rare {
	char *words[WORDS_RARE];
	int64_t counts[WORDS_RARE];
	size_t n;
};

/*
 * Candidates for an answer have one of the report's rarest words: ranking all
 * that have any of its words costs milliseconds at a few thousand articles,
 * and frequent words say little. Equally rare ones stay in their order.
 */
static bool
rarest(struct desk *desk, struct db *text, const struct text_query *query,
    int64_t above, struct rare *ret, struct error *err)
{
	ret->n = 0;
	for (size_t i = 0; i < query->n_words; i++) {
		int64_t count;
		size_t at;

		if (!count_word(desk, text, query->words[i], &count, err))
			return false;
		if (count <= above)
			continue;
		for (at = ret->n; at > 0 && ret->counts[at - 1] > count; at--)
			if (at < WORDS_RARE) {
				ret->counts[at] = ret->counts[at - 1];
				ret->words[at] = ret->words[at - 1];
			}
		if (at == WORDS_RARE)
			continue;
		ret->counts[at] = count;
		ret->words[at] = query->words[i];
		ret->n += ret->n < WORDS_RARE;
	}
	return true;
}

static void
add_found(void *owner, const struct text_found *found, size_t most,
    struct text_found *ret)
{
	for (size_t i = 0; i < found->n && ret->n < most; i++) {
		bool is_new = true;

		for (size_t j = 0; j < ret->n; j++)
			is_new = is_new && ret->numbers[j] != found->numbers[i];
		if (is_new)
			*mem_push(
			    owner, &ret->numbers, &ret->n) = found->numbers[i];
	}
}

/*
 * Documents with the really rare words are ranked all, there are a few hundred
 * at most; of those with frequent ones only the newest. Where there are words
 * of both sorts, each has half of the places.
 */
static bool
find_by_rare(void *owner, struct db *text, const struct text_query *query,
    const struct rare *rare, struct text_found *ret, struct error *err)
{
	enum { RANKED = 500 };
	struct text_query asked = *query;
	struct text_found found;
	size_t n = 0;

	while (n < rare->n && rare->counts[n] < TEXT_COUNT_UP_TO)
		n++;
	asked.words = rare->words;
	asked.n_words = n;
	if (!text_find(owner, text, &asked, &found, err))
		return false;
	add_found(owner, &found,
	    n < rare->n ? (query->limit + 1) / 2 : query->limit, ret);
	asked.words = rare->words + n;
	asked.n_words = rare->n - n;
	asked.within = RANKED;
	if (!text_find(owner, text, &asked, &found, err))
		return false;
	add_found(owner, &found, query->limit, ret);
	return true;
}

bool
search_candidates(void *owner, struct desk *desk,
    const struct text_query *query, int64_t above, struct text_found *ret,
    struct error *err)
{
	struct rare rare;
	struct db *text;
	bool ok;

	*ret = (struct text_found){ 0 };
	if (!search_text_take(desk, &text, err))
		return false;
	ok = text == NULL ||
	    (rarest(desk, text, query, above, &rare, err) &&
		find_by_rare(owner, text, query, &rare, ret, err));
	search_text_done(desk, text);
	return ok;
}

/* --- good ones */

struct judged {
	int64_t article;
	size_t shared; /* SIZE_MAX: not known yet */
};

static void
judge_from_memory(struct known *known, const struct text_found *found,
    const uint64_t *hashes, size_t n, struct judged *judged)
{
	pthread_rwlock_rdlock(&known->lock);
	for (size_t i = 0; i < found->n; i++) {
		const struct article_words *words = map_get(
		    known->articles, found->numbers[i]);

		judged[i] = (struct judged){ found->numbers[i],
			words == NULL ? SIZE_MAX : shared(words, hashes, n) };
	}
	pthread_rwlock_unlock(&known->lock);
}

static bool
judge_from_store(void *owner, struct desk *desk, struct judged *judged,
    size_t n_judged, const uint64_t *hashes, size_t n, struct error *err)
{
	int64_t version = desk->kb_version;
	struct article *article;
	struct db *db = NULL;
	bool ok = true;

	for (size_t i = 0; ok && i < n_judged; i++) {
		struct article_words *words;

		if (judged[i].shared != SIZE_MAX)
			continue;
		ok = (db != NULL || desk_reader(desk, &db, err)) &&
		    article_read(owner, db, judged[i].article, &article, err);
		if (!ok)
			break;
		words = words_of_article(owner, article);
		judged[i].shared = shared(words, hashes, n);
		article_keep(desk, judged[i].article, version, words);
	}
	if (db != NULL)
		desk_reader_done(desk, db);
	return ok;
}

/*
 * An answer is worth showing if it shares half of the report's words, and not
 * fewer than two: the rank alone says which is best, not whether it is good.
 */
static bool
keep_good_ones(void *owner, struct desk *desk, const struct text_query *query,
    const struct text_found *found, int64_t *ret, size_t *n, struct error *err)
{
	struct judged judged[CANDIDATES];
	uint64_t hashes[WORDS_KNOWN];

	for (size_t i = 0; i < query->n_words; i++)
		hashes[i] = hash_of(query->words[i], strlen(query->words[i]));
	judge_from_memory(desk->known, found, hashes, query->n_words, judged);
	if (!judge_from_store(
		owner, desk, judged, found->n, hashes, query->n_words, err))
		return false;
	for (size_t i = 0; i < found->n && *n < KNOWN_MAX; i++)
		if (judged[i].shared >= 2 &&
		    2 * judged[i].shared >= query->n_words)
			ret[(*n)++] = judged[i].article;
	return true;
}

static size_t
words_of_report(void *owner, const char *title, const char *body,
    const char *environment, char **words)
{
	enum { BODY_LOOKED_AT = 600 };
	size_t n = 0;

	search_words(owner, title, 3, words, &n, WORDS_KNOWN);
	if (n < WORDS_KNOWN / 2)
		search_words(owner,
		    mem_copy_n(owner, body,
			utf8_cut(body, strlen(body), BODY_LOOKED_AT)),
		    4, words, &n, WORDS_KNOWN);
	if (n < WORDS_KNOWN / 2)
		search_words(owner, environment, 4, words, &n, WORDS_KNOWN);
	return n;
}

bool
search_known(struct desk *desk, const struct known_asked *asked, int64_t *ret,
    size_t *n, struct error *err)
{
	char *words[WORDS_KNOWN];
	struct text_query query = {
		.words = words,
		.any = true,
		.least = asked->public_only ? GROUP_PUBLIC : GROUP_STAFF,
		.limit = CANDIDATES,
	};
	struct text_found found;
	void *memory;
	bool ok;

	*n = 0;
	if (desk->kb_version == 0)
		return true; /* there is no article at all */
	memory = mem_root("known answers");
	query.n_words = words_of_report(
	    memory, asked->title, asked->body, asked->environment, words);
	ok = search_candidates(memory, desk, &query, 0, &found, err) &&
	    (found.n == 0 ||
		keep_good_ones(memory, desk, &query, &found, ret, n, err));
	talloc_free(memory);
	return ok;
}
