/* SPDX-License-Identifier: ISC */
#include "desk/timeline.h"

#include "base/mem.h"
#include "desk/inside.h"
#include "desk/lists.h"
#include "desk/matched.h"

/* Why an incident is in somebody's feed: which of her subscriptions caught it.
 */

#define WHY                                                                          \
	"SELECT t.subscription, s.name, f.text, t.filter, t.from_seq," /* by         \
									  the        \
									  index      \
									  of         \
									  incidents: \
									  of a       \
									  stretch    \
									  there      \
									  are        \
									  many       \
									  more       \
									  rows       \
									*/           \
	" t.to_seq, EXISTS (SELECT 1 FROM past a"                                    \
	"  WHERE a.incident = ? AND +a.stretch = t.id)"                              \
	" FROM stretch t JOIN subscription s ON s.id = t.subscription"               \
	" JOIN filter f ON f.id = t.filter"                                          \
	" WHERE s.person = ?"

static const struct db_statement why = {
	"timeline: names and filters of a person's stretches",
	WHY " ORDER BY t.subscription, t.id",
};

static const struct db_statement why_one = {
	"timeline: names and filters of a subscription's stretches",
	WHY " AND t.subscription = ? ORDER BY t.id",
};

/* What is asked, and what was found. */
struct asked {
	void *owner;
	struct matched *matched;
	size_t n_matched;
	struct matched_by *found;
	size_t n;
};

/* From and to are journal numbers; a to of 0: it goes on. */
static bool
has_matched(const struct asked *asked, int64_t filter, int64_t from, int64_t to)
{
	for (size_t i = 0; i < asked->n_matched; i++) {
		const struct matched *matched = &asked->matched[i];

		if (from < matched->seq && (to == 0 || matched->seq <= to) &&
		    matched_has(matched, filter))
			return true;
	}
	return false;
}

static bool
has_matched_ever(int64_t filter, const void *arg)
{
	const struct asked *asked = arg;

	for (size_t i = 0; i < asked->n_matched; i++)
		if (matched_has(&asked->matched[i], filter))
			return true;
	return false;
}

static bool
read_why(struct asked *asked, struct db_query *query, struct error *err)
{
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		struct matched_by by = { 0 };
		int64_t filter, from, to;
		bool past;

		by.subscription = db_next_int(row);
		by.name = db_next_text(row, asked->owner);
		by.filter = db_next_text(row, asked->owner);
		filter = db_next_int(row);
		from = db_next_int(row);
		to = db_next_int(row);
		past = db_next_bool(row);
		db_end_of_row(row);
		if (!past && !has_matched(asked, filter, from, to))
			continue;
		if (asked->n > 0 &&
		    asked->found[asked->n - 1].subscription == by.subscription)
			asked->n--; /* the later stretch of the same one */
		*mem_push(asked->owner, &asked->found, &asked->n) = by;
	}
	return db_done(query, err);
}

bool
timeline_matched_by(void *owner, struct desk *desk, struct db *db,
    int64_t person, int64_t incident, struct matched_by **ret, size_t *n,
    struct error *err)
{
	struct asked asked = { .owner = owner };
	int64_t *subscriptions;
	size_t n_subscriptions;
	bool ok = true;

	if (!matched_of(
		owner, db, incident, &asked.matched, &asked.n_matched, err))
		return false;
	/* of a few hundred subscriptions a few matched: only these are read */
	if (desk->lists == NULL ||
	    !lists_subscriptions_with(owner, desk->lists, person, incident,
		has_matched_ever, &asked, &subscriptions, &n_subscriptions))
		ok = read_why(&asked,
		    db_query(
			db, &why, DB_VALUES(db_int(incident), db_int(person))),
		    err);
	else
		for (size_t i = 0; i < n_subscriptions && ok; i++)
			ok = read_why(&asked,
			    db_query(db, &why_one,
				DB_VALUES(db_int(incident), db_int(person),
				    db_int(subscriptions[i]))),
			    err);
	*ret = asked.found;
	*n = asked.n;
	return ok;
}
