/* SPDX-License-Identifier: ISC */
#include "desk/subscription.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "desk/incident.h"
#include "desk/inside.h"
#include "desk/person.h"
#include "desk/stretch.h"

#include <string.h>

#define SUBSCRIPTION_COLUMNS                                              \
	"SELECT s.id, s.person, p.handle, s.name, s.filter, f.text,"      \
	" s.follows_skills, j.at, f.why, s.created, s.changed, s.removed" \
	" FROM subscription s JOIN person p ON p.id = s.person"           \
	" JOIN filter f ON f.id = s.filter"                               \
	" LEFT JOIN journal j ON j.seq = f.paused"

static void
row_read(void *owner, struct db_row *row, struct subscription *ret)
{
	ret->id = db_next_int(row);
	ret->person = db_next_int(row);
	ret->handle = db_next_text(row, owner);
	ret->name = db_next_text(row, owner);
	ret->filter_id = db_next_int(row);
	ret->filter = db_next_text(row, owner);
	ret->follows_skills = db_next_int(row) == 1;
	ret->paused = db_next_int(row);
	ret->paused_why = db_next_text(row, owner);
	ret->created = db_next_int(row);
	ret->changed = db_next_int(row);
	ret->removed = db_next_int(row);
	db_end_of_row(row);
}

static const struct db_statement list_statements[2][2] = {
	{ /* everybody's */
	    { "subscriptions",
		SUBSCRIPTION_COLUMNS " WHERE s.removed IS NULL ORDER BY s.id" },
	    { "subscriptions, removed ones too",
		SUBSCRIPTION_COLUMNS " ORDER BY s.id" } },
	{ /* one person's */
	    { "subscriptions of a person",
		SUBSCRIPTION_COLUMNS
		" WHERE s.person = ? AND s.removed IS NULL ORDER BY s.id" },
	    { "subscriptions of a person, removed ones too",
		SUBSCRIPTION_COLUMNS " WHERE s.person = ? ORDER BY s.id" } },
};

static bool
read_rows(void *owner, struct db_query *query, struct subscription **ret,
    size_t *n, struct error *err)
{
	struct subscription *all = NULL;
	struct db_row *row;
	size_t count = 0;

	while ((row = db_next(query)) != NULL)
		row_read(owner, row, mem_push(owner, &all, &count));
	if (!db_done(query, err))
		return false;
	*ret = all;
	*n = count;
	return true;
}

bool
subscription_list(void *owner, struct db *db, int64_t person, bool with_removed,
    struct subscription **ret, size_t *n, struct error *err)
{
	struct db_value values[] = { db_int(person) };

	return read_rows(owner,
	    db_query(db, &list_statements[person != 0][with_removed], values,
		person != 0),
	    ret, n, err);
}

static const struct db_statement paused_ones = {
	"subscriptions that are paused",
	SUBSCRIPTION_COLUMNS " WHERE f.paused IS NOT NULL"
			     " AND s.removed IS NULL AND p.disabled = 0"
			     " ORDER BY f.paused DESC, s.id LIMIT ?",
};

bool
subscription_paused(void *owner, struct db *db, size_t limit,
    struct subscription **ret, size_t *n, struct error *err)
{
	return read_rows(owner,
	    db_query(db, &paused_ones, DB_VALUES(db_int((int64_t)limit))), ret,
	    n, err);
}

static const struct db_statement by_number = {
	"subscription by number",
	SUBSCRIPTION_COLUMNS " WHERE s.id = ?",
};

bool
subscription_read(void *owner, struct db *db, int64_t person, int64_t id,
    struct subscription **ret, struct error *err)
{
	struct db_query *query = db_query(
	    db, &by_number, DB_VALUES(db_int(id)));
	struct db_row *row = db_next(query);
	struct subscription *found = NULL;

	if (row != NULL) {
		found = mem_new(owner, struct subscription);
		row_read(found, row, found);
	}
	if (!db_done(query, err))
		return false;
	if (found == NULL || (person != 0 && found->person != person))
		return error_set(
		    err, ERROR_NOT_FOUND, "no subscription %jd", (intmax_t)id);
	*ret = found;
	return true;
}

static const struct db_statement by_name = {
	"subscription by name",
	"SELECT id FROM subscription"
	" WHERE person = ? AND name = ? AND removed IS NULL",
};

bool
subscription_named(struct db *db, int64_t person, const char *name, int64_t *id,
    struct error *err)
{
	*id = 0;
	return db_number(
	    db, &by_name, DB_VALUES(db_int(person), db_text(name)), id, err);
}

/* --- what is asked */

bool
desk_filter(void *owner, const char *text, const char *me, bool articles,
    struct filter **ret, struct error *err)
{
	const struct filter_context context = { me, articles };

	return filter_parse(owner, text, &context, ret, err);
}

bool
subscription_filter(void *owner, const char *text, const char *me,
    struct filter **ret, struct error *err)
{
	struct filter *filter;

	if (!desk_filter(owner, text, me, false, &filter, err))
		return false;
	if (filter_uses(filter) & FILTER_USES_AGE)
		return error_field(err, "filter", 0,
		    "age is for lists: an incident comes to a subscription "
		    "when something happens, and growing older is nothing "
		    "that happens (is:orphan and is:overdue are)");
	*ret = filter;
	return true;
}

static bool
name_check(void *owner, const char *text, char **ret, struct error *err)
{
	char *name = utf8_one_line(owner, text);
	size_t length = utf8_length(name);

	if (length == 0 || length > LABEL_MAX_CHARACTERS)
		return error_field(err, "name", 0,
		    "must have 1 to %d characters", LABEL_MAX_CHARACTERS);
	*ret = name;
	return true;
}

/* Checks name and filter, each where it is given, and readies the past. */
static bool
order_prepare(struct put *put, struct db *db, const char *name,
    const char *text, struct order *order, struct error *err)
{
	struct filter *filter;
	bool ok = true;

	if (name != NULL)
		ok = name_check(put->memory, name, &order->name, err);
	if (text == NULL)
		return ok;
	if (!subscription_filter(
		put->memory, text, order->handle, &filter, err) ||
	    !ok)
		return false;
	order->text = mem_copy(put->memory, filter_text(filter));
	return put_order(put, db, order, err);
}

static bool
name_is_free(
    struct db *db, const struct order *order, int64_t own, struct error *err)
{
	int64_t id;

	if (order->name == NULL)
		return true;
	if (!subscription_named(db, order->person, order->name, &id, err))
		return false;
	return id == 0 || id == own ||
	    error_set(err, ERROR_CONFLICT,
		"there is a subscription named \"%s\" already", order->name);
}

static bool
person_is_here(
    struct put *put, struct db *db, struct order *order, struct error *err)
{
	struct person *person;

	if (!person_by_id(put->memory, db, order->person, &person, err))
		return false;
	if (person->disabled)
		return error_set(
		    err, ERROR_CONFLICT, "%s is disabled", person->handle);
	order->handle = person->handle;
	return true;
}

/* --- one */

struct subscribe_job {
	struct put put;
	struct order order;
	const char *name, *filter; /* as given */
	int64_t id, if_changed;
	struct saving *saving;
};

static bool
prepare(struct subscribe_job *job, struct error *err)
{
	struct desk *desk = job->put.desk;
	struct db *db;
	bool ok;

	if (!actor_may_manage(job->put.actor, job->order.person, err) ||
	    !desk_reader(desk, &db, err))
		return false;
	ok = person_is_here(&job->put, db, &job->order, err) &&
	    order_prepare(
		&job->put, db, job->name, job->filter, &job->order, err);
	desk_reader_done(desk, db);
	return ok;
}

static void
warn_author(const struct subscribe_job *job)
{
	struct saving *saving = job->saving;
	struct past_cost cost;
	struct filter *filter;
	struct error err;

	saving->warnings.n = 0;
	if (job->order.text == NULL)
		return;
	cost = past_cost(job->put.past, job->order.past);
	CHECK(filter_parse_stored(
	    job->put.memory, job->order.text, &filter, &err));
	warnings_find(
	    saving->owner, job->put.desk, filter, &cost, &saving->warnings);
}

/* Prepares, then runs the job with the filter's past at hand. */
static bool
run(struct desk *desk, const struct actor *actor, struct subscribe_job *job,
    writer_job *step, struct error *err)
{
	void *memory = mem_root("subscribe");
	bool ok;

	put_begin(&job->put, memory, desk, actor, PAST_TIME_ONE);
	ok = prepare(job, err) && past_write(job->put.past, step, job, err);
	if (ok)
		put_vet(&job->put);
	if (ok && job->saving->owner != NULL)
		warn_author(job);
	talloc_free(memory);
	return ok;
}

static bool
subscribe_job(struct db *db, void *arg, struct error *err)
{
	struct subscribe_job *job = arg;

	return person_is_here(&job->put, db, &job->order, err) &&
	    name_is_free(db, &job->order, 0, err) &&
	    put_new(&job->put, db, &job->order, &job->id, err) &&
	    put_done(&job->put, db, err);
}

/* The subscription as it is now, if it may be changed. */
static bool
read_old(struct subscribe_job *job, struct db *db, struct subscription **ret,
    struct error *err)
{
	struct subscription *old;

	if (!subscription_read(
		job->put.memory, db, job->order.person, job->id, &old, err))
		return false;
	if (job->if_changed != 0 && job->if_changed != old->changed)
		return error_set(err, ERROR_PRECONDITION,
		    "the subscription was changed meanwhile");
	*ret = old;
	return true;
}

static bool
edit_job(struct db *db, void *arg, struct error *err)
{
	struct subscribe_job *job = arg;
	struct subscription *old;

	if (!read_old(job, db, &old, err))
		return false;
	if (old->removed != 0)
		return error_set(err, ERROR_GONE, "subscription %jd is removed",
		    (intmax_t)job->id);
	return name_is_free(db, &job->order, job->id, err) &&
	    put_edit(&job->put, db, &job->order, old, err) &&
	    put_done(&job->put, db, err);
}

bool
desk_subscription_save(struct desk *desk, const struct actor *actor,
    struct saving *saving, struct error *err)
{
	struct subscribe_job job = {
		.order = { .person = saving->person },
		.name = saving->name,
		.filter = saving->filter,
		.id = saving->id,
		.if_changed = saving->if_changed,
		.saving = saving,
	};

	CHECK(saving->id != 0 ||
	    (saving->name != NULL && saving->filter != NULL));
	if (!run(desk, actor, &job, saving->id == 0 ? subscribe_job : edit_job,
		err))
		return false;
	saving->id = job.id;
	return true;
}

bool
desk_subscribe(struct desk *desk, const struct actor *actor, int64_t person,
    const char *name, const char *filter, int64_t *ret, struct error *err)
{
	struct saving saving = {
		.person = person,
		.name = name,
		.filter = filter,
	};

	if (!desk_subscription_save(desk, actor, &saving, err))
		return false;
	*ret = saving.id;
	return true;
}

bool
desk_subscription_edit(struct desk *desk, const struct actor *actor,
    int64_t person, int64_t id, const char *name, const char *filter,
    int64_t if_changed, struct error *err)
{
	struct saving saving = {
		.person = person,
		.id = id,
		.name = name,
		.filter = filter,
		.if_changed = if_changed,
	};

	CHECK(id != 0);
	return desk_subscription_save(desk, actor, &saving, err);
}

static bool
unsubscribe_job(struct db *db, void *arg, struct error *err)
{
	struct subscribe_job *job = arg;
	struct subscription *old;

	if (!read_old(job, db, &old, err) ||
	    !actor_may_manage(job->put.actor, old->person, err))
		return false;
	if (old->removed != 0)
		return true;
	return put_remove(&job->put, db, old, true, err) &&
	    put_done(&job->put, db, err);
}

bool
desk_unsubscribe(struct desk *desk, const struct actor *actor, int64_t person,
    int64_t id, struct error *err)
{
	void *memory = mem_root("unsubscribe");
	struct subscribe_job job = {
		.order = { .person = person },
		.id = id,
	};
	bool ok;

	put_begin(&job.put, memory, desk, actor, PAST_TIME_ONE);
	ok = desk_write(desk, unsubscribe_job, &job, err);
	talloc_free(memory);
	return ok;
}

/* --- many */

struct many_job {
	struct put put;
	struct subscription_order *given;
	struct order *orders;
	size_t n;
};

/* True if a failure is the order's own, so that the others go on. */
static bool
is_of_order(const struct error *err)
{
	return err->kind != ERROR_SYSTEM && err->kind != ERROR_BUSY;
}

static bool
prepare_one(struct many_job *job, struct db *db, size_t i, struct error *err)
{
	const struct subscription_order *given = &job->given[i];
	struct order *order = &job->orders[i];
	struct person *person;

	if (given->name == NULL)
		return error_field(err, "name", 0, "is missing");
	if (given->filter == NULL)
		return error_field(err, "filter", 0, "is missing");
	if (!person_by_handle(job->put.memory, db, given->handle, &person, err))
		return false;
	order->person = person->id;
	return person_is_here(&job->put, db, order, err) &&
	    order_prepare(
		&job->put, db, given->name, given->filter, order, err);
}

static bool
put_one(struct many_job *job, struct db *db, size_t i, struct error *err)
{
	struct order *order = &job->orders[i];
	struct subscription *old;
	int64_t id;

	if (!person_is_here(&job->put, db, order, err) ||
	    !subscription_named(db, order->person, order->name, &id, err))
		return false;
	if (id == 0)
		return put_new(&job->put, db, order, &id, err);
	return subscription_read(
		   job->put.memory, db, order->person, id, &old, err) &&
	    put_edit(&job->put, db, order, old, err);
}

/* Does one thing for each order that has not failed. */
static bool
for_each(struct many_job *job, struct db *db,
    bool (*step)(struct many_job *, struct db *, size_t, struct error *),
    struct error *err)
{
	for (size_t i = 0; i < job->n; i++) {
		struct subscription_order *given = &job->given[i];

		if (given->failed)
			continue;
		given->error = (struct error){ 0 };
		given->failed = !step(job, db, i, &given->error);
		if (given->failed && !is_of_order(&given->error)) {
			*err = given->error;
			return false;
		}
	}
	return true;
}

static bool
many_job(struct db *db, void *arg, struct error *err)
{
	struct many_job *job = arg;

	return for_each(job, db, put_one, err) && put_done(&job->put, db, err);
}

bool
desk_subscribe_many(struct desk *desk, const struct actor *actor,
    struct subscription_order *each, size_t n, struct error *err)
{
	struct many_job job = { .given = each, .n = n };
	void *memory;
	struct db *db;
	bool ok;

	if (!actor_may_manage(actor, 0, err) || !desk_reader(desk, &db, err))
		return false;
	memory = mem_root("subscribe");
	job.orders = mem_array(memory, struct order, n);
	put_begin(&job.put, memory, desk, actor, PAST_TIME_MANY);
	for (size_t i = 0; i < n; i++)
		each[i].failed = false;
	ok = for_each(&job, db, prepare_one, err);
	desk_reader_done(desk, db);
	ok = ok && past_write(job.put.past, many_job, &job, err);
	if (ok)
		put_vet(&job.put);
	talloc_free(memory);
	return ok;
}
