/* SPDX-License-Identifier: ISC */
#include "desk/chunks.h"

#include "base/check.h"
#include "base/mem.h"
#include "desk/inside.h"
#include "desk/journal.h"
#include "desk/matched.h"
#include "desk/numbers.h"

enum {
	CHUNK_MOST = 128, /* numbers in a chunk */
	CHUNKS_A_JOB = 50,
	RUN_MOST = 16 * CHUNK_MOST, /* entries appended at once */
	SLICE = 1024, /* events looked at at once */
};

struct chunks_bounds chunks_bounds = { 32768, 1 << 21 };

/* --- place */

static const struct db_statement read_place = {
	"lists: read the place",
	"SELECT seq FROM follower WHERE name = 'lists'",
};

/* Two may follow at once: the place only goes on. */
static const struct db_statement move_place = {
	"lists: move the place",
	"INSERT INTO follower (name, seq) VALUES ('lists', ?)"
	" ON CONFLICT (name) DO UPDATE SET seq = excluded.seq"
	" WHERE follower.seq < excluded.seq",
};

bool
chunks_place(struct db *db, int64_t *ret, struct error *err)
{
	int64_t place = 0;

	if (!db_number(db, &read_place, DB_NO_VALUES, &place, err))
		return false;
	*ret = place;
	return true;
}

/* --- reading */

/*
 * From the chunk that holds the number before `before`, if any: the first whose
 * last number is not smaller, else the last of all.
 */
static const struct db_statement newest = {
	"lists: newest chunks",
	"SELECT data FROM chunk WHERE key >= ? AND key <= coalesce("
	" (SELECT min(key) FROM chunk WHERE key >= ? AND key <= ?), ?)"
	" ORDER BY key DESC",
};

static size_t
copy_newest(
    const int64_t *numbers, size_t n, int64_t before, int64_t *ret, size_t most)
{
	size_t count = 0;

	while (n > 0 && count < most)
		if (numbers[--n] < before)
			ret[count++] = numbers[n];
	return count;
}

bool
chunks_newest(struct db *db, int64_t filter, int64_t before, int64_t *ret,
    size_t most, size_t *n, struct error *err)
{
	int64_t first = entry_make(filter, 0);
	int64_t last = entry_make(filter, UINT32_MAX);
	int64_t from = before == 0 ? last : entry_make(filter, before);
	struct db_query *query = db_query(db, &newest,
	    DB_VALUES(db_int(first), db_int(from), db_int(last), db_int(last)));
	struct db_row *row;
	size_t count = 0;

	if (before == 0)
		before = INT64_MAX;
	while (count < most && (row = db_next(query)) != NULL) {
		size_t length, n_numbers;
		void *bytes = db_next_bytes(row, NULL, &length);
		int64_t *numbers = numbers_decode(
		    NULL, bytes, length, &n_numbers);

		db_end_of_row(row);
		count += copy_newest(
		    numbers, n_numbers, before, ret + count, most - count);
		talloc_free(numbers);
		talloc_free(bytes);
	}
	*n = count;
	return db_done(query, err);
}

/* --- gathering */

static const struct db_statement matched_between = {
	"lists: matches between",
	"SELECT m.seq, m.filters FROM journal j, matched m"
	" WHERE j.seq > ? AND j.seq <= ?"
	" AND m.incident = j.incident AND m.seq = j.seq ORDER BY j.seq",
};

/* Up to *upto, which is brought down to where there is enough. */
static bool
gather_matched(void *owner, struct db *db, int64_t after, int64_t *upto,
    struct entries *ret, struct error *err)
{
	struct db_query *query = db_query(
	    db, &matched_between, DB_VALUES(db_int(after), db_int(*upto)));
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		int64_t seq = db_next_int(row), *filters;
		size_t length, n;
		void *bytes = db_next_bytes(row, NULL, &length);

		db_end_of_row(row);
		filters = numbers_decode(NULL, bytes, length, &n);
		talloc_free(bytes);
		for (size_t i = 0; i < n; i++)
			*mem_push(owner, &ret->all, &ret->n) = entry_make(
			    filters[i], seq);
		talloc_free(filters);
		if (ret->n >= chunks_bounds.entries) {
			*upto = seq;
			break;
		}
	}
	return db_done(query, err);
}

/* In the lists of all that had matched its incident, but not by itself. */
static bool
gather_notice(void *owner, struct db *db, const struct event *event,
    struct entries *ret, struct error *err)
{
	void *memory = mem_root("notice");
	const struct matched *self = NULL;
	struct matched *matched;
	int64_t *filters = NULL;
	size_t n_matched, n = 0;

	if (!matched_of(
		memory, db, event->incident, &matched, &n_matched, err)) {
		talloc_free(memory);
		return false;
	}
	for (size_t i = 0; i < n_matched && matched[i].seq <= event->seq; i++) {
		if (matched[i].seq == event->seq)
			self = &matched[i];
		else
			for (size_t k = 0; k < matched[i].n; k++)
				*mem_push(memory, &filters,
				    &n) = matched[i].filters[k];
	}
	n = numbers_sort(filters, n);
	for (size_t i = 0; filters != NULL && i < n; i++)
		if (self == NULL || !matched_has(self, filters[i]))
			*mem_push(owner, &ret->all, &ret->n) = entry_make(
			    filters[i], event->seq);
	talloc_free(memory);
	return true;
}

static bool
gather_notices(void *owner, struct db *db, int64_t after, int64_t *upto,
    struct entries *ret, struct error *err)
{
	void *memory = mem_root("notices");
	struct event *events;
	size_t n, most = ret->n + chunks_bounds.entries;
	bool ok = journal_notices(memory, db, after, *upto, &events, &n, err);

	for (size_t i = 0; ok && i < n; i++) {
		ok = gather_notice(owner, db, &events[i], ret, err);
		if (ok && ret->n >= most) {
			*upto = events[i].seq;
			break;
		}
	}
	talloc_free(memory);
	return ok;
}

/* Takes away those after that number; the first `at` are before it. */
static void
entries_cut(struct entries *entries, size_t at, int64_t upto)
{
	size_t kept = at;

	for (; at < entries->n; at++)
		if (entry_seq(entries->all[at]) <= upto)
			entries->all[kept++] = entries->all[at];
	entries->n = kept;
}

bool
chunks_gather(void *owner, struct db *db, int64_t after, int64_t upto,
    struct entries *ret, struct error *err)
{
	CHECK(upto <= UINT32_MAX);
	*ret = (struct entries){ .upto = after };
	while (ret->upto < upto && ret->n < chunks_bounds.entries) {
		int64_t to = upto - ret->upto > SLICE ? ret->upto + SLICE
						      : upto;
		size_t before = ret->n;

		if (!gather_matched(owner, db, ret->upto, &to, ret, err) ||
		    !gather_notices(owner, db, ret->upto, &to, ret, err))
			return false;
		entries_cut(ret, before, to);
		ret->upto = to;
	}
	return true;
}

/* --- writing */

static const struct db_statement last_chunk = {
	"lists: last chunk",
	"SELECT key, data FROM chunk WHERE key >= ? AND key <= ?"
	" ORDER BY key DESC LIMIT 1",
};

static const struct db_statement add_chunk = {
	"lists: add a chunk",
	"INSERT INTO chunk (key, n, data) VALUES (?, ?, ?)",
};

static const struct db_statement change_chunk = {
	"lists: change a chunk",
	"UPDATE chunk SET key = ?, n = ?, data = ? WHERE key = ?",
};

struct chunk {
	int64_t key; /* 0: it is new */
	int64_t numbers[CHUNK_MOST];
	size_t n;
};

static bool
read_last(struct db *db, int64_t filter, struct chunk *chunk, struct error *err)
{
	struct db_query *query = db_query(db, &last_chunk,
	    DB_VALUES(db_int(entry_make(filter, 0)),
		db_int(entry_make(filter, UINT32_MAX))));
	struct db_row *row = db_next(query);
	int64_t *numbers = NULL;
	bool ok;

	chunk->key = 0;
	chunk->n = 0;
	if (row != NULL) {
		size_t length;
		void *bytes;

		chunk->key = db_next_int(row);
		bytes = db_next_bytes(row, NULL, &length);
		db_end_of_row(row);
		numbers = numbers_decode(NULL, bytes, length, &chunk->n);
		talloc_free(bytes);
	}
	ok = db_done(query, err);
	if (ok && chunk->n > CHUNK_MOST)
		ok = error_set(err, ERROR_SYSTEM,
		    "the list of filter %jd is damaged: run `barnraise "
		    "migrate`",
		    (intmax_t)filter);
	for (size_t i = 0; ok && i < chunk->n; i++)
		chunk->numbers[i] = numbers[i];
	talloc_free(numbers);
	return ok;
}

static bool
write_chunk(
    struct db *db, int64_t filter, const struct chunk *chunk, struct error *err)
{
	int64_t key = entry_make(filter, chunk->numbers[chunk->n - 1]);
	size_t length;
	unsigned char *bytes = numbers_encode(
	    NULL, chunk->numbers, chunk->n, &length);
	bool ok = chunk->key == 0
	    ? db_run(db, &add_chunk,
		  DB_VALUES(db_int(key), db_int((int64_t)chunk->n),
		      db_bytes(bytes, length)),
		  err)
	    : db_run(db, &change_chunk,
		  DB_VALUES(db_int(key), db_int((int64_t)chunk->n),
		      db_bytes(bytes, length), db_int(chunk->key)),
		  err);

	talloc_free(bytes);
	return ok;
}

bool
chunks_append(
    struct db *db, const int64_t *entries, size_t n, struct error *err)
{
	int64_t filter = entry_filter(entries[0]);
	struct chunk chunk;
	size_t at = 0;

	if (!read_last(db, filter, &chunk, err))
		return false;
	while (at < n && entries[at] <= chunk.key)
		at++;
	while (at < n) {
		if (chunk.n == CHUNK_MOST)
			chunk.key = 0, chunk.n = 0;
		while (at < n && chunk.n < CHUNK_MOST)
			chunk.numbers[chunk.n++] = entry_seq(entries[at++]);
		if (!write_chunk(db, filter, &chunk, err))
			return false;
	}
	return true;
}

/* --- following */

struct batch {
	struct entries entries;
	bool is_full; /* the bounds ended it, not the journal */
	size_t at; /* what is written, up to the last job that was committed */
	size_t next;
};

/* Entries of the same list, as many as are appended at once. */
static size_t
run_at(const struct batch *batch, size_t at)
{
	const struct entries *entries = &batch->entries;
	int64_t filter = entry_filter(entries->all[at]);
	size_t n = 1;

	while (n < RUN_MOST && at + n < entries->n &&
	    entry_filter(entries->all[at + n]) == filter)
		n++;
	return n;
}

static bool
batch_job(struct db *db, void *arg, struct error *err)
{
	struct batch *batch = arg;
	size_t at = batch->at, chunks = 0;

	while (at < batch->entries.n && chunks < CHUNKS_A_JOB) {
		size_t n = run_at(batch, at);

		if (!chunks_append(db, batch->entries.all + at, n, err))
			return false;
		at += n;
		chunks += 1 + n / CHUNK_MOST;
	}
	batch->next = at;
	return at < batch->entries.n ||
	    db_run(
		db, &move_place, DB_VALUES(db_int(batch->entries.upto)), err);
}

static bool
batch_write(struct desk *desk, struct batch *batch, struct error *err)
{
	do {
		if (!desk_write(desk, batch_job, batch, err))
			return false;
		batch->at = batch->next;
	} while (batch->at < batch->entries.n && !desk->ending);
	return true;
}

static bool
batch_gather(void *owner, struct desk *desk, int64_t *place,
    struct batch *batch, struct error *err)
{
	int64_t most = chunks_bounds.events, last;
	struct db *db;
	bool ok;

	if (!desk_reader(desk, &db, err))
		return false;
	ok = chunks_place(db, place, err) && journal_last(db, &last, err) &&
	    chunks_gather(owner, db, *place,
		last - *place > most ? *place + most : last, &batch->entries,
		err);
	desk_reader_done(desk, db);
	if (ok)
		batch->is_full = batch->entries.upto < last ||
		    batch->entries.upto - *place >= most;
	return ok;
}

/* The next batch; what does not fill one is written only if rest is true. */
static bool
follow_batch(struct desk *desk, bool rest, int64_t *place, bool *is_full,
    struct error *err)
{
	void *memory = mem_root("lists");
	struct batch batch = { 0 };
	bool ok = batch_gather(memory, desk, place, &batch, err);

	*is_full = batch.is_full;
	if (ok && (rest || batch.is_full) && batch.entries.upto > *place) {
		batch.entries.n = numbers_sort(
		    batch.entries.all, batch.entries.n);
		ok = batch_write(desk, &batch, err);
		if (ok && batch.at == batch.entries.n)
			*place = batch.entries.upto;
	}
	talloc_free(memory);
	return ok;
}

bool
chunks_follow(struct desk *desk, int64_t *place, struct error *err)
{
	bool is_full;

	return follow_batch(desk, true, place, &is_full, err);
}

bool
chunks_catch_up(struct desk *desk, struct error *err)
{
	bool is_full = true;
	int64_t place;

	while (is_full && !desk->ending)
		if (!follow_batch(desk, false, &place, &is_full, err))
			return false;
	return true;
}
