/* SPDX-License-Identifier: ISC */
#include "web/me.h"

/*
 * /me/feeds and /me/tokens: the links and tokens that let her readers and
 * scripts in. The secret is shown once, in the answer to the POST.
 */

#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"
#include "view/shape.h"
#include "web/model.h"
#include "web/resources.h"

#include <stdint.h>
#include <string.h>

/* A resource each. */
struct kind {
	int access;
	const char *path; /* under /me/ */
	const char *title, *text, *hint; /* of the page that shows it */
	bool (*add)(struct request *request, const json_t *input, char *secret,
	    int64_t *id, struct error *err);
	bool (*revoke)(struct desk *desk, const struct actor *actor,
	    int64_t person, int64_t id, struct error *err);
};

static bool
read_scope(const json_t *input, enum scope *ret, struct error *err)
{
	static const struct {
		const char *name;
		enum scope scope;
	} scopes[] = {
		{ "read", SCOPE_READ },
		{ "write", SCOPE_WRITE },
		{ "admin", SCOPE_ADMIN },
	};
	const char *name = "write";

	if (!input_member_text(input, "scope", &name, err))
		return false;
	for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
		if (strcmp(scopes[i].name, name) == 0) {
			*ret = scopes[i].scope;
			return true;
		}
	return error_field(err, "scope", 0, "must be read, write or admin");
}

static bool
add_token(struct request *request, const json_t *input, char *secret,
    int64_t *id, struct error *err)
{
	struct visit *visit = visit_of(request);
	const char *label = "";
	enum scope scope;

	return input_member_text(input, "label", &label, err) &&
	    read_scope(input, &scope, err) &&
	    desk_token_add(visit->site->desk, &visit->actor,
		visit->actor.person, scope, label, secret, id, err);
}

static bool
add_link(struct request *request, const json_t *input, char *secret,
    int64_t *id, struct error *err)
{
	struct visit *visit = visit_of(request);
	const char *label = "";

	return input_member_text(input, "label", &label, err) &&
	    desk_link_add(visit->site->desk, &visit->actor, visit->actor.person,
		label, secret, id, err);
}

static const struct kind feeds = {
	.access = ACCESS_LINK,
	.path = "feeds",
	.title = "A new feed link",
	.text = "Put this address into your feed reader. Whoever has it reads "
		"your feed.",
	.hint = "Lost it? Make another one.",
	.add = add_link,
	.revoke = desk_link_revoke,
};

static const struct kind tokens = {
	.access = ACCESS_TOKEN,
	.path = "tokens",
	.title = "A new token",
	.text = "Send it as Authorization: Bearer, or with Basic as the "
		"password to your handle. Whoever has it acts as you.",
	.hint = "Lost it? Make another one and revoke this.",
	.add = add_token,
	.revoke = desk_token_revoke,
};

/* --- reading */

bool
me_credentials(struct request *request, const struct view *view, int kind,
    json_t **ret, struct error *err)
{
	struct access_row *rows;
	size_t n = 0;

	if (!access_list(
		request->memory, view->db, kind, view->person, &rows, &n, err))
		return false;
	*ret = json_owned(request->memory, json_array());
	for (size_t i = 0; i < n; i++)
		model_push(*ret,
		    json_incref(shape_access(request->memory, view, &rows[i])));
	return true;
}

static bool
list(struct request *request, struct answer *answer, const struct kind *kind,
    struct error *err)
{
	struct view view;
	json_t *items;

	if (request->form == HTTP_HTML) {
		answer_see_path(request, answer, "/me#%s", kind->path);
		return true;
	}
	if (!visit_view(request, VIEWER_PERSON, &view, err) ||
	    !me_credentials(request, &view, kind->access, &items, err))
		return false;
	me_list(request, answer, items);
	return true;
}

/* Hers of that number, as JSON. */
static bool
find(struct request *request, const struct kind *kind, int64_t id, json_t **ret,
    struct error *err)
{
	struct view view;
	json_t *items;

	if (!visit_view(request, VIEWER_PERSON, &view, err) ||
	    !me_credentials(request, &view, kind->access, &items, err))
		return false;
	for (size_t i = 0; i < json_array_size(items); i++) {
		*ret = json_array_get(items, i);
		if (json_integer_value(json_object_get(*ret, "id")) == id)
			return true;
	}
	return error_set(err, ERROR_NOT_FOUND, "there is none of that number");
}

static bool
show(struct request *request, struct answer *answer, const struct kind *kind,
    struct error *err)
{
	json_t *value;
	int64_t id;

	if (!part_number(request, 0, &id, err) ||
	    !find(request, kind, id, &value, err))
		return false;
	if (request->form == HTTP_JSON)
		answer_json(request, answer, value, 0);
	else
		answer_see_path(request, answer, "/me#%s", kind->path);
	return true;
}

/* --- making one */

static bool
show_secret(struct request *request, struct answer *answer,
    const struct kind *kind, const json_t *value, const char *shown,
    struct error *err)
{
	struct page_head head = {
		.title = kind->title,
		.at = "me",
		.noindex = true,
	};
	json_t *model = json_owned(request->memory, json_object());
	json_t *secret = mem_made(json_object());
	json_t *secrets = mem_made(json_array());
	const char *label = json_string_value(json_object_get(value, "label"));

	json_put_text(model, "title", kind->title);
	json_put_text(model, "text", kind->text);
	json_put_text(secret, "label",
	    label == NULL || *label == '\0' ? kind->title : label);
	json_put_text(secret, "value", shown);
	json_put_text(
	    secret, "href", kind->access == ACCESS_LINK ? shown : NULL);
	json_put_text(secret, "hint", kind->hint);
	model_push(secrets, secret);
	model_put(model, "secrets", secrets);
	if (kind->access == ACCESS_LINK)
		model_put_reader(model,
		    mem_printf(request->memory, "%s.atom", shown),
		    mem_printf(request->memory, "%s.opml", shown));
	model_put_link(model, "/me", "Back to your page");
	return answer_page(request, answer, "message", model, &head, err);
}

static bool
make(struct request *request, struct answer *answer, const struct kind *kind,
    struct error *err)
{
	const char *base = visit_of(request)->site->settings->base_url;
	char secret[SECRET_TOKEN];
	json_t *input, *value;
	const char *shown;
	struct db *db;
	int64_t id;

	if (!input_read(request, &input, err))
		return false;
	if (!kind->add(request, input, secret, &id, err))
		return me_again(request, answer, NULL, err);
	if (!visit_db_again(request, &db, err) ||
	    !find(request, kind, id, &value, err))
		return false;
	shown = kind->access == ACCESS_LINK
	    ? mem_printf(request->memory, "%s/feeds/%s", base, secret)
	    : mem_copy(request->memory, secret);
	if (input_is_form(request))
		return show_secret(request, answer, kind, value, shown, err);
	json_put_text(
	    value, kind->access == ACCESS_LINK ? "url" : "token", shown);
	answer_created(request, answer,
	    mem_printf(request->memory, "%s/me/%s/%jd", base, kind->path,
		(intmax_t)id),
	    value, 0);
	answer->cache_control = "no-store";
	return true;
}

/* --- revoking */

static bool
revoke(struct request *request, struct answer *answer, const struct kind *kind,
    struct error *err)
{
	struct visit *visit = visit_of(request);
	int64_t id;

	if (!part_number(request, 0, &id, err) ||
	    !kind->revoke(
		visit->site->desk, &visit->actor, visit->actor.person, id, err))
		return false;
	if (input_is_form(request))
		answer_see_path(request, answer, "/me#%s", kind->path);
	else
		answer->status = 204;
	return true;
}

static bool
revoke_by_form(struct request *request, struct answer *answer,
    const struct kind *kind, struct error *err)
{
	enum form_action action;
	json_t *input;

	if (!input_read(request, &input, err) ||
	    !input_action(input, &action, err))
		return false;
	if (action != ACTION_DELETE)
		return error_field(
		    err, "action", 0, "must be delete: there is no edit");
	return revoke(request, answer, kind, err);
}

/* --- the resources: the same handlers of each kind */

#define RESOURCE(one, many)                                                    \
	bool many##_get(                                                       \
	    struct request *request, struct answer *answer, struct error *err) \
	{                                                                      \
		return list(request, answer, &(many), err);                    \
	}                                                                      \
	bool many##_post(                                                      \
	    struct request *request, struct answer *answer, struct error *err) \
	{                                                                      \
		return make(request, answer, &(many), err);                    \
	}                                                                      \
	bool one##_get(                                                        \
	    struct request *request, struct answer *answer, struct error *err) \
	{                                                                      \
		return show(request, answer, &(many), err);                    \
	}                                                                      \
	bool one##_post(                                                       \
	    struct request *request, struct answer *answer, struct error *err) \
	{                                                                      \
		return revoke_by_form(request, answer, &(many), err);          \
	}                                                                      \
	bool one##_delete(                                                     \
	    struct request *request, struct answer *answer, struct error *err) \
	{                                                                      \
		return revoke(request, answer, &(many), err);                  \
	}

RESOURCE(feed, feeds)
RESOURCE(token, tokens)
