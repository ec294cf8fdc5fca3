/* SPDX-License-Identifier: ISC */
#include "desk/parts.h"

/*
 * Joining and leaving. There is one row for each stay; a change of role is a
 * helper's coming or leaving in the same row.
 */

#include "base/check.h"
#include "base/json.h"
#include "base/mem.h"

static const char *const role_names[] = {
	[ROLE_HELPER] = "helper",
	[ROLE_SHADOW] = "shadow",
};

static struct stay *
stay_of(struct incident *incident, int64_t person)
{
	for (size_t i = 0; i < incident->n_stays; i++)
		if (incident->stays[i].person == person &&
		    incident->stays[i].left == 0)
			return &incident->stays[i];
	return NULL;
}

/* The status follows the helpers; the last one's leaving is a raise. */
static enum desk_raise
settle(struct incident *incident)
{
	unsigned helpers = incident_helpers(incident);

	if (incident->status == STATUS_OPEN && helpers > 0)
		incident->status = STATUS_SWARMING;
	if (incident->status != STATUS_SWARMING || helpers > 0)
		return RAISE_NONE;
	incident->status = STATUS_OPEN;
	return RAISE_WANTED;
}

static const struct db_statement add_stay = {
	"add a stay",
	"INSERT INTO swarm (id, incident, person, role, joined)"
	" VALUES (?, ?, ?, ?, ?)",
};
static const struct db_statement set_role = {
	"set the role of a stay",
	"UPDATE swarm SET role = ?"
	" WHERE incident = ? AND person = ? AND left_at IS NULL",
};
static const struct db_statement end_stay = {
	"end a stay",
	"UPDATE swarm SET left_at = ?, left_seq = ?"
	" WHERE incident = ? AND person = ? AND left_at IS NULL",
};
static const struct db_statement end_stays = {
	"end all stays",
	"UPDATE swarm SET left_at = ?, left_seq = ?"
	" WHERE incident = ? AND left_at IS NULL",
};

static bool
keep_stay(
    struct change *change, struct stay *stay, bool is_new, struct error *err)
{
	int64_t incident = change->incident->number;

	if (!is_new)
		return db_run(change->db, &set_role,
		    DB_VALUES(db_int(stay->role), db_int(incident),
			db_int(stay->person)),
		    err);
	stay->joined = change->at;
	return db_run(change->db, &add_stay,
	    DB_VALUES(db_int(change->seq), db_int(incident),
		db_int(stay->person), db_int(stay->role), db_int(change->at)),
	    err);
}

bool
change_join_person(struct change *change, const struct person *person,
    enum swarm_role role, struct error *err)
{
	struct incident *incident = change->incident;
	struct stay *stay = stay_of(incident, person->id);
	bool is_new = stay == NULL;
	enum desk_raise raise;
	json_t *detail;

	if (!is_new && stay->role == role)
		return true;
	if (is_new) {
		stay = mem_push(incident, &incident->stays, &incident->n_stays);
		*stay = (struct stay){
			.person = person->id,
			.handle = person->handle,
			.name = person->name,
		};
	}
	stay->role = role;
	incident->joined = true;
	incident->orphan = false;
	raise = settle(incident);
	if (!change_answer_pulls(change, person->id, err))
		return false;

	detail = mem_made(json_object());
	json_put_text(detail, "role", role_names[role]);
	if (person->id != change->actor->person)
		json_put_text(detail, "person", person->handle);
	return change_event(change, JOURNAL_JOIN, detail, raise, err) &&
	    keep_stay(change, stay, is_new, err);
}

bool
change_join(struct change *change, enum swarm_role role, struct error *err)
{
	struct person *person;

	return person_by_id(change->memory, change->db, change->actor->person,
		   &person, err) &&
	    change_join_person(change, person, role, err);
}

bool
change_leave(struct change *change, int64_t person, struct error *err)
{
	struct stay *stay = stay_of(change->incident, person);
	enum desk_raise raise;
	json_t *detail;

	if (stay == NULL)
		return true;
	stay->left = -1; /* not in; the event says when */
	raise = settle(change->incident);
	detail = mem_made(json_object());
	json_put_text(detail, "person", stay->handle);
	if (!change_event(change, JOURNAL_LEAVE, detail, raise, err))
		return false;
	stay->left = change->at;
	return db_run(change->db, &end_stay,
	    DB_VALUES(db_int(change->at), db_int(change->seq),
		db_int(change->incident->number), db_int(person)),
	    err);
}

void
stays_end(struct change *change)
{
	struct incident *incident = change->incident;

	for (size_t i = 0; i < incident->n_stays; i++)
		if (incident->stays[i].left == 0)
			incident->stays[i].left = -1;
}

bool
stays_ended(struct change *change, struct error *err)
{
	struct incident *incident = change->incident;

	for (size_t i = 0; i < incident->n_stays; i++)
		if (incident->stays[i].left == -1)
			incident->stays[i].left = change->at;
	return db_run(change->db, &end_stays,
	    DB_VALUES(db_int(change->at), db_int(change->seq),
		db_int(incident->number)),
	    err);
}

static const struct db_statement was_in = {
	"who was in when it closed",
	"SELECT person FROM swarm WHERE incident = ? AND left_seq = ?",
};

bool
change_was_in(struct change *change, const struct incident *incident,
    int64_t **people, size_t *n, struct error *err)
{
	struct db_query *query;
	struct db_row *row;

	if (incident->closed == 0)
		return true;
	query = db_query(change->db, &was_in,
	    DB_VALUES(db_int(incident->number), db_int(incident->closed)));
	while ((row = db_next(query)) != NULL) {
		*mem_push(change->memory, people, n) = db_next_int(row);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

/* --- the steps */

static bool
join_step(struct change *change, void *arg, struct error *err)
{
	enum swarm_role *role = arg;

	return change_needs_status(change, NOT_CLOSED, err) &&
	    change_join(change, *role, err);
}

bool
desk_join(struct desk *desk, const struct actor *actor, int64_t incident,
    enum swarm_role role, struct error *err)
{
	CHECK(role == ROLE_HELPER || role == ROLE_SHADOW);
	return actor_may_write(actor, err) &&
	    desk_change(desk, actor, incident, 0, join_step, &role, err);
}

static bool
leave_step(struct change *change, void *arg, struct error *err)
{
	(void)arg;
	return change_needs_status(change, NOT_CLOSED, err) &&
	    change_leave(change, change->actor->person, err);
}

bool
desk_leave(struct desk *desk, const struct actor *actor, int64_t incident,
    struct error *err)
{
	return actor_may_write(actor, err) &&
	    desk_change(desk, actor, incident, 0, leave_step, NULL, err);
}
