/* SPDX-License-Identifier: ISC */
#include "desk/stretch.h"

#include "base/mem.h"
#include "desk/inside.h"
#include "desk/pause.h"
#include "desk/scan.h"

#include <stdlib.h>

static const struct db_statement public_address = {
	"address of a public report",
	"SELECT address FROM journal"
	" WHERE incident = ? AND kind = 'report' AND person IS NULL",
};

/* NULL too if a person reported it. */
static bool
read_address(
    void *owner, struct db *db, int64_t incident, char **ret, struct error *err)
{
	struct db_query *query = db_query(
	    db, &public_address, DB_VALUES(db_int(incident)));
	struct db_row *row = db_next(query);

	*ret = NULL;
	if (row != NULL) {
		*ret = db_next_text(row, owner);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

/* --- a fresh filter on its own */

static bool
strike_fresh(struct put *put, struct db *db, const struct fresh *fresh,
    struct error *err)
{
	struct past_cost cost = past_cost(put->past, fresh->past);

	for (size_t i = 0; i < cost.n_over; i++) {
		char *address;

		if (!read_address(
			put->memory, db, cost.over_at[i], &address, err))
			return false;
		strikes_note(
		    put->desk, &fresh->filter, 1, cost.over_at[i], address);
	}
	return true;
}

/* --- all that a person has, together */

struct together {
	struct put *put;
	struct db *db;
	int64_t person;
	struct matcher *matcher;
	int64_t *incidents; /* that a fresh filter of hers was dear on */
	size_t n;
	bool ok;
	struct error *err;
};

static const struct db_statement filters_of = {
	"filters of a person that run",
	"SELECT DISTINCT f.id, f.text FROM subscription s"
	" JOIN filter f ON f.id = s.filter"
	" WHERE s.person = ? AND s.removed IS NULL AND f.paused IS NULL",
};

static bool
load_hers(struct together *hers, struct error *err)
{
	struct db_query *query = db_query(
	    hers->db, &filters_of, DB_VALUES(db_int(hers->person)));
	struct db_row *row;
	bool ok = true;

	while (ok && (row = db_next(query)) != NULL) {
		int64_t id = db_next_int(row);
		char *text = db_next_text(row, hers->put->memory);
		struct filter *filter;

		db_end_of_row(row);
		ok = filter_parse_stored(NULL, text, &filter, err);
		if (ok)
			matcher_add(hers->matcher, id, filter);
	}
	if (!ok) {
		struct error ignored = { 0 };

		(void)!db_done(query, &ignored);
		return false;
	}
	return db_done(query, err);
}

static bool
try_hers(const struct scanned *seen, void *arg)
{
	struct together *hers = arg;
	struct desk *desk = hers->put->desk;
	struct matches *matches = matcher_read(seen->memory, hers->matcher,
	    &seen->document, FILTER_USES_ALL, desk_scratch(desk));
	char *address;

	hers->ok = read_address(seen->memory, hers->db, seen->incident->number,
	    &address, hers->err);
	if (hers->ok)
		charges_note(desk, matches, seen->incident->number, address,
		    hers->person);
	return false;
}

static int
newest_first(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left < *right) - (*left > *right);
}

/* Of each fresh filter of hers, newest first, each once. */
static void
gather_incidents(struct together *hers)
{
	struct put *put = hers->put;
	size_t kept = 0;

	for (size_t i = 0; i < put->n_fresh; i++) {
		struct past_cost cost = past_cost(
		    put->past, put->fresh[i].past);

		if (put->fresh[i].person != hers->person)
			continue;
		for (size_t k = 0; k < cost.n_dear; k++)
			*mem_push(put->memory, &hers->incidents,
			    &hers->n) = cost.dear_at[k];
	}
	if (hers->n > 0)
		qsort(hers->incidents, hers->n, sizeof *hers->incidents,
		    newest_first);
	for (size_t i = 0; i < hers->n; i++)
		if (kept == 0 ||
		    hers->incidents[kept - 1] != hers->incidents[i])
			hers->incidents[kept++] = hers->incidents[i];
	hers->n = kept < PAST_DEAR ? kept : PAST_DEAR;
}

static bool
vet_person(struct put *put, struct db *db, int64_t person, struct error *err)
{
	struct together hers = {
		.put = put,
		.db = db,
		.person = person,
		.ok = true,
		.err = err,
	};

	gather_incidents(&hers);
	if (hers.n == 0)
		return true;
	hers.matcher = matcher_new(put->memory);
	if (!load_hers(&hers, err))
		return false;
	for (size_t i = 0; i < hers.n && hers.ok; i++)
		if (!scan_range(db, hers.incidents[i], hers.incidents[i],
			try_hers, &hers, err))
			return false;
	return hers.ok;
}

static bool
is_first_of_hers(const struct put *put, size_t fresh)
{
	for (size_t i = 0; i < fresh; i++)
		if (put->fresh[i].person == put->fresh[fresh].person)
			return false;
	return true;
}

void
put_vet(struct put *put)
{
	struct error err = { 0 };
	struct db *db;
	bool ok = true;

	if (put->n_fresh == 0)
		return;
	/* what cannot be read now is found out at the next incidents */
	if (!desk_reader(put->desk, &db, &err))
		return;
	for (size_t i = 0; i < put->n_fresh && ok; i++)
		ok = strike_fresh(put, db, &put->fresh[i], &err);
	desk_reader_done(put->desk, db);
	/* without those that were paused just now */
	if (!ok || !desk_reader(put->desk, &db, &err))
		return;
	for (size_t i = 0; i < put->n_fresh && ok; i++)
		if (is_first_of_hers(put, i))
			ok = vet_person(put, db, put->fresh[i].person, &err);
	desk_reader_done(put->desk, db);
}
