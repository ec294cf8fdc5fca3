/* SPDX-License-Identifier: ISC */
#ifndef STORE_TEXT_H
#define STORE_TEXT_H

/*
 * Full text (SQLite's FTS5) in a file of its own beside the store: derived,
 * made anew from the store at any time. A document has a number, a group (a
 * search asks for groups up to one), a title and a body. It remembers the
 * journal number up to which it has been fed.
 */

#include "store/db.h"

/* For DB_READ, ERROR_NOT_FOUND if there is no such file yet. */
MUST_CHECK bool text_open(void *owner, const char *store, enum db_mode mode,
    struct db **ret, struct error *err);

MUST_CHECK bool text_place(struct db *text, int64_t *ret, struct error *err);

struct text_document {
	int64_t number;
	int64_t group;
	const char *title, *body; /* both NULL: take it out */
};

/* All documents and the new place in one transaction; all: empties it first. */
MUST_CHECK bool
text_feed(struct db *text, const struct text_document *documents, size_t n,
    int64_t place, bool all, struct error *err);

/*
 * Numbers of documents of a group of at least `least`, best first (bm25,
 * titles count four times): those with all the words, or with any where any.
 * begins, if not NULL, has one for each word: what begins with it counts too,
 * though less than the word itself; NULL is none. within, if not 0: only so
 * many are ranked, those with the highest numbers, so that the cost does not
 * grow with the number of documents that frequent words have.
 */
struct text_query {
	char *const *words;
	char *const *begins;
	size_t n_words;
	size_t within;
	bool any;
	int64_t least;
	size_t limit;
};

struct text_found {
	int64_t *numbers;
	size_t n;
};

MUST_CHECK bool text_find(void *owner, struct db *text,
    const struct text_query *query, struct text_found *ret, struct error *err);

/*
 * How many documents have a word. Counting stops at a bound, so that the cost
 * does not grow with the number of documents: frequent words are not told
 * apart.
 */
enum { TEXT_COUNT_UP_TO = 200 };
MUST_CHECK bool
text_count(struct db *text, const char *word, int64_t *ret, struct error *err);

#endif
