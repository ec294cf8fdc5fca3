/* SPDX-License-Identifier: ISC */
#include "desk/search.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "desk/article.h"
#include "desk/incident.h"
#include "desk/inside.h"
#include "desk/known.h"
#include "store/text.h"

#include <string.h>

enum { FEED_BATCH = 256 };

/* --- feeding */

static const struct db_statement articles_after = {
	"full text: articles that changed",
	"SELECT article, max(seq) FROM journal WHERE article IS NOT NULL"
	" AND kind IN ('article', 'publish', 'unpublish', 'fix', 'withdraw')"
	" AND seq > ? GROUP BY article ORDER BY max(seq) LIMIT ?",
};

static char *
body_of(void *owner, const struct article *article)
{
	struct buf *buf = buf_new(owner);

	buf_printf(buf, "%s\n%s\n%s\n%s", article->issue, article->environment,
	    article->resolution, article->cause);
	for (size_t i = 0; i < article->n_tags; i++)
		buf_printf(buf, "\n%s", article->tags[i]);
	return buf->text;
}

static bool
document_of(void *owner, struct db *db, int64_t number,
    struct text_document *ret, struct error *err)
{
	struct article *article;

	if (!article_read(owner, db, number, &article, err))
		return false;
	*ret = (struct text_document){ .number = number };
	if (article->withdrawn)
		return true;
	ret->group = article->confidence == CONFIDENCE_ARCHIVED ? GROUP_ARCHIVED
								: GROUP_STAFF;
	if (article_is_public(article))
		ret->group = GROUP_PUBLIC;
	ret->title = article->title;
	ret->body = body_of(owner, article);
	return true;
}

static bool
gather(void *owner, struct db *db, int64_t after, struct text_document *batch,
    size_t *n, int64_t *place, struct error *err)
{
	struct db_query *query = db_query(
	    db, &articles_after, DB_VALUES(db_int(after), db_int(FEED_BATCH)));
	int64_t numbers[FEED_BATCH];
	struct db_row *row;
	size_t count = 0;

	while ((row = db_next(query)) != NULL) {
		numbers[count++] = db_next_int(row);
		*place = db_next_int(row);
		db_end_of_row(row);
	}
	if (!db_done(query, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!document_of(owner, db, numbers[i], &batch[i], err))
			return false;
	*n = count;
	return true;
}

static bool
follow_batch(struct desk *desk, struct db *text, int64_t *place, bool all,
    size_t *n, struct error *err)
{
	void *memory = mem_root("full text");
	struct text_document *batch = mem_array(
	    memory, struct text_document, FEED_BATCH);
	struct db *db;
	bool ok = desk_reader(desk, &db, err);

	if (ok) {
		ok = gather(memory, db, *place, batch, n, place, err);
		desk_reader_done(desk, db);
	}
	if (ok && (*n > 0 || all))
		ok = text_feed(text, batch, *n, *place, all, err);
	talloc_free(memory);
	return ok;
}

bool
search_follow(struct desk *desk, bool all, struct error *err)
{
	size_t n = FEED_BATCH;
	int64_t place = 0;
	struct db *text;
	bool ok;

	if (!text_open(NULL, desk->store, DB_CREATE, &text, err))
		return false;
	ok = all || text_place(text, &place, err);
	while (ok && n == FEED_BATCH) {
		ok = follow_batch(desk, text, &place, all, &n, err);
		all = false;
	}
	talloc_free(text);
	return ok;
}

/* --- finding */

void
search_words(void *owner, const char *text, size_t shortest, char **words,
    size_t *n, size_t most)
{
	const char *at = utf8_folded(owner, text);
	struct span word;

	while (*n < most && utf8_word_next(&at, &word)) {
		bool old = word.length < shortest;

		for (size_t i = 0; i < *n && !old; i++)
			old = strlen(words[i]) == word.length &&
			    memcmp(words[i], word.text, word.length) == 0;
		if (!old)
			words[(*n)++] = mem_copy_n(
			    owner, word.text, word.length);
	}
}

bool
search_text_take(struct desk *desk, struct db **ret, struct error *err)
{
	struct error failed = { 0 };

	*ret = NULL;
	if (desk->kb_version == 0)
		return true; /* there is no article at all */
	if (db_pool_take(desk->texts, ret, &failed) ||
	    failed.kind == ERROR_NOT_FOUND)
		return true;
	*err = failed;
	return false;
}

void
search_text_done(struct desk *desk, struct db *text)
{
	if (text != NULL)
		db_pool_give(desk->texts, text);
}

/* Endings that words of one stem differ by, where four letters stay. */
static const char *const endings[] = { "ing", "ed", "es", "en", "er", "s",
	"e" };

static char *
begin_of(void *owner, const char *word)
{
	enum { SHORTEST = 3, SHORTEST_UNSPACED = 2, STEM = 4 };
	size_t length = strlen(word), letters = utf8_length(word);

	if (letters < (letters == length ? SHORTEST : SHORTEST_UNSPACED))
		return NULL;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		size_t cut = strlen(endings[i]);

		if (letters < STEM + cut ||
		    strcmp(word + length - cut, endings[i]) != 0)
			continue;
		/* "access" is no plural */
		if (word[length - 1] == 's' && word[length - 2] == 's')
			break;
		return mem_copy_n(owner, word, length - cut);
	}
	return mem_copy(owner, word);
}

void
search_terms_of(void *owner, const char *text, struct search_terms *ret)
{
	ret->n = 0;
	search_words(owner, text, 1, ret->words, &ret->n, SEARCH_TERMS);
	for (size_t i = 0; i < ret->n; i++)
		ret->begins[i] = begin_of(owner, ret->words[i]);
}

static bool
find(void *owner, struct desk *desk, const struct text_query *query,
    struct text_found *ret, struct error *err)
{
	struct db *text;
	bool ok;

	*ret = (struct text_found){ 0 };
	if (!search_text_take(desk, &text, err))
		return false;
	ok = text == NULL || text_find(owner, text, query, ret, err);
	search_text_done(desk, text);
	return ok;
}

bool
search_articles(void *owner, struct desk *desk, const char *text,
    bool public_only, size_t limit, int64_t **ret, size_t *n, struct error *err)
{
	enum { RANKED = 1000 };
	struct search_terms terms;
	struct text_query query = {
		.words = terms.words,
		.begins = terms.begins,
		.within = RANKED,
		.least = public_only ? GROUP_PUBLIC : GROUP_ARCHIVED,
		.limit = limit,
	};
	struct text_found found;

	search_terms_of(owner, text, &terms);
	query.n_words = terms.n;
	if (!find(owner, desk, &query, &found, err))
		return false;
	query.any = true;
	query.begins = NULL;
	if (found.n == 0 &&
	    !search_candidates(owner, desk, &query, 0, &found, err))
		return false;
	*ret = found.numbers;
	*n = found.n;
	return true;
}
