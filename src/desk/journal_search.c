/* SPDX-License-Identifier: ISC */
#include "desk/journal.h"

#include "base/mem.h"
#include "desk/journal_row.h"

#include <string.h>

/*
 * The journal as the audit trail. An incident's rows are found by an index;
 * whose and what kind they are is seen by looking, so a page looks at so many
 * rows at most and says from where the next one goes on.
 */
enum { LOOK = 20000 };

#define SEARCHED "SELECT " EVENT_COLUMNS ", j.address" EVENT_FROM
#define ASKED                                                        \
	" AND ? IN ('', j.kind) AND (? IN (0, j.person) OR j.detail" \
	" LIKE ? ESCAPE '\\') ORDER BY j.seq DESC LIMIT ?"

static const struct db_statement rows_before = {
	"journal: search",
	SEARCHED " WHERE j.seq >= ? AND j.seq < ?" ASKED,
};

static const struct db_statement incident_before = {
	"journal: search of an incident",
	SEARCHED " WHERE j.incident = ? AND j.seq < ?" ASKED,
};

/* Her handle as a detail has it; '_' stands for any character in LIKE. */
static char *
like_person(void *owner, const char *handle)
{
	char *like = mem_copy(owner, "%\"person\":\"");

	for (; *handle != '\0'; handle++)
		like = mem_made(talloc_asprintf_append_buffer(
		    like, "%s%c", *handle == '_' ? "\\" : "", *handle));
	return mem_made(talloc_strdup_append_buffer(like, "\"%"));
}

static bool
read_rows(void *owner, struct db_query *query, struct journal_page *ret,
    struct error *err)
{
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		struct event *event = mem_push(owner, &ret->events, &ret->n);

		event_begin(owner, row, event);
		event->address = db_next_text(row, owner);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

bool
journal_search(void *owner, struct db *db, const struct journal_query *query,
    struct journal_page *ret, struct error *err)
{
	bool of_incident = query->incident != 0;
	int64_t last, before = query->before, low;
	const char *kind = query->kind == JOURNAL_KINDS
	    ? ""
	    : journal_names[query->kind];
	const char *like = query->handle == NULL
	    ? ""
	    : like_person(owner, query->handle);

	*ret = (struct journal_page){ 0 };
	if (!journal_last(db, &last, err))
		return false;
	if (before == 0 || before > last)
		before = last + 1;
	low = before > LOOK ? before - LOOK : 1;
	if (!read_rows(owner,
		db_query(db, of_incident ? &incident_before : &rows_before,
		    DB_VALUES(db_int(of_incident ? query->incident : low),
			db_int(before), db_text(kind), db_int(query->person),
			db_text(like), db_int((int64_t)query->limit + 1))),
		ret, err))
		return false;
	if (ret->n > query->limit) {
		ret->n = query->limit;
		ret->next = ret->events[ret->n - 1].seq;
	} else if (!of_incident && low > 1)
		ret->next = low;
	return true;
}
