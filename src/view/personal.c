/* SPDX-License-Identifier: ISC */
#include "view/draft.h"

/* A person's feed, and one of her subscriptions'. */

#include "base/escape.h"
#include "base/json.h"
#include "base/mem.h"
#include "desk/person.h"
#include "desk/timeline.h"
#include "view/member.h"
#include "view/shape.h"

/* --- a subscription whose filter was paused */

static json_t *
pause_object(const struct draft *draft, const struct subscription *subscription,
    const struct event *event)
{
	json_t *object = shape_subscription(
	    draft->owner, draft->view, subscription);
	json_t *member = mem_made(json_object());

	json_put_int(member, "id", event->seq);
	json_put_text(member, "kind", journal_names[event->kind]);
	json_put_text(member, "person", NULL);
	json_put_time(member, "created", event->at);
	member_new(object, "event", member);
	return object;
}

static char *
pause_content(const struct draft *draft,
    const struct subscription *subscription, const struct feed_entry *entry)
{
	struct buf *out = buf_new(draft->owner);

	buf_text(out, "<p>");
	buf_html(out, entry->summary);
	buf_text(out, "</p><p>The filter: <code>");
	buf_html(out, subscription->filter);
	buf_text(out, "</code></p><p>");
	html_link(out, entry->url, "Change it, or save it again to go on");
	buf_text(out, "</p>");
	return out->text;
}

static bool
draft_pause(struct draft *draft, const struct item *item, struct error *err)
{
	const struct view *view = draft->view;
	struct subscription *subscription;
	struct feed_entry *entry;
	struct event *event;
	const char *why = "it took too long";

	if (!journal_find(draft->owner, view->db, item->seq, &event, err) ||
	    !subscription_read(draft->owner, view->db, view->person,
		item->subscription, &subscription, err) ||
	    !json_text(event->detail, "why", &why, err))
		return false;
	entry = draft_add(draft);
	entry->id = view_id(draft->owner, view, "subscription:%jd:%jd",
	    (intmax_t)item->subscription, (intmax_t)item->seq);
	entry->title = mem_printf(
	    draft->owner, "Paused: %s", subscription->name);
	entry->url = view_url(draft->owner, view, "/me#subscriptions");
	entry->author = view->name;
	entry->published = entry->updated = event->at;
	entry->summary = mem_printf(draft->owner,
	    "The subscription %s is paused: %s.", subscription->name, why);
	entry->content = pause_content(draft, subscription, entry);
	entry->object = pause_object(draft, subscription, event);
	return true;
}

/* --- the log */

static bool
draft_item(struct draft *draft, const struct item *item, struct error *err)
{
	struct dossier *dossier;
	struct event *event;

	if (item->kind == ITEM_PAUSE)
		return draft_pause(draft, item, err);
	if (!draft_dossier(draft, item->incident, &dossier, err))
		return false;
	if (item->kind == ITEM_INCIDENT)
		return draft_incident(draft, dossier, err);
	return journal_find(
		   draft->owner, draft->view->db, item->seq, &event, err) &&
	    draft_event(draft, dossier, event, err);
}

static bool
draft_timeline(
    struct draft *draft, const struct timeline *timeline, struct error *err)
{
	for (size_t i = 0; i < timeline->n; i++)
		if (!draft_item(draft, &timeline->items[i], err))
			return false;
	return true;
}

bool
feed_personal(void *owner, const struct view *view, size_t limit,
    struct feed_view *ret, struct error *err)
{
	struct timeline timeline;
	struct person *person;
	struct draft draft;

	*ret = (struct feed_view){ 0 };
	draft_begin(&draft, owner, view);
	if (!person_by_id(owner, view->db, view->person, &person, err) ||
	    !timeline_personal(owner, view->desk, view->db, view->person, limit,
		&timeline, err) ||
	    !draft_timeline(&draft, &timeline, err))
		return false;
	ret->feed.id = view_id(owner, view, "feed:%s", person->handle);
	ret->feed.title = mem_printf(
	    owner, "%s: %s", view->name, person->handle);
	ret->feed.url = view_url(owner, view, "/me");
	return draft_done(
	    &draft, DRAFT_NEWEST_FIRST, person->created, ret, err);
}

bool
feed_subscription(void *owner, const struct view *view, int64_t subscription,
    size_t limit, struct feed_view *ret, struct error *err)
{
	struct buf *filter = buf_new(owner);
	struct subscription *read;
	struct timeline timeline;
	struct draft draft;

	*ret = (struct feed_view){ 0 };
	draft_begin(&draft, owner, view);
	if (!subscription_read(
		owner, view->db, view->person, subscription, &read, err))
		return false;
	if (read->removed != 0)
		return error_set(
		    err, ERROR_GONE, "subscription %s was removed", read->name);
	if (!timeline_subscription(owner, view->desk, view->db, view->person,
		subscription, limit, &timeline, err) ||
	    !draft_timeline(&draft, &timeline, err))
		return false;
	buf_url(filter, read->filter);
	ret->feed.id = view_id(
	    owner, view, "subscription:%jd", (intmax_t)subscription);
	ret->feed.title = mem_printf(owner, "%s: %s", view->name, read->name);
	ret->feed.subtitle = read->filter;
	ret->feed.url = view_url(owner, view, "/incidents?q=%s", filter->text);
	return draft_done(&draft, DRAFT_NEWEST_FIRST, read->created, ret, err);
}
