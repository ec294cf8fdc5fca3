/* SPDX-License-Identifier: ISC */
#include "view/draft.h"

#include "base/check.h"
#include "base/date.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "view/inside.h"
#include "view/shape.h"

#include <stdlib.h>
#include <string.h>

void
draft_begin(struct draft *draft, void *owner, const struct view *view)
{
	*draft = (struct draft){
		.owner = owner,
		.view = view,
		.dossiers = map_new(owner),
	};
}

struct feed_entry *
draft_add(struct draft *draft)
{
	struct feed_entry *entry = mem_push(
	    draft->owner, &draft->entries, &draft->n);

	*entry = (struct feed_entry){ 0 };
	return entry;
}

void
draft_changed(struct draft *draft, int64_t time)
{
	if (time > draft->modified)
		draft->modified = time;
}

/* --- dossiers */

const struct post *
dossier_post(
    const struct dossier *dossier, const struct view *view, int64_t seq)
{
	for (size_t i = 0; i < dossier->n_posts; i++)
		if (dossier->posts[i].id == seq)
			return may_see_post(view->viewer, &dossier->posts[i])
			    ? &dossier->posts[i]
			    : NULL;
	return NULL;
}

/* Events that are entries of a thread; some only while their post is there. */
static bool
is_of_thread(const struct draft *draft, const struct dossier *dossier,
    const struct event *event)
{
	static const bool stands[JOURNAL_KINDS] = {
		[JOURNAL_REPLY] = true,
		[JOURNAL_FIX] = true,
		[JOURNAL_ANSWER] = true,
		[JOURNAL_PULL] = true,
		[JOURNAL_CLOSE] = true,
		[JOURNAL_CONFIRM] = true,
		[JOURNAL_REOPEN] = true,
	};

	if (!stands[event->kind] || !may_see_event(draft->view->viewer, event))
		return false;
	return !event_is_post(event) ||
	    dossier_post(dossier, draft->view, event->seq) != NULL;
}

bool
event_is_post(const struct event *event)
{
	return event->kind == JOURNAL_REPLY || event->kind == JOURNAL_FIX;
}

static bool
read_thread(struct draft *draft, struct dossier *dossier, struct error *err)
{
	struct event *events;
	size_t n;

	if (!journal_of_incident(dossier, draft->view->db,
		dossier->incident->number, &events, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct post *post;
		int64_t at = events[i].at;

		if (!is_of_thread(draft, dossier, &events[i]))
			continue;
		post = dossier_post(dossier, draft->view, events[i].seq);
		if (post != NULL && post->edited != 0)
			at = post->edited;
		if (at > dossier->answered)
			dossier->answered = at;
		*mem_push(
		    dossier, &dossier->thread, &dossier->n_thread) = events[i];
	}
	return true;
}

bool
draft_dossier(struct draft *draft, int64_t incident, struct dossier **ret,
    struct error *err)
{
	const struct view *view = draft->view;
	struct dossier *dossier = map_get(draft->dossiers, incident);

	if (dossier == NULL) {
		dossier = mem_new(draft->owner, struct dossier);
		if (!incident_read(
			dossier, view->db, incident, &dossier->incident, err) ||
		    !visible_incident(dossier->incident, err) ||
		    !view_followed(dossier, view, dossier->incident,
			&dossier->followed, err) ||
		    !incident_posts(dossier, view->db, incident,
			&dossier->posts, &dossier->n_posts, err) ||
		    !read_thread(draft, dossier, err))
			return false;
		map_set(draft->dossiers, incident, dossier);
	}
	draft_changed(draft, dossier->incident->updated);
	draft_changed(draft, dossier->answered);
	*ret = dossier;
	return true;
}

static bool
adopt(struct draft *draft, struct dossier *dossier, const struct event *event,
    const struct post *post)
{
	if (post->id != event->seq || post->kind != POST_FIX ||
	    !may_see_post(draft->view->viewer, post))
		return false;
	*mem_push(dossier, &dossier->posts, &dossier->n_posts) = *post;
	*mem_push(dossier, &dossier->thread, &dossier->n_thread) = *event;
	if (event->at > dossier->answered)
		dossier->answered = event->at;
	return true;
}

bool
draft_followed(struct draft *draft, struct dossier *dossier, struct error *err)
{
	const struct incident *other = dossier->followed;
	struct event *events;
	struct post *posts;
	size_t n_events, n_posts;

	if (other == dossier->incident || other->withdrawn != 0)
		return true;
	if (!incident_posts(dossier, draft->view->db, other->number, &posts,
		&n_posts, err) ||
	    !journal_of_incident(dossier, draft->view->db, other->number,
		&events, &n_events, err))
		return false;
	for (size_t i = 0; i < n_events; i++)
		for (size_t k = 0; k < n_posts; k++)
			if (adopt(draft, dossier, &events[i], &posts[k]))
				break;
	return true;
}

/* --- the end */

static int
newest_first(const void *a, const void *b)
{
	const struct feed_entry *x = a, *y = b;

	if (x->updated != y->updated)
		return x->updated < y->updated ? 1 : -1;
	return strcmp(y->id, x->id);
}

/*
 * Journal times lie 10 apart and an incident's is at most 1 after one, so only
 * a filter that is paused in several subscriptions at once gives equal ones.
 */
static void
make_distinct(struct draft *draft)
{
	for (size_t i = draft->n; i-- > 1;)
		if (draft->entries[i - 1].updated <= draft->entries[i].updated)
			draft->entries[i - 1]
			    .updated = draft->entries[i].updated + 1;
}

static bool
time_of_store(const struct view *view, int64_t *ret, struct error *err)
{
	void *memory = mem_root("first");
	struct event *first;
	size_t n;
	bool ok = journal_read(memory, view->db, 0, 1, &first, &n, err);

	if (ok && n == 1)
		*ret = first[0].at;
	else if (ok) {
		const char *year = mem_printf(
		    memory, "%04d-01-01T00:00:00Z", desk_year(view->desk));

		CHECK(date_parse_rfc3339(year, ret));
	}
	talloc_free(memory);
	return ok;
}

bool
draft_done(struct draft *draft, enum draft_order order, int64_t made,
    struct feed_view *ret, struct error *err)
{
	struct feed *feed = &ret->feed;

	if (made == 0 && draft->n == 0 &&
	    !time_of_store(draft->view, &made, err))
		return false;
	if (order == DRAFT_NEWEST_FIRST && draft->n > 1) {
		qsort(draft->entries, draft->n, sizeof *draft->entries,
		    newest_first);
		make_distinct(draft);
	}
	feed->author = draft->view->name;
	feed->entries = draft->entries;
	feed->n_entries = draft->n;
	for (size_t i = 0; i < draft->n; i++)
		if (draft->entries[i].updated > feed->updated)
			feed->updated = draft->entries[i].updated;
	if (draft->n == 0)
		feed->updated = made;
	draft_changed(draft, feed->updated);
	ret->modified = draft->modified;
	return true;
}

/* --- what stands under _barnraise */

static void
cut_member(json_t *object, const char *name, size_t *left, bool *was_cut)
{
	const char *text = json_string_value(json_object_get(object, name));
	size_t length, keep;
	json_t *part;

	if (text == NULL)
		return;
	length = strlen(text);
	keep = utf8_cut(text, length, *left);
	*left -= keep;
	if (keep == length)
		return;
	*was_cut = true;
	part = mem_made(json_stringn(text, keep));
	json_put(object, name, part);
	json_decref(part);
}

void
object_fit_article(json_t *object, size_t bytes)
{
	static const char *const parts[] = { "issue", "environment",
		"resolution", "cause" };
	bool was_cut = false;

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		cut_member(object, parts[i], &bytes, &was_cut);
	if (was_cut)
		json_put_bool(object, "cut", true);
}

static void
drop_notes(json_t *posts)
{
	for (size_t i = json_array_size(posts); i-- > 0;) {
		const json_t *kind = json_object_get(
		    json_array_get(posts, i), "kind");

		if (strcmp(json_string_value(kind), "note") == 0)
			(void)json_array_remove(posts, i);
	}
}

void
object_fit(json_t *object, size_t of_words, size_t of_posts)
{
	json_t *posts = json_object_get(object, "posts");
	bool was_cut = false;

	drop_notes(posts);
	cut_member(object, "body", &of_words, &was_cut);
	cut_member(object, "environment", &of_words, &was_cut);
	for (size_t i = json_array_size(posts); i-- > 0;) {
		json_t *post = json_array_get(posts, i);

		cut_member(post, "text", &of_posts, &was_cut);
		cut_member(post, "resolution", &of_posts, &was_cut);
		cut_member(post, "cause", &of_posts, &was_cut);
		cut_member(post, "environment", &of_posts, &was_cut);
	}
	if (was_cut)
		json_put_bool(object, "cut", true);
}
