/* SPDX-License-Identifier: ISC */
#include "web/limits.h"
#include "web/me.h"

/* /me: her page, her profile, her password. */

#include "base/json.h"
#include "base/mem.h"
#include "desk/person.h"
#include "view/shape.h"
#include "web/model.h"
#include "web/resources.h"

#include <stdint.h>
#include <string.h>

static bool
person_of(struct request *request, struct view *view, struct person **ret,
    struct error *err)
{
	return visit_view(request, VIEWER_PERSON, view, err) &&
	    person_by_id(request->memory, view->db, view->person, ret, err);
}

/* --- the page */

static bool
put_lists(struct request *request, json_t *model, const struct view *view,
    struct error *err)
{
	json_t *subscriptions, *feeds, *tokens;

	if (!me_subscriptions(request, view, &subscriptions, err) ||
	    !me_credentials(request, view, ACCESS_LINK, &feeds, err) ||
	    !me_credentials(request, view, ACCESS_TOKEN, &tokens, err))
		return false;
	json_put(model, "subscriptions", subscriptions);
	json_put(model, "feeds", feeds);
	json_put(model, "tokens", tokens);
	return true;
}

/* A form leads back to the page with done= and one of these. */
static const char *
notice_of(struct request *request)
{
	static const struct {
		const char *done, *notice;
	} notices[] = {
		{ "profile", "Your profile is saved." },
		{ "password",
		    "Your password is changed, and your other sessions have "
		    "ended." },
	};
	const char *done = request_query(request, "done");

	for (size_t i = 0; i < sizeof notices / sizeof *notices; i++)
		if (done != NULL && strcmp(notices[i].done, done) == 0)
			return notices[i].notice;
	return NULL;
}

static bool
show_page(struct request *request, struct answer *answer, json_t *typed,
    const struct error *failed, struct error *err)
{
	struct page_head head = { .at = "me" };
	struct person *person;
	struct view view;
	json_t *model;

	if (!person_of(request, &view, &person, err))
		return false;
	model = shape_person(request->memory, &view, person, true);
	json_put_text(model, "skills_text",
	    model_tags_text(request->memory, json_object_get(model, "skills")));
	json_put_text(model, "interests_text",
	    model_tags_text(
		request->memory, json_object_get(model, "interests")));
	json_put_bool(model, "is_here", person->here);
	if (!put_lists(request, model, &view, err))
		return false;
	if (typed != NULL)
		json_put(model, "form", typed);
	if (failed != NULL) {
		answer->status = http_status_of(failed->kind);
		model_put(model, "errors", model_errors(failed));
	}
	head.title = person->name;
	head.notice = notice_of(request);
	return answer_page(request, answer, "me", model, &head, err);
}

bool
me_again(struct request *request, struct answer *answer, json_t *typed,
    struct error *err)
{
	struct error failed = *err;
	struct db *db;

	if (!model_can_show(request, err))
		return false;
	*err = (struct error){ 0 };
	return visit_db_again(request, &db, err) &&
	    show_page(request, answer, typed, &failed, err);
}

void
me_list(struct request *request, struct answer *answer, json_t *items)
{
	answer_json(
	    request, answer, model_list(request->memory, items, NULL), 0);
}

static bool
show_json(struct request *request, struct answer *answer, struct error *err)
{
	struct person *person;
	struct view view;

	if (!person_of(request, &view, &person, err))
		return false;
	answer_json(request, answer,
	    shape_person(request->memory, &view, person, true),
	    person->changed);
	return true;
}

bool
me_get(struct request *request, struct answer *answer, struct error *err)
{
	return request->form == HTTP_JSON
	    ? show_json(request, answer, err)
	    : show_page(request, answer, NULL, NULL, err);
}

/* --- the profile */

static bool
read_tags(void *owner, const json_t *input, const char *name, bool *has,
    struct words *ret, struct error *err)
{
	if (!input_member_words(owner, input, name, ret, err))
		return false;
	*has = ret->given || json_is_null(json_object_get(input, name));
	return true;
}

/* -1 is not given: what was given as that is wrong. Null takes them away. */
static bool
read_hours(const json_t *input, int64_t *ret, struct error *err)
{
	int64_t hours = INT64_MIN;

	if (!input_member_int(input, "hours", &hours, err))
		return false;
	if (hours < 0 && hours != INT64_MIN)
		return error_field(err, "hours", 0, "must be 0 to 168");
	if (json_is_null(json_object_get(input, "hours")))
		hours = 0;
	*ret = hours == INT64_MIN ? -1 : hours;
	return true;
}

static bool
edit(struct request *request, const json_t *input, struct error *err)
{
	struct visit *visit = visit_of(request);
	struct profile profile = { .hours = -1 };
	struct words skills, interests;
	struct person *person;
	int64_t if_changed;
	struct view view;

	if (!person_of(request, &view, &person, err) ||
	    !input_if_changed(
		request, person->changed, false, &if_changed, err) ||
	    !input_patch_text(input, "name", &profile.name, err) ||
	    !input_patch_text(input, "email", &profile.email, err) ||
	    !input_patch_text(
		input, "availability", &profile.availability, err) ||
	    !read_hours(input, &profile.hours, err) ||
	    !read_tags(request->memory, input, "skills", &profile.has_skills,
		&skills, err) ||
	    !read_tags(request->memory, input, "interests",
		&profile.has_interests, &interests, err))
		return false;
	profile.skills = skills.words;
	profile.n_skills = skills.n;
	profile.interests = interests.words;
	profile.n_interests = interests.n;
	return desk_person_edit(visit->site->desk, &visit->actor, person->id,
	    &profile, if_changed, err);
}

bool
me_patch(struct request *request, struct answer *answer, struct error *err)
{
	struct db *db;
	json_t *input;

	return input_read(request, &input, err) && edit(request, input, err) &&
	    visit_db_again(request, &db, err) &&
	    show_json(request, answer, err);
}

bool
me_post(struct request *request, struct answer *answer, struct error *err)
{
	enum form_action action;
	struct db *db;
	json_t *input;

	if (!input_read(request, &input, err) ||
	    !input_action(input, &action, err))
		return false;
	if (action == ACTION_DELETE)
		return error_field(err, "action", 0,
		    "nobody is deleted: names stay in history");
	if (!edit(request, input, err))
		return me_again(request, answer, NULL, err);
	if (!input_is_form(request))
		return visit_db_again(request, &db, err) &&
		    show_json(request, answer, err);
	answer_see_path(request, answer, "/me?done=profile");
	return true;
}

/* --- the password */

bool
password_get(struct request *request, struct answer *answer, struct error *err)
{
	(void)err;
	answer_see_path(request, answer, "/me#password");
	return true;
}

/* Who holds a session but not the password must not find it by trying. */
static bool
change(struct request *request, const char *old, const char *new,
    struct error *err)
{
	struct visit *visit = visit_of(request);
	bool ok;

	if (!limit_address(request, LIMIT_SIGNIN, err))
		return false;
	ok = desk_password_change(
	    visit->site->desk, &visit->actor, old, new, visit->session, err);
	if (ok || err->kind != ERROR_FORBIDDEN)
		limit_address_back(request, LIMIT_SIGNIN);
	return ok;
}

bool
password_post(struct request *request, struct answer *answer, struct error *err)
{
	const char *old = "", *new = "";
	json_t *input;

	if (!input_read(request, &input, err) ||
	    !input_member_text(input, "old", &old, err) ||
	    !input_member_text(input, "new", &new, err))
		return false;
	if (!change(request, old, new, err))
		return me_again(request, answer, NULL, err);
	if (input_is_form(request))
		answer_see_path(request, answer, "/me?done=password");
	else
		answer->status = 204;
	return true;
}
