/* SPDX-License-Identifier: ISC */
#include "desk/article.h"

/* /articles: all of the knowledge base, as staff reads and edits it. */

#include "base/json.h"
#include "base/mem.h"
#include "desk/subscription.h"
#include "view/shape.h"
#include "web/model.h"
#include "web/public.h"
#include "web/resources.h"
#include "web/site.h"

#include <stdint.h>
#include <string.h>

/* --- the list */

static bool
find_articles(struct request *request, const struct view *view, const char *q,
    const char *words, struct article_list *ret, struct error *err)
{
	const struct visit *visit = visit_of(request);
	struct article_query query = {
		.before = query_before(request),
		.limit = query_limit(request),
		.regex_budget = visit->site->settings->regex_budget,
	};
	struct filter *filter = NULL;

	if (q[0] != '\0' &&
	    !desk_filter(
		request->memory, q, visit->actor.handle, true, &filter, err))
		return false;
	query.filter = filter;
	if (words[0] != '\0')
		return article_search(request->memory, view->desk, view->db,
		    words, &query, ret, err);
	return article_list(request->memory, view->db, &query, ret, err);
}

static const char *
given(const struct request *request, const char *name)
{
	const char *value = request_query(request, name);

	return value == NULL ? "" : value;
}

static json_t *
rows_of(struct request *request, const struct view *view,
    const struct article_list *list)
{
	const char *words = given(request, "search");
	json_t *rows;

	if (request->form == HTTP_HTML)
		return article_rows(request, view, list, "/articles",
		    words[0] == '\0' ? NULL : words);
	rows = json_owned(request->memory, json_array());
	for (size_t i = 0; i < list->n; i++)
		model_push(rows,
		    json_incref(shape_article(
			request->memory, view, list->articles[i])));
	return rows;
}

bool
articles_get(struct request *request, struct answer *answer, struct error *err)
{
	static const char *const names[] = { "q", "search", "limit", NULL };
	const char *q = given(request, "q"), *words = given(request, "search");
	struct page_head head = { .title = "Articles", .at = "articles" };
	json_t *items, *model;
	struct article_list list = { 0 };
	struct error wrong = { 0 };
	const char *next = NULL;
	struct view view;

	if (!visit_view(request, VIEWER_PERSON, &view, err))
		return false;
	if (!find_articles(request, &view, q, words, &list, &wrong)) {
		*err = wrong;
		if (request->form != HTTP_HTML || wrong.kind != ERROR_INVALID)
			return false;
		*err = (struct error){ 0 };
		answer->status = http_status_of(wrong.kind);
	}
	items = rows_of(request, &view, &list);
	if (list.next != 0)
		next = query_next(request, "/articles", names, list.next);
	if (request->form == HTTP_JSON) {
		answer_json(request, answer,
		    model_list(request->memory, items, next), 0);
		return true;
	}
	model = model_list(request->memory, items, next);
	json_put_text(model, "search", words);
	json_put_text(model, "q", q);
	if (wrong.kind != ERROR_NONE)
		model_put(model, "error", model_filter_error(&wrong));
	return answer_page(request, answer, "articles", model, &head, err);
}

/* --- one article */

static bool
article_of(struct request *request, struct view *view, struct article **ret,
    struct error *err)
{
	int64_t number;

	return part_number(request, 0, &number, err) &&
	    visit_view(request, VIEWER_PERSON, view, err) &&
	    article_read(request->memory, view->db, number, ret, err);
}

static bool
show(struct request *request, struct answer *answer, const struct view *view,
    const struct article *article)
{
	answer_json(request, answer,
	    shape_article(request->memory, view, article), article->changed);
	return true;
}

/* What was typed in a form that failed, over what the article says. */
static void
put_typed(json_t *model, const json_t *typed)
{
	static const char *const names[] = { "title", "issue", "environment",
		"resolution", "cause", "confidence", "audience" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		json_t *value = json_object_get(typed, names[i]);

		if (value != NULL)
			json_put(model, names[i], value);
	}
}

static void
put_parts(json_t *model, const struct article *article)
{
	model_put_plain(model, "issue_html", article->issue);
	model_put_markdown(model, "environment_html", article->environment);
	model_put_markdown(model, "resolution_html", article->resolution);
	model_put_markdown(model, "cause_html", article->cause);
}

static const char *
member(const json_t *model, const char *name)
{
	return json_string_value(json_object_get(model, name));
}

static void
put_form(struct request *request, json_t *model, const json_t *typed)
{
	const json_t *tags = json_object_get(model, "tags");
	json_t *can = mem_made(json_object());

	model_put(model, "tag_links", model_tag_links(tags, TAG_TO_ARTICLES));
	json_put_text(
	    model, "tags_text", model_tags_text(request->memory, tags));
	if (typed != NULL) {
		put_typed(model, typed);
		json_put_bool(model, "form", true);
		if (member(typed, "tags") != NULL)
			json_put_text(
			    model, "tags_text", member(typed, "tags"));
	}
	model_put(model, "confidence_options",
	    model_options(confidence_names, CONFIDENCE_COUNT,
		member(model, "confidence")));
	model_put(model, "audience_options",
	    model_options(
		audience_names, AUDIENCE_COUNT, member(model, "audience")));
	json_put_bool(
	    can, "edit", visit_of(request)->actor.scope >= SCOPE_WRITE);
	model_put(model, "can", can);
}

/* typed, failed: an edit that did not go through, or NULL. */
static bool
show_page(struct request *request, struct answer *answer,
    const struct view *view, const struct article *article, const json_t *typed,
    const struct error *failed, struct error *err)
{
	json_t *model = shape_article(request->memory, view, article);
	struct page_head head = {
		.title = article->title,
		.at = "articles",
	};

	put_parts(model, article);
	put_form(request, model, typed);
	if (article_is_public(article))
		json_put_text(model, "public_href",
		    mem_printf(request->memory, "/kb/%jd/%s",
			(intmax_t)article->number,
			article_slug(request->memory, article)));
	if (failed != NULL) {
		answer->status = http_status_of(failed->kind);
		model_put(model, "errors", model_errors(failed));
	}
	return answer_page(request, answer, "staff_article", model, &head, err);
}

bool
article_get(struct request *request, struct answer *answer, struct error *err)
{
	struct article *article;
	struct view view;

	if (!article_of(request, &view, &article, err))
		return false;
	return request->form == HTTP_JSON
	    ? show(request, answer, &view, article)
	    : show_page(request, answer, &view, article, NULL, NULL, err);
}

/* --- writing */

static bool
read_parts(void *owner, const json_t *input, struct article_parts *ret,
    struct error *err)
{
	struct words tags;

	if (!input_patch_text(input, "title", &ret->title, err) ||
	    !input_patch_text(input, "issue", &ret->issue, err) ||
	    !input_patch_text(input, "environment", &ret->environment, err) ||
	    !input_patch_text(input, "resolution", &ret->resolution, err) ||
	    !input_patch_text(input, "cause", &ret->cause, err) ||
	    !input_patch_text(input, "confidence", &ret->confidence, err) ||
	    !input_patch_text(input, "audience", &ret->audience, err) ||
	    !input_member_words(owner, input, "tags", &tags, err))
		return false;
	ret->has_tags = tags.given ||
	    json_is_null(json_object_get(input, "tags"));
	ret->tags = tags.words;
	ret->n_tags = tags.n;
	return true;
}

/* A form goes to the page, everybody else gets the article as it is now. */
static bool
written(struct request *request, struct answer *answer, int64_t number,
    struct error *err)
{
	struct article *article;
	struct view view;
	struct db *db;

	if (input_is_form(request)) {
		answer_see_path(
		    request, answer, "/articles/%jd", (intmax_t)number);
		return true;
	}
	return visit_db_again(request, &db, err) &&
	    visit_view(request, VIEWER_PERSON, &view, err) &&
	    article_read(request->memory, db, number, &article, err) &&
	    show(request, answer, &view, article);
}

bool
articles_post(struct request *request, struct answer *answer, struct error *err)
{
	struct visit *visit = visit_of(request);
	struct article_parts parts = { 0 };
	int64_t number;
	json_t *input;

	if (!input_read(request, &input, err) ||
	    !read_parts(request->memory, input, &parts, err) ||
	    !desk_article(
		visit->site->desk, &visit->actor, &parts, &number, err) ||
	    !written(request, answer, number, err))
		return false;
	if (!input_is_form(request)) {
		answer->status = 201;
		answer->location = mem_printf(request->memory,
		    "%s/articles/%jd", visit->site->settings->base_url,
		    (intmax_t)number);
	}
	return true;
}

static bool
edit(struct request *request, const json_t *input,
    const struct article *article, struct error *err)
{
	struct visit *visit = visit_of(request);
	struct article_parts parts = { 0 };
	int64_t if_changed;

	return input_if_changed(
		   request, article->changed, false, &if_changed, err) &&
	    read_parts(request->memory, input, &parts, err) &&
	    desk_article_edit(visit->site->desk, &visit->actor, article->number,
		&parts, if_changed, err);
}

bool
article_patch(struct request *request, struct answer *answer, struct error *err)
{
	struct article *article;
	struct view view;
	json_t *input;

	return article_of(request, &view, &article, err) &&
	    input_read(request, &input, err) &&
	    edit(request, input, article, err) &&
	    written(request, answer, article->number, err);
}

bool
article_post(struct request *request, struct answer *answer, struct error *err)
{
	struct article *article;
	enum form_action action;
	struct error failed;
	struct view view;
	json_t *input;

	if (!article_of(request, &view, &article, err) ||
	    !input_read(request, &input, err) ||
	    !input_action(input, &action, err))
		return false;
	if (action == ACTION_DELETE)
		return error_field(
		    err, "action", 0, "an article is archived, by an edit");
	if (edit(request, input, article, err))
		return written(request, answer, article->number, err);
	if (!model_can_show(request, err))
		return false;
	failed = *err;
	*err = (struct error){ 0 };
	return show_page(request, answer, &view, article, input, &failed, err);
}
