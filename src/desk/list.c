/* SPDX-License-Identifier: ISC */
#include "desk/list.h"

#include "base/clock.h"
#include "base/mem.h"
#include "desk/incident.h"
#include "desk/inside.h"

enum {
	LOOK_AT = 20000, /* incidents */
	PAGE = 200,
	LOOK_FOR = 200 * 1000, /* microseconds, of a page */
};

static const struct db_statement by_raise = {
	"list: latest raise first",
	"SELECT id, raised FROM incident WHERE raised < ? AND withdrawn IS NULL"
	" AND duplicate_of IS NULL ORDER BY raised DESC LIMIT ?",
};

struct looked_at {
	int64_t number, raised;
};

static bool
next_page(struct db *db, int64_t before, struct looked_at page[PAGE], size_t *n,
    struct error *err)
{
	struct db_query *query = db_query(
	    db, &by_raise, DB_VALUES(db_int(before), db_int(PAGE)));
	struct db_row *row;

	*n = 0;
	while ((row = db_next(query)) != NULL) {
		page[*n].number = db_next_int(row);
		page[*n].raised = db_next_int(row);
		db_end_of_row(row);
		(*n)++;
	}
	return db_done(query, err);
}

static bool
is_wanted(struct desk *desk, struct db *db, const struct list_query *query,
    int64_t number, bool *ret, struct error *err)
{
	struct filter_document document;
	struct filter_state state;
	struct incident *in;
	void *memory;

	*ret = true;
	if (query->filter == NULL)
		return true;
	memory = mem_root("list");
	if (!incident_read(memory, db, number, &in, err)) {
		talloc_free(memory);
		return false;
	}
	incident_document(memory, in, &document);
	incident_state(memory, in, clock_now(), &state);
	*ret = filter_matches(
	    query->filter, &document, &state, desk_scratch(desk));
	talloc_free(memory);
	return true;
}

static const struct db_statement time_of_row = {
	"list: time of a raise",
	"SELECT at FROM journal WHERE seq = ?",
};

/* One page looked at; *more is false at the end of the store or the list. */
static bool
look_at_page(void *owner, struct desk *desk, struct db *db,
    const struct list_query *query, int64_t *before, struct list *ret,
    struct error *err)
{
	struct looked_at page[PAGE];
	size_t n;

	if (!next_page(db, *before, page, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		bool wanted;

		if (!is_wanted(desk, db, query, page[i].number, &wanted, err))
			return false;
		if (wanted && ret->n == query->limit) {
			ret->next = *before; /* there is one more */
			return true;
		}
		*before = page[i].raised;
		if (wanted)
			*mem_push(
			    owner, &ret->incidents, &ret->n) = page[i].number;
	}
	if (n < PAGE)
		*before = 0;
	return true;
}

bool
list_incidents(void *owner, struct desk *desk, struct db *db,
    const struct list_query *query, struct list *ret, struct error *err)
{
	int64_t before = query->before == 0 ? INT64_MAX : query->before;
	int64_t until = clock_monotonic() + LOOK_FOR, last = 0;

	*ret = (struct list){ 0 };
	for (size_t looked = 0; before != 0 && ret->next == 0; looked += PAGE) {
		if (looked >= LOOK_AT ||
		    (query->timed && clock_monotonic() > until)) {
			ret->stopped = true;
			ret->next = before;
			break;
		}
		if (!look_at_page(owner, desk, db, query, &before, ret, err))
			return false;
		if (before != 0)
			last = before;
	}
	if (last == 0)
		return true;
	return db_number(
	    db, &time_of_row, DB_VALUES(db_int(last)), &ret->looked_back, err);
}
