/* SPDX-License-Identifier: ISC */
#include "desk/parts.h"
#include "desk/tag_names.h"

/*
 * Pulls: a person, or people with a tag, are asked into the swarm. An incident
 * is wanted until one of those asked joins or replies.
 */

#include "base/json.h"
#include "base/mem.h"

#include <string.h>

enum { PULLED_MAX = 64 };

struct order {
	const char *const *people; /* handles as written */
	size_t n_people;
	char **tags;
	size_t n_tags;
	char *note;
};

/* --- whom it asks */

static bool
name_person(struct change *change, const char *handle, struct person **ret,
    struct error *err)
{
	struct error tried = { 0 };
	struct person *person;

	if (!person_by_handle(
		change->memory, change->db, handle, &person, &tried)) {
		if (tried.kind == ERROR_NOT_FOUND)
			return error_field(err, "people", 0,
			    "nobody here is called \"%s\"", handle);
		*err = tried;
		return false;
	}
	if (person->disabled)
		return error_field(err, "people", 0,
		    "%s is disabled: ask somebody else", handle);
	*ret = person;
	return true;
}

static bool
has_person(struct person *const *people, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (people[i]->id == id)
			return true;
	return false;
}

static bool
name_people(struct change *change, const struct order *order,
    struct person ***ret, size_t *n, struct error *err)
{
	*ret = NULL;
	*n = 0;
	for (size_t i = 0; i < order->n_people; i++) {
		struct person *person;

		if (!name_person(change, order->people[i], &person, err))
			return false;
		if (!has_person(*ret, *n, person->id))
			*mem_push(change->memory, ret, n) = person;
	}
	return true;
}

static const struct db_statement who_has_tag = {
	"who has a tag and is here",
	"SELECT DISTINCT p.id FROM person_tag t JOIN person p"
	" ON p.id = t.person"
	" WHERE t.tag = ? AND p.here = 1 AND p.disabled = 0",
};

/* Adds people with that tag, skill or interest, who are here. */
static bool
ask_tag(struct change *change, const char *tag, int64_t **asked, size_t *n,
    struct error *err)
{
	struct db_query *query = db_query(
	    change->db, &who_has_tag, DB_VALUES(db_text(tag)));
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		*mem_push(change->memory, asked, n) = db_next_int(row);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

/* --- the step */

static struct pull *
add_to_incident(struct change *change, const struct order *order,
    struct person *const *people, size_t n, int64_t id)
{
	struct incident *incident = change->incident;
	struct pull *pull = mem_push(
	    incident, &incident->pulls, &incident->n_pulls);

	*pull = (struct pull){
		.id = id,
		.by = mem_copy(incident, change->actor->handle),
		.tags = order->tags,
		.n_tags = order->n_tags,
		.note = order->note,
		.open = true,
	};
	for (size_t i = 0; i < n; i++)
		*mem_push(incident, &pull->people,
		    &pull->n_people) = people[i]->handle;
	return pull;
}

static void
put_list(json_t *object, const char *name, char *const *words, size_t n)
{
	json_t *list = mem_made(json_array());

	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(list, json_string(words[i])) != 0)
			mem_made(NULL);
	json_put(object, name, list);
	json_decref(list);
}

static json_t *
pull_detail(const struct pull *pull)
{
	json_t *detail = mem_made(json_object());

	put_list(detail, "people", pull->people, pull->n_people);
	put_list(detail, "tags", pull->tags, pull->n_tags);
	json_put_text(detail, "note", pull->note);
	return detail;
}

static const struct db_statement add_pull = {
	"add a pull",
	"INSERT INTO pull (id, incident, by_person, people, tags, note,"
	" created) VALUES (?, ?, ?, ?, ?, ?, ?)",
};
static const struct db_statement add_pulled = {
	"add who was pulled",
	"INSERT INTO pulled (pull, person) VALUES (?, ?)",
};

static bool
write_pull(struct change *change, const struct pull *pull,
    struct person *const *people, struct error *err)
{
	void *memory = change->memory;

	if (!db_run(change->db, &add_pull,
		DB_VALUES(db_int(pull->id), db_int(change->incident->number),
		    db_int(change->actor->person),
		    db_text(words_join(memory, pull->people, pull->n_people)),
		    db_text(words_join(memory, pull->tags, pull->n_tags)),
		    db_text(pull->note), db_int(pull->created)),
		err))
		return false;
	for (size_t i = 0; i < pull->n_people; i++)
		if (!db_run(change->db, &add_pulled,
			DB_VALUES(db_int(pull->id), db_int(people[i]->id)),
			err) ||
		    !change_address(change, people[i]->id, err))
			return false;
	return true;
}

static bool
pull_step(struct change *change, void *arg, struct error *err)
{
	struct order *order = arg;
	struct person **people;
	int64_t *asked = NULL;
	int64_t id;
	size_t n_people, n_asked = 0;
	struct pull *pull;

	if (!change_needs_status(
		change, IN(STATUS_OPEN) | IN(STATUS_SWARMING), err) ||
	    !name_people(change, order, &people, &n_people, err))
		return false;
	tags_now(change->memory, change->incident->names, &order->tags,
	    &order->n_tags);
	for (size_t i = 0; i < order->n_tags; i++)
		if (!ask_tag(change, order->tags[i], &asked, &n_asked, err))
			return false;
	if (order->note != NULL &&
	    !change_say(change, POST_NOTE, order->note, err))
		return false;

	if (!change_next(change, &id, err))
		return false;
	pull = add_to_incident(change, order, people, n_people, id);
	if (!change_event(
		change, JOURNAL_PULL, pull_detail(pull), RAISE_PULLED, err))
		return false;
	pull->created = change->at;
	return write_pull(change, pull, people, err) &&
	    change_address_all(change, asked, n_asked, err);
}

static bool
take_order(void *owner, const struct pull_request *pull, struct order *order,
    struct error *err)
{
	if (pull->n_people == 0 && pull->n_tags == 0)
		return error_field(
		    err, "people", 0, "name a person or a tag to ask");
	if (pull->n_people > PULLED_MAX)
		return error_field(err, "people", 0,
		    "has %zu names; at most %d are taken", pull->n_people,
		    PULLED_MAX);
	order->people = pull->people;
	order->n_people = pull->n_people;
	return input_tags(owner, "tags", pull->tags, pull->n_tags, &order->tags,
		   &order->n_tags, err) &&
	    text_taken(owner, pull->note, "note", POST_MAX, &order->note, err);
}

bool
desk_pull(struct desk *desk, const struct actor *actor, int64_t incident,
    const struct pull_request *pull, struct error *err)
{
	struct order order = { 0 };
	void *memory = mem_root("pull");
	bool ok;

	ok = actor_may_write(actor, err) &&
	    take_order(memory, pull, &order, err) &&
	    desk_change(desk, actor, incident, 0, pull_step, &order, err);
	talloc_free(memory);
	return ok;
}

/* --- the answer */

static const struct db_statement tags_of_person = {
	"tags in a profile",
	"SELECT DISTINCT t.tag, p.handle FROM person_tag t"
	" JOIN person p ON p.id = t.person WHERE t.person = ?",
};
static const struct db_statement was_named = {
	"open pulls that name a person",
	"SELECT l.id FROM pull l JOIN pulled d ON d.pull = l.id"
	" WHERE l.incident = ? AND l.open = 1 AND d.person = ?",
};
static const struct db_statement end_pull = {
	"a pull was answered",
	"UPDATE pull SET open = 0 WHERE id = ?",
};

static void
answer_named(struct incident *incident, int64_t pull)
{
	for (size_t i = 0; i < incident->n_pulls; i++)
		if (incident->pulls[i].id == pull)
			incident->pulls[i].open = false;
}

/* Who asks for a tag that she has herself asks the others. */
static void
answer_tag(struct incident *incident, const char *tag, const char *handle)
{
	for (size_t i = 0; i < incident->n_pulls; i++) {
		struct pull *pull = &incident->pulls[i];

		for (size_t k = 0; k < pull->n_tags; k++)
			if (strcmp(pull->tags[k], tag) == 0 &&
			    strcmp(pull->by, handle) != 0)
				pull->open = false;
	}
}

static bool
find_answered(struct change *change, int64_t person, struct error *err)
{
	struct incident *incident = change->incident;
	struct db_query *query;
	struct db_row *row;

	query = db_query(change->db, &was_named,
	    DB_VALUES(db_int(incident->number), db_int(person)));
	while ((row = db_next(query)) != NULL) {
		answer_named(incident, db_next_int(row));
		db_end_of_row(row);
	}
	if (!db_done(query, err))
		return false;

	query = db_query(
	    change->db, &tags_of_person, DB_VALUES(db_int(person)));
	while ((row = db_next(query)) != NULL) {
		char *tag = db_next_text(row, change->memory);
		char *handle = db_next_text(row, change->memory);

		db_end_of_row(row);
		answer_tag(incident, tag, handle);
	}
	return db_done(query, err);
}

bool
change_answer_pulls(struct change *change, int64_t person, struct error *err)
{
	struct incident *incident = change->incident;
	bool *was_open = mem_array(change->memory, bool, incident->n_pulls + 1);
	bool any = false;

	for (size_t i = 0; i < incident->n_pulls; i++) {
		was_open[i] = incident->pulls[i].open;
		any = any || was_open[i];
	}
	if (!any)
		return true;
	if (!find_answered(change, person, err))
		return false;
	for (size_t i = 0; i < incident->n_pulls; i++)
		if (was_open[i] && !incident->pulls[i].open &&
		    !db_run(change->db, &end_pull,
			DB_VALUES(db_int(incident->pulls[i].id)), err))
			return false;
	return true;
}
