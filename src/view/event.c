/* SPDX-License-Identifier: ISC */
#include "view/draft.h"

/* What happened: an event in words. */

#include "base/escape.h"
#include "base/json.h"
#include "base/mem.h"
#include "view/inside.h"

#include <string.h>

/* After the name of who did it; and, where nobody did, the whole. */
static const struct wording {
	const char *by_somebody, *by_itself;
} wordings[JOURNAL_KINDS] = {
	[JOURNAL_REPORT] = { "reported it", "Reported" },
	[JOURNAL_EDIT] = { "changed it", "Changed" },
	[JOURNAL_HOST] = { "made somebody its host",
	    "The host is gone: somebody else is wanted" },
	[JOURNAL_PROMISE] = { "promised a time", "A time was promised" },
	[JOURNAL_JOIN] = { "joined", "Somebody joined" },
	[JOURNAL_LEAVE] = { "left", "Somebody left" },
	[JOURNAL_REPLY] = { "replied", "A reply" },
	[JOURNAL_FIX] = { "wrote the fix", "The fix" },
	[JOURNAL_ANSWER] = { "answered with what is known", "Answered" },
	[JOURNAL_PULL] = { "asked for more hands", "More hands are wanted" },
	[JOURNAL_CLOSE] = { "closed it",
	    "Closed, since nothing was heard for some time" },
	[JOURNAL_CONFIRM] = { "says that it is solved", "It is solved" },
	[JOURNAL_REOPEN] = { "reopened it", "Reopened" },
	[JOURNAL_DUPLICATE] = { "says that it is a duplicate",
	    "It is a duplicate" },
	[JOURNAL_WITHDRAW] = { "withdrew something", "Withdrawn" },
	[JOURNAL_OVERDUE] = { "let a promised time pass",
	    "The promised time is over" },
	[JOURNAL_ORPHAN] = { "left it alone", "Nobody has joined it yet" },
};

/* --- who */

const char *
draft_customer(const struct draft *draft, const struct incident *incident)
{
	if (incident->customer_name != NULL)
		return incident->customer_name;
	if (draft->status_url != NULL)
		return "You";
	if (incident->by_handle != NULL)
		return incident->by_handle;
	return "the customer";
}

static bool
is_of_customer(const struct event *event)
{
	return event->person == 0 &&
	    (event->kind == JOURNAL_REPLY || event->kind == JOURNAL_CONFIRM ||
		event->kind == JOURNAL_REOPEN);
}

static const char *
customer_who(const struct draft *draft, const struct incident *incident)
{
	if (incident->customer_name != NULL)
		return incident->customer_name;
	return draft->status_url != NULL ? "You" : "the customer";
}

const char *
draft_author(const struct draft *draft, const struct dossier *dossier,
    const struct event *event)
{
	if (is_of_customer(event))
		return customer_who(draft, dossier->incident);
	if (event->person == 0)
		return draft->view->name;
	return draft->status_url != NULL ? event->name : event->handle;
}

/* --- in a sentence */

static void
add_names(struct buf *out, const json_t *names, const char *sign, bool *any)
{
	for (size_t i = 0; i < json_array_size(names); i++) {
		buf_printf(out, "%s%s%s", *any ? ", " : " ", sign,
		    json_string_value(json_array_get(names, i)));
		*any = true;
	}
}

static void
say_pull(struct buf *out, const char *who, const struct event *event)
{
	bool any = false;

	buf_printf(out, "%s asked for", who);
	add_names(out, json_object_get(event->detail, "people"), "", &any);
	add_names(out, json_object_get(event->detail, "tags"), "#", &any);
}

static void
say_more(struct buf *out, const struct event *event)
{
	const json_t *rating = json_object_get(event->detail, "rating");
	const char *severity = json_string_value(
	    json_object_get(event->detail, "severity"));
	const char *host = json_string_value(
	    json_object_get(event->detail, "host"));

	if (event->kind == JOURNAL_CONFIRM && json_is_integer(rating))
		buf_printf(
		    out, ": %jd of 5", (intmax_t)json_integer_value(rating));
	if (event->kind == JOURNAL_EDIT && severity != NULL)
		buf_printf(out, ": severity %s", severity);
	if (event->kind == JOURNAL_HOST && host != NULL)
		buf_printf(out, ": %s", host);
	if (event->raise == RAISE_WANTED)
		buf_text(out, ", and nobody is in the swarm now");
}

static char *
sentence(void *owner, const struct draft *draft, const struct dossier *dossier,
    const struct event *event)
{
	struct buf *out = buf_new(owner);
	const char *who = draft_author(draft, dossier, event);

	if (event->kind == JOURNAL_PULL)
		say_pull(out, who, event);
	else if (event->person == 0 && !is_of_customer(event))
		buf_text(out, wordings[event->kind].by_itself);
	else if (strcmp(who, "You") == 0 && event->kind == JOURNAL_CONFIRM)
		buf_text(out, "You said that it is solved");
	else
		buf_printf(
		    out, "%s %s", who, wordings[event->kind].by_somebody);
	say_more(out, event);
	return out->text;
}

/* --- with its texts */

static const char *
detail_text(const struct event *event, const char *name)
{
	return json_string_value(json_object_get(event->detail, name));
}

/* What staff wrote with it is a note. */
static const char *
more_of(const struct draft *draft, const struct event *event)
{
	bool notes = may_see_post(
	    draft->view->viewer, &(struct post){ .kind = POST_NOTE });

	if (event->kind == JOURNAL_CONFIRM)
		return detail_text(event, "comment");
	if (event->kind == JOURNAL_PULL && notes)
		return detail_text(event, "note");
	if (event->kind == JOURNAL_CLOSE && notes)
		return detail_text(event, "reason");
	return NULL;
}

bool
html_article(struct buf *out, const struct draft *draft, int64_t number,
    struct error *err)
{
	struct article *article;

	if (!article_read(out, draft->view->db, number, &article, err))
		return false;
	if (!may_see_article(draft->view->viewer, article))
		return true;
	buf_text(out, "<p>The answer: ");
	html_link(
	    out, view_article_url(out, draft->view, article), article->title);
	buf_text(out, "</p>");
	return true;
}

bool
html_event(struct buf *out, const struct draft *draft,
    const struct dossier *dossier, const struct event *event, struct error *err)
{
	const struct post *post = dossier_post(
	    dossier, draft->view, event->seq);
	const char *more = more_of(draft, event);
	int64_t article = 0;
	const char *url = draft->status_url != NULL
	    ? draft->status_url
	    : view_url(out, draft->view, "/incidents/%jd",
		  (intmax_t)dossier->incident->number);

	buf_text(out, "<p><strong>");
	buf_html(out, sentence(out, draft, dossier, event));
	buf_text(out,
	    post != NULL || more != NULL ? ":</strong></p>" : ".</strong></p>");
	if (post != NULL && post->kind == POST_FIX)
		html_fix(out, post, url);
	else if (post != NULL)
		html_text(out, post->text, post->author == 0, url);
	if (more != NULL)
		html_text(out, more, event->kind == JOURNAL_CONFIRM, url);
	if (event->kind == JOURNAL_ANSWER &&
	    !json_int(event->detail, "article", &article, err))
		return false;
	return article == 0 || html_article(out, draft, article, err);
}

char *
text_event(void *owner, const struct draft *draft,
    const struct dossier *dossier, const struct event *event)
{
	const struct post *post = dossier_post(
	    dossier, draft->view, event->seq);
	char *said = sentence(owner, draft, dossier, event);

	if (post == NULL)
		return mem_printf(owner, "%s.", said);
	return mem_printf(owner, "%s: %s", said, post->text);
}
