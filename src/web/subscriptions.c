/* SPDX-License-Identifier: ISC */
#include "desk/subscription.h"

/* /me/subscriptions: her filters, and what one would have caught. */

#include "base/json.h"
#include "base/mem.h"
#include "view/shape.h"
#include "web/me.h"
#include "web/model.h"
#include "web/resources.h"

#include <stdint.h>
#include <string.h>

/* --- all of hers */

/* Of the form of each, at once; the one just saved is tried: put_saved(). */
static void
put_warning(struct request *request, json_t *row, const char *text)
{
	struct error ignored = { 0 };
	struct filter *filter;
	bool ok = desk_filter(
	    request->memory, text, NULL, false, &filter, &ignored);

	json_put_text(row, "warning", ok ? filter_warning(filter) : NULL);
}

/*
 * After a form, her page is asked with saved= and the number: what that filter
 * would have caught, and what it takes.
 */
static bool
put_saved(struct request *request, const struct view *view, json_t *row,
    const struct subscription *subscription, struct error *err)
{
	json_t *warnings = mem_made(json_array());
	struct preview preview;

	model_put(row, "warnings", warnings);
	if (!subscription_preview(request->memory, view->desk, view->db,
		view->handle, subscription->filter, &preview, err))
		return false;
	json_put_text(row, "warning", NULL);
	json_put_text(row, "caught_text",
	    model_caught_text(request->memory, preview.matches, preview.of,
		preview.per_week));
	for (size_t i = 0; i < preview.warnings.n; i++)
		model_push(warnings, json_string(preview.warnings.all[i]));
	return true;
}

static json_t *
row_of(struct request *request, const struct view *view,
    const struct subscription *subscription)
{
	void *owner = request->memory;
	json_t *row = shape_subscription(owner, view, subscription);

	if (request->form == HTTP_JSON)
		return row;
	model_put_href(row, "list_href", "/incidents?q=", subscription->filter);
	model_put_href(row, "preview_href",
	    "/me/subscriptions/preview?filter=", subscription->filter);
	put_warning(request, row, subscription->filter);
	json_put_text(row, "paused_text",
	    subscription->paused == 0 ? NULL
		: subscription->paused_why == NULL
		? "it was paused."
		: mem_printf(owner, "%s.", subscription->paused_why));
	return row;
}

bool
me_subscriptions(struct request *request, const struct view *view, json_t **ret,
    struct error *err)
{
	int64_t saved = query_number(request, "saved");
	struct subscription *all;
	size_t n = 0;

	if (!subscription_list(
		request->memory, view->db, view->person, false, &all, &n, err))
		return false;
	*ret = json_owned(request->memory, json_array());
	for (size_t i = 0; i < n; i++) {
		json_t *row = row_of(request, view, &all[i]);

		if (request->form == HTTP_HTML && all[i].id == saved &&
		    !put_saved(request, view, row, &all[i], err))
			return false;
		model_push(*ret, json_incref(row));
	}
	return true;
}

bool
subscriptions_get(
    struct request *request, struct answer *answer, struct error *err)
{
	struct view view;
	json_t *items;

	if (request->form == HTTP_HTML) {
		answer_see_path(request, answer, "/me#subscriptions");
		return true;
	}
	if (!visit_view(request, VIEWER_PERSON, &view, err) ||
	    !me_subscriptions(request, &view, &items, err))
		return false;
	me_list(request, answer, items);
	return true;
}

/* --- one of hers */

/* Of the path; ERROR_GONE for one that she removed. */
static bool
subscription_of(struct request *request, struct view *view,
    struct subscription **ret, struct error *err)
{
	int64_t id;

	if (!part_number(request, 0, &id, err) ||
	    !visit_view(request, VIEWER_PERSON, view, err) ||
	    !subscription_read(
		request->memory, view->db, view->person, id, ret, err))
		return false;
	return (*ret)->removed == 0 ||
	    error_set(
		err, ERROR_GONE, "subscription %jd was removed", (intmax_t)id);
}

/* warnings: of a filter that was just saved, or NULL; shown if there are any.
 */
static void
show(struct request *request, struct answer *answer, const struct view *view,
    const struct subscription *subscription, const struct warnings *warnings)
{
	json_t *object = shape_subscription(
	    request->memory, view, subscription);

	if (warnings != NULL && warnings->n > 0)
		shape_warnings(object, warnings);
	answer_json(request, answer, object, subscription->changed);
}

bool
subscription_get(
    struct request *request, struct answer *answer, struct error *err)
{
	struct subscription *subscription;
	struct view view;

	if (!subscription_of(request, &view, &subscription, err))
		return false;
	if (request->form == HTTP_JSON)
		show(request, answer, &view, subscription, NULL);
	else
		answer_see_path(request, answer, "/me#subscriptions");
	return true;
}

/* A form goes to her page, everybody else gets it as it is now. */
static bool
written(struct request *request, struct answer *answer,
    const struct saving *saving, struct error *err)
{
	struct subscription *subscription;
	struct view view;
	struct db *db;

	if (input_is_form(request)) {
		answer_see_path(request, answer,
		    "/me?saved=%jd#subscription-%jd", (intmax_t)saving->id,
		    (intmax_t)saving->id);
		return true;
	}
	if (!visit_db_again(request, &db, err) ||
	    !visit_view(request, VIEWER_PERSON, &view, err) ||
	    !subscription_read(request->memory, db, view.person, saving->id,
		&subscription, err))
		return false;
	show(request, answer, &view, subscription, &saving->warnings);
	return true;
}

bool
subscriptions_post(
    struct request *request, struct answer *answer, struct error *err)
{
	struct visit *visit = visit_of(request);
	struct saving saving = {
		.person = visit->actor.person,
		.name = "",
		.owner = request->memory,
	};
	json_t *input;

	if (!input_read(request, &input, err) ||
	    !input_member_text(input, "name", &saving.name, err) ||
	    !input_member_text(input, "filter", &saving.filter, err))
		return false;
	/* an empty one is everything: nobody gets that by leaving it out */
	if (saving.filter == NULL)
		return error_field(err, "filter", 0, "must be given");
	if (!desk_subscription_save(
		visit->site->desk, &visit->actor, &saving, err))
		return me_again(request, answer, input, err);
	if (!written(request, answer, &saving, err))
		return false;
	if (!input_is_form(request)) {
		answer->status = 201;
		answer->location = mem_printf(request->memory,
		    "%s/me/subscriptions/%jd", visit->site->settings->base_url,
		    (intmax_t)saving.id);
	}
	return true;
}

/* --- changing and removing */

static bool
edit(struct request *request, const json_t *input,
    const struct subscription *subscription, bool required,
    struct saving *saving, struct error *err)
{
	struct visit *visit = visit_of(request);

	*saving = (struct saving){
		.person = visit->actor.person,
		.id = subscription->id,
		.owner = request->memory,
	};
	return input_if_changed(request, subscription->changed, required,
		   &saving->if_changed, err) &&
	    input_member_text(input, "name", &saving->name, err) &&
	    input_member_text(input, "filter", &saving->filter, err) &&
	    desk_subscription_save(
		visit->site->desk, &visit->actor, saving, err);
}

static bool
removed(struct request *request, struct answer *answer,
    const struct subscription *subscription, struct error *err)
{
	struct visit *visit = visit_of(request);

	if (!request_may_change(request, subscription->changed, false, err) ||
	    !desk_unsubscribe(visit->site->desk, &visit->actor,
		visit->actor.person, subscription->id, err))
		return false;
	if (input_is_form(request))
		answer_see_path(request, answer, "/me#subscriptions");
	else
		answer->status = 204;
	return true;
}

bool
subscription_put(
    struct request *request, struct answer *answer, struct error *err)
{
	struct subscription *subscription;
	struct saving saving;
	struct view view;
	json_t *input;

	return subscription_of(request, &view, &subscription, err) &&
	    input_read(request, &input, err) &&
	    edit(request, input, subscription, true, &saving, err) &&
	    written(request, answer, &saving, err);
}

bool
subscription_delete(
    struct request *request, struct answer *answer, struct error *err)
{
	struct subscription *subscription;
	struct view view;

	return subscription_of(request, &view, &subscription, err) &&
	    removed(request, answer, subscription, err);
}

bool
subscription_post(
    struct request *request, struct answer *answer, struct error *err)
{
	struct subscription *subscription;
	enum form_action action;
	struct saving saving;
	struct view view;
	json_t *input;

	if (!subscription_of(request, &view, &subscription, err) ||
	    !input_read(request, &input, err) ||
	    !input_action(input, &action, err))
		return false;
	if (action == ACTION_DELETE)
		return removed(request, answer, subscription, err);
	if (!edit(request, input, subscription, false, &saving, err))
		return me_again(request, answer, NULL, err);
	return written(request, answer, &saving, err);
}

/* --- what a filter would have caught */

static const char *
caught_of(void *owner, const json_t *preview)
{
	return model_caught_text(owner,
	    json_integer_value(json_object_get(preview, "matches")),
	    json_integer_value(json_object_get(preview, "of")),
	    json_real_value(json_object_get(preview, "per_week")));
}

static bool
show_preview(struct request *request, struct answer *answer, const char *filter,
    json_t *model, const struct error *failed, struct error *err)
{
	struct page_head head = {
		.title = "What would it have caught?",
		.at = "me",
	};
	const json_t *newest = json_object_get(model, "newest");

	for (size_t i = 0; i < json_array_size(newest); i++)
		model_add_row(json_array_get(newest, i));
	json_put_bool(model, "done", newest != NULL);
	if (newest != NULL)
		json_put_text(
		    model, "caught_text", caught_of(request->memory, model));
	if (newest == NULL)
		json_put_text(model, "filter", filter);
	if (failed != NULL) {
		answer->status = http_status_of(failed->kind);
		model_put(model, "error", model_filter_error(failed));
	}
	return answer_page(request, answer, "preview", model, &head, err);
}

bool
preview_get(struct request *request, struct answer *answer, struct error *err)
{
	const struct visit *visit = visit_of(request);
	const char *filter = request_query(request, "filter");
	json_t *model = json_owned(request->memory, json_object());
	struct error failed = { 0 };
	struct preview preview;
	struct view view;

	if (request->form == HTTP_HTML && (filter == NULL || *filter == '\0'))
		return show_preview(request, answer, "", model, NULL, err);
	if (!visit_view(request, VIEWER_PERSON, &view, err))
		return false;
	if (!subscription_preview(request->memory, visit->site->desk, view.db,
		visit->actor.handle, filter == NULL ? "" : filter, &preview,
		&failed)) {
		if (request->form == HTTP_HTML && failed.kind == ERROR_INVALID)
			return show_preview(
			    request, answer, filter, model, &failed, err);
		*err = failed;
		return false;
	}
	if (!shape_preview(request->memory, &view, &preview, &model, err))
		return false;
	if (request->form == HTTP_HTML)
		return show_preview(request, answer, filter, model, NULL, err);
	answer_json(request, answer, model, 0);
	return true;
}
