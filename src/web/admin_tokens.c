/* SPDX-License-Identifier: ISC */
#include "web/admin.h"

/*
 * /admin/tokens and /admin/feeds: the tokens and feed links of everybody,
 * newest first, never with their secrets; each can be revoked.
 */

#include "base/json.h"
#include "base/mem.h"
#include "view/shape.h"
#include "web/model.h"
#include "web/resources.h"

#include <stdint.h>

struct kind {
	int access;
	const char *path;
	const char *title;
	bool (*revoke)(struct desk *desk, const struct actor *actor,
	    int64_t person, int64_t id, struct error *err);
};

static const struct kind tokens = {
	.access = ACCESS_TOKEN,
	.path = "/admin/tokens",
	.title = "Tokens",
	.revoke = desk_token_revoke,
};

static const struct kind feeds = {
	.access = ACCESS_LINK,
	.path = "/admin/feeds",
	.title = "Feed links",
	.revoke = desk_link_revoke,
};

static json_t *
shape(struct request *request, const struct view *view,
    const struct access_row *row)
{
	json_t *object = shape_access(request->memory, view, row);

	json_put_text(object, "person", row->handle);
	return object;
}

bool
admin_credentials(struct request *request, const struct view *view, int kind,
    int64_t person, json_t **ret, struct error *err)
{
	struct access_row *rows;
	size_t n = 0;

	if (!access_list(
		request->memory, view->db, kind, person, &rows, &n, err))
		return false;
	*ret = json_owned(request->memory, json_array());
	for (size_t i = 0; i < n; i++)
		(void)json_array_append(*ret, shape(request, view, &rows[i]));
	return true;
}

static bool
list(struct request *request, struct answer *answer, const struct kind *kind,
    struct error *err)
{
	static const char *const names[] = { NULL };
	json_t *items = json_owned(request->memory, json_array()), *model;
	struct access_row *rows;
	const char *next = NULL;
	struct view view;
	size_t n;

	if (!visit_view(request, VIEWER_PERSON, &view, err) ||
	    !access_page(request->memory, view.db, kind->access,
		query_before(request), ADMIN_ROWS + 1, &rows, &n, err))
		return false;
	if (n > ADMIN_ROWS) {
		n = ADMIN_ROWS;
		next = query_next(request, kind->path, names, rows[n - 1].id);
	}
	for (size_t i = 0; i < n; i++)
		(void)json_array_append(items, shape(request, &view, &rows[i]));
	model = model_list(request->memory, items, next);
	if (request->form == HTTP_HTML) {
		json_put_text(model, "title", kind->title);
		json_put_text(model, "path", kind->path);
		json_put_bool(
		    model, "are_tokens", kind->access == ACCESS_TOKEN);
		json_put_bool(model, "are_feeds", kind->access == ACCESS_LINK);
	}
	return admin_list(
	    request, answer, "admin_tokens", kind->title, model, err);
}

static bool
revoke(struct request *request, struct answer *answer, const struct kind *kind,
    struct error *err)
{
	struct visit *visit = visit_of(request);
	int64_t id;

	if (!part_number(request, 0, &id, err) ||
	    !kind->revoke(visit->site->desk, &visit->actor, 0, id, err))
		return false;
	if (input_is_form(request))
		answer_see_path(request, answer, "%s", kind->path);
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

bool
admin_tokens_get(
    struct request *request, struct answer *answer, struct error *err)
{
	return list(request, answer, &tokens, err);
}

bool
admin_token_post(
    struct request *request, struct answer *answer, struct error *err)
{
	return revoke_by_form(request, answer, &tokens, err);
}

bool
admin_token_delete(
    struct request *request, struct answer *answer, struct error *err)
{
	return revoke(request, answer, &tokens, err);
}

bool
admin_feeds_get(
    struct request *request, struct answer *answer, struct error *err)
{
	return list(request, answer, &feeds, err);
}

bool
admin_feed_post(
    struct request *request, struct answer *answer, struct error *err)
{
	return revoke_by_form(request, answer, &feeds, err);
}

bool
admin_feed_delete(
    struct request *request, struct answer *answer, struct error *err)
{
	return revoke(request, answer, &feeds, err);
}
