/* SPDX-License-Identifier: ISC */
#include "view/draft.h"

/*
 * The public knowledge base: what everybody may read, so nothing of who wrote
 * it, of whom it is about, or of the incident.
 */

#include "base/escape.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "view/inside.h"
#include "view/markdown.h"
#include "view/shape.h"

enum { SUMMARY = 300, OBJECT_PART = 8 * 1024 };

static void
part(struct buf *out, const char *name, const char *text, bool is_plain,
    const char *url)
{
	if (utf8_is_blank(text))
		return;
	buf_printf(out, "<h3>%s</h3>", name);
	html_text(out, text, is_plain, url);
}

static void
add_article(struct draft *draft, const struct article *article)
{
	void *owner = draft->owner;
	struct feed_entry *entry = draft_add(draft);
	struct buf *content = buf_new(owner);
	struct feed_category *categories = draft_categories(
	    draft, article->tags, article->n_tags, 1);

	categories[article->n_tags] = draft_category(
	    draft, "confidence", confidence_names[article->confidence]);
	entry->id = view_id(
	    owner, draft->view, "article:%jd", (intmax_t)article->number);
	entry->title = article->title;
	entry->url = view_article_url(owner, draft->view, article);
	entry->author = draft->view->name;
	entry->published = article->published;
	entry->updated = article->updated;
	entry->summary = text_summary(owner,
	    utf8_is_blank(article->issue) ? article->resolution
					  : article->issue,
	    SUMMARY);
	entry->categories = categories;
	entry->n_categories = article->n_tags + 1;
	entry->object = shape_article(owner, draft->view, article);
	object_fit_article(entry->object, OBJECT_PART);
	part(content, "Issue", article->issue, true, entry->url);
	part(content, "Environment", article->environment, false, entry->url);
	part(content, "Resolution", article->resolution, false, entry->url);
	part(content, "Cause", article->cause, false, entry->url);
	entry->content = content->text;
	draft_changed(draft, article->updated);
}

/* Of what was asked: "" for all, else each part that was, after before. */
static char *
asked_text(void *owner, const struct kb_asked *asked, const char *filter_name,
    const char *before, const char *between)
{
	struct buf *text = buf_new(owner);

	if (asked->filter[0] != '\0') {
		buf_printf(text, "%s%s", before, filter_name);
		buf_url(text, asked->filter);
		before = between;
	}
	if (asked->search != NULL) {
		buf_printf(text, "%ssearch=", before);
		buf_url(text, asked->search);
		before = between;
	}
	if (asked->by_reuse)
		buf_printf(text, "%ssort=reused", before);
	return text->text;
}

/* For people: the words as they were asked. */
static char *
subtitle_of(void *owner, const struct kb_asked *asked)
{
	struct buf *text = buf_new(owner);
	const char *between = "";

	if (asked->search != NULL) {
		buf_printf(text, "Search: %s", asked->search);
		between = "; ";
	}
	if (asked->filter[0] != '\0') {
		buf_printf(text, "%s%s", between, asked->filter);
		between = "; ";
	}
	if (asked->by_reuse)
		buf_printf(text, "%smost reused", between);
	return text->length == 0 ? NULL : text->text;
}

bool
feed_kb(void *owner, const struct view *view, const struct kb_asked *asked,
    const struct article_list *articles, struct feed_view *ret,
    struct error *err)
{
	bool is_ordered = asked->search != NULL || asked->by_reuse;
	struct view public = *view;
	struct draft draft;

	*ret = (struct feed_view){ 0 };
	public.viewer = VIEWER_PUBLIC;
	draft_begin(&draft, owner, &public);
	for (size_t i = 0; i < articles->n; i++)
		if (may_see_article(VIEWER_PUBLIC, articles->articles[i]))
			add_article(&draft, articles->articles[i]);
	ret->feed.id = view_id(
	    owner, view, "kb%s", asked_text(owner, asked, "", ":", ":"));
	ret->feed.title = mem_printf(owner, "%s: knowledge base", view->name);
	ret->feed.subtitle = subtitle_of(owner, asked);
	ret->feed.url = view_url(
	    owner, view, "/kb%s", asked_text(owner, asked, "q=", "?", "&"));
	return draft_done(&draft,
	    is_ordered ? DRAFT_AS_ADDED : DRAFT_NEWEST_FIRST, 0, ret, err);
}
