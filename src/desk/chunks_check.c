/* SPDX-License-Identifier: ISC */
#include "desk/chunks.h"

/*
 * What chunks ought to hold follows from matched and journal. Whether they do
 * is seen in one walk over each, by a count and a sum over each list, so that
 * memory does not grow with what was matched.
 */

#include "base/map.h"
#include "base/mem.h"
#include "desk/inside.h"
#include "desk/journal.h"
#include "desk/numbers.h"

#include <stdlib.h>

/* Entries made anew at once. */
enum { PORTION = 1 << 23 };

struct sum {
	int64_t n;
	uint64_t sum;
};

struct list {
	int64_t filter;
	struct sum wanted, found; /* up to the place */
	int64_t last; /* of the chunks so far */
	bool broken; /* a chunk is not in order in itself */
	bool chosen; /* to be made anew now */
};

struct comparison {
	int64_t place;
	struct map *lists; /* struct list, owned by it */
};

static struct list *
list_of(struct comparison *comparison, int64_t filter)
{
	struct list *list = map_get(comparison->lists, filter);

	if (list == NULL) {
		list = mem_new(comparison->lists, struct list);
		list->filter = filter;
		map_set(comparison->lists, filter, list);
	}
	return list;
}

/* Numbers are spread, so that two wrong ones do not make up for each other. */
static void
sum_add(struct sum *sum, int64_t seq)
{
	uint64_t h = (uint64_t)seq * UINT64_C(0x9e3779b97f4a7c15);

	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	sum->sum += h ^ h >> 31;
	sum->n++;
}

static bool
sum_wanted(struct db *db, struct comparison *comparison, struct error *err)
{
	int64_t at = 0;

	while (at < comparison->place) {
		void *memory = mem_root("wanted");
		struct entries entries;
		bool ok = chunks_gather(
		    memory, db, at, comparison->place, &entries, err);

		for (size_t i = 0; ok && i < entries.n; i++)
			sum_add(
			    &list_of(comparison, entry_filter(entries.all[i]))
				 ->wanted,
			    entry_seq(entries.all[i]));
		at = entries.upto;
		talloc_free(memory);
		if (!ok)
			return false;
	}
	return true;
}

static const struct db_statement all_chunks = {
	"lists: all chunks",
	"SELECT key, n, data FROM chunk ORDER BY key",
};

static void
sum_chunk(struct comparison *comparison, int64_t key, const int64_t *numbers,
    size_t n)
{
	struct list *list = list_of(comparison, entry_filter(key));

	if (n == 0 || numbers[n - 1] != entry_seq(key))
		list->broken = true;
	for (size_t i = 0; i < n; i++) {
		if (numbers[i] <= list->last)
			list->broken = true;
		list->last = numbers[i];
		if (numbers[i] <= comparison->place)
			sum_add(&list->found, numbers[i]);
	}
}

static bool
sum_found(struct db *db, struct comparison *comparison, struct error *err)
{
	struct db_query *query = db_query(db, &all_chunks, DB_NO_VALUES);
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		int64_t key = db_next_int(row);
		size_t count = (size_t)db_next_int(row), length, n;
		void *bytes = db_next_bytes(row, NULL, &length);
		int64_t *numbers = numbers_decode(NULL, bytes, length, &n);

		db_end_of_row(row);
		sum_chunk(comparison, key, numbers, n);
		if (n != count)
			list_of(comparison, entry_filter(key))->broken = true;
		talloc_free(numbers);
		talloc_free(bytes);
	}
	return db_done(query, err);
}

static bool
is_right(const struct list *list)
{
	return !list->broken && list->wanted.n == list->found.n &&
	    list->wanted.sum == list->found.sum;
}

/* All lists in *ret that are not right, *n of them. */
static bool
find_wrong(void *owner, struct db *db, struct comparison *comparison,
    struct list ***ret, size_t *n, struct error *err)
{
	struct list *list;

	*ret = NULL;
	*n = 0;
	comparison->lists = map_new(owner);
	if (!chunks_place(db, &comparison->place, err) ||
	    !sum_wanted(db, comparison, err) || !sum_found(db, comparison, err))
		return false;
	for (size_t at = 0;
	     (list = map_next(comparison->lists, &at, NULL)) != NULL;)
		if (!is_right(list))
			*mem_push(owner, ret, n) = list;
	return true;
}

bool
chunks_check(void *owner, struct db *db, char **damage, struct error *err)
{
	void *memory = mem_root("check of lists");
	struct comparison comparison;
	struct list **wrong;
	size_t n;
	bool ok = find_wrong(memory, db, &comparison, &wrong, &n, err);

	talloc_free(memory);
	if (ok && n > 0)
		*damage = mem_printf(owner,
		    "%s%zu lists of filters that are not what matched "
		    "(`barnraise migrate` makes them anew)\n",
		    *damage == NULL ? "" : *damage, n);
	return ok;
}

/* --- making them anew */

static const struct db_statement chunks_after = {
	"lists: chunks after",
	"SELECT data FROM chunk WHERE key > ? AND key <= ? ORDER BY key",
};

static const struct db_statement remove_chunks = {
	"lists: remove chunks",
	"DELETE FROM chunk WHERE key >= ? AND key <= ?",
};

struct renewal {
	int64_t filter, place;
	const int64_t *entries; /* up to the place */
	size_t n;
};

/* What was written after the place, meanwhile: the follower skips it. */
static bool
read_later(void *owner, struct db *db, const struct renewal *renewal,
    int64_t **ret, size_t *n, struct error *err)
{
	struct db_query *query = db_query(db, &chunks_after,
	    DB_VALUES(db_int(entry_make(renewal->filter, renewal->place)),
		db_int(entry_make(renewal->filter, UINT32_MAX))));
	struct db_row *row;
	int64_t last;

	*ret = NULL;
	*n = 0;
	if (!journal_last(db, &last, err)) {
		(void)!db_done(query, &(struct error){ 0 });
		return false;
	}
	while ((row = db_next(query)) != NULL) {
		size_t length, count;
		void *bytes = db_next_bytes(row, owner, &length);
		int64_t *numbers = numbers_decode(owner, bytes, length, &count);

		db_end_of_row(row);
		for (size_t i = 0; i < count; i++)
			if (numbers[i] > renewal->place && numbers[i] <= last)
				*mem_push(owner, ret, n) = entry_make(
				    renewal->filter, numbers[i]);
	}
	*n = numbers_sort(*ret, *n);
	return db_done(query, err);
}

static bool
renewal_job(struct db *db, void *arg, struct error *err)
{
	const struct renewal *renewal = arg;
	void *memory = mem_root("list made anew");
	int64_t *later;
	size_t n;
	bool ok = read_later(memory, db, renewal, &later, &n, err) &&
	    db_run(db, &remove_chunks,
		DB_VALUES(db_int(entry_make(renewal->filter, 0)),
		    db_int(entry_make(renewal->filter, UINT32_MAX))),
		err) &&
	    (renewal->n == 0 ||
		chunks_append(db, renewal->entries, renewal->n, err)) &&
	    (n == 0 || chunks_append(db, later, n, err));

	talloc_free(memory);
	return ok;
}

/* What the chosen lists ought to hold, in order. */
static bool
gather_chosen(void *owner, struct db *db, struct comparison *comparison,
    struct entries *ret, struct error *err)
{
	*ret = (struct entries){ 0 };
	while (ret->upto < comparison->place) {
		void *memory = mem_root("chosen");
		struct entries some;
		bool ok = chunks_gather(
		    memory, db, ret->upto, comparison->place, &some, err);

		for (size_t i = 0; ok && i < some.n; i++)
			if (list_of(comparison, entry_filter(some.all[i]))
				->chosen)
				*mem_push(
				    owner, &ret->all, &ret->n) = some.all[i];
		ret->upto = some.upto;
		talloc_free(memory);
		if (!ok)
			return false;
	}
	ret->n = numbers_sort(ret->all, ret->n);
	return true;
}

static size_t
first_of(const struct entries *entries, int64_t filter)
{
	size_t low = 0, high = entries->all == NULL ? 0 : entries->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (entries->all[middle] < entry_make(filter, 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
renew(struct desk *desk, struct db *db, struct comparison *comparison,
    struct list **lists, size_t n, struct error *err)
{
	void *memory = mem_root("lists made anew");
	struct entries entries;
	bool ok;

	for (size_t i = 0; i < n; i++)
		lists[i]->chosen = true;
	ok = gather_chosen(memory, db, comparison, &entries, err);
	for (size_t i = 0; ok && i < n; i++) {
		size_t from = first_of(&entries, lists[i]->filter);
		struct renewal renewal = {
			.filter = lists[i]->filter,
			.place = comparison->place,
			.entries = entries.all + from,
			.n = first_of(&entries, lists[i]->filter + 1) - from,
		};

		ok = desk_write(desk, renewal_job, &renewal, err);
		lists[i]->chosen = false;
	}
	talloc_free(memory);
	return ok;
}

static bool
repair(struct desk *desk, struct db *db, struct error *err)
{
	void *memory = mem_root("repair of lists");
	struct comparison comparison;
	struct list **wrong;
	size_t n, at = 0;
	bool ok = find_wrong(memory, db, &comparison, &wrong, &n, err);

	while (ok && at < n) {
		size_t count = 0;
		int64_t entries = 0;

		while (at + count < n && (count == 0 || entries < PORTION))
			entries += wrong[at + count++]->wanted.n;
		ok = renew(desk, db, &comparison, wrong + at, count, err);
		at += count;
	}
	talloc_free(memory);
	return ok;
}

static bool
follow_to_the_end(struct desk *desk, struct error *err)
{
	int64_t place = 0, before;

	do {
		before = place;
		if (!chunks_follow(desk, &place, err))
			return false;
	} while (place > before);
	return true;
}

bool
chunks_repair(struct desk *desk, struct error *err)
{
	struct db *db;
	bool ok;

	if (!follow_to_the_end(desk, err) || !desk_reader(desk, &db, err))
		return false;
	ok = repair(desk, db, err);
	desk_reader_done(desk, db);
	return ok;
}
