/* SPDX-License-Identifier: ISC */
#include "desk/told.h"

#include "base/mem.h"

static const struct db_statement last_public = {
	"last public article",
	"SELECT max(id) FROM article WHERE audience = 1 AND withdrawn = 0",
};
static const struct db_statement last_updated = {
	"when a part of the public articles changed",
	"SELECT max(updated) FROM article"
	" WHERE audience = 1 AND withdrawn = 0 AND id >= ? AND id < ?",
};

bool
told_parts(void *owner, struct db *db, struct told_part **ret, size_t *n,
    struct error *err)
{
	int64_t last = 0;

	*ret = NULL;
	*n = 0;
	if (!db_number(db, &last_public, DB_NO_VALUES, &last, err))
		return false;
	for (int64_t part = 0; part * TOLD_PART <= last; part++) {
		int64_t first = part * TOLD_PART, updated = 0;

		if (!db_number(db, &last_updated,
			DB_VALUES(db_int(first), db_int(first + TOLD_PART)),
			&updated, err))
			return false;
		if (updated != 0)
			*mem_push(owner, ret, n) = (struct told_part){ part,
				updated };
	}
	return true;
}

static const struct db_statement find_articles = {
	"public articles of a part",
	"SELECT id, title, updated FROM article"
	" WHERE audience = 1 AND withdrawn = 0 AND id >= ? AND id < ?"
	" ORDER BY id",
};

bool
told_articles(void *owner, struct db *db, int64_t part, struct told **ret,
    size_t *n, struct error *err)
{
	int64_t first = part * TOLD_PART;
	struct db_query *query = db_query(db, &find_articles,
	    DB_VALUES(db_int(first), db_int(first + TOLD_PART)));
	struct db_row *row;

	*ret = NULL;
	*n = 0;
	while ((row = db_next(query)) != NULL) {
		struct told *told = mem_push(owner, ret, n);

		told->number = db_next_int(row);
		told->title = db_next_text(row, owner);
		told->updated = db_next_int(row);
		db_end_of_row(row);
	}
	return db_done(query, err);
}
