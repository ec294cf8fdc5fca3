/* SPDX-License-Identifier: ISC */
#include "desk/stretch.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "desk/inside.h"
#include "desk/journal.h"

#include <string.h>

/* follows_skills as it is stored: 2 says that she gave it up. */
enum { FOLLOWS_NOT, FOLLOWS, FOLLOWED };

void
put_begin(struct put *put, void *memory, struct desk *desk,
    const struct actor *actor, int64_t time)
{
	*put = (struct put){
		.desk = desk,
		.actor = actor,
		.memory = memory,
		.past = past_new(memory, desk, time),
	};
}

/* --- filters, each stored once */

static const struct db_statement find_filter = {
	"filter by text",
	"SELECT id, paused FROM filter WHERE text = ?",
};

bool
filter_find(struct db *db, const char *text, int64_t *id, int64_t *paused,
    struct error *err)
{
	struct db_query *query = db_query(
	    db, &find_filter, DB_VALUES(db_text(text)));
	struct db_row *row = db_next(query);

	*id = *paused = 0;
	if (row != NULL) {
		*id = db_next_int(row);
		*paused = db_next_int(row);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

static const struct db_statement add_filter = {
	"new filter",
	"INSERT INTO filter (text) VALUES (?) RETURNING id",
};

/* Its number, made if it is new; *paused as filter_find. */
static bool
need_filter(struct db *db, const char *text, int64_t *id, int64_t *paused,
    struct error *err)
{
	if (!filter_find(db, text, id, paused, err))
		return false;
	return *id != 0 ||
	    db_number(db, &add_filter, DB_VALUES(db_text(text)), id, err);
}

static const struct db_statement count_users = {
	"how many have a filter",
	"SELECT count(*) FROM subscription"
	" WHERE filter = ? AND removed IS NULL",
};

/*
 * To be called before the person has it. One that was paused runs again because
 * somebody wants it so: what it was too slow for before is forgotten.
 */
static bool
note_fresh(struct put *put, struct db *db, const struct order *order,
    int64_t filter, int64_t paused, struct error *err)
{
	int64_t users = 0;

	if (!db_number(
		db, &count_users, DB_VALUES(db_int(filter)), &users, err))
		return false;
	if (users == 0 && paused == 0)
		*mem_push(put->memory, &put->fresh,
		    &put->n_fresh) = (struct fresh){ filter, order->person,
			order->past };
	return true;
}

static void
touch(struct put *put, int64_t filter)
{
	for (size_t i = 0; i < put->n_touched; i++)
		if (put->touched[i] == filter)
			return;
	*mem_push(put->memory, &put->touched, &put->n_touched) = filter;
}

bool
put_done(struct put *put, struct db *db, struct error *err)
{
	for (size_t i = 0; i < put->n_touched; i++)
		if (!filters_refresh(put->desk, db, put->touched[i], err))
			return false;
	return true;
}

bool
put_order(
    struct put *put, struct db *db, struct order *order, struct error *err)
{
	int64_t id;

	if (!filter_find(db, order->text, &id, &order->paused, err))
		return false;
	order->past = past_add(put->past, order->text, 0);
	if (order->paused != 0)
		order->missed = past_add(put->past, order->text, order->paused);
	return true;
}

/* --- stretches */

static const struct db_statement add_stretch = {
	"new stretch",
	"INSERT INTO stretch (subscription, filter, from_seq)"
	" VALUES (?, ?, ?) RETURNING id",
};
static const struct db_statement add_past = {
	"new row of a past",
	"INSERT INTO past (stretch, position, incident, personal)"
	" VALUES (?, ?, ?, ?)",
};

static bool
begin_stretch(struct put *put, struct db *db, int64_t subscription,
    int64_t filter, size_t past, int64_t from, struct error *err)
{
	const struct caught *caught;
	int64_t stretch = 0;
	int personal = 0;
	size_t n;

	if (!db_number(db, &add_stretch,
		DB_VALUES(db_int(subscription), db_int(filter), db_int(from)),
		&stretch, err))
		return false;
	caught = past_caught(put->past, past, &n);
	for (size_t i = 0; i < n; i++) {
		bool hers = caught[i].open && personal < PAST_PERSONAL;

		personal += hers;
		if (!db_run(db, &add_past,
			DB_VALUES(db_int(stretch), db_int((int64_t)i),
			    db_int(caught[i].incident), db_int(hers)),
			err))
			return false;
	}
	touch(put, filter);
	return true;
}

static const struct db_statement stop_stretch = {
	"end the stretch of a subscription",
	"UPDATE stretch SET to_seq = ?"
	" WHERE subscription = ? AND to_seq IS NULL",
};

static bool
end_stretch(struct put *put, struct db *db, int64_t subscription,
    int64_t filter, int64_t to, struct error *err)
{
	touch(put, filter);
	return db_run(db, &stop_stretch,
	    DB_VALUES(db_int(to), db_int(subscription)), err);
}

/* --- resuming */

static const struct db_statement run_again = {
	"a filter runs again",
	"UPDATE filter SET paused = NULL, why = NULL WHERE id = ?",
};
static const struct db_statement users_of = {
	"subscriptions of a filter",
	"SELECT id FROM subscription WHERE filter = ? AND removed IS NULL"
	" ORDER BY id",
};

static bool
read_users(struct put *put, struct db *db, int64_t filter, int64_t **ret,
    size_t *n, struct error *err)
{
	struct db_query *query = db_query(
	    db, &users_of, DB_VALUES(db_int(filter)));
	int64_t *users = NULL;
	struct db_row *row;
	size_t count = 0;

	while ((row = db_next(query)) != NULL) {
		*mem_push(put->memory, &users, &count) = db_next_int(row);
		db_end_of_row(row);
	}
	*ret = users;
	*n = count;
	return db_done(query, err);
}

bool
put_resume(struct put *put, struct db *db, int64_t filter, size_t missed,
    struct error *err)
{
	json_t *detail = json_owned(put->memory, json_object());
	struct event event = {
		.kind = JOURNAL_RESUME,
		.person = put->actor->person,
		.detail = detail,
	};
	int64_t *users;
	size_t n;

	json_put_int(detail, "filter", filter);
	if (!journal_add(db, &event, put->actor->address, err) ||
	    !db_run(db, &run_again, DB_VALUES(db_int(filter)), err) ||
	    !read_users(put, db, filter, &users, &n, err))
		return false;
	touch(put, filter);
	for (size_t i = 0; i < n; i++)
		if (!end_stretch(put, db, users[i], filter, event.seq, err) ||
		    !begin_stretch(
			put, db, users[i], filter, missed, event.seq, err))
			return false;
	return true;
}

/* Saving a filter that she saw paused lets it run again, for all. */
static bool
resume_saved(struct put *put, struct db *db, const struct order *order,
    int64_t filter, int64_t paused, struct error *err)
{
	if (paused == 0 || paused != order->paused)
		return true;
	return put_resume(put, db, filter, order->missed, err);
}

/* --- subscriptions */

static bool
journal_put(struct put *put, struct db *db, int64_t id, const char *handle,
    const char *step, struct event *event, struct error *err)
{
	json_t *detail = json_owned(put->memory, json_object());

	json_put_int(detail, "subscription", id);
	json_put_text(detail, "person", handle);
	json_put_text(detail, "step", step);
	*event = (struct event){
		.kind = JOURNAL_SUBSCRIPTION,
		.person = put->actor->person,
		.detail = detail,
	};
	return journal_add(db, event, put->actor->address, err);
}

static const struct db_statement add_subscription = {
	"new subscription",
	"INSERT INTO subscription"
	" (person, name, filter, follows_skills, created, changed)"
	" VALUES (?, ?, ?, ?, 0, 0) RETURNING id",
};
static const struct db_statement date_subscription = {
	"when a subscription was made",
	"UPDATE subscription SET created = ?, changed = ? WHERE id = ?",
};

bool
put_new(struct put *put, struct db *db, const struct order *order, int64_t *id,
    struct error *err)
{
	int64_t filter, paused, made = 0;
	struct event event;

	/* others' stretches are resumed before hers begins */
	if (!need_filter(db, order->text, &filter, &paused, err) ||
	    !note_fresh(put, db, order, filter, paused, err) ||
	    !resume_saved(put, db, order, filter, paused, err) ||
	    !db_number(db, &add_subscription,
		DB_VALUES(db_int(order->person), db_text(order->name),
		    db_int(filter),
		    db_int(order->follows_skills ? FOLLOWS : FOLLOWS_NOT)),
		&made, err) ||
	    !journal_put(put, db, made, order->handle, "add", &event, err) ||
	    !db_run(db, &date_subscription,
		DB_VALUES(db_int(event.at), db_int(event.seq), db_int(made)),
		err) ||
	    !begin_stretch(put, db, made, filter, order->past, event.seq, err))
		return false;
	*id = made;
	return true;
}

static const struct db_statement change_subscription = {
	"change a subscription",
	"UPDATE subscription"
	" SET name = ?, filter = ?, follows_skills = ?, changed = ?"
	" WHERE id = ?",
};

static bool
write_edit(struct put *put, struct db *db, const struct order *order,
    const struct subscription *old, int64_t filter, struct error *err)
{
	int64_t follows = order->follows_skills ? FOLLOWS : FOLLOWED;
	struct event event;

	if (!journal_put(put, db, old->id, old->handle, "edit", &event, err) ||
	    !db_run(db, &change_subscription,
		DB_VALUES(
		    db_text(order->name != NULL ? order->name : old->name),
		    db_int(filter),
		    db_int(old->follows_skills ? follows : FOLLOWS_NOT),
		    db_int(event.seq), db_int(old->id)),
		err))
		return false;
	return filter == old->filter_id ||
	    (end_stretch(put, db, old->id, old->filter_id, event.seq, err) &&
		begin_stretch(
		    put, db, old->id, filter, order->past, event.seq, err));
}

bool
put_edit(struct put *put, struct db *db, const struct order *order,
    const struct subscription *old, struct error *err)
{
	int64_t filter = old->filter_id, paused = 0;

	if (order->text != NULL &&
	    (!need_filter(db, order->text, &filter, &paused, err) ||
		!note_fresh(put, db, order, filter, paused, err)))
		return false;
	/* before her own stretch begins, which has the whole past already */
	if (!resume_saved(put, db, order, filter, paused, err))
		return false;
	if (filter == old->filter_id &&
	    (order->name == NULL || strcmp(order->name, old->name) == 0))
		return true;
	return write_edit(put, db, order, old, filter, err);
}

static const struct db_statement end_subscription = {
	"remove a subscription",
	"UPDATE subscription SET removed = ?, changed = ?, follows_skills = ?"
	" WHERE id = ?",
};

static bool
write_removal(struct put *put, struct db *db, const struct subscription *old,
    int64_t follows, int64_t seq, struct error *err)
{
	return db_run(db, &end_subscription,
		   DB_VALUES(db_int(seq), db_int(seq),
		       db_int(old->follows_skills ? follows : FOLLOWS_NOT),
		       db_int(old->id)),
		   err) &&
	    end_stretch(put, db, old->id, old->filter_id, seq, err);
}

bool
put_remove(struct put *put, struct db *db, const struct subscription *old,
    bool for_good, struct error *err)
{
	struct event event;

	return journal_put(
		   put, db, old->id, old->handle, "remove", &event, err) &&
	    write_removal(
		put, db, old, for_good ? FOLLOWED : FOLLOWS, event.seq, err);
}

bool
put_remove_all(struct put *put, struct db *db, int64_t person, int64_t seq,
    struct error *err)
{
	struct subscription *all;
	size_t n;

	if (!subscription_list(put->memory, db, person, false, &all, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!write_removal(put, db, &all[i], FOLLOWED, seq, err))
			return false;
	return true;
}

/* --- skills */

static const struct db_statement skills_of = {
	"the subscription that follows skills",
	"SELECT id FROM subscription"
	" WHERE person = ? AND follows_skills = 1 AND removed IS NULL",
};
static const struct db_statement skills_given_up = {
	"skills she does not want followed",
	"SELECT count(*) FROM subscription"
	" WHERE person = ? AND follows_skills = 2",
};
static const char skills_name[] = "skills";

bool
skills_order(struct put *put, struct db *db, struct order *order,
    char *const *skills, size_t n, struct error *err)
{
	char *text = NULL;
	struct filter *filter;

	order->follows_skills = true;
	order->name = mem_copy(put->memory, skills_name);
	if (n == 0)
		return true;
	for (size_t i = 0; i < n; i++)
		text = mem_printf(put->memory, "%s%s#%s", i > 0 ? text : "",
		    i > 0 ? " or " : "", skills[i]);
	if (!desk_filter(put->memory, text, NULL, false, &filter, err)) {
		*err = (struct error){ 0 };
		return error_field(
		    err, "skills", 0, "are too long for one filter");
	}
	order->text = mem_copy(put->memory, filter_text(filter));
	return put_order(put, db, order, err);
}

/* Made unless she has something of that name, or gave it up before. */
static bool
skills_make(struct put *put, struct db *db, const struct order *order,
    struct error *err)
{
	int64_t id, given_up = 0;

	if (order->text == NULL)
		return true;
	if (!subscription_named(db, order->person, skills_name, &id, err) ||
	    !db_number(db, &skills_given_up, DB_VALUES(db_int(order->person)),
		&given_up, err))
		return false;
	if (id != 0 || given_up > 0)
		return true;
	return put_new(put, db, order, &id, err);
}

bool
skills_follow(struct put *put, struct db *db, const struct order *order,
    struct error *err)
{
	struct order change = *order;
	struct subscription *old;
	int64_t id = 0;

	if (!db_number(
		db, &skills_of, DB_VALUES(db_int(order->person)), &id, err))
		return false;
	if (id == 0)
		return skills_make(put, db, order, err);
	if (!subscription_read(put->memory, db, order->person, id, &old, err))
		return false;
	change.name = NULL;
	return order->text == NULL ? put_remove(put, db, old, false, err)
				   : put_edit(put, db, &change, old, err);
}
