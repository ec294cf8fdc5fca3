/* SPDX-License-Identifier: ISC */
#include "web/resources.h"

/* Anybody reports, without an account, and gets the status link. */

#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "desk/search.h"
#include "desk/steps.h"
#include "view/markdown.h"
#include "view/shape.h"
#include "web/public.h"

#include <string.h>

/* --- the form */

static const struct {
	const char *value;
	const char *text;
} severities[] = {
	{ "low", "Low: it can wait" },
	{ "normal", "Normal" },
	{ "high", "High: work stands still" },
};

static json_t *
severity_options(struct request *request, const char *chosen)
{
	json_t *list = json_owned(request->memory, json_array());

	for (size_t i = 0; i < sizeof severities / sizeof *severities; i++) {
		json_t *each = json_object();

		json_put_text(each, "value", severities[i].value);
		json_put_text(each, "text", severities[i].text);
		json_put_bool(
		    each, "selected", strcmp(severities[i].value, chosen) == 0);
		(void)json_array_append_new(list, each);
	}
	return list;
}

static const char *
typed(const json_t *input, const char *name)
{
	const char *text = json_string_value(json_object_get(input, name));

	return text == NULL ? "" : text;
}

/* Public articles that may answer what is typed. */
static bool
find_known(struct request *request, const json_t *input, struct db *db,
    struct article_list *ret, struct error *err)
{
	const struct known_asked asked = {
		.title = typed(input, "title"),
		.body = typed(input, "body"),
		.environment = typed(input, "environment"),
		.public_only = true,
	};
	int64_t numbers[KNOWN_MAX];
	size_t n;

	*ret = (struct article_list){ 0 };
	if (!search_known(
		visit_of(request)->site->desk, &asked, numbers, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct article *article;

		if (!article_find(
			request->memory, db, numbers[i], true, &article, err))
			return false;
		if (article != NULL)
			*mem_push(
			    request->memory, &ret->articles, &ret->n) = article;
	}
	return true;
}

static bool
put_known(struct request *request, json_t *model, const json_t *input,
    bool *any, struct error *err)
{
	struct article_list known;
	struct view view;
	json_t *rows;

	if (!visit_view(request, VIEWER_PUBLIC, &view, err) ||
	    !find_known(request, input, view.db, &known, err))
		return false;
	rows = article_rows(request, &view, &known, "/kb", NULL);
	for (size_t i = 0; i < known.n; i++)
		json_put_text(json_array_get(rows, i), "resolution_html",
		    html_of(request->memory, buf_markdown,
			known.articles[i]->resolution));
	json_put(model, "known", rows);
	json_put_bool(model, "has_known", known.n > 0);
	*any = known.n > 0;
	return true;
}

static json_t *
form_model(struct request *request, json_t *input)
{
	json_t *model = json_owned(request->memory, json_object());
	const char *severity = json_string_value(
	    json_object_get(input, "severity"));

	json_put(model, "form", input);
	json_put_bool(model, "is_step", false);
	json_put(model, "severity_options",
	    severity_options(request, severity == NULL ? "normal" : severity));
	return model;
}

static bool
answer_form(struct request *request, struct answer *answer, json_t *model,
    struct error *err)
{
	struct page_head head = { .title = "Report a problem", .at = "report" };

	return answer_page(request, answer, "report", model, &head, err);
}

/* The form again, as it was typed, with what is wrong. */
static bool
answer_wrong(struct request *request, struct answer *answer, json_t *input,
    const struct error *wrong, struct error *err)
{
	json_t *model = form_model(request, input);

	json_put(model, "errors", public_errors(request, wrong));
	answer->status = http_status_of(wrong->kind);
	return answer_form(request, answer, model, err);
}

/* title=, of a link or a script, is what is typed already. */
bool
report_get(struct request *request, struct answer *answer, struct error *err)
{
	json_t *input = json_owned(request->memory, json_object());
	const char *title = request_query(request, "title");
	json_t *model;
	bool any;

	json_put_text(input, "title", title);
	model = form_model(request, input);
	if ((title != NULL && !put_known(request, model, input, &any, err)) ||
	    !answer_form(request, answer, model, err))
		return false;
	answer_etag_of_body(request, answer, 0);
	return true;
}

/*
 * Our form asks to look first: what may answer it already is shown in a step
 * between, with the same form in it, which does not ask again.
 */
static bool
look_first(struct request *request, struct answer *answer, json_t *input,
    bool *shown, struct error *err)
{
	json_t *model = form_model(request, input);
	bool look = false;

	*shown = false;
	if (request->form != HTTP_HTML)
		return true;
	if (!input_member_bool(input, "look", &look, err))
		return false;
	if (!look)
		return true;
	if (!put_known(request, model, input, shown, err))
		return false;
	json_put_bool(model, "is_step", true);
	return !*shown || answer_form(request, answer, model, err);
}

/* --- the report */

/* What was tried stands in the incident's body, below what happened. */
static bool
read_body(struct request *request, const json_t *input, const char **ret,
    struct error *err)
{
	const char *body = NULL, *tried = NULL;

	if (!input_member_text(input, "body", &body, err) ||
	    !input_member_text(input, "tried", &tried, err))
		return false;
	*ret = body;
	if (tried != NULL && !utf8_is_blank(tried))
		*ret = mem_printf(request->memory, "%s%sWhat was tried:\n\n%s",
		    body == NULL ? "" : body,
		    body == NULL || utf8_is_blank(body) ? "" : "\n\n", tried);
	return true;
}

static bool
report_read(struct request *request, const json_t *input, struct report *ret,
    struct error *err)
{
	struct words tags;

	*ret = (struct report){ 0 };
	if (!input_member_text(input, "title", &ret->title, err) ||
	    !read_body(request, input, &ret->body, err) ||
	    !input_member_text(input, "environment", &ret->environment, err) ||
	    !input_member_text(input, "severity", &ret->severity, err) ||
	    !input_member_text(input, "name", &ret->customer_name, err) ||
	    !input_member_text(input, "email", &ret->customer_email, err) ||
	    !input_member_text(input, "key", &ret->key, err) ||
	    !input_member_words(request->memory, input, "tags", &tags, err))
		return false;
	if (ret->severity != NULL && ret->severity[0] == '\0')
		ret->severity = NULL;
	if (ret->key != NULL && ret->key[0] == '\0')
		ret->key = NULL;
	ret->tags = tags.words;
	ret->n_tags = tags.n;
	return true;
}

static bool
is_same_text(struct request *request, const char *sent, const char *kept)
{
	const char *text = utf8_unix_lines(
	    request->memory, sent == NULL ? "" : sent);

	return strcmp(text, kept == NULL ? "" : kept) == 0;
}

/*
 * A key seen before opens nothing to who only guessed it: the same report,
 * sent again because its answer was lost, has the same words.
 */
static bool
is_sent_again(struct request *request, const struct report *report,
    int64_t number, struct error *err)
{
	struct incident *in;
	struct db *db;

	if (!visit_db_again(request, &db, err) ||
	    !incident_read(request->memory, db, number, &in, err))
		return false;
	if (in->by == 0 && in->withdrawn == 0 &&
	    is_same_text(request, report->body, in->body) &&
	    is_same_text(request, report->customer_email, in->customer_email) &&
	    is_same_text(request, report->customer_name, in->customer_name))
		return true;
	return error_set(err, ERROR_CONFLICT,
	    "there is another report with this key already");
}

static bool
report_make(struct request *request, const struct report *report,
    struct reported *ret, struct error *err)
{
	struct actor actor = public_actor(request);
	struct desk *desk = visit_of(request)->site->desk;

	return desk_report(desk, &actor, report, ret, err) &&
	    (ret->is_new || is_sent_again(request, report, ret->incident, err));
}

/* --- what is shown of it */

/* The whole address of the customer's page. */
static const char *
status_url(struct request *request, const struct incident *incident)
{
	const struct site *site = visit_of(request)->site;
	char secret[SECRET_TOKEN];

	access_status_secret(
	    site->desk, incident->number, incident->generation, secret);
	return mem_printf(
	    request->memory, "%s/status/%s", site->settings->base_url, secret);
}

static bool
known_articles(struct request *request, const struct view *view,
    const struct incident *incident, json_t **ret, struct error *err)
{
	json_t *list = json_owned(request->memory, json_array());
	struct view public_view = *view;

	public_view.viewer = VIEWER_PUBLIC;
	for (size_t i = 0; i < incident->n_known; i++) {
		struct article *article;

		if (!article_read(request->memory, view->db, incident->known[i],
			&article, err))
			return false;
		if (article_is_public(article))
			(void)json_array_append(list,
			    shape_article(
				request->memory, &public_view, article));
	}
	*ret = list;
	return true;
}

static bool
answer_reported_page(struct request *request, struct answer *answer,
    const struct view *view, const struct incident *incident, const char *url,
    struct error *err)
{
	json_t *model = json_owned(request->memory, json_object());
	struct page_head head = { .title = "Your report has arrived",
		.noindex = true };
	json_t *known;

	if (!known_articles(request, view, incident, &known, err))
		return false;
	json_put_int(model, "id", incident->number);
	json_put_text(model, "title", incident->title);
	json_put_text(model, "status_url", url);
	json_put(model, "known", known);
	json_put_bool(model, "has_known", json_array_size(known) > 0);
	return answer_page(request, answer, "reported", model, &head, err);
}

static bool
answer_reported(struct request *request, struct answer *answer,
    const struct reported *reported, struct error *err)
{
	struct incident *incident;
	const char *url;
	struct view view;
	json_t *object;
	struct db *db;

	if (!visit_db_again(request, &db, err) ||
	    !visit_view(request, VIEWER_CUSTOMER, &view, err) ||
	    !incident_read(
		request->memory, db, reported->incident, &incident, err))
		return false;
	url = status_url(request, incident);
	if (request->form == HTTP_HTML)
		return answer_reported_page(
		    request, answer, &view, incident, url, err);
	if (!shape_status(request->memory, &view, incident, &object, err))
		return false;
	json_put_text(object, "status_url", url);
	answer_created(request, answer, url, object, incident->changed);
	answer->cache_control = "no-store";
	if (!reported->is_new)
		answer->status = 200;
	return true;
}

static bool
make_report(struct request *request, struct answer *answer, json_t *input,
    struct error *err)
{
	struct reported reported;
	struct report report;
	struct error wrong;

	if (!public_may_write(request, err))
		return false;
	if (report_read(request, input, &report, err) &&
	    report_make(request, &report, &reported, err))
		return answer_reported(request, answer, &reported, err);
	if (request->form != HTTP_HTML || err->kind != ERROR_INVALID)
		return false;
	wrong = *err;
	*err = (struct error){ 0 };
	return answer_wrong(request, answer, input, &wrong, err);
}

bool
report_post(struct request *request, struct answer *answer, struct error *err)
{
	json_t *input;
	bool shown;

	return input_read(request, &input, err) &&
	    look_first(request, answer, input, &shown, err) &&
	    (shown || make_report(request, answer, input, err));
}
