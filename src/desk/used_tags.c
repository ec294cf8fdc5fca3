/* SPDX-License-Identifier: ISC */
#include "desk/used_tags.h"

#include "base/mem.h"

enum { USED_MAX = 2000 };

/* All of profiles, and those that incidents have most often. */
static const struct db_statement used = {
	"tags that are used",
	"SELECT tag FROM person_tag UNION"
	" SELECT name FROM (SELECT name FROM tag WHERE n > 0"
	"	ORDER BY n DESC LIMIT ?) ORDER BY 1",
};

bool
used_tags(
    void *owner, struct db *db, const char ***ret, size_t *n, struct error *err)
{
	struct db_query *query = db_query(
	    db, &used, DB_VALUES(db_int(USED_MAX)));
	const char **tags = NULL;
	struct db_row *row;
	size_t count = 0;

	while ((row = db_next(query)) != NULL) {
		*mem_push(owner, &tags, &count) = db_next_text(row, owner);
		db_end_of_row(row);
	}
	*ret = tags;
	*n = count;
	return db_done(query, err);
}
