/* SPDX-License-Identifier: ISC */
#include "desk/transfer.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "desk/person.h"
#include "desk/subscription.h"

/* --- people: a handle that exists is updated */

static bool
read_profile(struct importing *importing, const json_t *object,
    const char **handle, struct profile *ret, struct error *err)
{
	const char **skills, **interests;

	*ret = (struct profile){ .hours = -1 };
	*handle = NULL;
	if (!json_text(object, "handle", handle, err) ||
	    !json_text(object, "name", &ret->name, err) ||
	    !json_text(object, "email", &ret->email, err) ||
	    !import_words(importing->memory, object, "tags", &skills,
		&ret->n_skills, err) ||
	    !import_words(importing->memory, object, "interests", &interests,
		&ret->n_interests, err))
		return false;
	if (*handle == NULL)
		return error_field(err, "handle", 0, "must not be empty");
	ret->skills = skills;
	ret->interests = interests;
	ret->has_skills = json_object_get(object, "tags") != NULL;
	ret->has_interests = json_object_get(object, "interests") != NULL;
	return true;
}

/* 0 if there is nobody of that name. */
static bool
find_handle(struct importing *importing, const char *handle, int64_t *ret,
    struct error *err)
{
	struct error none = { 0 };
	struct person *person;
	struct db *db;

	*ret = 0;
	if (!desk_reader(importing->desk, &db, err))
		return false;
	if (person_by_handle(importing->memory, db, handle, &person, &none))
		*ret = person->id;
	desk_reader_done(importing->desk, db);
	if (*ret != 0 || none.kind == ERROR_NOT_FOUND)
		return true;
	*err = none;
	return false;
}

static bool
import_person(
    struct importing *importing, const json_t *object, struct error *err)
{
	struct profile profile;
	const char *handle;
	int64_t id;

	if (!read_profile(importing, object, &handle, &profile, err) ||
	    !find_handle(importing, handle, &id, err))
		return false;
	if (id != 0) {
		if (!desk_person_edit(importing->desk, &importing->actor, id,
			&profile, 0, err))
			return false;
		importing->done.changed++;
		return true;
	}
	if (!desk_person_add(importing->memory, importing->desk,
		&importing->actor,
		&(struct newcomer){ .handle = handle, .profile = &profile },
		NULL, err))
		return false;
	importing->done.added++;
	return true;
}

bool
import_people(struct importing *importing, struct error *err)
{
	int64_t began = clock_monotonic();

	for (size_t i = 0; i < importing->n; i++) {
		const struct import_line *line = &importing->lines[i];
		struct error bad = { 0 };

		if (import_person(importing, line->object, &bad))
			continue;
		if (bad.kind == ERROR_SYSTEM) {
			*err = bad;
			return false;
		}
		import_bad(importing, line->number, &bad);
	}
	import_pause(began);
	return true;
}

/* --- subscriptions: a name she has already changes its filter */

static bool
read_order(
    const json_t *object, struct subscription_order *ret, struct error *err)
{
	*ret = (struct subscription_order){ 0 };
	if (!json_text(object, "person", &ret->handle, err) ||
	    !json_text(object, "name", &ret->name, err) ||
	    !json_text(object, "filter", &ret->filter, err))
		return false;
	if (ret->handle == NULL)
		return error_field(err, "person", 0, "must not be empty");
	if (ret->name == NULL)
		return error_field(err, "name", 0, "must not be empty");
	if (ret->filter == NULL)
		return error_field(err, "filter", 0, "must not be missing");
	return true;
}

bool
import_subscriptions(struct importing *importing, struct error *err)
{
	struct subscription_order *orders = NULL;
	int64_t *numbers = NULL, began = clock_monotonic();
	size_t n = 0, n_numbers = 0;

	for (size_t i = 0; i < importing->n; i++) {
		struct subscription_order order;
		struct error bad = { 0 };

		if (!read_order(importing->lines[i].object, &order, &bad)) {
			import_bad(importing, importing->lines[i].number, &bad);
			continue;
		}
		*mem_push(importing->memory, &orders, &n) = order;
		*mem_push(importing->memory, &numbers,
		    &n_numbers) = importing->lines[i].number;
	}
	if (n > 0 &&
	    !desk_subscribe_many(
		importing->desk, &importing->actor, orders, n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (orders[i].failed)
			import_bad(importing, numbers[i], &orders[i].error);
		else
			importing->done.added++;
	import_pause(began);
	return true;
}
