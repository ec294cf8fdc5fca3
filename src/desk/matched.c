/* SPDX-License-Identifier: ISC */
#include "desk/matched.h"

#include "base/mem.h"
#include "desk/numbers.h"

#include <stdint.h>

static const struct db_statement add_row = {
	"matched: add",
	"INSERT INTO matched (incident, seq, filters) VALUES (?, ?, ?)",
};

bool
matched_add(struct db *db, int64_t incident, int64_t seq,
    const int64_t *filters, size_t n, struct error *err)
{
	size_t length;
	unsigned char *bytes = numbers_encode(NULL, filters, n, &length);
	bool ok = db_run(db, &add_row,
	    DB_VALUES(db_int(incident), db_int(seq), db_bytes(bytes, length)),
	    err);

	talloc_free(bytes);
	return ok;
}

static const struct db_statement rows_of = {
	"matched: rows of an incident",
	"SELECT seq, filters FROM matched WHERE incident = ? ORDER BY seq",
};

bool
matched_of(void *owner, struct db *db, int64_t incident, struct matched **ret,
    size_t *n, struct error *err)
{
	struct db_query *query = db_query(
	    db, &rows_of, DB_VALUES(db_int(incident)));
	struct matched *rows = NULL;
	struct db_row *row;
	size_t count = 0;

	while ((row = db_next(query)) != NULL) {
		struct matched *matched = mem_push(owner, &rows, &count);
		size_t length;
		void *bytes;

		matched->seq = db_next_int(row);
		bytes = db_next_bytes(row, owner, &length);
		db_end_of_row(row);
		matched->filters = numbers_decode(
		    owner, bytes, length, &matched->n);
		talloc_free(bytes);
	}
	if (!db_done(query, err))
		return false;
	*ret = rows;
	*n = count;
	return true;
}

bool
matched_has(const struct matched *matched, int64_t filter)
{
	size_t low = 0, high = matched->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (matched->filters[middle] == filter)
			return true;
		if (matched->filters[middle] < filter)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}
