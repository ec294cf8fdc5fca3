/* SPDX-License-Identifier: ISC */
#include "desk/scan.h"

#include "base/clock.h"
#include "base/mem.h"
#include "desk/tag_names.h"

/*
 * Three queries side by side, all in the order of incidents: the rows
 * themselves, who is in, which pulls are open. So a scan costs three queries
 * and not three an incident, and holds one incident in memory.
 */
struct scan {
	struct db_query *stays, *pulls;
	void *ahead; /* memory of the stay read ahead */
	struct stay stay;
	int64_t stay_of, pull_of; /* incidents; 0: no more */
	const struct tag_names *names;
};

#define SCANNED                                                         \
	"SELECT i.id, i.changed, i.reported, i.created, i.status, "     \
	"i.severity, i.source, b.handle, h.handle, i.hands, i.orphan, " \
	"i.overdue, i.answered, t.title, t.body, t.environment, t.tags" \
	" FROM incident i JOIN incident_text t ON t.id = i.id"          \
	" LEFT JOIN person b ON b.id = i.by_person"                     \
	" LEFT JOIN person h ON h.id = i.host"

static const struct db_statement in_range = {
	"incidents in a range",
	SCANNED " WHERE i.id BETWEEN ? AND ? AND i.duplicate_of IS NULL"
		" AND i.withdrawn IS NULL ORDER BY i.id",
};

static struct incident *
incident_of_row(void *owner, struct db_row *row, const struct tag_names *names)
{
	struct incident *in = mem_new(owner, struct incident);
	char *tags;

	in->number = db_next_int(row);
	in->changed = db_next_int(row);
	in->reported = db_next_int(row);
	in->created = db_next_int(row);
	in->status = (enum filter_status)db_next_int(row);
	in->severity = (enum filter_severity)db_next_int(row);
	in->source = db_next_text(row, in);
	in->by_handle = db_next_text(row, in);
	in->host_handle = db_next_text(row, in);
	in->hands = (unsigned)db_next_int(row);
	in->orphan = db_next_bool(row);
	in->overdue = db_next_bool(row);
	in->answered = db_next_bool(row);
	in->title = db_next_text(row, in);
	in->body = db_next_text(row, in);
	in->environment = db_next_text(row, in);
	tags = db_next_text(row, in);
	in->tags = words_split(in, tags, &in->n_tags);
	in->names = names;
	tags_now(in, names, &in->tags, &in->n_tags);
	db_end_of_row(row);
	return in;
}

static const struct db_statement stays_in_range = {
	"who is in, of incidents in a range",
	"SELECT s.incident, s.person, p.handle, s.role"
	" FROM swarm s JOIN person p ON p.id = s.person"
	" WHERE s.incident BETWEEN ? AND ? AND s.left_at IS NULL"
	" ORDER BY s.incident, s.id",
};

static void
read_stay(struct scan *scan)
{
	struct db_row *row = db_next(scan->stays);

	talloc_free_children(scan->ahead);
	scan->stay_of = 0;
	if (row == NULL)
		return;
	scan->stay = (struct stay){ 0 };
	scan->stay_of = db_next_int(row);
	scan->stay.person = db_next_int(row);
	scan->stay.handle = db_next_text(row, scan->ahead);
	scan->stay.role = (enum swarm_role)db_next_int(row);
	db_end_of_row(row);
}

static const struct db_statement pulls_in_range = {
	"open pulls of incidents in a range",
	"SELECT incident FROM pull WHERE incident BETWEEN ? AND ?"
	" AND open = 1 ORDER BY incident",
};

static void
read_pull(struct scan *scan)
{
	struct db_row *row = db_next(scan->pulls);

	scan->pull_of = 0;
	if (row == NULL)
		return;
	scan->pull_of = db_next_int(row);
	db_end_of_row(row);
}

/* Gives the incident what the other two have of it, and skips what is before.
 */
static void
complete(struct scan *scan, struct incident *in)
{
	for (; scan->stay_of != 0 && scan->stay_of <= in->number;
	     read_stay(scan)) {
		struct stay *stay;

		if (scan->stay_of < in->number)
			continue;
		stay = mem_push(in, &in->stays, &in->n_stays);
		*stay = scan->stay;
		stay->handle = mem_copy(in, scan->stay.handle);
	}
	for (; scan->pull_of != 0 && scan->pull_of <= in->number;
	     read_pull(scan))
		if (scan->pull_of == in->number)
			*mem_push(in, &in->pulls,
			    &in->n_pulls) = (struct pull){ .open = true };
}

static void
scan_rows(struct scan *scan, struct db_query *query, scan_each *each, void *arg)
{
	int64_t now = clock_now();
	struct db_row *row;
	bool more = true;

	read_stay(scan);
	read_pull(scan);
	while (more && (row = db_next(query)) != NULL) {
		void *memory = mem_root("an incident that is looked at");
		struct incident *in = incident_of_row(memory, row, scan->names);
		struct scanned seen = { .memory = memory, .incident = in };

		complete(scan, in);
		incident_document(memory, in, &seen.document);
		incident_state(memory, in, now, &seen.state);
		more = each(&seen, arg);
		talloc_free(memory);
	}
}

bool
scan_range(struct db *db, int64_t first, int64_t last, scan_each *each,
    void *arg, struct error *err)
{
	struct db_value values[] = { db_int(first), db_int(last) };
	struct db_query *query = db_query(db, &in_range, values, 2);
	struct scan scan = { .ahead = mem_root("read ahead") };
	bool ok;

	scan.stays = db_query(db, &stays_in_range, values, 2);
	scan.pulls = db_query(db, &pulls_in_range, values, 2);
	scan_rows(&scan, query, each, arg);
	ok = db_done(scan.pulls, err);
	ok = db_done(scan.stays, err) && ok;
	ok = db_done(query, err) && ok;
	talloc_free(scan.ahead);
	return ok;
}

static const struct db_statement newest = {
	"newest incident",
	"SELECT max(id) FROM incident",
};

bool
scan_newest(struct db *db, int64_t *ret, struct error *err)
{
	int64_t number = 0;

	if (!db_number(db, &newest, DB_NO_VALUES, &number, err))
		return false;
	*ret = number;
	return true;
}
