/* SPDX-License-Identifier: ISC */
#include "desk/subscription.h"

#include "base/json.h"
#include "base/mem.h"
#include "cli/commands.h"
#include "cli/store.h"
#include "desk/person.h"

#include <stdint.h>
#include <stdio.h>

static bool
person_of(struct line *line, struct desk *desk, struct person **ret,
    struct error *err)
{
	struct db *db;
	bool ok;

	if (!desk_reader(desk, &db, err))
		return false;
	ok = person_by_handle(
	    line_memory(line), db, line_text(line, 0), ret, err);
	desk_reader_done(desk, db);
	return ok;
}

static bool
add(struct line *line, struct desk *desk, struct error *err)
{
	struct saving saving = {
		.name = line_text(line, 1),
		.filter = line_text(line, 2),
		.owner = line_memory(line),
	};
	struct person *person;

	if (!person_of(line, desk, &person, err))
		return false;
	saving.person = person->id;
	if (!desk_subscription_save(desk, &store_operator, &saving, err))
		return false;
	for (size_t i = 0; i < saving.warnings.n; i++)
		line_warn(line, "%s", saving.warnings.all[i]);
	printf("%jd\n", (intmax_t)saving.id);
	return true;
}

static json_t *
subscription_json(void *owner, const struct subscription *subscription)
{
	json_t *object = json_owned(owner, json_object());

	json_put_int(object, "id", subscription->id);
	json_put_text(object, "person", subscription->handle);
	json_put_text(object, "name", subscription->name);
	json_put_text(object, "filter", subscription->filter);
	json_put_text(object, "paused",
	    subscription->paused == 0 ? NULL : subscription->paused_why);
	json_put_time(object, "created", subscription->created);
	return object;
}

static bool
list(struct line *line, struct desk *desk, struct error *err)
{
	void *memory = line_memory(line);
	json_t *items = json_owned(memory, json_array());
	struct subscription *all = NULL;
	struct person *person = NULL;
	struct db *db;
	size_t n = 0;
	bool ok;

	if (line_arguments(line) > 0 && !person_of(line, desk, &person, err))
		return false;
	if (!desk_reader(desk, &db, err))
		return false;
	ok = subscription_list(
	    memory, db, person == NULL ? 0 : person->id, false, &all, &n, err);
	desk_reader_done(desk, db);
	for (size_t i = 0; ok && i < n; i++)
		if (line_has(line, "json"))
			(void)json_array_append(
			    items, subscription_json(memory, &all[i]));
		else
			line_print(line, "%5jd %-20s %s: %s%s",
			    (intmax_t)all[i].id, all[i].handle, all[i].name,
			    all[i].filter,
			    all[i].paused == 0 ? "" : " (paused)");
	if (ok && line_has(line, "json"))
		(void)puts(json_pretty(memory, items));
	return ok;
}

/* Whose it is: the operator names it by its number alone. */
static bool
owner_of(struct line *line, struct desk *desk, int64_t id, int64_t *ret,
    struct error *err)
{
	struct subscription *all;
	struct db *db;
	size_t n;
	bool ok;

	if (!desk_reader(desk, &db, err))
		return false;
	ok = subscription_list(line_memory(line), db, 0, false, &all, &n, err);
	desk_reader_done(desk, db);
	if (!ok)
		return false;
	for (size_t i = 0; i < n; i++)
		if (all[i].id == id) {
			*ret = all[i].person;
			return true;
		}
	return error_set(
	    err, ERROR_NOT_FOUND, "no subscription %jd", (intmax_t)id);
}

static bool
drop(struct line *line, struct desk *desk, struct error *err)
{
	int64_t id, person;

	return line_number(line, 0, "ID", &id, err) &&
	    owner_of(line, desk, id, &person, err) &&
	    desk_unsubscribe(desk, &store_operator, person, id, err);
}

static bool
resume(struct line *line, struct desk *desk, struct error *err)
{
	struct subscription *found;
	struct db *db;
	int64_t id;
	bool ok;

	if (!line_number(line, 0, "ID", &id, err) ||
	    !desk_reader(desk, &db, err))
		return false;
	ok = subscription_read(line_memory(line), db, 0, id, &found, err);
	desk_reader_done(desk, db);
	if (!ok)
		return false;
	if (found->removed != 0)
		return error_set(err, ERROR_NOT_FOUND,
		    "subscription %jd was removed", (intmax_t)id);
	return desk_resume(desk, &store_operator, found->filter_id, err);
}

bool
subscription_resume(struct line *line, struct error *err)
{
	return store_with(line, resume, err);
}

bool
subscription_add(struct line *line, struct error *err)
{
	return store_with(line, add, err);
}

bool
subscription_list_all(struct line *line, struct error *err)
{
	return store_with(line, list, err);
}

bool
subscription_remove(struct line *line, struct error *err)
{
	return store_with(line, drop, err);
}
