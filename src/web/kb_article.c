/* SPDX-License-Identifier: ISC */
#include "web/resources.h"

/* One article of the public knowledge base, and "this solved it". */

#include "base/json.h"
#include "base/mem.h"
#include "desk/search.h"
#include "view/markdown.h"
#include "view/shape.h"
#include "web/answer_feed.h"
#include "web/model.h"
#include "web/public.h"
#include "web/shared.h"

#include <stdint.h>

static bool
read_public(struct request *request, struct view *view, int64_t number,
    struct article **ret, struct error *err)
{
	if (!visit_view(request, VIEWER_PUBLIC, view, err) ||
	    !article_read(request->memory, view->db, number, ret, err))
		return false;
	return may_see_article(VIEWER_PUBLIC, *ret) ||
	    error_set(err, ERROR_NOT_FOUND, "no article %jd", (intmax_t)number);
}

static void
put_html(struct request *request, json_t *model, const char *name,
    void (*write)(struct buf *, const char *), const char *text)
{
	json_put_text(model, name, html_of(request->memory, write, text));
}

/* --- for search engines: schema.org as JSON-LD */

static json_t *
thing_new(const char *type)
{
	json_t *thing = mem_made(json_object());

	json_put_text(thing, "@type", type);
	return thing;
}

static json_t *
organization(const struct view *view)
{
	json_t *thing = thing_new("Organization");

	json_put_text(thing, "name", view->name);
	json_put_text(thing, "url", view->base_url);
	return thing;
}

static json_t *
tech_article(struct request *request, const struct view *view,
    const struct article *article, const char *url, json_t *keywords)
{
	enum { DESCRIPTION = 300 };
	json_t *thing = thing_new("TechArticle");
	const char *text = article->issue[0] != '\0' ? article->issue
						     : article->resolution;

	json_put_text(thing, "@id", url);
	json_put_text(thing, "url", url);
	json_put_text(thing, "mainEntityOfPage", url);
	json_put_text(thing, "headline", article->title);
	json_put_text(thing, "description",
	    text_summary(request->memory, text, DESCRIPTION));
	json_put(thing, "keywords", keywords);
	json_put_time(thing, "datePublished", article->published);
	json_put_time(thing, "dateModified", article->updated);
	json_put_bool(thing, "isAccessibleForFree", true);
	model_put(thing, "author", organization(view));
	model_put(thing, "publisher", organization(view));
	return thing;
}

static void
add_crumb(json_t *list, const char *name, const char *url)
{
	json_t *crumb = thing_new("ListItem");

	json_put_int(crumb, "position", (int64_t)json_array_size(list) + 1);
	json_put_text(crumb, "name", name);
	json_put_text(crumb, "item", url);
	model_push(list, crumb);
}

static json_t *
breadcrumbs(struct request *request, const struct view *view,
    const struct article *article, const char *url)
{
	json_t *thing = thing_new("BreadcrumbList");
	json_t *list = mem_made(json_array());

	add_crumb(list, "Knowledge base",
	    mem_printf(request->memory, "%s/kb", view->base_url));
	add_crumb(list, article->title, url);
	model_put(thing, "itemListElement", list);
	return thing;
}

static void
put_structured(struct request *request, json_t *model, const struct view *view,
    const struct article *article)
{
	const char *url = json_string_value(json_object_get(model, "url"));
	json_t *whole = mem_made(json_object());
	json_t *graph = mem_made(json_array());

	model_push(graph,
	    tech_article(
		request, view, article, url, json_object_get(model, "tags")));
	model_push(graph, breadcrumbs(request, view, article, url));
	json_put_text(whole, "@context", "https://schema.org");
	model_put(whole, "@graph", graph);
	model_put_data(model, "structured_html", whole);
	json_decref(whole);
}

/* --- the page */

static bool
put_related(struct request *request, json_t *model, const struct view *view,
    const struct article *article, struct error *err)
{
	struct article_list related;

	if (!search_related(
		request->memory, view->desk, view->db, article, &related, err))
		return false;
	json_put(model, "related",
	    article_rows(request, view, &related, "/kb", NULL));
	json_put_bool(model, "has_related", related.n > 0);
	return true;
}

static void
put_texts(struct request *request, json_t *model, const struct article *article)
{
	put_html(request, model, "issue_html", buf_plain, article->issue);
	put_html(request, model, "environment_html", buf_markdown,
	    article->environment);
	put_html(request, model, "resolution_html", buf_markdown,
	    article->resolution);
	put_html(request, model, "cause_html", buf_markdown, article->cause);
	json_put(model, "tag_links",
	    tag_links(request, json_object_get(model, "tags"), "/kb"));
	json_put_bool(
	    model, "is_archived", article->confidence == CONFIDENCE_ARCHIVED);
}

static bool
answer_article_page(struct request *request, struct answer *answer,
    const struct view *view, const struct article *article, json_t *model,
    struct error *err)
{
	struct page_head head = { .title = article->title,
		.at = "kb",
		.canonical = json_string_value(json_object_get(model, "url")) };

	put_texts(request, model, article);
	put_structured(request, model, view, article);
	if (!put_related(request, model, view, article, err))
		return false;
	head.feeds = feed_links(request, "/kb", "", "Knowledge base");
	if (!answer_page(request, answer, "article", model, &head, err))
		return false;
	answer_etag_of_body(request, answer, 0);
	return true;
}

static bool
answer_article(struct request *request, struct answer *answer,
    const struct view *view, const struct article *article, struct error *err)
{
	json_t *object = shape_article(request->memory, view, article);

	if (request->form == HTTP_HTML)
		return answer_article_page(
		    request, answer, view, article, object, err);
	answer_json(request, answer, object, 0);
	answer_etag_of_body(request, answer, article->changed);
	return true;
}

static bool
make_article(struct request *request, struct answer *answer, struct error *err)
{
	struct article *article;
	struct view view;
	int64_t number;

	return part_number(request, 0, &number, err) &&
	    read_public(request, &view, number, &article, err) &&
	    answer_article(request, answer, &view, article, err);
}

bool
kb_article_get(
    struct request *request, struct answer *answer, struct error *err)
{
	return answer_shared(request, answer, SHARED_KB_TEXT,
	    mem_printf(request->memory, "%s %s",
		request->form == HTTP_HTML ? "page" : "json", request->path),
	    make_article, err);
}

bool
kb_helped(struct request *request, struct answer *answer, struct error *err)
{
	struct actor actor = public_actor(request);
	struct article *article;
	struct view view;
	int64_t number;
	struct db *db;

	if (!public_may_write(request, err) ||
	    !part_number(request, 0, &number, err) ||
	    !desk_helped(visit_of(request)->site->desk, &actor, number, err) ||
	    !visit_db_again(request, &db, err) ||
	    !read_public(request, &view, number, &article, err))
		return false;
	if (request->form != HTTP_HTML)
		return answer_article(request, answer, &view, article, err);
	answer_see_path(request, answer, "/kb/%jd/%s#thanks", (intmax_t)number,
	    article_slug(request->memory, article));
	return true;
}
