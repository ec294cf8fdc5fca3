/* SPDX-License-Identifier: ISC */
#include "desk/person.h"

/* /people: who is here, and who knows what. No counts, no places. */

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
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
	json_put_text(model, "knows", tag);
	return answer_page(request, answer, "people", model, &head, err);
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
	head.title = person->name;
	return answer_page(request, answer, "person", shape, &head, err);
}
