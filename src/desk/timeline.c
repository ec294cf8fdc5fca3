/* SPDX-License-Identifier: ISC */
#include "desk/timeline.h"

/*
 * A feed is the merge of a few logs, newest first: her filters' (inside their
 * stretches), her own list, and the pasts of her stretches. The smallest number
 * whose row of matches holds one of her filters inside a stretch places the
 * incident's own entry and is no notice here; of the others, each that is a
 * notice (also where it made a filter of hers true again) stands beside the
 * incident's own entry, after it, or is addressed to her.
 */

#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "desk/incident.h"
#include "desk/inside.h"
#include "desk/journal.h"
#include "desk/lists.h"
#include "desk/matched.h"
#include "desk/visible.h"

#include <string.h>

enum { PAGE = 64 }; /* numbers copied from a list at a time */

struct stretch {
	int64_t id, subscription, filter, from, to; /* to 0: goes on */
};

struct past {
	int64_t from; /* where it stands */
	int64_t incident;
};

/* A list being read: a page of its numbers. */
struct head {
	int64_t filter; /* 0: her own list */
	int64_t numbers[PAGE];
	size_t at, n;
	bool ended;
};

/* What is known of an incident that came up. */
struct seen {
	int64_t place; /* of its own entry; 0: it has none here */
	bool stands; /* its own entry, which a past brought */
	bool visible; /* to anybody at all */
	bool listed; /* no duplicate: those leave lists and feeds */
	struct matched *matched;
	size_t n_matched;
};

struct merge {
	void *memory;
	struct desk *desk;
	struct db *db;
	int64_t person;
	int64_t subscription; /* 0: the personal feed */
	int64_t last; /* the journal's last number for this reader */
	struct stretch *stretches;
	size_t n_stretches;
	struct past *pasts; /* by from, newest first; in their order */
	size_t n_pasts, at_past;
	struct head *heads;
	size_t n_heads;
	struct map *seen;
	struct item *items;
	size_t n, limit;
};

/* --- her stretches and their pasts */

static const struct db_statement stretches_of_person = {
	"timeline: stretches of a person",
	"SELECT t.id, t.subscription, t.filter, t.from_seq, t.to_seq"
	" FROM stretch t JOIN subscription s ON s.id = t.subscription"
	" WHERE s.person = ?",
};

static const struct db_statement stretches_of_subscription = {
	"timeline: stretches of a subscription",
	"SELECT t.id, t.subscription, t.filter, t.from_seq, t.to_seq"
	" FROM stretch t JOIN subscription s ON s.id = t.subscription"
	" WHERE s.person = ? AND s.id = ?",
};

static struct db_query *
stretches_query(struct merge *merge)
{
	if (merge->subscription == 0)
		return db_query(merge->db, &stretches_of_person,
		    DB_VALUES(db_int(merge->person)));
	return db_query(merge->db, &stretches_of_subscription,
	    DB_VALUES(db_int(merge->person), db_int(merge->subscription)));
}

static bool
read_stretches(struct merge *merge, struct error *err)
{
	struct db_query *query = stretches_query(merge);
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		struct stretch *stretch = mem_push(
		    merge->memory, &merge->stretches, &merge->n_stretches);

		stretch->id = db_next_int(row);
		stretch->subscription = db_next_int(row);
		stretch->filter = db_next_int(row);
		stretch->from = db_next_int(row);
		stretch->to = db_next_int(row);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

static const struct db_statement pasts_of_person = {
	"timeline: pasts of a person",
	"SELECT t.from_seq, a.incident FROM past a"
	" JOIN stretch t ON t.id = a.stretch"
	" JOIN subscription s ON s.id = t.subscription"
	" WHERE s.person = ? AND a.personal = 1"
	" ORDER BY t.from_seq DESC, a.position",
};

static const struct db_statement pasts_of_subscription = {
	"timeline: pasts of a subscription",
	"SELECT t.from_seq, a.incident FROM past a"
	" JOIN stretch t ON t.id = a.stretch"
	" JOIN subscription s ON s.id = t.subscription"
	" WHERE s.person = ? AND s.id = ?"
	" ORDER BY t.from_seq DESC, a.position",
};

static bool
read_pasts(struct merge *merge, struct error *err)
{
	struct db_query *query = merge->subscription == 0
	    ? db_query(
		  merge->db, &pasts_of_person, DB_VALUES(db_int(merge->person)))
	    : db_query(merge->db, &pasts_of_subscription,
		  DB_VALUES(
		      db_int(merge->person), db_int(merge->subscription)));
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		struct past *past = mem_push(
		    merge->memory, &merge->pasts, &merge->n_pasts);

		past->from = db_next_int(row);
		past->incident = db_next_int(row);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

static bool
is_inside(const struct stretch *stretch, int64_t seq)
{
	return stretch->from < seq && (stretch->to == 0 || seq <= stretch->to);
}

/* --- the heads of the lists */

static void
add_head(struct merge *merge, int64_t filter)
{
	struct head *head;

	for (size_t i = 0; i < merge->n_heads; i++)
		if (merge->heads[i].filter == filter)
			return;
	head = mem_push(merge->memory, &merge->heads, &merge->n_heads);
	*head = (struct head){ .filter = filter };
}

static bool
fill(struct merge *merge, struct head *head, int64_t before, struct error *err)
{
	struct lists *lists = merge->desk->lists;

	head->at = 0;
	if (head->filter == 0)
		head->n = lists_of_person(
		    lists, merge->person, before, head->numbers, PAGE);
	else if (!lists_of_filter(lists, merge->db, head->filter, before,
		     head->numbers, PAGE, &head->n, err))
		return false;
	head->ended = head->n == 0;
	return true;
}

/* Goes to the head's newest number that is before `before`, or to its end. */
static bool
go_before(
    struct merge *merge, struct head *head, int64_t before, struct error *err)
{
	while (!head->ended &&
	    (head->at == head->n || head->numbers[head->at] >= before)) {
		if (head->at < head->n)
			head->at++;
		else if (!fill(merge, head, head->numbers[head->n - 1], err))
			return false;
	}
	return true;
}

/*
 * The newest number before `before` of all lists; 0 if there is none. Those
 * from `before` on have been taken, or were committed after this reader began.
 */
static bool
take_newest(
    struct merge *merge, int64_t before, int64_t *ret, struct error *err)
{
	int64_t newest = 0;

	for (size_t i = 0; i < merge->n_heads; i++) {
		struct head *head = &merge->heads[i];

		if (!go_before(merge, head, before, err))
			return false;
		if (!head->ended && head->numbers[head->at] > newest)
			newest = head->numbers[head->at];
	}
	*ret = newest;
	return true;
}

/* --- where an incident stands */

static bool
is_hers(const struct merge *merge, const struct matched *matched)
{
	for (size_t i = 0; i < merge->n_stretches; i++)
		if (is_inside(&merge->stretches[i], matched->seq) &&
		    matched_has(matched, merge->stretches[i].filter))
			return true;
	return false;
}

static int64_t
place_of(const struct merge *merge, const struct seen *seen, int64_t incident)
{
	int64_t place = 0;

	for (size_t i = 0; i < seen->n_matched && place == 0; i++)
		if (is_hers(merge, &seen->matched[i]))
			place = seen->matched[i].seq;
	for (size_t i = 0; i < merge->n_pasts; i++)
		if (merge->pasts[i].incident == incident &&
		    (place == 0 || merge->pasts[i].from < place))
			place = merge->pasts[i].from;
	return place;
}

static bool
see(struct merge *merge, int64_t incident, struct seen **ret, struct error *err)
{
	struct seen *seen = map_get(merge->seen, incident);
	struct incident *in;

	if (seen != NULL) {
		*ret = seen;
		return true;
	}
	seen = mem_new(merge->memory, struct seen);
	if (!incident_read(seen, merge->db, incident, &in, err) ||
	    !matched_of(seen, merge->db, incident, &seen->matched,
		&seen->n_matched, err))
		return false;
	seen->visible = may_see_incident(VIEWER_LINK, in);
	seen->listed = in->duplicate_of == 0;
	seen->place = place_of(merge, seen, incident);
	talloc_free(in);
	map_set(merge->seen, incident, seen);
	*ret = seen;
	return true;
}

/* --- items */

static void
add_item(struct merge *merge, enum item_kind kind, int64_t seq,
    int64_t incident, int64_t subscription)
{
	struct item *item;

	if (merge->n == merge->limit)
		return;
	item = mem_push(merge->memory, &merge->items, &merge->n);
	*item = (struct item){ kind, seq, incident, subscription };
}

static const struct db_statement is_addressed = {
	"timeline: is it addressed to her",
	"SELECT 1 FROM addressed WHERE person = ? AND seq = ?",
};

static bool
addressed(struct merge *merge, int64_t seq, bool *ret, struct error *err)
{
	int64_t one = 0;

	if (merge->subscription == 0 &&
	    !db_number(merge->db, &is_addressed,
		DB_VALUES(db_int(merge->person), db_int(seq)), &one, err))
		return false;
	*ret = one == 1;
	return true;
}

/* A pause stands in for each subscription that used the filter then. */
static bool
add_pause(struct merge *merge, const struct event *event, struct error *err)
{
	int64_t filter = 0;

	if (!json_int(event->detail, "filter", &filter, err))
		return false;
	for (size_t i = 0; i < merge->n_stretches; i++)
		if (merge->stretches[i].filter == filter &&
		    is_inside(&merge->stretches[i], event->seq))
			add_item(merge, ITEM_PAUSE, event->seq, 0,
			    merge->stretches[i].subscription);
	return true;
}

static bool
is_customers(const struct event *event)
{
	return event->person == 0 &&
	    (event->kind == JOURNAL_REPLY || event->kind == JOURNAL_REOPEN ||
		event->kind == JOURNAL_CONFIRM);
}

/*
 * Of a duplicate only what is addressed to her stands: its customer's words,
 * which go to host and swarm of the other.
 */
static bool
add_event(struct merge *merge, const struct event *event,
    const struct seen *seen, struct error *err)
{
	bool to_her;

	if (event->person == merge->person)
		return true;
	if (!addressed(merge, event->seq, &to_her, err))
		return false;
	if ((to_her && (seen->listed || is_customers(event))) ||
	    (seen->listed && event_is_notice(event) && seen->place != 0 &&
		seen->place < event->seq))
		add_item(merge, ITEM_EVENT, event->seq, event->incident, 0);
	return true;
}

static bool
add_number(struct merge *merge, int64_t seq, struct error *err)
{
	struct event *event;
	struct seen *seen;

	if (!journal_find(merge->memory, merge->db, seq, &event, err))
		return false;
	if (event->kind == JOURNAL_PAUSE)
		return add_pause(merge, event, err);
	if (event->incident == 0)
		return true;
	if (!see(merge, event->incident, &seen, err))
		return false;
	if (!seen->visible)
		return true;
	if (seq == seen->place && seen->listed) {
		add_item(merge, ITEM_INCIDENT, seq, event->incident, 0);
		return true;
	}
	return add_event(merge, event, seen, err);
}

/* What a stretch would have caught stands at its beginning, in its order. */
static bool
add_pasts(struct merge *merge, int64_t down_to, struct error *err)
{
	while (merge->at_past < merge->n_pasts && merge->n < merge->limit) {
		const struct past *past = &merge->pasts[merge->at_past];
		struct seen *seen;

		if (past->from < down_to)
			return true;
		merge->at_past++;
		if (!see(merge, past->incident, &seen, err))
			return false;
		if (!seen->visible || !seen->listed || seen->stands ||
		    seen->place != past->from)
			continue;
		add_item(merge, ITEM_INCIDENT, past->from, past->incident, 0);
		seen->stands = true; /* once, if two begin there */
	}
	return true;
}

static bool
merge_lists(struct merge *merge, struct error *err)
{
	int64_t seq = merge->last + 1;

	for (;;) {
		if (!take_newest(merge, seq, &seq, err) ||
		    !add_pasts(merge, seq, err))
			return false;
		if (seq == 0 || merge->n == merge->limit)
			return true;
		if (!add_number(merge, seq, err))
			return false;
	}
}

static bool
timeline(struct merge *merge, struct timeline *ret, struct error *err)
{
	if (!journal_last(merge->db, &merge->last, err) ||
	    !read_stretches(merge, err) || !read_pasts(merge, err))
		return false;
	merge->seen = map_new(merge->memory);
	add_head(merge, 0);
	for (size_t i = 0; i < merge->n_stretches; i++)
		add_head(merge, merge->stretches[i].filter);
	for (size_t i = 0; i < merge->n_heads; i++)
		if (!fill(merge, &merge->heads[i], merge->last + 1, err))
			return false;
	if (!merge_lists(merge, err))
		return false;
	ret->items = merge->items;
	ret->n = merge->n;
	return true;
}

bool
timeline_personal(void *owner, struct desk *desk, struct db *db, int64_t person,
    size_t limit, struct timeline *ret, struct error *err)
{
	struct merge merge = {
		.memory = owner,
		.desk = desk,
		.db = db,
		.person = person,
		.limit = limit,
	};

	return timeline(&merge, ret, err);
}

bool
timeline_subscription(void *owner, struct desk *desk, struct db *db,
    int64_t person, int64_t subscription, size_t limit, struct timeline *ret,
    struct error *err)
{
	struct merge merge = {
		.memory = owner,
		.desk = desk,
		.db = db,
		.person = person,
		.subscription = subscription,
		.limit = limit,
	};

	return timeline(&merge, ret, err);
}

static int64_t
with_articles(const struct desk *desk, int64_t version)
{
	int64_t renamed = desk->renamed;

	return version != 0 && version < renamed ? renamed : version;
}

int64_t
timeline_version_personal(struct desk *desk, int64_t person)
{
	return with_articles(
	    desk, lists_version_of_person(desk->lists, person));
}

int64_t
timeline_version_subscription(
    struct desk *desk, int64_t person, int64_t subscription)
{
	return with_articles(desk,
	    lists_version_of_subscription(desk->lists, person, subscription));
}
