/* SPDX-License-Identifier: ISC */
#include "desk/inside.h"

/*
 * Which filters run, and for whom. A filter runs while somebody who is not
 * disabled has it in a subscription and it is not paused; it is a home for an
 * incident (filter.md, is:orphan) if it is topical and one of them is no bot.
 * The table belongs to the writer's thread; the matcher has its own locks.
 */

#include "base/check.h"
#include "base/mem.h"
#include "desk/scan.h"
#include "filter/filter.h"

#include <pthread.h>

struct running {
	bool runs, topical;
	unsigned people; /* no bots among them */
};

/* Each at its number: they go up from 1 and are never given again. */
struct filters {
	struct running *all;
	size_t n;
};

struct row {
	int64_t id;
	char *text;
	bool paused;
	int64_t users, people;
};

#define USERS                                                                \
	"f.id, f.text, f.paused IS NOT NULL,"                                \
	" count(p.id), count(CASE WHEN p.bot = 0 THEN 1 END)"                \
	" FROM filter f"                                                     \
	" LEFT JOIN subscription s ON s.filter = f.id AND s.removed IS NULL" \
	" LEFT JOIN person p ON p.id = s.person AND p.disabled = 0"

static void
row_read(void *owner, struct db_row *row, struct row *ret)
{
	ret->id = db_next_int(row);
	ret->text = db_next_text(row, owner);
	ret->paused = db_next_bool(row);
	ret->users = db_next_int(row);
	ret->people = db_next_int(row);
	db_end_of_row(row);
}

static struct running *
running_of(struct filters *filters, int64_t id)
{
	CHECK(id > 0);
	while (filters->n <= (size_t)id)
		*mem_push(filters, &filters->all,
		    &filters->n) = (struct running){ 0 };
	return &filters->all[id];
}

static bool
run(struct desk *desk, const struct row *row, struct error *err)
{
	struct running *running = running_of(desk->filters, row->id);
	struct filter *filter;

	if (row->paused || row->users == 0) {
		matcher_remove(desk->matcher, row->id);
		running->runs = false;
		return true;
	}
	if (!running->runs) {
		if (!filter_parse_stored(NULL, row->text, &filter, err))
			return error_context(
			    err, "filter %jd", (intmax_t)row->id);
		running->runs = true;
		running->topical = filter_is_topical(filter);
		matcher_add(desk->matcher, row->id, filter);
	}
	running->people = (unsigned)row->people;
	return true;
}

static const struct db_statement all_filters = {
	"filters that run",
	"SELECT " USERS " WHERE f.paused IS NULL GROUP BY f.id"
	" HAVING count(p.id) > 0",
};

static bool
load(struct desk *desk, struct db *db, struct error *err)
{
	struct db_query *query = db_query(db, &all_filters, DB_NO_VALUES);
	struct db_row *row;
	bool ok = true;

	while (ok && (row = db_next(query)) != NULL) {
		struct row filter;

		row_read(desk->filters, row, &filter);
		ok = run(desk, &filter, err);
		talloc_free(filter.text);
	}
	if (!ok) {
		struct error ignored = { 0 };

		(void)!db_done(query, &ignored);
		return false;
	}
	return db_done(query, err);
}

/* What the newest incidents are like is what the next ones will be like. */
enum { LEARN = 500 };

static bool
learn_one(const struct scanned *seen, void *arg)
{
	struct desk *desk = arg;

	matcher_learn(desk->matcher, &seen->document, desk_scratch(desk));
	return true;
}

static bool
learn(struct desk *desk, struct db *db, struct error *err)
{
	int64_t last;

	return scan_newest(db, &last, err) &&
	    scan_range(db, last > LEARN ? last - LEARN + 1 : 1, last, learn_one,
		desk, err);
}

/* Learns first: what is common is better known before filters are indexed. */
static bool
learn_and_load(struct desk *desk, struct db *db, struct error *err)
{
	if (!learn(desk, db, err) || !load(desk, db, err))
		return false;
	matcher_index(desk->matcher);
	return matcher_index_in_background(desk->matcher, err);
}

bool
filters_need(struct desk *desk, struct error *err)
{
	struct filters *filters;
	struct db *db;
	bool ok;

	if (desk->filters != NULL)
		return true;
	filters = mem_new(desk, struct filters);
	desk->filters = filters;
	if (!desk_reader(desk, &db, err))
		return false;
	ok = learn_and_load(desk, db, err);
	desk_reader_done(desk, db);
	return ok;
}

static const struct db_statement one_filter = {
	"filter and its users",
	"SELECT " USERS " WHERE f.id = ? GROUP BY f.id",
};

bool
filters_refresh(struct desk *desk, struct db *db, int64_t id, struct error *err)
{
	struct db_query *query;
	struct db_row *row;
	struct row filter;
	bool found, ok = true;

	if (desk->filters == NULL)
		return true;
	query = db_query(db, &one_filter, DB_VALUES(db_int(id)));
	row = db_next(query);
	found = row != NULL;
	if (found)
		row_read(desk->filters, row, &filter);
	if (!db_done(query, err))
		return false;
	if (found) {
		ok = run(desk, &filter, err);
		talloc_free(filter.text);
	}
	return ok;
}

bool
filters_is_home(const struct desk *desk, int64_t id)
{
	const struct filters *filters = desk->filters;
	const struct running *running;

	if (id <= 0 || (size_t)id >= filters->n)
		return false;
	running = &filters->all[id];
	return running->runs && running->topical && running->people > 0;
}

/* --- a scratch for each thread */

struct held {
	struct filter_scratch *scratch;
	int64_t budget;
};

static pthread_key_t held_key;
static pthread_once_t held_once = PTHREAD_ONCE_INIT;

static void
held_free(void *held)
{
	talloc_free(held);
}

static void
held_make_key(void)
{
	if (pthread_key_create(&held_key, held_free) != 0)
		mem_made(NULL);
}

struct filter_scratch *
desk_scratch(struct desk *desk)
{
	int64_t budget = desk->regex_budget;
	struct held *held;

	(void)pthread_once(&held_once, held_make_key);
	held = pthread_getspecific(held_key);
	if (held == NULL) {
		held = mem_new(NULL, struct held);
		if (pthread_setspecific(held_key, held) != 0)
			mem_made(NULL);
	}
	if (held->scratch == NULL || held->budget != budget) {
		talloc_free(held->scratch);
		held->scratch = filter_scratch_new(held, budget);
		held->budget = budget;
	}
	return held->scratch;
}
