/* SPDX-License-Identifier: ISC */
#include "web/resources.h"

/*
 * The customer's page, by her secret link: what is happening, and her own
 * words, confirmation and reopening. It answers itself, without cookie or
 * redirect, and no search engine may keep it.
 */

#include "base/json.h"
#include "base/mem.h"
#include "desk/steps.h"
#include "view/markdown.h"
#include "view/shape.h"
#include "web/answer_feed.h"
#include "web/public.h"

#include <string.h>

/* Unknown, void and malformed are one case, with one answer. */
static bool
come_by_link(struct request *request, struct answer *answer, int64_t *incident,
    struct error *err)
{
	struct visit *visit = visit_of(request);
	struct db *db;

	answer_header(request, answer, "X-Robots-Tag", "noindex, nofollow");
	if (!visit_db(request, &db, err))
		return false;
	return access_status_find(
		   visit->site->desk, db, request->parts[0], incident) ||
	    error_set(
		err, ERROR_NOT_FOUND, "there is no report of this address");
}

/* --- the page */

static const struct {
	const char *status;
	const char *nobody, *somebody; /* by whether a helper is in */
} sentences[] = {
	{ "open", "We have your report. Nobody has taken it up yet.",
	    "We have your report, and somebody is looking at it." },
	{ "swarming", "It is being worked on.", "It is being worked on." },
	{ "resolved",
	    "A fix is written. Please try it, and say whether it is solved.",
	    "A fix is written. Please try it, and say whether it is solved." },
	{ "closed", "This is closed.", "This is closed." },
};

static const char *
text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void
put_sentences(struct request *request, json_t *model)
{
	const char *status = text_of(model, "status");
	json_int_t helpers = json_integer_value(
	    json_object_get(model, "helpers"));
	const char *text = helpers == 1 ? "1 person" : "nobody yet";

	for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
		if (strcmp(sentences[i].status, status) == 0)
			json_put_text(model, "status_text",
			    helpers == 0 ? sentences[i].nobody
					 : sentences[i].somebody);
	if (helpers > 1)
		text = mem_printf(
		    request->memory, "%jd people", (intmax_t)helpers);
	json_put_text(model, "helpers_text", text);
}

static void
put_people(struct request *request, json_t *model)
{
	struct buf *names = buf_new(request->memory);
	const json_t *people = json_object_get(model, "people");

	for (size_t i = 0; i < json_array_size(people); i++) {
		if (i > 0)
			buf_text(names, ", ");
		buf_text(names, json_string_value(json_array_get(people, i)));
	}
	json_put_text(model, "people_text", names->text);
}

/* What is not there is null: else a template looks for it further out. */
static void
put_html(struct request *request, json_t *object, const char *name,
    const char *from, void (*write)(struct buf *, const char *))
{
	json_put_text(object, name,
	    html_of(request->memory, write, text_of(object, from)));
}

static void
put_posts(struct request *request, json_t *model)
{
	const json_t *posts = json_object_get(model, "posts");
	json_t *post;
	size_t i;

	json_array_foreach(posts, i, post)
	{
		bool is_ours = text_of(post, "author") != NULL;

		put_html(request, post, "text_html", "text",
		    is_ours ? buf_markdown : buf_plain);
		put_html(request, post, "resolution_html", "resolution",
		    buf_markdown);
		put_html(request, post, "cause_html", "cause", buf_markdown);
		json_put_bool(
		    post, "is_fix", strcmp(text_of(post, "kind"), "fix") == 0);
	}
}

static void
put_can(json_t *model)
{
	const char *status = text_of(model, "status");
	bool is_closed = strcmp(status, "closed") == 0;
	bool is_over = is_closed || strcmp(status, "resolved") == 0;
	bool is_rated = json_is_integer(json_object_get(model, "rating"));
	json_t *can = json_object();

	json_put_bool(model, "is_over", is_over);
	json_put_bool(can, "reply", !is_closed);
	json_put_bool(can, "confirm", is_over && !(is_closed && is_rated));
	json_put_bool(can, "reopen", is_over);
	json_put(model, "can", can);
	json_decref(can);
}

static bool
answer_status_page(struct request *request, struct answer *answer,
    json_t *model, struct error *err)
{
	const char *path = mem_printf(
	    request->memory, "/status/%s", request->parts[0]);
	struct page_head head = { .title = "Your report",
		.noindex = true,
		.feeds = feed_links(request, path, "", "Your report") };

	put_sentences(request, model);
	put_people(request, model);
	put_html(request, model, "body_html", "body", buf_plain);
	put_html(request, model, "environment_html", "environment", buf_plain);
	put_posts(request, model);
	put_can(model);
	json_put_text(model, "status_path", path);
	if (!answer_page(request, answer, "status", model, &head, err))
		return false;
	answer_etag_of_body(request, answer, 0);
	return true;
}

/* --- the feed */

static bool
make_status(struct request *request, struct feed_source *source,
    struct feed_view *ret, struct error *err)
{
	const int64_t *incident = source->arg;
	struct view view;

	return visit_view(request, VIEWER_CUSTOMER, &view, err) &&
	    feed_status(request->memory, &view, *incident,
		mem_printf(
		    request->memory, "%s%s", view.base_url, source->path),
		ret, err);
}

static bool
answer_status_feed(struct request *request, struct answer *answer,
    int64_t incident, int64_t version, struct error *err)
{
	struct feed_source source = {
		.path = mem_printf(
		    request->memory, "/status/%s", request->parts[0]),
		.parameters = "",
		.title = "Your report",
		.is_secret = true,
		.version = version,
		.make = make_status,
		.arg = &incident,
	};

	return answer_feed(request, answer, &source, err);
}

/* --- answers */

static bool
answer_status_json(struct request *request, struct answer *answer,
    json_t *object, struct error *err)
{
	(void)err;
	answer_json(request, answer, object, 0);
	answer_etag_of_body(request, answer, 0);
	return true;
}

bool
status_get(struct request *request, struct answer *answer, struct error *err)
{
	int64_t version = desk_place(visit_of(request)->site->desk);
	int64_t incident;
	json_t *object;

	if (!come_by_link(request, answer, &incident, err))
		return false;
	if (request->form == HTTP_ATOM || request->form == HTTP_RSS)
		return answer_status_feed(
		    request, answer, incident, version, err);
	if (!status_object(request, incident, &object, err))
		return false;
	return request->form == HTTP_JSON
	    ? answer_status_json(request, answer, object, err)
	    : answer_status_page(request, answer, object, err);
}

/*
 * A form goes back to the page, where said is the anchor of what is to be read
 * first; JSON gets the status as it is now.
 */
static bool
answer_written(struct request *request, struct answer *answer, int64_t incident,
    const char *said, struct error *err)
{
	struct db *db;
	json_t *object;

	if (request->form == HTTP_HTML) {
		answer_see_path(
		    request, answer, "/status/%s#%s", request->parts[0], said);
		return true;
	}
	return visit_db_again(request, &db, err) &&
	    status_object(request, incident, &object, err) &&
	    answer_status_json(request, answer, object, err);
}

/* What all three writes do first. */
static bool
begin_write(struct request *request, struct answer *answer, int64_t *incident,
    json_t **input, struct error *err)
{
	return public_may_write(request, err) &&
	    come_by_link(request, answer, incident, err) &&
	    input_read(request, input, err);
}

bool
status_reply(struct request *request, struct answer *answer, struct error *err)
{
	struct actor actor = public_actor(request);
	struct desk *desk = visit_of(request)->site->desk;
	const char *text = NULL;
	int64_t incident;
	json_t *input;

	return begin_write(request, answer, &incident, &input, err) &&
	    input_member_text(input, "text", &text, err) &&
	    desk_customer_reply(desk, &actor, incident, text, err) &&
	    answer_written(request, answer, incident, "sent", err);
}

static bool
read_confirm(const json_t *input, int64_t *rating, const char **comment,
    struct error *err)
{
	enum { NONE = INT32_MIN };

	*rating = NONE;
	if (!input_member_int(input, "rating", rating, err) ||
	    !input_member_text(input, "comment", comment, err))
		return false;
	/* 0 means none to the desk, and is nothing that one can choose */
	if (*rating == 0)
		return error_field(err, "rating", 0, "must be 1 to 5");
	if (*rating == NONE)
		*rating = 0;
	return true;
}

bool
status_confirm(
    struct request *request, struct answer *answer, struct error *err)
{
	struct actor actor = public_actor(request);
	struct desk *desk = visit_of(request)->site->desk;
	const char *comment = NULL;
	int64_t incident, rating;
	json_t *input;

	return begin_write(request, answer, &incident, &input, err) &&
	    read_confirm(input, &rating, &comment, err) &&
	    desk_confirm(desk, &actor, incident, rating, comment, err) &&
	    answer_written(request, answer, incident, "solved-said", err);
}

bool
status_reopen(struct request *request, struct answer *answer, struct error *err)
{
	struct actor actor = public_actor(request);
	struct desk *desk = visit_of(request)->site->desk;
	const char *text = NULL;
	int64_t incident;
	json_t *input;

	return begin_write(request, answer, &incident, &input, err) &&
	    input_member_text(input, "text", &text, err) &&
	    desk_customer_reopen(desk, &actor, incident, text, err) &&
	    answer_written(request, answer, incident, "again-said", err);
}
