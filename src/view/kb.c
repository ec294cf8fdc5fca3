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

bool
feed_kb(void *owner, const struct view *view, const char *filter,
    const struct article_list *articles, struct feed_view *ret,
    struct error *err)
{
	struct view public = *view;
	struct buf *escaped = buf_new(owner);
	struct draft draft;
	bool all = *filter == '\0';

	*ret = (struct feed_view){ 0 };
	public.viewer = VIEWER_PUBLIC;
	draft_begin(&draft, owner, &public);
	for (size_t i = 0; i < articles->n; i++)
		if (may_see_article(VIEWER_PUBLIC, articles->articles[i]))
			add_article(&draft, articles->articles[i]);
	buf_url(escaped, filter);
	ret->feed.id = view_id(
	    owner, view, "kb%s%s", all ? "" : ":", escaped->text);
	ret->feed.title = mem_printf(owner, "%s: knowledge base", view->name);
	ret->feed.subtitle = all ? NULL : mem_copy(owner, filter);
	ret->feed.url = view_url(
	    owner, view, "/kb%s%s", all ? "" : "?q=", escaped->text);
	return draft_done(&draft, DRAFT_NEWEST_FIRST, 0, ret, err);
}
