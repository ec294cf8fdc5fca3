/* SPDX-License-Identifier: ISC */
#include "desk/search.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "desk/article.h"
#include "desk/incident.h"
#include "desk/inside.h"
#include "store/text.h"

#include <string.h>

enum {
	WORDS_MAX = 32, /* of a search */
	WORDS_KNOWN = 12, /* of a report: more find no better answers */
	WORDS_RARE = 4, /* ... of which the candidates have one */
	CANDIDATES = 16,
	FEED_BATCH = 256,
};

/* Groups of documents: a search asks for one and those above. */
enum { GROUP_ARCHIVED, GROUP_STAFF, GROUP_PUBLIC };

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

/* The words of a text, folded, each once; at most most more in words. */
static void
gather_words(void *owner, const char *text, size_t shortest, char **words,
    size_t *n, size_t most)
{
	char *folded = utf8_folded(owner, text);
	size_t length = strlen(folded), from = 0;
	bool inside = false;

	for (size_t at = 0; at <= length && *n < most;) {
		uint32_t code = 0;
		size_t bytes = at < length
		    ? utf8_decode(folded + at, length - at, &code)
		    : 1;
		bool word = at < length && bytes > 0 && utf8_is_word(code);

		if (word && !inside)
			from = at;
		if (!word && inside && at - from >= shortest) {
			char *new = mem_copy_n(owner, folded + from, at - from);
			bool old = false;

			for (size_t i = 0; i < *n && !old; i++)
				old = strcmp(words[i], new) == 0;
			if (!old)
				words[(*n)++] = new;
		}
		inside = word;
		at += bytes > 0 ? bytes : 1;
	}
}

/* True, without a handle, if nothing was written yet. */
static bool
open_text(struct desk *desk, struct error *err)
{
	struct error none = { 0 };

	if (desk->search != NULL ||
	    text_open(desk, desk->store, DB_READ, &desk->search, &none) ||
	    none.kind == ERROR_NOT_FOUND)
		return true;
	*err = none;
	return false;
}

static bool
find(void *owner, struct desk *desk, const struct text_query *query,
    struct text_found *ret, struct error *err)
{
	bool ok;

	*ret = (struct text_found){ 0 };
	pthread_mutex_lock(&desk->search_lock);
	ok = open_text(desk, err) &&
	    (desk->search == NULL ||
		text_find(owner, desk->search, query, ret, err));
	pthread_mutex_unlock(&desk->search_lock);
	return ok;
}

/*
 * Candidates for an answer have one of the report's rarest words: ranking all
 * that have any of its words costs milliseconds at a few thousand articles,
 * and frequent words say little.
 */
static bool
find_candidates(void *owner, struct desk *desk, const struct text_query *query,
    struct text_found *ret, struct error *err)
{
	char *rare[WORDS_RARE];
	struct text_query asked = *query;
	bool ok;

	*ret = (struct text_found){ 0 };
	asked.words = rare;
	pthread_mutex_lock(&desk->search_lock);
	ok = open_text(desk, err) &&
	    (desk->search == NULL ||
		(text_rarest(owner, desk->search, query, WORDS_RARE, rare,
		     &asked.n_words, err) &&
		    text_find(owner, desk->search, &asked, ret, err)));
	pthread_mutex_unlock(&desk->search_lock);
	return ok;
}

bool
search_articles(void *owner, struct desk *desk, const char *text,
    bool public_only, size_t limit, int64_t **ret, size_t *n, struct error *err)
{
	char *words[WORDS_MAX];
	struct text_query query = {
		.words = words,
		.least = public_only ? GROUP_PUBLIC : GROUP_ARCHIVED,
		.limit = limit,
	};
	struct text_found found;

	gather_words(owner, text, 1, words, &query.n_words, WORDS_MAX);
	if (!find(owner, desk, &query, &found, err))
		return false;
	query.any = true;
	if (found.n == 0 && !find(owner, desk, &query, &found, err))
		return false;
	*ret = found.numbers;
	*n = found.n;
	return true;
}

/* How many of the words the article's title and issue have. */
static size_t
shared_words(
    void *owner, const struct article *article, char *const *words, size_t n)
{
	enum { MOST = 400 };
	char **theirs = mem_array(owner, char *, MOST);
	size_t n_theirs = 0, shared = 0;

	gather_words(owner, article->title, 1, theirs, &n_theirs, MOST);
	gather_words(owner, article->issue, 1, theirs, &n_theirs, MOST);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_theirs; k++)
			if (strcmp(words[i], theirs[k]) == 0) {
				shared++;
				break;
			}
	return shared;
}

/*
 * An answer is worth showing if it shares half of the report's words, and not
 * fewer than two: the rank alone says which is best, not whether it is good.
 */
static bool
keep_good_ones(void *owner, struct db *db, const struct text_query *query,
    const struct text_found *found, int64_t *ret, size_t *n, struct error *err)
{
	for (size_t i = 0; i < found->n && *n < KNOWN_MAX; i++) {
		struct article *article;
		size_t shared;

		if (!article_read(owner, db, found->numbers[i], &article, err))
			return false;
		shared = shared_words(
		    owner, article, query->words, query->n_words);
		if (shared >= 2 && 2 * shared >= query->n_words)
			ret[(*n)++] = found->numbers[i];
	}
	return true;
}

static size_t
words_of_report(void *owner, const char *title, const char *body,
    const char *environment, char **words)
{
	enum { BODY_LOOKED_AT = 600 };
	size_t n = 0;

	gather_words(owner, title, 3, words, &n, WORDS_KNOWN);
	if (n < WORDS_KNOWN / 2)
		gather_words(owner,
		    mem_copy_n(owner, body,
			utf8_cut(body, strlen(body), BODY_LOOKED_AT)),
		    4, words, &n, WORDS_KNOWN);
	if (n < WORDS_KNOWN / 2)
		gather_words(owner, environment, 4, words, &n, WORDS_KNOWN);
	return n;
}

bool
search_known(struct desk *desk, const char *title, const char *body,
    const char *environment, int64_t *ret, size_t *n, struct error *err)
{
	void *memory = mem_root("known answers");
	char *words[WORDS_KNOWN];
	struct text_query query = {
		.words = words,
		.any = true,
		.least = GROUP_STAFF,
		.limit = CANDIDATES,
	};
	struct text_found found;
	struct db *db;
	bool ok;

	*n = 0;
	query.n_words = words_of_report(
	    memory, title, body, environment, words);
	ok = find_candidates(memory, desk, &query, &found, err);
	if (ok && found.n > 0) {
		ok = desk_reader(desk, &db, err);
		if (ok) {
			ok = keep_good_ones(
			    memory, db, &query, &found, ret, n, err);
			desk_reader_done(desk, db);
		}
	}
	talloc_free(memory);
	return ok;
}
