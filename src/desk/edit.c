/* SPDX-License-Identifier: ISC */
#include "desk/steps.h"

#include "base/json.h"
#include "base/mem.h"
#include "desk/change.h"
#include "desk/input.h"
#include "desk/inside.h"
#include "desk/person.h"
#include "desk/search.h"
#include "desk/tag.h"
#include "desk/tag_names.h"

#include <string.h>

struct editing {
	struct desk *desk;
	const struct edit *edit;
	json_t *fields; /* names of what really changes */
	json_t *detail;
	bool texts; /* title, body or environment: known answers anew */
	int64_t known[KNOWN_MAX];
	size_t n_known;
	enum desk_raise raise;
};

static bool
asks_for_text(const struct edit *edit)
{
	return edit->title != NULL || edit->body != NULL ||
	    edit->environment != NULL || edit->has_tags;
}

static void
note_field(struct editing *editing, const char *name)
{
	(void)json_array_append_new(editing->fields, json_string(name));
}

static bool
same_tags(const struct incident *in, char *const *tags, size_t n)
{
	if (in->n_tags != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(in->tags[i], tags[i]) != 0)
			return false;
	return true;
}

/* Takes over a text that is new. */
static void
put_text(struct editing *editing, char **to, char *text, const char *name)
{
	if (text == NULL || strcmp(*to, text) == 0)
		return;
	*to = text;
	editing->texts = true;
	note_field(editing, name);
}

static bool
rewrite(void *owner, struct incident *in, void *arg, struct error *err)
{
	struct editing *editing = arg;
	const struct edit *edit = editing->edit;
	char *title = NULL, *body = NULL, *environment = NULL, **tags;
	size_t n;

	(void)json_array_clear(editing->fields);
	editing->texts = false;
	if (edit->title != NULL &&
	    !input_line(in, "title", edit->title, TITLE_MAX, &title, err))
		return false;
	if (title != NULL && title[0] == '\0')
		return error_field(err, "title", 0, "must not be empty");
	if (edit->body != NULL &&
	    !input_text(in, "body", edit->body, BODY_MAX, &body, err))
		return false;
	if (edit->environment != NULL &&
	    !input_text(in, "environment", edit->environment, ENVIRONMENT_MAX,
		&environment, err))
		return false;
	put_text(editing, &in->title, title, "title");
	put_text(editing, &in->body, body, "body");
	put_text(editing, &in->environment, environment, "environment");
	(void)owner;
	if (!edit->has_tags)
		return true;
	if (!input_tags(in, "tags", edit->tags, edit->n_tags, &tags, &n, err))
		return false;
	tags_now(in, in->names, &tags, &n);
	if (!same_tags(in, tags, n)) {
		in->tags = tags;
		in->n_tags = n;
		note_field(editing, "tags");
	}
	return true;
}

/* On the calling thread: also what the knowledge base has for the new text. */
static bool
rewrite_aside(void *owner, struct incident *in, void *arg, struct error *err)
{
	struct editing *editing = arg;
	struct known_asked asked;

	if (!rewrite(owner, in, arg, err))
		return false;
	asked = (struct known_asked){ .title = in->title,
		.body = in->body,
		.environment = in->environment };
	return !editing->texts ||
	    search_known(
		editing->desk, &asked, editing->known, &editing->n_known, err);
}

static const struct db_statement set_text = {
	"incident text: edit",
	"UPDATE incident_text SET title = ?, body = ?, environment = ?,"
	" tags = ? WHERE id = ?",
};

static const struct db_statement drop_known = {
	"known answers: drop",
	"DELETE FROM known WHERE incident = ?",
};

static const struct db_statement add_known = {
	"known answers: add again",
	"INSERT INTO known (incident, position, article) VALUES (?, ?, ?)",
};

static bool
write_text(
    struct change *change, const struct editing *editing, struct error *err)
{
	struct incident *in = change->incident;
	char *tags = words_join(change->memory, in->tags, in->n_tags);

	if (!db_run(change->db, &set_text,
		DB_VALUES(db_text(in->title), db_text(in->body),
		    db_text(in->environment), db_text(tags),
		    db_int(in->number)),
		err))
		return false;
	if (!editing->texts)
		return true;
	if (!db_run(
		change->db, &drop_known, DB_VALUES(db_int(in->number)), err))
		return false;
	in->n_known = editing->n_known;
	for (size_t i = 0; i < editing->n_known; i++) {
		in->known[i] = editing->known[i];
		if (!db_run(change->db, &add_known,
			DB_VALUES(db_int(in->number), db_int((int64_t)i),
			    db_int(in->known[i])),
			err))
			return false;
	}
	return true;
}

static bool
put_severity(struct change *change, struct editing *editing, struct error *err)
{
	struct incident *in = change->incident;
	enum filter_severity severity;

	if (editing->edit->severity == NULL)
		return true;
	if (!input_severity(editing->edit->severity, &severity, err))
		return false;
	if (severity == in->severity)
		return true;
	if (severity > in->severity)
		editing->raise = RAISE_SEVERITY;
	in->severity = severity;
	note_field(editing, "severity");
	json_put_text(
	    editing->detail, "severity", filter_severity_names[severity]);
	return true;
}

static bool
put_hands(struct change *change, struct editing *editing, struct error *err)
{
	int64_t hands = editing->edit->hands;

	if (hands == 0 || hands == change->incident->hands)
		return true;
	if (hands < 1 || hands > 99)
		return error_field(err, "hands", 0, "must be 1 to 99");
	change->incident->hands = (unsigned)hands;
	note_field(editing, "hands");
	return true;
}

/* The fact `edit`, if there is one. */
static bool
edit_fields(struct change *change, struct editing *editing, struct error *err)
{
	bool text = asks_for_text(editing->edit);
	struct incident *in = change->incident;
	char **tags = in->tags;
	size_t n_tags = in->n_tags;

	(void)json_array_clear(editing->fields);
	(void)json_object_clear(editing->detail);
	editing->raise = RAISE_NONE;
	if (text && !rewrite(change->memory, in, editing, err))
		return false;
	if (json_array_size(editing->fields) == 0)
		change->edited = NULL;
	else if (!write_text(change, editing, err) ||
	    !tag_count(change->db, in->tags, in->n_tags, tags, n_tags, err))
		return false;
	if (!put_severity(change, editing, err) ||
	    !put_hands(change, editing, err))
		return false;
	if (json_array_size(editing->fields) == 0)
		return true;
	json_put(editing->detail, "fields", editing->fields);
	return change_event(change, JOURNAL_EDIT,
	    json_deep_copy(editing->detail), editing->raise, err);
}

static bool
edit_host(struct change *change, const char *handle, struct error *err)
{
	struct person *person;
	struct error none = { 0 };

	if (handle == NULL)
		return true;
	if (!change_needs_status(change, NOT_CLOSED, err))
		return false;
	if (handle[0] == '\0')
		return error_field(err, "host", 0,
		    "can be handed on, never dropped: name a person");
	if (!person_by_handle(
		change->memory, change->db, handle, &person, &none)) {
		if (none.kind != ERROR_NOT_FOUND) {
			*err = none;
			return false;
		}
		return error_field(
		    err, "host", 0, "there is nobody called \"%s\"", handle);
	}
	if (person->disabled || person->bot)
		return error_field(err, "host", 0, "%s cannot be host: %s",
		    handle, person->bot ? "a bot" : "disabled");
	if (person->id == change->incident->host)
		return true;
	return change_host(change, person->id, RAISE_NONE, err);
}

static bool
edit_promise(struct change *change, const struct edit *edit, struct error *err)
{
	if (!edit->has_promised || edit->promised == change->incident->promised)
		return true;
	return change_needs_status(
		   change, IN(STATUS_OPEN) | IN(STATUS_SWARMING), err) &&
	    change_promise(change, edit->promised, err);
}

static bool
edit_step(struct change *change, void *arg, struct error *err)
{
	struct editing *editing = arg;
	const struct edit *edit = editing->edit;
	const struct incident *in = change->incident;

	if (edit->if_changed != 0 && edit->if_changed != in->changed)
		return error_set(err, ERROR_PRECONDITION,
		    "incident %jd was changed meanwhile: read it again",
		    (intmax_t)in->number);
	if (in->duplicate_of != 0 && (edit->has_promised || edit->host != NULL))
		return error_set(err, ERROR_CONFLICT,
		    "incident %jd is a duplicate of incident %jd: go on there",
		    (intmax_t)in->number, (intmax_t)in->duplicate_of);
	return edit_fields(change, editing, err) &&
	    edit_host(change, edit->host, err) &&
	    edit_promise(change, edit, err);
}

bool
desk_edit(struct desk *desk, const struct actor *actor, int64_t incident,
    const struct edit *edit, struct error *err)
{
	void *memory = mem_root("edit");
	struct editing editing = {
		.desk = desk,
		.edit = edit,
		.fields = json_owned(memory, json_array()),
		.detail = json_owned(memory, json_object()),
	};
	bool ok = actor_may_write(actor, err);

	if (ok && asks_for_text(edit))
		ok = desk_change_text(desk, actor, incident, rewrite_aside,
		    edit_step, &editing, err);
	else if (ok)
		ok = desk_change(desk, actor, incident, CHANGE_DUPLICATES,
		    edit_step, &editing, err);
	talloc_free(memory);
	return ok;
}
