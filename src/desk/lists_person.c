/* SPDX-License-Identifier: ISC */
#include "desk/lists_inside.h"

/*
 * What memory has of a person: her stretches, that is which filters' lists are
 * hers and for which subscription, and the incidents of her past, which know
 * whose they are. Read again whenever a subscription of hers changed.
 */

#include "base/check.h"
#include "base/map.h"
#include "base/mem.h"
#include "desk/inside.h"
#include "desk/numbers.h"

#include <stdlib.h>

void
part_push(
    struct part **parts, uint32_t *n, int64_t subscription, int64_t filter)
{
	CHECK(subscription <= UINT32_MAX && filter <= UINT32_MAX);
	/* room for 1, 2, 4 ...: full whenever their number is a power of two */
	if ((*n & (*n - 1)) == 0)
		*parts = mem_resize(
		    *parts, (*n == 0 ? 1 : *n * 2) * sizeof **parts);
	(*parts)[(*n)++] = (struct part){ (uint32_t)subscription,
		(uint32_t)filter };
}

static const struct db_statement stretches_of = {
	"stretches of a person",
	"SELECT t.subscription, t.filter FROM stretch t"
	" JOIN subscription s ON s.id = t.subscription WHERE s.person = ?",
};

static bool
read_parts(struct db *db, int64_t person, struct part **ret, uint32_t *n,
    struct error *err)
{
	struct db_query *query = db_query(
	    db, &stretches_of, DB_VALUES(db_int(person)));
	struct db_row *row;

	*ret = NULL;
	*n = 0;
	while ((row = db_next(query)) != NULL) {
		int64_t subscription = db_next_int(row);

		part_push(ret, n, subscription, db_next_int(row));
		db_end_of_row(row);
	}
	return db_done(query, err);
}

struct ascending *
past_of(struct lists *lists, int64_t incident)
{
	return map_get(lists->past, incident);
}

struct ascending *
past_need(struct lists *lists, int64_t incident)
{
	struct ascending *past = map_get(lists->past, incident);

	if (past == NULL) {
		past = mem_new(lists, struct ascending);
		map_set(lists->past, incident, past);
	}
	return past;
}

static const struct db_statement past_of_person = {
	"past of a person",
	"SELECT DISTINCT a.incident FROM past a"
	" JOIN stretch t ON t.id = a.stretch"
	" JOIN subscription s ON s.id = t.subscription WHERE s.person = ?",
};

static bool
read_past(struct db *db, struct lists *lists, int64_t person, struct error *err)
{
	struct db_query *query = db_query(
	    db, &past_of_person, DB_VALUES(db_int(person)));
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		int64_t incident = db_next_int(row);

		db_end_of_row(row);
		ascending_insert(past_need(lists, incident), person);
	}
	return db_done(query, err);
}

bool
lists_refresh_person(struct lists *lists, struct db *db, int64_t person,
    int64_t version, struct error *err)
{
	struct reader *reader;
	struct part *parts;
	uint32_t n;
	bool ok;

	if (!read_parts(db, person, &parts, &n, err)) {
		free(parts);
		return false;
	}
	pthread_rwlock_wrlock(&lists->lock);
	reader = reader_of(lists, person);
	free(reader->parts);
	reader->parts = parts;
	reader->n_parts = n;
	if ((int64_t)reader->edited < version)
		reader->edited = (uint32_t)version;
	ok = read_past(db, lists, person, err);
	pthread_rwlock_unlock(&lists->lock);
	return ok;
}

static bool
has_number(const struct ascending *list, int64_t number)
{
	size_t at = ascending_find(list, number);

	return at < list->n && list->all[at] == number;
}

bool
lists_subscriptions_with(void *owner, struct lists *lists, int64_t person,
    int64_t incident, bool (*has)(int64_t filter, const void *arg),
    const void *arg, int64_t **ret, size_t *n)
{
	const struct ascending *past;
	const struct reader *reader;
	bool known;

	*ret = NULL;
	*n = 0;
	pthread_rwlock_rdlock(&lists->lock);
	past = past_of(lists, incident);
	known = past == NULL || !has_number(past, person);
	reader = known ? reader_find(lists, person) : NULL;
	for (uint32_t i = 0; reader != NULL && i < reader->n_parts; i++)
		if (has(reader->parts[i].filter, arg))
			*mem_push(
			    owner, ret, n) = reader->parts[i].subscription;
	pthread_rwlock_unlock(&lists->lock);
	*n = numbers_sort(*ret, *n);
	return known;
}
