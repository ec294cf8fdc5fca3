/* SPDX-License-Identifier: ISC */
#include "view/shape.h"

#include "base/json.h"
#include "base/mem.h"
#include "view/inside.h"
#include "view/member.h"

static bool
is_staff(const struct view *view)
{
	return view->viewer == VIEWER_PERSON || view->viewer == VIEWER_LINK;
}

char *
view_article_url(
    void *owner, const struct view *view, const struct article *article)
{
	char *slug, *url;

	if (is_staff(view))
		return view_url(
		    owner, view, "/articles/%jd", (intmax_t)article->number);
	slug = article_slug(owner, article);
	url = view_url(
	    owner, view, "/kb/%jd/%s", (intmax_t)article->number, slug);
	talloc_free(slug);
	return url;
}

json_t *
shape_article(
    void *owner, const struct view *view, const struct article *article)
{
	json_t *object = object_new(owner);
	char *url = view_article_url(owner, view, article);

	json_put_int(object, "id", article->number);
	json_put_text(object, "url", url);
	json_put_text(object, "title", article->title);
	json_put_text(object, "issue", article->issue);
	json_put_text(object, "environment", article->environment);
	json_put_text(object, "resolution", article->resolution);
	json_put_text(object, "cause", article->cause);
	member_words(object, "tags", article->tags, article->n_tags);
	json_put_text(
	    object, "confidence", confidence_names[article->confidence]);
	json_put_text(object, "audience", audience_names[article->audience]);
	if (is_staff(view))
		member_some(object, "incident", article->incident);
	json_put_int(object, "reuse", article->reuse);
	json_put_time(object, "created", article->created);
	json_put_time(object, "updated", article->updated);
	talloc_free(url);
	return object;
}
