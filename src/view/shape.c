/* SPDX-License-Identifier: ISC */
#include "view/shape.h"

/* An incident and its posts, as staff sees them. */

#include "base/json.h"
#include "base/mem.h"
#include "desk/timeline.h"
#include "view/inside.h"
#include "view/member.h"

static const char *const role_names[] = {
	[ROLE_HELPER] = "helper",
	[ROLE_SHADOW] = "shadow",
};

static const char *const post_names[] = {
	[POST_REPLY] = "reply",
	[POST_NOTE] = "note",
	[POST_FIX] = "fix",
};

/* --- posts */

static void
put_post(json_t *object, const struct post *post)
{
	json_put_int(object, "id", post->id);
	json_put_text(object, "kind", post_names[post->kind]);
	json_put_text(object, "author", post->handle);
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

json_t *
shape_post(void *owner, const struct view *view, const struct post *post)
{
	json_t *object = object_new(owner);

	(void)view;
	put_post(object, post);
	json_put_int(object, "incident", post->incident);
	return object;
}

static bool
put_posts(json_t *object, const struct view *view, int64_t incident,
    struct error *err)
{
	json_t *list = mem_made(json_array());
	void *memory = mem_root("posts");
	struct post *posts;
	size_t n = 0;
	bool ok;

	ok = incident_posts(memory, view->db, incident, &posts, &n, err);
	for (size_t i = 0; ok && i < n; i++) {
		json_t *post;

		if (!may_see_post(view->viewer, &posts[i]))
			continue;
		post = json_object();
		element_new(list, post);
		put_post(post, &posts[i]);
	}
	talloc_free(memory);
	member_new(object, "posts", list);
	return ok;
}

/* --- who is on it */

static void
put_customer(json_t *object, const struct view *view, const struct incident *in)
{
	json_t *customer = mem_made(json_object());

	json_put_text(customer, "name", in->customer_name);
	if (may_see_customer_email(view->viewer))
		json_put_text(customer, "email", in->customer_email);
	member_new(object, "customer", customer);
}

static void
put_swarm(json_t *object, const struct incident *in)
{
	json_t *list = mem_made(json_array());

	for (size_t i = 0; i < in->n_stays; i++) {
		const struct stay *stay = &in->stays[i];
		json_t *one = json_object();

		element_new(list, one);
		json_put_text(one, "person", stay->handle);
		json_put_text(one, "role", role_names[stay->role]);
		json_put_time(one, "joined", stay->joined);
		json_put_time(one, "left", stay->left);
	}
	member_new(object, "swarm", list);
}

/* The note of a pull is a note: who may not see notes sees none. */
static void
put_pulls(json_t *object, const struct view *view, const struct incident *in)
{
	json_t *list = mem_made(json_array());
	bool notes = may_see_post(
	    view->viewer, &(struct post){ .kind = POST_NOTE });

	for (size_t i = 0; i < in->n_pulls; i++) {
		const struct pull *pull = &in->pulls[i];
		json_t *one = json_object();

		element_new(list, one);
		json_put_text(one, "by", pull->by);
		member_words(one, "people", pull->people, pull->n_people);
		member_words(one, "tags", pull->tags, pull->n_tags);
		json_put_text(one, "note", notes ? pull->note : NULL);
		json_put_time(one, "created", pull->created);
		json_put_bool(one, "open", pull->open);
	}
	member_new(object, "pulls", list);
}

/* --- what else is known */

bool
shape_known(void *owner, const struct view *view, const struct incident *in,
    json_t **ret, struct error *err)
{
	json_t *list = json_owned(owner, json_array());

	for (size_t i = 0; i < in->n_known; i++) {
		struct article *article;
		json_t *one;

		if (!article_read(owner, view->db, in->known[i], &article, err))
			return false;
		if (!may_see_article(view->viewer, article))
			continue;
		one = json_object();
		element_new(list, one);
		json_put_int(one, "id", article->number);
		json_put_text(
		    one, "url", view_article_url(owner, view, article));
		json_put_text(one, "title", article->title);
	}
	*ret = list;
	return true;
}

static bool
put_known(json_t *object, const struct view *view, const struct incident *in,
    struct error *err)
{
	void *memory = mem_root("known");
	json_t *list;
	bool ok = shape_known(memory, view, in, &list, err);

	if (ok)
		json_put(object, "known", list);
	talloc_free(memory);
	return ok;
}

static bool
put_matched(json_t *object, const struct view *view, int64_t incident,
    struct error *err)
{
	json_t *list = mem_made(json_array());
	void *memory = mem_root("matched");
	struct matched_by *matched;
	size_t n = 0;
	bool ok = true;

	if (view->person != 0)
		ok = timeline_matched_by(memory, view->desk, view->db,
		    view->person, incident, &matched, &n, err);
	for (size_t i = 0; ok && i < n; i++) {
		json_t *one = json_object();

		element_new(list, one);
		json_put_int(one, "subscription", matched[i].subscription);
		json_put_text(one, "name", matched[i].name);
		json_put_text(one, "filter", matched[i].filter);
	}
	talloc_free(memory);
	member_new(object, "matched", list);
	return ok;
}

/* --- the incident */

bool
view_followed(void *owner, const struct view *view,
    const struct incident *incident, const struct incident **ret,
    struct error *err)
{
	struct incident *other;

	*ret = incident;
	if (incident->duplicate_of == 0)
		return true;
	if (!incident_read(
		owner, view->db, incident->duplicate_of, &other, err))
		return false;
	*ret = other;
	return true;
}

static void
put_head(json_t *object, const struct view *view, const struct incident *in,
    enum filter_status status)
{
	void *memory = mem_root("url");

	json_put_int(object, "id", in->number);
	json_put_text(object, "url",
	    view_url(memory, view, "/incidents/%jd", (intmax_t)in->number));
	json_put_text(object, "title", in->title);
	json_put_text(object, "body", in->body);
	json_put_text(object, "environment", in->environment);
	member_words(object, "tags", in->tags, in->n_tags);
	json_put_text(object, "severity", filter_severity_names[in->severity]);
	json_put_text(object, "status", filter_status_names[status]);
	json_put_text(object, "source", in->source);
	json_put_text(object, "by", in->by_handle);
	put_customer(object, view, in);
	json_put_text(object, "host", in->host_handle);
	json_put_int(object, "hands", in->hands);
	put_swarm(object, in);
	put_pulls(object, view, in);
	json_put_time(object, "promised", in->promised);
	json_put_time(object, "created", in->created);
	json_put_time(object, "updated", in->updated);
	json_put_time(object, "resolved", in->resolved);
	talloc_free(memory);
}

bool
shape_incident(void *owner, const struct view *view,
    const struct incident *incident, json_t **ret, struct error *err)
{
	json_t *object = object_new(owner);
	const struct incident *followed;

	if (!visible_incident(incident, err))
		return false;
	if (!may_see_incident(view->viewer, incident))
		return error_set(err, ERROR_NOT_FOUND, "no incident %jd",
		    (intmax_t)incident->number);
	if (!view_followed(owner, view, incident, &followed, err))
		return false;
	put_head(object, view, incident, followed->status);
	if (!put_posts(object, view, incident->number, err))
		return false;
	member_some(object, "article", incident->article);
	member_some(object, "duplicate_of", incident->duplicate_of);
	member_some(object, "rating", incident->rating);
	if (!put_known(object, view, incident, err) ||
	    !put_matched(object, view, incident->number, err))
		return false;
	*ret = object;
	return true;
}
