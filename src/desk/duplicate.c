/* SPDX-License-Identifier: ISC */
#include "desk/parts.h"

/*
 * One incident goes on in another: it follows that one's status, its helpers
 * join that one, and so do its own duplicates, so that a duplicate never leads
 * to a duplicate.
 */

#include "base/json.h"
#include "base/mem.h"
#include "desk/visible.h"

static json_t *
of_detail(int64_t of)
{
	json_t *detail = mem_made(json_object());

	json_put_int(detail, "of", of);
	return detail;
}

/* --- its own duplicates */

static const struct db_statement own_duplicates = {
	"duplicates of an incident",
	"SELECT id FROM incident WHERE duplicate_of = ? ORDER BY id",
};
static const struct db_statement move_duplicate = {
	"move a duplicate",
	"UPDATE incident SET duplicate_of = ?, changed = ? WHERE id = ?",
};

static bool
find_duplicates(
    struct change *change, int64_t **ret, size_t *n, struct error *err)
{
	struct db_query *query = db_query(change->db, &own_duplicates,
	    DB_VALUES(db_int(change->incident->number)));
	struct db_row *row;

	*ret = NULL;
	*n = 0;
	while ((row = db_next(query)) != NULL) {
		*mem_push(change->memory, ret, n) = db_next_int(row);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

/* It has left lists and feeds before, so the journal row is all there is. */
static bool
move(struct change *change, int64_t duplicate, int64_t of, struct error *err)
{
	struct event event = {
		.kind = JOURNAL_DUPLICATE,
		.incident = duplicate,
		.person = change->actor->person,
		.detail = json_owned(change->memory, of_detail(of)),
	};

	return journal_add(change->db, &event, change->actor->address, err) &&
	    db_run(change->db, &move_duplicate,
		DB_VALUES(db_int(of), db_int(event.seq), db_int(duplicate)),
		err);
}

static bool
move_duplicates(struct change *change, int64_t of, struct error *err)
{
	int64_t *duplicates;
	size_t n;

	if (!find_duplicates(change, &duplicates, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!move(change, duplicates[i], of, err))
			return false;
	return true;
}

/* --- its helpers */

static void
find_helpers(const struct change *change, int64_t **ret, size_t *n)
{
	const struct incident *incident = change->incident;

	*ret = NULL;
	*n = 0;
	for (size_t i = 0; i < incident->n_stays; i++)
		if (incident->stays[i].left == 0 &&
		    incident->stays[i].role == ROLE_HELPER)
			*mem_push(
			    change->memory, ret, n) = incident->stays[i].person;
}

static bool
join_other(
    struct change *change, const int64_t *helpers, size_t n, struct error *err)
{
	struct change *other = change->other;
	struct person *person;

	for (size_t i = 0; i < n; i++)
		if (!person_by_id(
			other->memory, other->db, helpers[i], &person, err) ||
		    !change_join_person(other, person, ROLE_HELPER, err))
			return false;
	return true;
}

/* --- the step */

static const struct db_statement end_pulls = {
	"end all pulls",
	"UPDATE pull SET open = 0 WHERE incident = ? AND open = 1",
};

static bool
end_here(struct change *change, struct error *err)
{
	struct incident *incident = change->incident;

	incident->duplicate_of = change->other->incident->number;
	stays_end(change);
	for (size_t i = 0; i < incident->n_pulls; i++)
		incident->pulls[i].open = false;
	return change_event(change, JOURNAL_DUPLICATE,
		   of_detail(incident->duplicate_of), RAISE_NONE, err) &&
	    stays_ended(change, err) &&
	    db_run(change->db, &end_pulls, DB_VALUES(db_int(incident->number)),
		err);
}

static bool
duplicate_step(struct change *change, void *arg, struct error *err)
{
	int64_t *helpers;
	size_t n;

	(void)arg;
	if (!change_needs_status(change, NOT_CLOSED, err) ||
	    !change_needs_status(change->other, NOT_CLOSED, err))
		return false;
	find_helpers(change, &helpers, &n);
	return end_here(change, err) &&
	    move_duplicates(change, change->other->incident->number, err) &&
	    join_other(change, helpers, n, err);
}

/*
 * What the other is must not read like an answer about this one: the other
 * missing is a wrong field, the other withdrawn a conflict. Both are looked at
 * again inside of the step.
 */
static bool
look_at_both(void *owner, struct db *db, const int64_t incidents[2],
    bool *is_so, struct error *err)
{
	struct incident *incident, *other;
	struct error tried = { 0 };

	if (!incident_read(owner, db, incidents[0], &incident, err) ||
	    !visible_incident(incident, err))
		return false;
	*is_so = incident->duplicate_of == incidents[1];
	if (*is_so)
		return true;
	if (incidents[0] == incidents[1])
		return error_set(err, ERROR_CONFLICT,
		    "incident %jd is no duplicate of itself: name another",
		    (intmax_t)incidents[0]);
	if (!incident_read(owner, db, incidents[1], &other, &tried)) {
		if (tried.kind == ERROR_NOT_FOUND)
			return error_field(err, "of", 0,
			    "there is no incident %jd", (intmax_t)incidents[1]);
		*err = tried;
		return false;
	}
	if (other->withdrawn != 0)
		return error_set(err, ERROR_CONFLICT,
		    "incident %jd was withdrawn", (intmax_t)incidents[1]);
	return true;
}

bool
desk_duplicate(struct desk *desk, const struct actor *actor, int64_t incident,
    int64_t of, struct error *err)
{
	const int64_t incidents[2] = { incident, of };
	bool is_so = false;
	struct db *db;
	void *memory;
	bool ok;

	if (!actor_may_write(actor, err) || !desk_reader(desk, &db, err))
		return false;
	memory = mem_root("duplicate");
	ok = look_at_both(memory, db, incidents, &is_so, err);
	talloc_free(memory);
	desk_reader_done(desk, db);
	return ok &&
	    (is_so ||
		desk_change_two(
		    desk, actor, incidents, duplicate_step, NULL, err));
}
