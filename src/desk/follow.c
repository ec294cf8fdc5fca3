/* SPDX-License-Identifier: ISC */
#include "desk/count.h"

/*
 * Memory follows the journal: after each commit of ours, and whenever another
 * process has committed. One way in, so that what a command did counts here
 * like what was done here.
 */

#include "base/json.h"
#include "base/mem.h"
#include "desk/journal.h"
#include "desk/known.h"
#include "desk/tag_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 1000 };

static const struct db_statement filters_of = {
	"filters of a subscription",
	"SELECT DISTINCT t.filter, s.person FROM stretch t"
	" JOIN subscription s ON s.id = t.subscription"
	" WHERE t.subscription = ?",
};

static bool
follow_subscription(struct desk *desk, struct db *db, const struct event *event,
    struct error *err)
{
	int64_t id = 0, person = 0, *filters = NULL;
	struct db_query *query;
	struct db_row *row;
	size_t n = 0;
	bool ok;

	if (!json_int(event->detail, "subscription", &id, err))
		return false;
	query = db_query(db, &filters_of, DB_VALUES(db_int(id)));
	while ((row = db_next(query)) != NULL) {
		*mem_push(desk->db, &filters, &n) = db_next_int(row);
		person = db_next_int(row);
		db_end_of_row(row);
	}
	ok = db_done(query, err);
	for (size_t i = 0; i < n && ok; i++)
		ok = filters_refresh(desk, db, filters[i], err);
	talloc_free(filters);
	if (ok && desk->lists != NULL && person != 0)
		ok = lists_refresh_person(
		    desk->lists, db, person, event->seq, err);
	return ok;
}

static const struct db_statement people_of_filter = {
	"people who have a filter",
	"SELECT DISTINCT person FROM subscription"
	" WHERE filter = ? AND removed IS NULL",
};

/* Each who has it got a new stretch, with what she missed. */
static bool
follow_resume(struct desk *desk, struct db *db, int64_t filter, int64_t seq,
    struct error *err)
{
	struct db_query *query = db_query(
	    db, &people_of_filter, DB_VALUES(db_int(filter)));
	int64_t *people = NULL;
	struct db_row *row;
	size_t n = 0;
	bool ok;

	while ((row = db_next(query)) != NULL) {
		*mem_push(desk->db, &people, &n) = db_next_int(row);
		db_end_of_row(row);
	}
	ok = db_done(query, err);
	for (size_t i = 0; i < n && ok; i++)
		ok = lists_refresh_person(desk->lists, db, people[i], seq, err);
	talloc_free(people);
	return ok;
}

static bool
follow_pause(struct desk *desk, struct db *db, const struct event *event,
    struct error *err)
{
	int64_t filter = 0;

	if (!json_int(event->detail, "filter", &filter, err) ||
	    !filters_refresh(desk, db, filter, err))
		return false;
	if (desk->lists == NULL)
		return true;
	if (event->kind == JOURNAL_RESUME)
		return follow_resume(desk, db, filter, event->seq, err);
	return lists_pause(desk->lists, db, filter, event->seq, err);
}

static const struct db_statement filters_of_handle = {
	"filters of a person",
	"SELECT DISTINCT s.filter FROM subscription s"
	" JOIN person p ON p.id = s.person WHERE p.handle = ?",
};

static bool
follow_person(struct desk *desk, struct db *db, const struct event *event,
    struct error *err)
{
	const char *handle = NULL;
	int64_t *filters = NULL;
	struct db_query *query;
	struct db_row *row;
	size_t n = 0;
	bool ok;

	access_forget(desk->access);
	if (!json_text(event->detail, "person", &handle, err))
		return false;
	if (handle == NULL || desk->filters == NULL)
		return true;
	query = db_query(db, &filters_of_handle, DB_VALUES(db_text(handle)));
	while ((row = db_next(query)) != NULL) {
		*mem_push(desk->db, &filters, &n) = db_next_int(row);
		db_end_of_row(row);
	}
	ok = db_done(query, err);
	for (size_t i = 0; i < n && ok; i++)
		ok = filters_refresh(desk, db, filters[i], err);
	talloc_free(filters);
	return ok;
}

/* What lets somebody new in takes nothing away from what is known. */
static bool
follow_access(struct desk *desk, const struct event *event, struct error *err)
{
	const char *step = NULL;

	if (!json_text(event->detail, "step", &step, err))
		return false;
	if (step == NULL ||
	    (strcmp(step, "add") != 0 && strcmp(step, "in") != 0))
		access_forget(desk->access);
	return true;
}

/* --- reports, of which a group may have many */

struct fresh {
	int64_t seq;
	const int64_t *filters;
	size_t n;
};

void
follow_report(struct desk *desk, int64_t seq, const int64_t *filters, size_t n)
{
	*mem_push(desk->db, &desk->fresh, &desk->n_fresh) = (struct fresh){ seq,
		filters, n };
}

void
follow_forget(struct desk *desk)
{
	desk->n_fresh = 0;
}

/* They stand in order, as the journal does. */
static bool
follow_fresh(struct desk *desk, const struct event *event)
{
	size_t low = 0, high = desk->n_fresh;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (desk->fresh[middle].seq < event->seq)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == desk->n_fresh || desk->fresh[low].seq != event->seq)
		return false;
	lists_report(
	    desk->lists, event, desk->fresh[low].filters, desk->fresh[low].n);
	return true;
}

/* Entries of incidents name articles: their titles, and where they are. */
static void
follow_article(struct desk *desk, const struct event *event)
{
	desk->kb_version = event->seq;
	known_forget(desk->known, event->article);
	if (event->incident == 0 && event->kind != JOURNAL_HELPED &&
	    !json_is_true(json_object_get(event->detail, "new")))
		desk->renamed = event->seq;
}

/* All that shows tags shows them by another name, and is as old as it was. */
static bool
follow_tag(struct desk *desk, struct db *db, const struct event *event,
    struct error *err)
{
	desk->kb_version = event->seq;
	desk->renamed = event->seq;
	return tag_names_load(desk, db, err);
}

static bool
follow_event(struct desk *desk, struct db *db, const struct event *event,
    struct error *err)
{
	if (event->article != 0)
		follow_article(desk, event);
	switch (event->kind) {
	case JOURNAL_SUBSCRIPTION:
		return follow_subscription(desk, db, event, err);
	case JOURNAL_PAUSE:
		metrics_add(desk->counts, DESK_PAUSES, 0, 1);
		return follow_pause(desk, db, event, err);
	case JOURNAL_RESUME:
		return follow_pause(desk, db, event, err);
	case JOURNAL_PERSON:
		return follow_person(desk, db, event, err);
	case JOURNAL_TOKEN:
	case JOURNAL_LINK:
	case JOURNAL_SIGNIN:
		return follow_access(desk, event, err);
	case JOURNAL_TAG:
		return follow_tag(desk, db, event, err);
	case JOURNAL_REPORT:
	case JOURNAL_EDIT:
	case JOURNAL_HOST:
	case JOURNAL_PROMISE:
	case JOURNAL_JOIN:
	case JOURNAL_LEAVE:
	case JOURNAL_REPLY:
	case JOURNAL_NOTE:
	case JOURNAL_FIX:
	case JOURNAL_ANSWER:
	case JOURNAL_PULL:
	case JOURNAL_CLOSE:
	case JOURNAL_CONFIRM:
	case JOURNAL_REOPEN:
	case JOURNAL_DUPLICATE:
	case JOURNAL_WITHDRAW:
	case JOURNAL_OVERDUE:
	case JOURNAL_ORPHAN:
	case JOURNAL_ARTICLE:
	case JOURNAL_PUBLISH:
	case JOURNAL_UNPUBLISH:
	case JOURNAL_HELPED:
	case JOURNAL_KINDS:
		break;
	}
	return desk->lists == NULL || event->incident == 0 ||
	    follow_fresh(desk, event) ||
	    lists_event(desk->lists, db, event, err);
}

static bool
follow_batch(struct desk *desk, struct db *db, size_t *n, struct error *err)
{
	void *memory = mem_root("follow");
	struct event *events = NULL;
	bool ok = journal_read(memory, db, desk->place, BATCH, &events, n, err);

	for (size_t i = 0; ok && i < *n; i++) {
		ok = follow_event(desk, db, &events[i], err);
		if (ok)
			desk->place = events[i].seq;
	}
	talloc_free(memory);
	return ok;
}

/*
 * What was committed is true; memory that cannot follow would answer with what
 * is not. So the process ends: started again, it reads all anew.
 */
void
follow(struct desk *desk, struct db *db)
{
	struct error err = { 0 };
	size_t n = BATCH;

	while (n == BATCH)
		if (!follow_batch(desk, db, &n, &err)) {
			char text[ERROR_TEXT];

			fprintf(stderr,
			    "barnraise: the journal cannot be followed: %s\n",
			    error_text(&err, text));
			_Exit(EXIT_FAILURE);
		}
}
