/* SPDX-License-Identifier: ISC */
#include "store/text.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const struct db_migration migrations[] = {
	{ "full text",
	    "CREATE VIRTUAL TABLE text USING fts5(title, body,"
	    "	tokenize = 'unicode61 remove_diacritics 2');"
	    "CREATE TABLE document ("
	    "	id INTEGER PRIMARY KEY,"
	    "	grp INTEGER NOT NULL"
	    ") STRICT;"
	    "CREATE TABLE place (id INTEGER PRIMARY KEY, seq {int8} NOT NULL)"
	    "	STRICT;"
	    "INSERT INTO place (id, seq) VALUES (1, 0);" },
	{ "full text by the beginnings of words",
	    "DROP TABLE text;"
	    "CREATE VIRTUAL TABLE text USING fts5(title, body,"
	    "	tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');"
	    "DELETE FROM document;"
	    "UPDATE place SET seq = 0;" },
};

bool
text_open(void *owner, const char *store, enum db_mode mode, struct db **ret,
    struct error *err)
{
	char *url = mem_printf(NULL, "%s-search", store);
	const int64_t n = sizeof migrations / sizeof *migrations;
	int64_t version = -1; /* not known */
	struct db *text;
	bool ok;

	ok = db_open(owner, url, mode, &text, err);
	talloc_free(url);
	if (!ok)
		return false;
	if (!db_migrate(text, migrations, n, &version, NULL, err)) {
		talloc_free(text);
		/* one that is being made just now is none yet */
		if (mode == DB_READ && version >= 0 && version < n)
			err->kind = ERROR_NOT_FOUND;
		return false;
	}
	*ret = text;
	return true;
}

static const struct db_statement read_place = {
	"full text: place",
	"SELECT seq FROM place WHERE id = 1",
};

bool
text_place(struct db *text, int64_t *ret, struct error *err)
{
	return db_number(text, &read_place, DB_NO_VALUES, ret, err);
}

static const struct db_statement set_place = {
	"full text: set place",
	"UPDATE place SET seq = ? WHERE id = 1",
};
static const struct db_statement drop_text = {
	"full text: take out",
	"DELETE FROM text WHERE rowid = ?",
};
static const struct db_statement drop_document = {
	"full text: take out a document",
	"DELETE FROM document WHERE id = ?",
};
static const struct db_statement add_text = {
	"full text: put in",
	"INSERT INTO text (rowid, title, body) VALUES (?, ?, ?)",
};
static const struct db_statement add_document = {
	"full text: put in a document",
	"INSERT INTO document (id, grp) VALUES (?, ?)",
};
static const struct db_statement drop_all_text = {
	"full text: empty",
	"DELETE FROM text",
};
static const struct db_statement drop_all_documents = {
	"full text: empty documents",
	"DELETE FROM document",
};

static bool
feed_one(
    struct db *text, const struct text_document *document, struct error *err)
{
	struct db_value number = db_int(document->number);

	if (!db_run(text, &drop_text, DB_VALUES(number), err) ||
	    !db_run(text, &drop_document, DB_VALUES(number), err))
		return false;
	if (document->title == NULL)
		return true;
	return db_run(text, &add_text,
		   DB_VALUES(number, db_text(document->title),
		       db_text(document->body)),
		   err) &&
	    db_run(text, &add_document,
		DB_VALUES(number, db_int(document->group)), err);
}

static bool
feed(struct db *text, const struct text_document *documents, size_t n,
    int64_t place, bool all, struct error *err)
{
	if (all &&
	    (!db_run(text, &drop_all_text, DB_NO_VALUES, err) ||
		!db_run(text, &drop_all_documents, DB_NO_VALUES, err)))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!feed_one(text, &documents[i], err))
			return false;
	return db_run(text, &set_place, DB_VALUES(db_int(place)), err);
}

bool
text_feed(struct db *text, const struct text_document *documents, size_t n,
    int64_t place, bool all, struct error *err)
{
	bool ok;

	if (!db_lock(text, err))
		return false;
	ok = db_begin(text, err);
	if (ok) {
		ok = feed(text, documents, n, place, all, err);
		if (ok)
			ok = db_commit(text, err);
		else
			db_rollback(text);
	}
	db_unlock(text);
	return ok;
}

static const struct db_statement find = {
	"full text: find",
	"SELECT id FROM"
	" (SELECT d.id AS id, bm25(text, 4.0, 1.0) AS score"
	" FROM text JOIN document d ON d.id = text.rowid"
	" WHERE text MATCH ? AND d.grp >= ?"
	" ORDER BY text.rowid DESC LIMIT ?) ORDER BY score LIMIT ?",
};

/*
 * FTS5's own query language has operators and columns: each word goes in as a
 * quoted string, in which a quote is doubled.
 */
static void
quoted(struct buf *buf, const char *word)
{
	buf_char(buf, '"');
	for (; *word != '\0'; word++) {
		if (*word == '"')
			buf_char(buf, '"');
		buf_char(buf, *word);
	}
	buf_char(buf, '"');
}

static char *
expression(void *owner, const struct text_query *asked)
{
	struct buf *buf = buf_new(owner);

	for (size_t i = 0; i < asked->n_words; i++) {
		const char *begin = asked->begins == NULL ? NULL
							  : asked->begins[i];

		if (i > 0)
			buf_text(buf, asked->any ? " OR " : " AND ");
		buf_char(buf, '(');
		quoted(buf, asked->words[i]);
		if (begin != NULL) {
			buf_text(buf, " OR ");
			quoted(buf, begin);
			buf_char(buf, '*');
		}
		buf_char(buf, ')');
	}
	return buf->text;
}

bool
text_find(void *owner, struct db *text, const struct text_query *asked,
    struct text_found *ret, struct error *err)
{
	struct db_query *query;
	struct db_row *row;
	char *match;

	*ret = (struct text_found){ 0 };
	if (asked->n_words == 0)
		return true;
	match = expression(owner, asked);
	query = db_query(text, &find,
	    DB_VALUES(db_text(match), db_int(asked->least),
		db_int(asked->within == 0 ? -1 : (int64_t)asked->within),
		db_int((int64_t)asked->limit)));
	while ((row = db_next(query)) != NULL) {
		*mem_push(owner, &ret->numbers, &ret->n) = db_next_int(row);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

/* --- how rare a word is */

static const struct db_statement count = {
	"full text: how many have a word",
	"SELECT count(*) FROM"
	" (SELECT 1 FROM text WHERE text MATCH ? LIMIT ?)",
};

bool
text_count(struct db *text, const char *word, int64_t *ret, struct error *err)
{
	void *memory = mem_root("word");
	char *words[] = { mem_copy(memory, word) };
	const struct text_query asked = { .words = words, .n_words = 1 };
	const char *match = expression(memory, &asked);
	bool ok = db_number(text, &count,
	    DB_VALUES(db_text(match), db_int(TEXT_COUNT_UP_TO)), ret, err);

	talloc_free(memory);
	return ok;
}
