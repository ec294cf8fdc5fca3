/* SPDX-License-Identifier: ISC */
#include "web/admin.h"

/*
 * /admin/people: who has an account. A first password is shown once, in the
 * answer to the form that made it.
 */

#include "base/json.h"
#include "base/mem.h"
#include "desk/person.h"
#include "view/shape.h"
#include "web/model.h"
#include "web/resources.h"

#include <string.h>

static json_t *
shape(struct request *request, const struct view *view,
    const struct person *person)
{
	json_t *object = shape_person(request->memory, view, person, true);

	json_put_bool(object, "disabled", person->disabled);
	json_put_time(object, "created", person->created);
	if (request->form == HTTP_HTML)
		model_put(object, "tag_links",
		    model_tag_links(
			json_object_get(object, "skills"), TAG_TO_PEOPLE));
	return object;
}

/* --- the list */

/* One more than shown: the next page begins with it. */
static json_t *
list_of(struct request *request, const struct view *view,
    struct person *const *people, size_t n)
{
	json_t *items = json_owned(request->memory, json_array());
	const char *next = NULL;

	if (n > ADMIN_ROWS)
		next = mem_printf(request->memory, "/admin/people?from=%s",
		    people[--n]->handle);
	for (size_t i = 0; i < n; i++)
		(void)json_array_append(items, shape(request, view, people[i]));
	return model_list(request->memory, items, next);
}

static bool
show_list(struct request *request, struct answer *answer, const json_t *typed,
    const struct error *failed, struct error *err)
{
	const char *from = request_query(request, "from");
	struct person **people;
	struct view view;
	json_t *list;
	size_t n;

	if (!visit_view(request, VIEWER_PERSON, &view, err) ||
	    !person_page(request->memory, view.db, from == NULL ? "" : from,
		ADMIN_ROWS + 1, &people, &n, err))
		return false;
	list = list_of(request, &view, people, n);
	if (request->form == HTTP_HTML)
		json_put_text(list, "from", from);
	if (typed != NULL)
		model_put(list, "form", json_deep_copy(typed));
	if (failed != NULL) {
		answer->status = http_status_of(failed->kind);
		model_put(list, "errors", model_errors(failed));
	}
	return admin_list(request, answer, "admin_people", "People", list, err);
}

bool
admin_people_get(
    struct request *request, struct answer *answer, struct error *err)
{
	return show_list(request, answer, NULL, NULL, err);
}

/* --- a first password */

static bool
show_password(struct request *request, struct answer *answer,
    const char *handle, const char *password, struct error *err)
{
	json_t *model = json_owned(request->memory, json_object());
	json_t *secret = mem_made(json_object());
	json_t *secrets = mem_made(json_array());
	struct page_head head = {
		.title = "A first password",
		.at = "admin",
		.noindex = true,
	};

	json_put_text(model, "title",
	    mem_printf(request->memory, "A first password for %s", handle));
	json_put_text(model, "text",
	    "Give it to her by a way that you trust. She is asked to choose "
	    "her own when she signs in.");
	json_put_text(secret, "label", handle);
	json_put_text(secret, "value", password);
	json_put_text(secret, "href", NULL);
	json_put_text(secret, "hint", "Lost it? Make another one.");
	model_push(secrets, secret);
	model_put(model, "secrets", secrets);
	model_put_link(model,
	    mem_printf(request->memory, "/admin/people/%s", handle),
	    "Back to her page");
	answer->cache_control = "no-store";
	return answer_page(request, answer, "message", model, &head, err);
}

static bool
find(struct request *request, struct view *view, const char *handle,
    struct person **ret, struct error *err)
{
	struct db *db;

	return visit_db_again(request, &db, err) &&
	    visit_view(request, VIEWER_PERSON, view, err) &&
	    person_by_handle(request->memory, view->db, handle, ret, err);
}

/* --- a new person */

static bool
add(struct request *request, const json_t *input, const char **handle,
    char **password, struct error *err)
{
	struct visit *visit = visit_of(request);
	struct profile profile = { .hours = -1 };
	struct newcomer newcomer = { .handle = "", .profile = &profile };
	struct words skills;

	if (!input_member_text(input, "handle", &newcomer.handle, err) ||
	    !input_member_text(input, "name", &profile.name, err) ||
	    !input_member_text(input, "email", &profile.email, err) ||
	    !input_member_words(
		request->memory, input, "skills", &skills, err) ||
	    !input_member_bool(input, "admin", &newcomer.admin, err) ||
	    !input_member_bool(input, "bot", &newcomer.bot, err))
		return false;
	profile.skills = skills.words;
	profile.n_skills = skills.n;
	profile.has_skills = skills.n > 0;
	*handle = newcomer.handle;
	return desk_person_add(request->memory, visit->site->desk,
	    &visit->actor, &newcomer, password, err);
}

bool
admin_people_post(
    struct request *request, struct answer *answer, struct error *err)
{
	const char *base = visit_of(request)->site->settings->base_url;
	struct person *person;
	const char *handle;
	struct view view;
	json_t *input, *value;
	char *password;

	if (!input_read(request, &input, err))
		return false;
	if (!add(request, input, &handle, &password, err)) {
		struct error failed = *err;

		if (!model_can_show(request, err))
			return false;
		*err = (struct error){ 0 };
		return show_list(request, answer, input, &failed, err);
	}
	if (input_is_form(request))
		return show_password(request, answer, handle, password, err);
	if (!find(request, &view, handle, &person, err))
		return false;
	value = shape(request, &view, person);
	json_put_text(value, "password", password);
	answer_created(request, answer,
	    mem_printf(request->memory, "%s/admin/people/%s", base, handle),
	    value, person->changed);
	answer->cache_control = "no-store";
	return true;
}

/* --- one person */

static bool
show_one(struct request *request, struct answer *answer,
    const struct error *failed, struct error *err)
{
	struct person *person;
	json_t *model, *tokens, *feeds;
	struct view view;

	if (!find(request, &view, request->parts[0], &person, err))
		return false;
	model = shape(request, &view, person);
	if (request->form == HTTP_JSON) {
		answer_json(request, answer, model, person->changed);
		return true;
	}
	if (!admin_credentials(
		request, &view, ACCESS_TOKEN, person->id, &tokens, err) ||
	    !admin_credentials(
		request, &view, ACCESS_LINK, person->id, &feeds, err))
		return false;
	json_put(model, "tokens", tokens);
	json_put(model, "feeds", feeds);
	json_put_bool(model, "is_me", person->id == view.person);
	json_put_bool(model, "must_change", person->password_is_first);
	if (failed != NULL) {
		answer->status = http_status_of(failed->kind);
		model_put(model, "errors", model_errors(failed));
	}
	return admin_page(
	    request, answer, "admin_person", person->name, model, err);
}

bool
admin_person_get(
    struct request *request, struct answer *answer, struct error *err)
{
	return show_one(request, answer, NULL, err);
}

static bool
read_change(const json_t *input, const char *name, enum duty_change *ret,
    struct error *err)
{
	bool yes = false;

	*ret = DUTY_KEEP;
	if (json_object_get(input, name) == NULL)
		return true;
	*ret = DUTY_TAKE;
	if (!input_member_bool(input, name, &yes, err))
		return false;
	if (yes)
		*ret = DUTY_GIVE;
	return true;
}

/* What has ended does not come back. */
static bool
disable(struct request *request, enum duty_change disabled, struct error *err)
{
	struct visit *visit = visit_of(request);
	struct disabled count;
	struct person *person;
	struct view view;

	if (disabled == DUTY_GIVE)
		return desk_person_disable(visit->site->desk, &visit->actor,
		    request->parts[0], &count, err);
	if (!find(request, &view, request->parts[0], &person, err))
		return false;
	return !person->disabled ||
	    error_field(
		err, "disabled", 0, "is for good: what was hers has ended");
}

static bool
edit(struct request *request, const json_t *input, struct error *err)
{
	struct visit *visit = visit_of(request);
	enum duty_change disabled;
	struct duty duty;

	if (!read_change(input, "admin", &duty.admin, err) ||
	    !read_change(input, "bot", &duty.bot, err) ||
	    !read_change(input, "disabled", &disabled, err))
		return false;
	if (disabled == DUTY_KEEP)
		return desk_person_duty(visit->site->desk, &visit->actor,
		    request->parts[0], &duty, err);
	if (duty.admin != DUTY_KEEP || duty.bot != DUTY_KEEP)
		return error_field(err, "disabled", 0, "goes alone");
	return disable(request, disabled, err);
}

bool
admin_person_patch(
    struct request *request, struct answer *answer, struct error *err)
{
	json_t *input;

	return input_read(request, &input, err) && edit(request, input, err) &&
	    show_one(request, answer, NULL, err);
}

bool
admin_person_post(
    struct request *request, struct answer *answer, struct error *err)
{
	enum form_action action;
	json_t *input;

	if (!input_read(request, &input, err) ||
	    !input_action(input, &action, err))
		return false;
	if (action == ACTION_DELETE)
		return error_field(err, "action", 0,
		    "nobody is deleted: names stay in history");
	if (!edit(request, input, err)) {
		struct error failed = *err;

		if (!model_can_show(request, err))
			return false;
		*err = (struct error){ 0 };
		return show_one(request, answer, &failed, err);
	}
	if (!input_is_form(request))
		return show_one(request, answer, NULL, err);
	answer_see_path(request, answer, "/admin/people/%s", request->parts[0]);
	return true;
}

bool
admin_password_post(
    struct request *request, struct answer *answer, struct error *err)
{
	struct visit *visit = visit_of(request);
	const char *handle = request->parts[0];
	json_t *input, *value;
	char *password;

	if (!input_read(request, &input, err) ||
	    !desk_person_passwd(request->memory, visit->site->desk,
		&visit->actor, handle, &password, err))
		return false;
	if (input_is_form(request))
		return show_password(request, answer, handle, password, err);
	value = json_owned(request->memory, json_object());
	json_put_text(value, "handle", handle);
	json_put_text(value, "password", password);
	answer_json(request, answer, value, 0);
	answer->cache_control = "no-store";
	answer->etag = NULL;
	return true;
}
