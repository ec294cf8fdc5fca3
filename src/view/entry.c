/* SPDX-License-Identifier: ISC */
#include "view/draft.h"

/*
 * The entries of an incident: its own, and one for an event. An entry for a
 * person says what the customer wrote, why she sees it, what is needed, the
 * known answers, and where to join and to reply; one for the customer says what
 * is happening.
 */

#include "base/date.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "view/inside.h"
#include "view/markdown.h"
#include "view/member.h"
#include "view/shape.h"

#include <string.h>

enum {
	SUMMARY = 300, /* characters */
	/* bytes under _barnraise: an incident's, and an event's with its post
	 */
	OBJECT_WORDS = 8 * 1024,
	OBJECT_POSTS = 4 * 1024,
	EVENT_WORDS = 1024,
	EVENT_POST = 8 * 1024,
};

/* --- categories and links */

struct feed_category
draft_category(const struct draft *draft, const char *scheme, const char *term)
{
	return (struct feed_category){
		.scheme = view_id(
		    draft->owner, draft->view, "scheme:%s", scheme),
		.term = term,
		.label = term,
	};
}

struct feed_category *
draft_categories(
    const struct draft *draft, char *const *tags, size_t n_tags, size_t more)
{
	struct feed_category *all = mem_array(
	    draft->owner, struct feed_category, n_tags + more);
	struct feed_category one = draft_category(draft, "tag", NULL);

	for (size_t i = 0; i < n_tags; i++) {
		one.term = one.label = tags[i];
		all[i] = one;
	}
	return all;
}

static void
put_categories(struct draft *draft, struct feed_entry *entry,
    const struct dossier *dossier)
{
	const struct incident *in = dossier->incident;
	struct feed_category *all = draft_categories(
	    draft, in->tags, in->n_tags, 2);

	all[in->n_tags] = draft_category(
	    draft, "severity", filter_severity_names[in->severity]);
	all[in->n_tags + 1] = draft_category(
	    draft, "status", filter_status_names[dossier->followed->status]);
	entry->categories = all;
	entry->n_categories = in->n_tags + 2;
}

static char *
incident_url(const struct draft *draft, const struct dossier *dossier)
{
	if (draft->status_url != NULL)
		return mem_copy(draft->owner, draft->status_url);
	return view_url(draft->owner, draft->view, "/incidents/%jd",
	    (intmax_t)dossier->incident->number);
}

static void
put_links(struct draft *draft, struct feed_entry *entry,
    const struct dossier *dossier)
{
	const struct view *view = draft->view;
	struct feed_link *links = mem_array(draft->owner, struct feed_link, 3);
	size_t n = 0;

	if (entry->parent_id == NULL)
		links[n++] = (struct feed_link){
			.rel = "replies",
			.href = mem_printf(draft->owner, "%s.atom", entry->url),
			.type = "application/atom+xml",
			.count = (int64_t)dossier->n_thread,
			.updated = dossier->answered,
		};
	if (draft->status_url == NULL) {
		links[n++] = (struct feed_link){
			.rel = view_id(draft->owner, view, "rel:join"),
			.href = mem_printf(draft->owner, "%s#join", entry->url),
			.type = "text/html",
			.title = "Join",
			.count = -1,
		};
		links[n++] = (struct feed_link){
			.rel = view_id(draft->owner, view, "rel:reply"),
			.href = mem_printf(
			    draft->owner, "%s#reply", entry->url),
			.type = "text/html",
			.title = "Reply",
			.count = -1,
		};
	}
	entry->links = links;
	entry->n_links = n;
}

/* --- why she sees it */

static bool
has_word(char *const *words, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (word != NULL && strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* Whom it went to was settled then: she may have left since. */
static const char *
why_addressed(const struct draft *draft, const struct dossier *dossier,
    const struct event *event, bool is_matched)
{
	const struct view *view = draft->view;
	const struct incident *in = dossier->incident;
	const struct incident *followed = dossier->followed;

	if (event == NULL || view->person == 0)
		return NULL;
	for (size_t i = 0; i < in->n_pulls; i++) {
		const struct pull *pull = &in->pulls[i];

		if (pull->id != event->seq)
			continue;
		if (has_word(pull->people, pull->n_people, view->handle))
			return "You were asked by name.";
		if (!is_matched)
			return "You have a tag that was asked for.";
	}
	if (followed->host == view->person)
		return "You are its host.";
	if (incident_stay(followed, view->person) != NULL)
		return "You are in its swarm.";
	return is_matched ? NULL : "You were its host or in its swarm.";
}

static void
html_because(struct buf *out, const char *name, const char *filter)
{
	buf_text(out, "<p>You see this because of ");
	if (name == NULL)
		buf_text(out, "this list");
	else {
		buf_text(out, "your subscription <em>");
		buf_html(out, name);
		buf_text(out, "</em>");
	}
	buf_text(out, ": <code>");
	buf_html(out, filter);
	buf_text(out, "</code></p>");
}

static void
html_why(struct buf *out, const struct draft *draft,
    const struct dossier *dossier, const struct event *event)
{
	const json_t *matched = json_object_get(dossier->object, "matched");
	const char *addressed = why_addressed(
	    draft, dossier, event, json_array_size(matched) > 0);

	if (addressed != NULL)
		buf_printf(out, "<p>%s</p>", addressed);
	for (size_t i = 0; i < json_array_size(matched); i++) {
		const json_t *one = json_array_get(matched, i);

		html_because(out,
		    json_string_value(json_object_get(one, "name")),
		    json_string_value(json_object_get(one, "filter")));
	}
	if (json_array_size(matched) == 0 && addressed == NULL &&
	    draft->filter != NULL && *draft->filter != '\0')
		html_because(out, NULL, draft->filter);
}

/* --- what is needed */

static void
add_pull(struct buf *out, const struct pull *pull)
{
	buf_printf(
	    out, "%s%s asked for ", out->length > 0 ? ", " : "", pull->by);
	for (size_t i = 0; i < pull->n_people; i++)
		buf_printf(out, "%s%s", i > 0 ? ", " : "", pull->people[i]);
	for (size_t i = 0; i < pull->n_tags; i++)
		buf_printf(out, "%s#%s", i + pull->n_people > 0 ? ", " : "",
		    pull->tags[i]);
}

char *
view_needed(void *owner, const struct incident *in)
{
	struct buf *out = buf_new(owner);

	if (in->status != STATUS_OPEN && in->status != STATUS_SWARMING)
		return out->text;
	buf_printf(out, "%u of %u %s", incident_helpers(in), in->hands,
	    in->hands == 1 ? "hand" : "hands");
	for (size_t i = 0; i < in->n_pulls; i++)
		if (in->pulls[i].open)
			add_pull(out, &in->pulls[i]);
	return out->text;
}

static void
html_swarm(struct buf *out, const struct incident *in)
{
	bool any = false;

	buf_text(out, "<p>In the swarm: ");
	for (size_t i = 0; i < in->n_stays; i++) {
		const struct stay *stay = &in->stays[i];

		if (stay->left != 0)
			continue;
		buf_text(out, any ? ", " : "");
		buf_html(out, stay->handle);
		if (stay->role == ROLE_SHADOW)
			buf_text(out, " (shadow)");
		any = true;
	}
	buf_text(out, any ? "." : "nobody.");
	buf_text(out, in->host == 0 ? " Nobody is the host." : " Host: ");
	if (in->host != 0) {
		buf_html(out, in->host_handle);
		buf_text(out, ".");
	}
	buf_text(out, "</p>");
}

static void
html_needed(struct buf *out, const struct incident *in)
{
	char *needed = view_needed(out, in);
	char *promised = in->promised == 0 ? NULL
					   : date_rfc3339(out, in->promised);

	buf_printf(out, "<p>Severity %s, %s.",
	    filter_severity_names[in->severity],
	    filter_status_names[in->status]);
	if (*needed != '\0') {
		buf_text(out, " Needed: ");
		buf_html(out, needed);
		buf_text(out, ".");
	}
	if (promised != NULL)
		buf_printf(out, " Promised for %s%s.", promised,
		    in->overdue ? ", which is over" : "");
	buf_text(out, "</p>");
	html_swarm(out, in);
}

static const struct post *
last_fix(const struct draft *draft, const struct dossier *dossier)
{
	for (size_t i = dossier->n_posts; i-- > 0;)
		if (dossier->posts[i].kind == POST_FIX)
			return dossier_post(
			    dossier, draft->view, dossier->posts[i].id);
	return NULL;
}

static bool
is_resolved(const struct incident *in)
{
	return in->status == STATUS_RESOLVED ||
	    (in->status == STATUS_CLOSED && in->resolved != 0);
}

/* Written here, or known before. */
static bool
html_solution(struct buf *out, const struct draft *draft,
    const struct dossier *dossier, const char *url, struct error *err)
{
	const struct incident *in = dossier->incident;
	const struct post *fix = last_fix(draft, dossier);

	if (!is_resolved(in))
		return true;
	if (in->answered)
		return html_article(out, draft, in->article, err);
	if (fix == NULL)
		return true;
	buf_text(out, "<p>The fix, by <strong>");
	buf_html(out, fix->author == 0 ? draft->view->name : fix->handle);
	buf_text(out, "</strong>:</p>");
	html_fix(out, fix, url);
	return true;
}

static void
html_known(struct buf *out, const struct dossier *dossier)
{
	const json_t *known = json_object_get(dossier->object, "known");

	if (json_array_size(known) == 0)
		return;
	buf_text(out, "<p>Known answers:</p><ul>");
	for (size_t i = 0; i < json_array_size(known); i++) {
		const json_t *one = json_array_get(known, i);

		buf_text(out, "<li>");
		html_link(out, json_string_value(json_object_get(one, "url")),
		    json_string_value(json_object_get(one, "title")));
		buf_text(out, "</li>");
	}
	buf_text(out, "</ul>");
}

static void
html_ways(struct buf *out, const struct feed_entry *entry)
{
	buf_text(out, "<p>");
	for (size_t i = 0; i < entry->n_links; i++) {
		if (entry->links[i].title == NULL)
			continue;
		html_link(out, entry->links[i].href, entry->links[i].title);
		buf_text(out, " ");
	}
	html_link(out, entry->url, "Open");
	buf_text(out, "</p>");
}

static bool
html_for_person(struct buf *out, const struct draft *draft,
    const struct dossier *dossier, const struct event *event,
    const struct feed_entry *entry, struct error *err)
{
	html_words(out, draft, dossier, entry->url);
	html_why(out, draft, dossier, event);
	html_needed(out, dossier->incident);
	if (!html_solution(out, draft, dossier, entry->url, err))
		return false;
	html_known(out, dossier);
	html_ways(out, entry);
	return true;
}

/* --- the customer's */

static void
html_for_customer(struct buf *out, const struct draft *draft,
    const struct dossier *dossier, const struct feed_entry *entry)
{
	const struct incident *state = dossier->followed;
	const char *host = dossier->incident->host_name;
	unsigned helpers = incident_helpers(state);

	html_words(out, draft, dossier, entry->url);
	buf_printf(out, "<p>It is %s. ", filter_status_names[state->status]);
	if (host != NULL) {
		buf_html(out, host);
		buf_text(out, " answers to you until it is solved. ");
	}
	buf_printf(out, "%u %s working on it.", helpers,
	    helpers == 1 ? "person is" : "people are");
	if (state->promised != 0)
		buf_printf(out, " You hear from us by %s.",
		    date_rfc3339(out, state->promised));
	buf_text(out, "</p><p>");
	html_link(out, entry->url, "Answer us, or say whether it is solved");
	buf_text(out, "</p>");
}

/* --- the incident's own entry */

static bool
put_object(struct draft *draft, struct dossier *dossier, struct error *err)
{
	if (dossier->object != NULL)
		return true;
	if (draft->status_url != NULL
		? !shape_status(draft->owner, draft->view, dossier->incident,
		      &dossier->object, err)
		: !shape_incident(draft->owner, draft->view, dossier->incident,
		      &dossier->object, err))
		return false;
	object_fit(dossier->object, OBJECT_WORDS, OBJECT_POSTS);
	return true;
}

static int64_t
updated_of(const struct dossier *dossier)
{
	int64_t own = dossier->incident->updated;
	int64_t other = dossier->followed->updated;

	return other > own ? other : own;
}

bool
draft_incident(struct draft *draft, struct dossier *dossier, struct error *err)
{
	const struct incident *in = dossier->incident;
	struct feed_entry *entry;
	struct buf *content = buf_new(draft->owner);

	if (!put_object(draft, dossier, err))
		return false;
	entry = draft_add(draft);
	entry->id = view_id(
	    draft->owner, draft->view, "incident:%jd", (intmax_t)in->number);
	entry->title = mem_printf(draft->owner, "%s%s",
	    is_resolved(dossier->followed) ? "Resolved: " : "", in->title);
	entry->url = incident_url(draft, dossier);
	entry->author = draft_customer(draft, in);
	entry->published = in->created;
	entry->updated = updated_of(dossier);
	entry->summary = text_summary(draft->owner,
	    utf8_is_blank(in->body) ? in->title : in->body, SUMMARY);
	entry->object = dossier->object;
	put_categories(draft, entry, dossier);
	put_links(draft, entry, dossier);
	if (draft->status_url != NULL)
		html_for_customer(content, draft, dossier, entry);
	else if (!html_for_person(content, draft, dossier, NULL, entry, err))
		return false;
	entry->content = content->text;
	draft_changed(draft, entry->updated);
	return true;
}

/* --- an event's entry */

static json_t *
event_member(const struct draft *draft, const struct event *event)
{
	json_t *object = mem_made(json_object());

	json_put_int(object, "id", event->seq);
	json_put_text(object, "kind", journal_names[event->kind]);
	json_put_text(object, "person",
	    draft->status_url != NULL ? event->name : event->handle);
	json_put_time(object, "created", event->at);
	return object;
}

static json_t *
event_object(const struct draft *draft, const struct dossier *dossier,
    const struct event *event, const struct post *post)
{
	json_t *object = object_new(draft->owner);
	json_t *posts;

	if (draft->status_url == NULL) {
		posts = mem_made(json_array());
		(void)json_object_update(object, dossier->object);
		if (post != NULL)
			element_new(posts,
			    json_incref(
				shape_post(draft->owner, draft->view, post)));
		member_new(object, "posts", posts);
		object_fit(object, EVENT_WORDS, EVENT_POST);
	}
	member_new(object, "event", event_member(draft, event));
	return object;
}

static const char *
prefix_of(void *owner, const struct event *event)
{
	static const char *const raised[] = {
		[RAISE_PULLED] = "Pulled",
		[RAISE_REOPENED] = "Reopened",
		[RAISE_WANTED] = "Wanted again",
		[RAISE_MATCHED] = NULL,
	};
	static const char *const kinds[JOURNAL_KINDS] = {
		[JOURNAL_FIX] = "Fix",
		[JOURNAL_PULL] = "Pulled",
		[JOURNAL_REOPEN] = "Reopened",
		[JOURNAL_CONFIRM] = "Solved",
		[JOURNAL_OVERDUE] = "Overdue",
	};
	char *kind;

	if (event->raise == RAISE_SEVERITY)
		return mem_printf(owner, "Severity %s",
		    json_string_value(
			json_object_get(event->detail, "severity")));
	if (event->raise < sizeof raised / sizeof *raised &&
	    raised[event->raise] != NULL)
		return raised[event->raise];
	if (kinds[event->kind] != NULL)
		return kinds[event->kind];
	if (event->kind == JOURNAL_REPLY && event->person == 0)
		return "Customer replied";
	kind = mem_copy(owner, journal_names[event->kind]);
	kind[0] = (char)(kind[0] - 'a' + 'A');
	return kind;
}

bool
draft_event(struct draft *draft, struct dossier *dossier,
    const struct event *event, struct error *err)
{
	const struct incident *in = dossier->incident;
	const struct post *post = dossier_post(
	    dossier, draft->view, event->seq);
	struct buf *content = buf_new(draft->owner);
	struct feed_entry *entry;

	if (event_is_post(event) && post == NULL)
		return true;
	if (!put_object(draft, dossier, err) ||
	    !html_event(content, draft, dossier, event, err))
		return false;
	entry = draft_add(draft);
	entry->id = view_id(draft->owner, draft->view, "incident:%jd:%jd",
	    (intmax_t)in->number, (intmax_t)event->seq);
	entry->title = mem_printf(
	    draft->owner, "%s: %s", prefix_of(draft->owner, event), in->title);
	entry->url = incident_url(draft, dossier);
	entry->author = draft_author(draft, dossier, event);
	entry->published = event->at;
	entry->updated = post != NULL && post->edited != 0 ? post->edited
							   : event->at;
	entry->summary = text_summary(draft->owner,
	    text_event(draft->owner, draft, dossier, event), SUMMARY);
	entry->parent_id = view_id(
	    draft->owner, draft->view, "incident:%jd", (intmax_t)in->number);
	entry->parent_url = entry->url;
	entry->object = event_object(draft, dossier, event, post);
	put_categories(draft, entry, dossier);
	put_links(draft, entry, dossier);
	if (draft->is_thread)
		html_ways(content, entry);
	else if (!html_for_person(content, draft, dossier, event, entry, err))
		return false;
	entry->content = content->text;
	draft_changed(draft, entry->updated);
	return true;
}
