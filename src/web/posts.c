/* SPDX-License-Identifier: ISC */
#include "desk/steps.h"

/* /incidents/{n}/posts: the thread, and each post. */

#include "base/json.h"
#include "base/mem.h"
#include "view/shape.h"
#include "web/incident.h"
#include "web/resources.h"

#include <stdint.h>
#include <string.h>

bool
posts_get(struct request *request, struct answer *answer, struct error *err)
{
	struct incident *incident;
	struct view view;

	if (!incident_of(request, &view, &incident, err))
		return false;
	if (request->form == HTTP_JSON)
		return incident_thread(request, answer, incident, err);
	answer_see_path(
	    request, answer, "/incidents/%jd#talk", (intmax_t)incident->number);
	return true;
}

/* --- writing one */

static bool
show(struct request *request, struct answer *answer, const struct view *view,
    const struct post *post)
{
	answer_json(request, answer, shape_post(request->memory, view, post),
	    post->changed);
	return true;
}

/* A form goes to the post on the page. */
static bool
written(struct request *request, struct answer *answer, int64_t incident,
    int64_t number, struct error *err)
{
	struct post *post;
	struct view view;
	struct db *db;

	if (input_is_form(request)) {
		answer_see_path(request, answer, "/incidents/%jd#post-%jd",
		    (intmax_t)incident, (intmax_t)number);
		return true;
	}
	return visit_db_again(request, &db, err) &&
	    visit_view(request, VIEWER_PERSON, &view, err) &&
	    post_read(request->memory, db, incident, number, &post, err) &&
	    show(request, answer, &view, post);
}

/* host=none: somebody else will be it. */
static bool
read_host(const json_t *input, bool *none, struct error *err)
{
	const char *host = "";

	if (!input_member_text(input, "host", &host, err))
		return false;
	*none = strcmp(host, "none") == 0;
	return *none || host[0] == '\0' ||
	    error_field(err, "host", 0, "must be none, or left out");
}

static bool
write_post(struct request *request, const json_t *input, int64_t incident,
    int64_t *ret, struct error *err)
{
	struct visit *visit = visit_of(request);
	struct desk *desk = visit->site->desk;
	const char *kind = "", *text = "";
	bool host_none;

	if (!input_member_text(input, "kind", &kind, err) ||
	    !input_member_text(input, "text", &text, err) ||
	    !read_host(input, &host_none, err))
		return false;
	if (strcmp(kind, "reply") == 0)
		return desk_reply(
		    desk, &visit->actor, incident, text, host_none, ret, err);
	if (strcmp(kind, "note") == 0)
		return desk_note(desk, &visit->actor, incident, text, ret, err);
	return error_field(err, "kind", 0, "must be reply or note");
}

bool
posts_post(struct request *request, struct answer *answer, struct error *err)
{
	const struct site *site = visit_of(request)->site;
	int64_t incident, post;
	json_t *input;

	if (!part_number(request, 0, &incident, err) ||
	    !input_read(request, &input, err) ||
	    !write_post(request, input, incident, &post, err) ||
	    !written(request, answer, incident, post, err))
		return false;
	if (!input_is_form(request)) {
		answer->status = 201;
		answer->location = mem_printf(request->memory,
		    "%s/incidents/%jd/posts/%jd", site->settings->base_url,
		    (intmax_t)incident, (intmax_t)post);
	}
	return true;
}

/* --- one post */

static bool
post_of(struct request *request, struct view *view, struct post **ret,
    struct error *err)
{
	struct incident *incident;
	int64_t number;

	if (!incident_of(request, view, &incident, err) ||
	    !part_number(request, 1, &number, err) ||
	    !post_read(
		request->memory, view->db, incident->number, number, ret, err))
		return false;
	return !(*ret)->withdrawn ||
	    error_set(
		err, ERROR_GONE, "post %jd was withdrawn", (intmax_t)number);
}

bool
post_get(struct request *request, struct answer *answer, struct error *err)
{
	struct view view;
	struct post *post;

	if (!post_of(request, &view, &post, err))
		return false;
	if (request->form == HTTP_JSON)
		return show(request, answer, &view, post);
	answer_see_path(request, answer, "/incidents/%jd#post-%jd",
	    (intmax_t)post->incident, (intmax_t)post->id);
	return true;
}

static bool
edit(struct request *request, struct answer *answer, const json_t *input,
    const struct post *post, struct error *err)
{
	struct visit *visit = visit_of(request);
	const char *text = NULL;
	int64_t if_changed;

	if (!input_if_changed(
		request, post->changed, false, &if_changed, err) ||
	    !input_patch_text(input, "text", &text, err))
		return false;
	if (text != NULL &&
	    !desk_post_edit(visit->site->desk, &visit->actor, post->incident,
		post->id, text, if_changed, err))
		return false;
	return written(request, answer, post->incident, post->id, err);
}

static bool
withdraw(struct request *request, struct answer *answer,
    const struct post *post, struct error *err)
{
	struct visit *visit = visit_of(request);
	int64_t if_changed;

	if (!input_if_changed(
		request, post->changed, false, &if_changed, err) ||
	    !desk_post_withdraw(visit->site->desk, &visit->actor,
		post->incident, post->id, if_changed, err))
		return false;
	if (input_is_form(request))
		answer_see_path(request, answer, "/incidents/%jd#talk",
		    (intmax_t)post->incident);
	else
		answer->status = 204;
	return true;
}

bool
post_patch(struct request *request, struct answer *answer, struct error *err)
{
	struct view view;
	struct post *post;
	json_t *input;

	return post_of(request, &view, &post, err) &&
	    input_read(request, &input, err) &&
	    edit(request, answer, input, post, err);
}

bool
post_delete(struct request *request, struct answer *answer, struct error *err)
{
	struct view view;
	struct post *post;

	return post_of(request, &view, &post, err) &&
	    withdraw(request, answer, post, err);
}

bool
post_post(struct request *request, struct answer *answer, struct error *err)
{
	enum form_action action;
	struct view view;
	struct post *post;
	json_t *input;

	if (!post_of(request, &view, &post, err) ||
	    !input_read(request, &input, err) ||
	    !input_action(input, &action, err))
		return false;
	return action == ACTION_DELETE
	    ? withdraw(request, answer, post, err)
	    : edit(request, answer, input, post, err);
}
