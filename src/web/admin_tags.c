/* SPDX-License-Identifier: ISC */
#include "web/admin.h"

/* /admin/tags: how often each is used, and by what name it goes. */

#include "base/buf.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/mem.h"
#include "desk/tag.h"
#include "view/shape.h"
#include "web/model.h"
#include "web/resources.h"

enum { TAG_ROWS = 50 }; /* who has each has to be counted */

static json_t *
shape(struct request *request, const struct tag_use *use)
{
	json_t *object = shape_tag(request->memory, use);
	struct buf *tag = buf_new(request->memory);

	if (request->form != HTTP_HTML)
		return object;
	buf_url(tag, use->tag);
	json_put_text(object, "href",
	    mem_printf(request->memory, "%s%s", TAG_TO_INCIDENTS, tag->text));
	json_put_text(object, "change_href",
	    mem_printf(
		request->memory, "/admin/tags?tag=%s#change", tag->text));
	json_put_text(object, "former_text",
	    model_tags_text(
		request->memory, json_object_get(object, "former")));
	return object;
}

/* One more than shown: the next page begins with it. */
static json_t *
list_of(struct request *request, const struct tag_use *uses, size_t n)
{
	json_t *items = json_owned(request->memory, json_array());
	struct buf *next = buf_new(request->memory);

	if (n > TAG_ROWS) {
		buf_text(next, "/admin/tags?from=");
		buf_url(next, uses[--n].tag);
	}
	for (size_t i = 0; i < n; i++)
		(void)json_array_append(items, shape(request, &uses[i]));
	return model_list(
	    request->memory, items, next->length == 0 ? NULL : next->text);
}

static bool
show(struct request *request, struct answer *answer, const json_t *typed,
    const struct error *failed, struct error *err)
{
	const char *from = request_query(request, "from");
	struct tag_use *uses;
	struct db *db;
	json_t *list;
	size_t n;

	if (!visit_db_again(request, &db, err) ||
	    !tag_page(request->memory, db, from == NULL ? "" : from,
		TAG_ROWS + 1, &uses, &n, err))
		return false;
	list = list_of(request, uses, n);
	if (request->form == HTTP_HTML) {
		json_t *form = typed == NULL ? json_object()
					     : json_deep_copy(typed);

		if (typed == NULL)
			json_put_text(
			    form, "tag", request_query(request, "tag"));
		model_put(list, "form", form);
		json_put_text(list, "from", from);
	}
	if (failed != NULL) {
		answer->status = http_status_of(failed->kind);
		model_put(list, "errors", model_errors(failed));
	}
	return admin_list(request, answer, "admin_tags", "Tags", list, err);
}

bool
admin_tags_get(
    struct request *request, struct answer *answer, struct error *err)
{
	return show(request, answer, NULL, NULL, err);
}

typedef bool name_function(struct desk *desk, const struct actor *actor,
    const char *tag, const char *into, struct error *err);

static bool
give_name(struct request *request, struct answer *answer, name_function *give,
    struct error *err)
{
	struct visit *visit = visit_of(request);
	const char *tag = "", *into = "";
	struct error failed;
	json_t *input;

	if (!input_read(request, &input, err) ||
	    !input_member_text(input, "tag", &tag, err) ||
	    !input_member_text(input, "into", &into, err))
		return false;
	if (give(visit->site->desk, &visit->actor, tag, into, err)) {
		if (input_is_form(request))
			answer_see_path(request, answer, "/admin/tags");
		else
			answer->status = 204;
		return true;
	}
	if (!model_can_show(request, err))
		return false;
	failed = *err;
	*err = (struct error){ 0 };
	return show(request, answer, input, &failed, err);
}

bool
admin_tag_merge_post(
    struct request *request, struct answer *answer, struct error *err)
{
	return give_name(request, answer, desk_tag_merge, err);
}

bool
admin_tag_rename_post(
    struct request *request, struct answer *answer, struct error *err)
{
	return give_name(request, answer, desk_tag_rename, err);
}
