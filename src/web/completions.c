/* SPDX-License-Identifier: ISC */
#include "web/resources.h"

/* /completions: the tags and people that are known, for who is typing one. */

#include "base/json.h"
#include "base/mem.h"
#include "desk/person.h"
#include "desk/used_tags.h"
#include "web/model.h"
#include "web/site.h"

static bool
put_tags(void *owner, json_t *model, const struct view *view, struct error *err)
{
	json_t *list = mem_made(json_array());
	const char **tags;
	size_t n = 0;

	model_put(model, "tags", list);
	if (!used_tags(owner, view->db, &tags, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		model_push(list, json_string(tags[i]));
	return true;
}

static bool
put_people(
    void *owner, json_t *model, const struct view *view, struct error *err)
{
	json_t *list = mem_made(json_array());
	struct person **people;
	size_t n = 0;

	model_put(model, "people", list);
	if (!person_list(owner, view->db, &people, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		json_t *each;

		if (people[i]->disabled)
			continue;
		each = mem_made(json_object());
		json_put_text(each, "handle", people[i]->handle);
		json_put_text(each, "name", people[i]->name);
		model_push(list, each);
	}
	return true;
}

bool
completions_get(
    struct request *request, struct answer *answer, struct error *err)
{
	json_t *model = json_owned(request->memory, json_object());
	struct view view;

	if (!visit_view(request, VIEWER_PERSON, &view, err) ||
	    !put_tags(request->memory, model, &view, err) ||
	    !put_people(request->memory, model, &view, err))
		return false;
	answer_json(request, answer, model, 0);
	answer->cache_control = "private, max-age=300";
	return true;
}
