/* SPDX-License-Identifier: ISC */
#include "desk/person.h"

/* /people: who is here, and who knows what. No counts, no places. */

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "desk/fixes.h"
#include "view/shape.h"
#include "web/model.h"
#include "web/resources.h"
#include "web/site.h"

#include <string.h>

/* A tag as people type it: with or without "#", in any case. */
static const char *
tag_asked(struct request *request)
{
	const char *knows = request_query(request, "knows");

	if (knows == NULL)
		return "";
	return utf8_folded(request->memory,
	    utf8_one_line(
		request->memory, knows[0] == '#' ? knows + 1 : knows));
}

static bool
find_people(struct request *request, const struct view *view, const char *tag,
    struct person ***ret, size_t *n, struct error *err)
{
	return tag[0] == '\0'
	    ? person_list(request->memory, view->db, ret, n, err)
	    : person_who_knows(request->memory, view->db, tag,
		  query_limit(request), ret, n, err);
}

static json_t *
row_of(struct request *request, const struct view *view,
    const struct person *person)
{
	json_t *row = shape_person(request->memory, view, person, false);

	if (request->form == HTTP_HTML)
		model_put(row, "tag_links",
		    model_tag_links(
			json_object_get(row, "skills"), TAG_TO_PEOPLE));
	return row;
}

/* Who fixed something with it lately, and is not among those who say so. */
static bool
put_fixed(struct request *request, const struct view *view, json_t *model,
    const char *tag, struct error *err)
{
	json_t *list = mem_made(json_array());
	struct person **people;
	size_t n = 0;

	model_put(model, "fixed", list);
	if (tag[0] == '\0')
		return true;
	if (!person_who_fixed(request->memory, view->db, tag,
		query_limit(request), &people, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!person_has_skill(people[i], tag))
			model_push(list,
			    json_incref(row_of(request, view, people[i])));
	json_put_bool(model, "has_fixed", json_array_size(list) > 0);
	return true;
}

bool
people_get(struct request *request, struct answer *answer, struct error *err)
{
	struct page_head head = { .title = "People", .at = "people" };
	json_t *items = json_owned(request->memory, json_array()), *model;
	const char *tag = tag_asked(request);
	struct person **people;
	struct view view;
	size_t n = 0;

	if (!visit_view(request, VIEWER_PERSON, &view, err) ||
	    !find_people(request, &view, tag, &people, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!people[i]->disabled)
			model_push(items,
			    json_incref(row_of(request, &view, people[i])));
	model = model_list(request->memory, items, NULL);
	if (request->form == HTTP_JSON) {
		answer_json(request, answer, model, 0);
		return true;
	}
	if (!put_fixed(request, &view, model, tag, err))
		return false;
	json_put_text(model, "knows", tag);
	return answer_page(request, answer, "people", model, &head, err);
}

/* What her fixes show of what she knows. */
static bool
put_fixes(struct request *request, const struct view *view, json_t *model,
    const struct person *person, struct error *err)
{
	json_t *list = mem_made(json_array());
	json_t *tags = json_owned(request->memory, mem_made(json_array()));
	struct fixes fixes;

	model_put(model, "fixes", list);
	if (!fixes_of(request->memory, view->db, person->id, &fixes, err))
		return false;
	for (size_t i = 0; i < fixes.n; i++) {
		json_t *each = mem_made(json_object());

		json_put_int(each, "id", fixes.newest[i].incident);
		json_put_text(each, "title", fixes.newest[i].title);
		json_put_time(each, "created", fixes.newest[i].created);
		model_push(list, each);
	}
	for (size_t i = 0; i < fixes.n_tags; i++)
		model_push(tags, json_string(fixes.tags[i]));
	model_put(model, "fixed_links", model_tag_links(tags, TAG_TO_PEOPLE));
	json_put_bool(model, "has_fixes", fixes.n > 0);
	return true;
}

bool
person_get(struct request *request, struct answer *answer, struct error *err)
{
	struct page_head head = { .at = "people" };
	struct person *person;
	struct view view;
	json_t *shape;

	if (!visit_view(request, VIEWER_PERSON, &view, err) ||
	    !person_by_handle(
		request->memory, view.db, request->parts[0], &person, err))
		return false;
	shape = shape_person(request->memory, &view, person, false);
	if (request->form == HTTP_JSON) {
		answer_json(request, answer, shape, person->changed);
		return true;
	}
	model_put(shape, "tag_links",
	    model_tag_links(json_object_get(shape, "skills"), TAG_TO_PEOPLE));
	model_put(shape, "interest_links",
	    model_tag_links(
		json_object_get(shape, "interests"), TAG_TO_PEOPLE));
	json_put_bool(shape, "is_me", person->id == view.person);
	if (!put_fixes(request, &view, shape, person, err))
		return false;
	head.title = person->name;
	return answer_page(request, answer, "person", shape, &head, err);
}
