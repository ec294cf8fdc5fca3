/* SPDX-License-Identifier: ISC */
#include "web/incident.h"

/* /incidents/{n}: one incident, read, edited, withdrawn. */

#include "base/clock.h"
#include "base/date.h"
#include "base/json.h"
#include "base/mem.h"
#include "desk/steps.h"
#include "desk/visible.h"
#include "view/shape.h"
#include "web/answer_feed.h"
#include "web/public.h"
#include "web/resources.h"

#include <stdint.h>
#include <string.h>

bool
incident_of(struct request *request, struct view *view, struct incident **ret,
    struct error *err)
{
	int64_t number;

	return part_number(request, 0, &number, err) &&
	    visit_view(request, VIEWER_PERSON, view, err) &&
	    incident_read(request->memory, view->db, number, ret, err) &&
	    visible_incident(*ret, err);
}

bool
incident_show(struct request *request, struct answer *answer,
    const struct view *view, const struct incident *incident, struct error *err)
{
	json_t *shape;

	if (!shape_incident(request->memory, view, incident, &shape, err))
		return false;
	answer_json(request, answer, shape, incident->changed);
	/*
	 * What else may differ stands behind its number: the reader's own
	 * subscriptions, the status of what it is a duplicate of, the titles
	 * of known answers.
	 */
	answer_etag_of_body(request, answer, incident->changed);
	return true;
}

bool
incident_changed(struct request *request, struct answer *answer, int64_t number,
    const char *anchor, struct error *err)
{
	struct incident *incident;
	struct view view;
	struct db *db;

	if (input_is_form(request)) {
		answer_see_path(request, answer, "/incidents/%jd%s",
		    (intmax_t)number, anchor);
		return true;
	}
	return visit_db_again(request, &db, err) &&
	    visit_view(request, VIEWER_PERSON, &view, err) &&
	    incident_read(request->memory, db, number, &incident, err) &&
	    incident_show(request, answer, &view, incident, err);
}

/* --- reading */

static bool
make_thread(struct request *request, struct feed_source *source,
    struct feed_view *ret, struct error *err)
{
	const struct incident *incident = source->arg;
	struct view view;

	return visit_view(request, VIEWER_PERSON, &view, err) &&
	    feed_thread(request->memory, &view, incident->number, ret, err);
}

bool
incident_thread(struct request *request, struct answer *answer,
    const struct incident *incident, struct error *err)
{
	bool is_json = request->form == HTTP_JSON;
	struct feed_source source = {
		.path = mem_printf(request->memory, "/incidents/%jd%s",
		    (intmax_t)incident->number, is_json ? "/posts" : ""),
		.parameters = "",
		.title = incident->title,
		.make = make_thread,
		.arg = (void *)(uintptr_t)incident,
	};

	return answer_feed(request, answer, &source, err);
}

bool
incident_get(struct request *request, struct answer *answer, struct error *err)
{
	struct incident *incident;
	struct view view;

	if (!incident_of(request, &view, &incident, err))
		return false;
	if (request->form == HTTP_JSON)
		return incident_show(request, answer, &view, incident, err);
	if (request->form == HTTP_HTML)
		return incident_page(request, answer, &view, incident, err);
	return incident_thread(request, answer, incident, err);
}

/* --- editing */

bool
promise_read(const char *text, int64_t *ret, struct error *err)
{
	int64_t within;

	*ret = 0;
	if (text[0] == '\0')
		return true;
	if (date_parse_rfc3339(text, ret)) {
		if (*ret == 0)
			*ret = 1; /* 1970: as long past, but not "none" */
		return true;
	}
	if (!date_parse_duration(text, &within))
		return error_field(err, "promised", 0,
		    "must be a time, as 2026-11-25T16:00:00Z, or from now, as "
		    "2h");
	*ret = clock_now() + within;
	return true;
}

static bool
read_edit(void *owner, const json_t *input, struct edit *edit,
    struct words *tags, struct error *err)
{
	const char *promised = NULL;

	if (!input_patch_text(input, "title", &edit->title, err) ||
	    !input_patch_text(input, "body", &edit->body, err) ||
	    !input_patch_text(input, "environment", &edit->environment, err) ||
	    !input_patch_text(input, "severity", &edit->severity, err) ||
	    !input_patch_text(input, "host", &edit->host, err) ||
	    !input_patch_text(input, "promised", &promised, err) ||
	    !input_member_words(owner, input, "tags", tags, err) ||
	    !input_member_hands(input, &edit->hands, err))
		return false;
	/* there is no incident without: null does not take it away */
	if (json_is_null(json_object_get(input, "hands")))
		return error_field(err, "hands", 0, "must be 1 to 99");
	edit->has_tags = tags->given ||
	    json_is_null(json_object_get(input, "tags"));
	edit->tags = tags->words;
	edit->n_tags = tags->n;
	edit->has_promised = promised != NULL;
	return promised == NULL || promise_read(promised, &edit->promised, err);
}

static bool
edit(struct request *request, struct answer *answer, const json_t *input,
    const struct incident *incident, struct error *err)
{
	struct visit *visit = visit_of(request);
	struct edit edit = { 0 };
	struct words tags;

	if (!input_if_changed(
		request, incident->changed, false, &edit.if_changed, err) ||
	    !read_edit(request->memory, input, &edit, &tags, err) ||
	    !desk_edit(
		visit->site->desk, &visit->actor, incident->number, &edit, err))
		return false;
	return incident_changed(request, answer, incident->number, "", err);
}

bool
incident_patch(
    struct request *request, struct answer *answer, struct error *err)
{
	struct incident *incident;
	struct view view;
	json_t *input;

	return incident_of(request, &view, &incident, err) &&
	    input_read(request, &input, err) &&
	    edit(request, answer, input, incident, err);
}

/* --- withdrawing */

static bool
withdraw(struct request *request, struct answer *answer, const json_t *input,
    const struct incident *incident, struct error *err)
{
	struct visit *visit = visit_of(request);
	const char *reason = NULL;
	int64_t if_changed;

	if (!input_if_changed(
		request, incident->changed, false, &if_changed, err) ||
	    !input_member_text(input, "reason", &reason, err) ||
	    !desk_withdraw(visit->site->desk, &visit->actor, incident->number,
		reason, if_changed, err))
		return false;
	if (input_is_form(request))
		answer_see_path(request, answer, "/incidents");
	else
		answer->status = 204;
	return true;
}

bool
incident_delete(
    struct request *request, struct answer *answer, struct error *err)
{
	struct incident *incident;
	struct view view;
	json_t *input;

	return incident_of(request, &view, &incident, err) &&
	    input_read(request, &input, err) &&
	    withdraw(request, answer, input, incident, err);
}

/* A form cannot say PATCH and DELETE: it says action. */
bool
incident_post(struct request *request, struct answer *answer, struct error *err)
{
	struct incident *incident;
	enum form_action action;
	struct view view;
	json_t *input;

	if (!incident_of(request, &view, &incident, err) ||
	    !input_read(request, &input, err) ||
	    !input_action(input, &action, err))
		return false;
	return action == ACTION_DELETE
	    ? withdraw(request, answer, input, incident, err)
	    : edit(request, answer, input, incident, err);
}
