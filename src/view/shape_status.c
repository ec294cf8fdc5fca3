/* SPDX-License-Identifier: ISC */
#include "view/shape.h"

/*
 * What a customer sees of her incident. People are named by their names. Of a
 * duplicate: her own words, with the state and the fix of the other incident
 * and none of its talk.
 */

#include "base/json.h"
#include "base/mem.h"
#include "view/inside.h"
#include "view/member.h"

#include <string.h>

struct status {
	const struct view *view;
	const struct incident *incident; /* hers */
	const struct incident *followed; /* whose state counts */
	struct post *posts; /* of hers */
	size_t n_posts;
	struct post *fixes; /* posts of the other, if there is one */
	size_t n_fixes;
};

static void
put_post(json_t *list, const struct post *post)
{
	json_t *object = json_object();

	element_new(list, object);
	json_put_int(object, "id", post->id);
	json_put_text(object, "kind", post->kind == POST_FIX ? "fix" : "reply");
	json_put_text(object, "author", post->name);
	json_put_time(object, "created", post->created);
	json_put_time(object, "edited", post->edited);
	if (post->kind != POST_FIX) {
		json_put_text(object, "text", post->text);
		return;
	}
	json_put_text(object, "resolution", post->text);
	json_put_text(object, "cause", post->cause);
	json_put_text(object, "environment", post->environment);
}

static void
put_posts(json_t *object, const struct status *status)
{
	json_t *list = mem_made(json_array());

	for (size_t i = 0; i < status->n_posts; i++)
		if (may_see_post(VIEWER_CUSTOMER, &status->posts[i]))
			put_post(list, &status->posts[i]);
	for (size_t i = 0; i < status->n_fixes; i++)
		if (status->fixes[i].kind == POST_FIX &&
		    may_see_post(VIEWER_CUSTOMER, &status->fixes[i]))
			put_post(list, &status->fixes[i]);
	member_new(object, "posts", list);
}

static bool
has_text(const json_t *list, const char *text)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_array_get(list, i)), text) ==
		    0)
			return true;
	return false;
}

/* Names of those who replied, in the order in which they first did. */
static void
put_people(json_t *object, const struct status *status)
{
	json_t *list = mem_made(json_array());

	for (size_t i = 0; i < status->n_posts; i++) {
		const struct post *post = &status->posts[i];

		if (post->kind == POST_REPLY && post->author != 0 &&
		    may_see_post(VIEWER_CUSTOMER, post) &&
		    !has_text(list, post->name))
			element_new(list, json_string(post->name));
	}
	member_new(object, "people", list);
}

static bool
put_article(json_t *object, const struct status *status, struct error *err)
{
	int64_t number = status->followed->article;
	struct article *article;
	void *memory;
	bool ok = true;

	if (number != 0) {
		memory = mem_root("article");
		ok = article_read(
		    memory, status->view->db, number, &article, err);
		if (ok && !may_see_article(VIEWER_CUSTOMER, article))
			number = 0;
		talloc_free(memory);
	}
	member_some(object, "article", number);
	return ok;
}

static bool
read_status(void *memory, struct status *status, struct error *err)
{
	const struct incident *in = status->incident;
	struct db *db = status->view->db;

	if (!visible_incident(in, err) ||
	    !view_followed(memory, status->view, in, &status->followed, err) ||
	    !incident_posts(
		memory, db, in->number, &status->posts, &status->n_posts, err))
		return false;
	if (status->followed == in || status->followed->withdrawn != 0)
		return true;
	return incident_posts(memory, db, status->followed->number,
	    &status->fixes, &status->n_fixes, err);
}

static bool
put_status(json_t *object, const struct status *status, struct error *err)
{
	const struct incident *in = status->incident;
	const struct incident *state = status->followed;

	json_put_int(object, "id", in->number);
	json_put_text(object, "title", in->title);
	json_put_text(object, "body", in->body);
	json_put_text(object, "environment", in->environment);
	json_put_text(object, "status", filter_status_names[state->status]);
	json_put_text(object, "severity", filter_severity_names[in->severity]);
	json_put_text(object, "host", in->host_name);
	put_people(object, status);
	json_put_int(object, "helpers", incident_helpers(state));
	json_put_time(object, "promised", state->promised);
	json_put_time(object, "created", in->created);
	json_put_time(object, "resolved", state->resolved);
	put_posts(object, status);
	if (!put_article(object, status, err))
		return false;
	member_some(object, "rating", in->rating);
	return true;
}

bool
shape_status(void *owner, const struct view *view,
    const struct incident *incident, json_t **ret, struct error *err)
{
	struct status status = { .view = view, .incident = incident };
	json_t *object = object_new(owner);
	void *memory = mem_root("status");
	bool ok;

	ok = read_status(memory, &status, err) &&
	    put_status(object, &status, err);
	talloc_free(memory);
	if (ok)
		*ret = object;
	return ok;
}
