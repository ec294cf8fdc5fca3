/* SPDX-License-Identifier: ISC */
#include "web/resources.h"

/* /incidents: the list, and taking a report. */

#include "base/date.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "desk/list.h"
#include "desk/steps.h"
#include "desk/subscription.h"
#include "view/shape.h"
#include "web/answer_feed.h"
#include "web/incident.h"
#include "web/model.h"

#include <stdint.h>
#include <string.h>

/* What is asked of the list. */
struct asked {
	const char *q; /* as typed, "" if nothing */
	const struct filter *filter;
	struct list_query query;
};

static bool
ask(struct request *request, struct asked *ret, struct error *err)
{
	const struct visit *visit = visit_of(request);
	const char *q = request_query(request, "q");
	struct filter *filter = NULL;

	*ret = (struct asked){ .q = q == NULL ? "" : q };
	if (ret->q[0] != '\0' &&
	    !desk_filter(
		request->memory, q, visit->actor.handle, false, &filter, err))
		return false;
	ret->filter = filter;
	ret->query = (struct list_query){
		.filter = filter,
		.before = query_before(request),
		.limit = query_limit(request),
		.timed = request->form == HTTP_HTML,
		.regex_budget = visit->site->settings->regex_budget,
	};
	return true;
}

/* --- as a feed */

static bool
make_list(struct request *request, struct feed_source *source,
    struct feed_view *ret, struct error *err)
{
	const struct asked *asked = source->arg;
	struct list list;
	struct view view;

	if (!visit_view(request, VIEWER_PERSON, &view, err) ||
	    !list_incidents(
		request->memory, view.desk, view.db, &asked->query, &list, err))
		return false;
	source->next = list.next;
	return feed_list(request->memory, &view,
	    asked->filter == NULL ? "" : filter_text(asked->filter), &list, ret,
	    err);
}

static const char *const parameters[] = { "q", "limit", NULL };
/* ... of the whole list, which a reader keeps */
static const char *const parameters_of_feed[] = { "q", NULL };

static bool
answer_list(struct request *request, struct answer *answer, struct asked *asked,
    struct error *err)
{
	bool has_age = asked->filter != NULL &&
	    (filter_uses(asked->filter) & FILTER_USES_AGE) != 0;
	struct feed_source source = {
		.path = "/incidents",
		.parameters = feed_parameters(request, parameters),
		.before = asked->query.before,
		.title = "Incidents",
		.is_list = true,
		.version = has_age ? 0
				   : desk_place(visit_of(request)->site->desk),
		.make = make_list,
		.arg = asked,
	};

	return answer_feed(request, answer, &source, err);
}

/* --- as a page */

/* Spaces and "^", so that it stands below the wrong column of what is typed. */
static const char *
pointer_below(void *owner, const char *typed, unsigned column)
{
	size_t length = utf8_length(typed);
	struct buf *out;

	if (column == 0 || column > length + 1)
		return NULL;
	out = buf_new(owner);
	for (unsigned i = 1; i < column; i++)
		buf_char(out, ' ');
	buf_char(out, '^');
	return out->text;
}

static void
put_filter_error(struct request *request, json_t *model, const char *q,
    const struct error *failed)
{
	unsigned column = failed->n_fields > 0 ? failed->fields[0].column : 0;

	model_put(model, "error", model_filter_error(failed));
	json_put_text(
	    model, "pointer", pointer_below(request->memory, q, column));
}

static const char *
looked_back(void *owner, const struct list *list)
{
	char *day;

	if (!list->stopped)
		return NULL;
	day = date_http(owner, list->looked_back); /* Wed, 25 Nov 2026 ... */
	return mem_printf(owner,
	    "Looked at all that needed attention since %.11s; there may be "
	    "more before.",
	    day + 5);
}

static bool
put_rows(struct request *request, json_t *model, const struct asked *asked,
    struct error *err)
{
	json_t *items = mem_made(json_array());
	struct list list;
	struct view view;

	model_put(model, "items", items);
	if (!visit_view(request, VIEWER_PERSON, &view, err) ||
	    !list_incidents(
		request->memory, view.desk, view.db, &asked->query, &list, err))
		return false;
	for (size_t i = 0; i < list.n; i++) {
		json_t *row;

		if (!model_incident_row(
			request->memory, &view, list.incidents[i], &row, err))
			return false;
		model_push(items, json_incref(row));
	}
	json_put_text(
	    model, "looked_back_text", looked_back(request->memory, &list));
	if (list.next != 0)
		json_put_text(model, "next",
		    query_next(request, "/incidents", parameters, list.next));
	return true;
}

/* Her subscriptions, as lists; and is the one that is shown one of them? */
static bool
put_views(struct request *request, json_t *model, const struct asked *asked,
    struct error *err)
{
	const char *shown = asked->filter != NULL ? filter_text(asked->filter)
	    : asked->q[0] == '\0'		  ? ""
						  : NULL;
	json_t *views = mem_made(json_array());
	struct subscription *all;
	struct view view;
	size_t n = 0;

	model_put(model, "views", views);
	if (!visit_view(request, VIEWER_PERSON, &view, err) ||
	    !subscription_list(
		request->memory, view.db, view.person, false, &all, &n, err))
		return false;
	json_put_bool(model, "has_views", n > 0);
	for (size_t i = 0; i < n; i++) {
		bool is_shown = shown != NULL &&
		    strcmp(shown, all[i].filter) == 0;
		json_t *each = mem_made(json_object());

		json_put_text(each, "name", all[i].name);
		model_put_href(each, "href", "/incidents?q=", all[i].filter);
		json_put_bool(each, "is_shown", is_shown);
		if (is_shown)
			json_put_text(model, "subscribed", all[i].name);
		model_push(views, each);
	}
	return true;
}

/* What the subscription to a list is called, unless she says so. */
static const char *
name_of_list(void *owner, const char *q)
{
	const char *name = utf8_one_line(owner, q);
	const char *end = name;

	if (name[0] == '\0')
		return "everything";
	for (size_t n = 0; *end != '\0' && n < LABEL_MAX_CHARACTERS; n++)
		for (end++; ((unsigned char)*end & 0xc0) == 0x80;)
			end++;
	return mem_copy_n(owner, name, (size_t)(end - name));
}

static const char *
severity_of(const json_t *form)
{
	const char *typed = json_string_value(
	    json_object_get(form, "severity"));

	return typed != NULL ? typed : filter_severity_names[SEVERITY_NORMAL];
}

/*
 * form: the report as typed, failed: what was wrong with it; both NULL where
 * the list was only asked for.
 */
static bool
show_page(struct request *request, struct answer *answer, json_t *form,
    const struct error *failed, struct error *err)
{
	static const char title[] = "Incidents";
	const char *given = feed_parameters(request, parameters_of_feed);
	json_t *model = json_owned(request->memory, json_object());
	struct page_head head = { .title = title, .at = "incidents" };
	struct error wrong = { 0 };
	struct asked asked;

	if (!ask(request, &asked, &wrong)) {
		answer->status = http_status_of(wrong.kind);
		put_filter_error(request, model, asked.q, &wrong);
	} else if (!put_rows(request, model, &asked, err))
		return false;
	if (!put_views(request, model, &asked, err))
		return false;
	json_put_text(model, "q", asked.q);
	json_put_text(
	    model, "list_name", name_of_list(request->memory, asked.q));
	model_put_href(model, "preview_href",
	    "/me/subscriptions/preview?filter=", asked.q);
	json_put(model, "feed", feed_addresses(request, "/incidents", given));
	if (form != NULL) {
		answer->status = http_status_of(failed->kind);
		json_put(model, "form", form);
		model_put(model, "errors", model_errors(failed));
	}
	model_put(model, "severity_options",
	    model_options(
		filter_severity_names, SEVERITY_COUNT, severity_of(form)));
	head.feeds = feed_links(request, "/incidents", given, title);
	return answer_page(request, answer, "incidents", model, &head, err);
}

bool
incidents_get(struct request *request, struct answer *answer, struct error *err)
{
	struct asked asked;

	if (request->form == HTTP_HTML)
		return show_page(request, answer, NULL, NULL, err);
	return ask(request, &asked, err) &&
	    answer_list(request, answer, &asked, err);
}

/* --- taking a report */

/* "customer": {"name", "email"}; a form has no objects, so there on top. */
static bool
read_customer(
    const json_t *input, bool is_form, struct report *report, struct error *err)
{
	const json_t *customer = json_object_get(input, "customer");

	if (is_form)
		customer = input;
	else if (customer == NULL || json_is_null(customer))
		return true;
	else if (!json_is_object(customer))
		return error_field(err, "customer", 0,
		    "must be an object with name and email");
	return input_member_text(
		   customer, "name", &report->customer_name, err) &&
	    input_member_text(customer, "email", &report->customer_email, err);
}

static bool
read_report(struct request *request, const json_t *input, struct report *report,
    struct words *tags, struct error *err)
{
	if (!input_member_text(input, "title", &report->title, err) ||
	    !input_member_text(input, "body", &report->body, err) ||
	    !input_member_text(
		input, "environment", &report->environment, err) ||
	    !input_member_text(input, "severity", &report->severity, err) ||
	    !input_member_text(input, "key", &report->key, err) ||
	    !input_member_words(request->memory, input, "tags", tags, err) ||
	    !input_member_hands(input, &report->hands, err))
		return false;
	report->tags = tags->words;
	report->n_tags = tags->n;
	return read_customer(input, input_is_form(request), report, err);
}

static bool
take(struct request *request, const json_t *input, struct reported *ret,
    struct error *err)
{
	struct visit *visit = visit_of(request);
	struct report report = { 0 };
	const char *source = json_string_value(
	    json_object_get(input, "source"));
	struct words tags;

	/* the client commands say so; nothing else is taken from a request */
	if (source != NULL && strcmp(source, "cli") == 0)
		visit->actor.source = source;
	return read_report(request, input, &report, &tags, err) &&
	    desk_report(visit->site->desk, &visit->actor, &report, ret, err);
}

bool
incidents_post(
    struct request *request, struct answer *answer, struct error *err)
{
	struct visit *visit = visit_of(request);
	struct reported reported;
	struct error failed;
	json_t *input;

	if (!input_read(request, &input, err))
		return false;
	if (!take(request, input, &reported, err)) {
		if (!model_can_show(request, err))
			return false;
		failed = *err;
		*err = (struct error){ 0 };
		return show_page(request, answer, input, &failed, err);
	}
	if (!incident_changed(request, answer, reported.incident, "", err))
		return false;
	if (reported.is_new && !input_is_form(request)) {
		answer->status = 201;
		answer->location = mem_printf(request->memory,
		    "%s/incidents/%jd", visit->site->settings->base_url,
		    (intmax_t)reported.incident);
	}
	return true;
}
