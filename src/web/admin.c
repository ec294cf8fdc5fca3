/* SPDX-License-Identifier: ISC */
#include "web/admin.h"

/*
 * /admin: what operates the desk, for admins. All of it is also a command. The
 * first page has what may be waiting: filters that are paused, and the newest
 * of the journal.
 */

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "desk/journal.h"
#include "desk/subscription.h"
#include "view/shape.h"
#include "web/model.h"
#include "web/resources.h"

#include <stdint.h>
#include <string.h>

enum { PAUSED_MAX = 200, NEWEST = 10 };

bool
admin_page(struct request *request, struct answer *answer, const char *name,
    const char *title, json_t *model, struct error *err)
{
	struct page_head head = {
		.title = title,
		.at = "admin",
		.noindex = true,
	};
	json_t *here = json_object();

	json_put_bool(here, name, true);
	model_put(model, "here", here);
	return answer_page(request, answer, name, model, &head, err);
}

bool
admin_list(struct request *request, struct answer *answer, const char *name,
    const char *title, json_t *list, struct error *err)
{
	if (request->form == HTTP_JSON) {
		answer_json(request, answer, list, 0);
		return true;
	}
	return admin_page(request, answer, name, title, list, err);
}

/* --- the journal */

/* "step: add, label: laptop" */
static void
put_detail_text(struct request *request, json_t *row, const json_t *detail)
{
	struct buf *out = buf_new(request->memory);
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)detail, name, value)
	{
		const char *text = json_string_value(value);

		if (json_is_null(value))
			continue;
		if (out->length > 0)
			buf_text(out, ", ");
		buf_printf(out, "%s: ", name);
		buf_text(out,
		    text != NULL ? text : json_compact(request->memory, value));
	}
	json_put_text(row, "detail_text", out->text);
}

json_t *
admin_event(struct request *request, const struct event *event)
{
	json_t *row = shape_event(request->memory, event);

	if (request->form == HTTP_HTML)
		put_detail_text(request, row, event->detail);
	return row;
}

static bool
put_newest(
    struct request *request, struct db *db, json_t *model, struct error *err)
{
	struct journal_query query = { .kind = JOURNAL_KINDS, .limit = NEWEST };
	json_t *list = json_owned(request->memory, json_array());
	struct journal_page page;

	if (!journal_search(request->memory, db, &query, &page, err))
		return false;
	for (size_t i = 0; i < page.n; i++)
		(void)json_array_append(
		    list, admin_event(request, &page.events[i]));
	json_put(model, "journal", list);
	return true;
}

/* --- filters that are paused */

static bool
put_paused(struct request *request, struct view *view, json_t *model,
    struct error *err)
{
	json_t *list = json_owned(request->memory, json_array());
	struct subscription *all;
	size_t n;

	if (!subscription_paused(
		request->memory, view->db, PAUSED_MAX, &all, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		json_t *each = shape_subscription(
		    request->memory, view, &all[i]);

		json_object_del(each, "url");
		json_put_text(each, "person", all[i].handle);
		json_put_int(each, "number", all[i].filter_id);
		if (request->form == HTTP_HTML)
			json_put_time(each, "paused_since", all[i].paused);
		(void)json_array_append(list, each);
	}
	json_put(model, "paused", list);
	return true;
}

bool
admin_get(struct request *request, struct answer *answer, struct error *err)
{
	json_t *model = json_owned(request->memory, json_object());
	struct view view;

	return visit_view(request, VIEWER_PERSON, &view, err) &&
	    put_paused(request, &view, model, err) &&
	    put_newest(request, view.db, model, err) &&
	    admin_list(request, answer, "admin", "Admin", model, err);
}

bool
admin_resume_post(
    struct request *request, struct answer *answer, struct error *err)
{
	struct visit *visit = visit_of(request);
	json_t *input;
	int64_t filter;

	if (!part_number(request, 0, &filter, err) ||
	    !input_read(request, &input, err) ||
	    !desk_resume(visit->site->desk, &visit->actor, filter, err))
		return false;
	if (input_is_form(request))
		answer_see_path(request, answer, "/admin#paused");
	else
		answer->status = 204;
	return true;
}
