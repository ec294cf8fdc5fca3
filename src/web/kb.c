/* SPDX-License-Identifier: ISC */
#include "web/resources.h"

/*
 * The public knowledge base: a list with a filter or a search, which is a feed
 * too, and the articles. What is not public is not there.
 */

#include "base/escape.h"
#include "base/json.h"
#include "base/mem.h"
#include "desk/subscription.h"
#include "desk/timeline.h"
#include "view/markdown.h"
#include "view/shape.h"
#include "web/answer_feed.h"
#include "web/public.h"
#include "web/shared.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What was asked. */
struct asked {
	const char *q, *search; /* NULL: not given */
	struct filter *filter; /* of q */
	int64_t before;
};

static const char *
given(const struct request *request, const char *name)
{
	const char *text = request_query(request, name);

	return text == NULL || text[0] == '\0' ? NULL : text;
}

/* The filter is read apart: a page shows what is wrong with it. */
static struct asked
ask(const struct request *request)
{
	const char *before = given(request, "before");

	return (struct asked){
		.q = given(request, "q"),
		.search = given(request, "search"),
		.before = before == NULL ? 0 : strtoll(before, NULL, 10),
	};
}

static bool
ask_filter(struct request *request, struct asked *asked, struct error *err)
{
	return asked->q == NULL ||
	    desk_filter(
		request->memory, asked->q, NULL, true, &asked->filter, err);
}

static bool
find(struct request *request, struct db *db, const struct asked *asked,
    struct article_list *ret, struct error *err)
{
	const struct site *site = visit_of(request)->site;
	const struct article_query query = {
		.public_only = true,
		.filter = asked->filter,
		.before = asked->before > 0 ? asked->before : 0,
		.limit = query_limit(request),
		.regex_budget = site->settings->regex_budget,
	};

	if (asked->search != NULL)
		return article_search(request->memory, site->desk, db,
		    asked->search, &query, ret, err);
	return article_list(request->memory, db, &query, ret, err);
}

/* --- as a feed */

static bool
make_kb(struct request *request, struct feed_source *source,
    struct feed_view *ret, struct error *err)
{
	const struct asked *asked = source->arg;
	struct article_list list;
	struct view view;

	if (!visit_view(request, VIEWER_PUBLIC, &view, err) ||
	    !find(request, view.db, asked, &list, err))
		return false;
	source->next = list.next;
	return feed_kb(request->memory, &view,
	    asked->filter == NULL ? "" : filter_text(asked->filter), &list, ret,
	    err);
}

static const char *const parameters[] = { "q", "search", "limit", NULL };

static bool
answer_kb_feed(struct request *request, struct answer *answer,
    struct asked *asked, struct error *err)
{
	const struct site *site = visit_of(request)->site;
	const struct recall recall = shared_recall(request, SHARED_KB);
	struct feed_source source = {
		.path = "/kb",
		.parameters = feed_parameters(request, parameters),
		.before = asked->before,
		.title = mem_printf(request->memory, "%s: knowledge base",
		    site->settings->name),
		.is_public = true,
		.is_list = true,
		/* a search follows the articles a moment later */
		.version = asked->search != NULL
		    ? 0
		    : timeline_version_kb(site->desk),
		.recall = asked->search != NULL ? NULL : &recall,
		.make = make_kb,
		.arg = asked,
	};

	return ask_filter(request, asked, err) &&
	    answer_feed(request, answer, &source, err);
}

/* --- as a page */

static void
put_wrong(json_t *model, const struct error *wrong)
{
	json_t *error = json_object();

	if (wrong->n_fields > 0) {
		if (wrong->fields[0].column > 0)
			json_put_int(error, "column", wrong->fields[0].column);
		json_put_text(error, "message", wrong->fields[0].message);
	} else {
		json_put_text(error, "message", wrong->message);
	}
	json_put(model, "error", error);
	json_decref(error);
}

static const char *
next_href(struct request *request, const char *given_parameters, int64_t next)
{
	if (next == 0)
		return NULL;
	return mem_printf(request->memory, "/kb?%s%sbefore=%jd",
	    given_parameters, given_parameters[0] == '\0' ? "" : "&",
	    (intmax_t)next);
}

/* wrong: of the filter, or NULL. */
static bool
answer_kb_page(struct request *request, struct answer *answer,
    const struct asked *asked, const struct error *wrong, struct error *err)
{
	const char *asked_text = feed_parameters(request, parameters);
	json_t *model = json_owned(request->memory, json_object());
	struct page_head head = { .title = "Knowledge base",
		.at = "kb",
		.noindex = asked->search != NULL || asked->q != NULL };
	struct article_list list = { 0 };
	struct view view;

	if (!visit_view(request, VIEWER_PUBLIC, &view, err) ||
	    (wrong == NULL && !find(request, view.db, asked, &list, err)))
		return false;
	json_put_text(model, "q", asked->q);
	json_put_text(model, "search", asked->search);
	json_put(model, "items",
	    article_rows(request, &view, &list, "/kb", asked->search));
	json_put_text(model, "next", next_href(request, asked_text, list.next));
	json_put(model, "feed", feed_addresses(request, "/kb", asked_text));
	head.feeds = feed_links(request, "/kb", asked_text, "Knowledge base");
	if (wrong != NULL) {
		put_wrong(model, wrong);
		answer->status = http_status_of(wrong->kind);
	}
	if (!answer_page(request, answer, "kb", model, &head, err))
		return false;
	answer_etag_of_body(request, answer, 0);
	return true;
}

static bool
make_kb_page(struct request *request, struct answer *answer, struct error *err)
{
	struct asked asked = ask(request);
	struct error wrong = { 0 };

	return answer_kb_page(request, answer, &asked,
	    ask_filter(request, &asked, &wrong) ? NULL : &wrong, err);
}

bool
kb_get(struct request *request, struct answer *answer, struct error *err)
{
	struct asked asked = ask(request);

	if (request->form != HTTP_HTML)
		return answer_kb_feed(request, answer, &asked, err);
	/* a search follows the articles a moment later */
	if (asked.search != NULL)
		return make_kb_page(request, answer, err);
	return answer_shared(request, answer, SHARED_KB,
	    mem_printf(request->memory, "page /kb?%s&before=%jd",
		feed_parameters(request, parameters), (intmax_t)asked.before),
	    make_kb_page, err);
}

/* --- an article */

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
