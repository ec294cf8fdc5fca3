/* SPDX-License-Identifier: ISC */
#include "web/resources.h"

/* One article of the public knowledge base, and "this solved it". */

#include "base/json.h"
#include "base/mem.h"
#include "view/markdown.h"
#include "view/shape.h"
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

static bool
answer_article_page(struct request *request, struct answer *answer,
    const struct article *article, json_t *model, struct error *err)
{
	struct page_head head = { .title = article->title,
		.at = "kb",
		.canonical = json_string_value(json_object_get(model, "url")) };

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
		    request, answer, article, object, err);
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
	return answer_shared(request, answer, SHARED_KB,
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
	answer_see_path(request, answer, "/kb/%jd/%s", (intmax_t)number,
	    article_slug(request->memory, article));
	return true;
}
