/* SPDX-License-Identifier: ISC */
#include "desk/matched.h"

#include "base/mem.h"

#include <stdint.h>

static const struct db_statement add_row = {
	"matched: add",
	"INSERT INTO matched (incident, seq, filters) VALUES (?, ?, ?)",
};

bool
matched_add(struct db *db, int64_t incident, int64_t seq,
    const int64_t *filters, size_t n, struct error *err)
{
	enum { VARINT_MAX = 10 };
	unsigned char *bytes = mem_array(NULL, unsigned char, n *VARINT_MAX);
	size_t length = 0;
	int64_t last = 0;
	bool ok;

	for (size_t i = 0; i < n; i++) {
		uint64_t delta = (uint64_t)(filters[i] - last);

		for (; delta >= 0x80; delta >>= 7)
			bytes[length++] = (unsigned char)(delta | 0x80);
		bytes[length++] = (unsigned char)delta;
		last = filters[i];
	}
	ok = db_run(db, &add_row,
	    DB_VALUES(db_int(incident), db_int(seq), db_bytes(bytes, length)),
	    err);
	talloc_free(bytes);
	return ok;
}

int64_t *
matched_decode(void *owner, const void *from, size_t length, size_t *n)
{
	const unsigned char *bytes = from;
	int64_t *filters = mem_array(owner, int64_t, length);
	uint64_t last = 0, delta = 0;
	unsigned shift = 0;
	size_t count = 0;

	for (size_t i = 0; i < length && shift < 64; i++) {
		delta |= (uint64_t)(bytes[i] & 0x7f) << shift;
		shift += 7;
		if (bytes[i] >= 0x80)
			continue;
		last += delta;
		filters[count++] = (int64_t)last;
		delta = 0;
		shift = 0;
	}
	*n = count;
	return filters;
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
		matched->filters = matched_decode(
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
