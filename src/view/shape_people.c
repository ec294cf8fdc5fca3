/* SPDX-License-Identifier: ISC */
#include "view/shape.h"

/* People, what they subscribed to, and with what they come in. */

#include "base/json.h"
#include "base/mem.h"
#include "view/member.h"

static const char *const scope_names[] = {
	[SCOPE_NONE] = "none",
	[SCOPE_READ] = "read",
	[SCOPE_WRITE] = "write",
	[SCOPE_ADMIN] = "admin",
};

json_t *
shape_person(void *owner, const struct view *view, const struct person *person,
    bool is_self)
{
	json_t *object = object_new(owner);

	(void)view;
	json_put_text(object, "handle", person->handle);
	json_put_text(object, "name", person->name);
	member_words(object, "skills", person->skills, person->n_skills);
	member_words(
	    object, "interests", person->interests, person->n_interests);
	json_put_text(object, "availability", person->here ? "here" : "away");
	json_put_int(object, "hours", person->hours);
	json_put_bool(object, "bot", person->bot);
	json_put_bool(object, "admin", person->admin);
	if (is_self)
		json_put_text(object, "email", person->email);
	return object;
}

json_t *
shape_subscription(void *owner, const struct view *view,
    const struct subscription *subscription)
{
	json_t *object = object_new(owner);
	json_t *paused;
	char *url = view_url(
	    owner, view, "/me/subscriptions/%jd", (intmax_t)subscription->id);

	json_put_int(object, "id", subscription->id);
	json_put_text(object, "name", subscription->name);
	json_put_text(object, "filter", subscription->filter);
	json_put_text(object, "url", url);
	if (subscription->paused == 0)
		json_put_text(object, "paused", NULL);
	else {
		paused = mem_made(json_object());
		json_put_time(paused, "when", subscription->paused);
		json_put_text(paused, "why", subscription->paused_why);
		member_new(object, "paused", paused);
	}
	json_put_time(object, "created", subscription->created);
	talloc_free(url);
	return object;
}

static bool
put_newest(json_t *list, const struct view *view, int64_t incident,
    const char *why, struct error *err)
{
	void *memory = mem_root("newest");
	struct incident *in;
	json_t *object;
	bool ok;

	ok = incident_read(memory, view->db, incident, &in, err);
	if (ok && may_see_incident(view->viewer, in)) {
		ok = shape_incident(memory, view, in, &object, err);
		if (ok) {
			json_put_text(object, "why", why);
			element_new(list, json_incref(object));
		}
	}
	talloc_free(memory);
	return ok;
}

void
shape_warnings(json_t *object, const struct warnings *warnings)
{
	json_t *list = json_array();

	member_new(object, "warnings", list);
	for (size_t i = 0; i < warnings->n; i++)
		element_new(list, json_string(warnings->all[i]));
}

bool
shape_preview(void *owner, const struct view *view,
    const struct preview *preview, json_t **ret, struct error *err)
{
	json_t *object = object_new(owner);
	json_t *newest = json_array();

	json_put_text(object, "filter", preview->filter);
	json_put_int(object, "matches", preview->matches);
	json_put_int(object, "of", preview->of);
	member_new(object, "per_week", json_real(preview->per_week));
	member_new(object, "newest", newest);
	for (size_t i = 0; i < preview->n_newest; i++)
		if (!put_newest(
			newest, view, preview->newest[i], preview->why[i], err))
			return false;
	shape_warnings(object, &preview->warnings);
	*ret = object;
	return true;
}

json_t *
shape_tag(void *owner, const struct tag_use *use)
{
	json_t *object = object_new(owner);

	json_put_text(object, "tag", use->tag);
	json_put_int(object, "incidents", use->incidents);
	json_put_int(object, "people", use->people);
	member_words(object, "former", use->former, use->n_former);
	return object;
}

/* Why an incident is newly worth attention, in a word; NULL: it is not. */
static const char *const raise_names[] = {
	[RAISE_NONE] = NULL,
	[RAISE_REPORTED] = "reported",
	[RAISE_PULLED] = "pulled",
	[RAISE_REOPENED] = "reopened",
	[RAISE_SEVERITY] = "severity",
	[RAISE_WANTED] = "wanted",
	[RAISE_HOST] = "host",
	[RAISE_MATCHED] = "matched",
};

json_t *
shape_event(void *owner, const struct event *event)
{
	json_t *object = object_new(owner);

	json_put_int(object, "id", event->seq);
	json_put_time(object, "created", event->at);
	json_put_text(object, "kind",
	    event->kind == JOURNAL_KINDS ? "" : journal_names[event->kind]);
	json_put_text(object, "person", event->handle);
	member_some(object, "incident", event->incident);
	member_some(object, "article", event->article);
	json_put_text(object, "raise", raise_names[event->raise]);
	member_new(object, "detail",
	    event->detail == NULL ? json_null() : json_incref(event->detail));
	json_put_text(object, "address", event->address);
	return object;
}

json_t *
shape_access(void *owner, const struct view *view, const struct access_row *row)
{
	json_t *object = object_new(owner);

	(void)view;
	json_put_int(object, "id", row->id);
	json_put_text(object, "label", row->label);
	json_put_text(object, "scope", scope_names[row->scope]);
	json_put_time(object, "created", row->created);
	json_put_time(object, "used", row->used);
	return object;
}
