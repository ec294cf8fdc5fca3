/* SPDX-License-Identifier: ISC */
#ifndef WEB_MODEL_H
#define WEB_MODEL_H

/*
 * For web/ only: what the models of pages are made of besides the JSON of
 * view/shape.h (templates/MODEL.md).
 */

#include "base/error.h"
#include "desk/desk.h"
#include "http/request.h"
#include "view/view.h"

#include <jansson.h>

/* Value is taken over. */
void model_put(json_t *object, const char *name, json_t *value);
void model_push(json_t *list, json_t *value);

/* HTML of a text; "" and NULL are left out. */
void model_put_plain(json_t *object, const char *name, const char *text);
void model_put_markdown(json_t *object, const char *name, const char *text);

/* JSON as a script element may hold it: no "<", ">", "&" and line separators.
 */
void model_put_data(json_t *object, const char *name, const json_t *value);

/* An address: value escaped, behind what is in front of it. */
void model_put_href(
    json_t *object, const char *name, const char *before, const char *value);

/* [{tag, href}]: before is the address that each tag is put behind. */
json_t *model_tag_links(const json_t *tags, const char *before);

/* Where an incident's, an article's and a person's tags lead. */
#define TAG_TO_INCIDENTS "/incidents?q=%23"
#define TAG_TO_ARTICLES "/articles?q=%23"
#define TAG_TO_PEOPLE "/people?knows="

/* "db mysql": as a form shows tags. */
char *model_tags_text(void *owner, const json_t *tags);

/* [{value, text, selected}] of names (n of them), text being the name. */
json_t *model_options(const char *const *names, size_t n, const char *selected);

/* [{field, column, message}]; an error without fields is one without a name. */
json_t *model_errors(const struct error *err);

/* {column, message} of a wrong filter. */
json_t *model_filter_error(const struct error *err);

/* True for an error that a person mends in the form she sent. */
bool model_can_show(const struct request *request, const struct error *err);

/*
 * "reader": how the feed of that address (whole, with its ending) comes into a
 * feed reader; opml: the address of the list of a person's feeds, or NULL.
 */
void model_put_reader(json_t *model, const char *address, const char *opml);

/* The one link of the page "message". */
void model_put_link(json_t *model, const char *href, const char *text);

/* {"items": items, "next": next or null}; a list that is no feed. */
json_t *model_list(void *owner, json_t *items, const char *next);

/* An incident's row of a list, as JSON with what the row needs besides. */
MUST_CHECK bool model_incident_row(void *owner, const struct view *view,
    int64_t incident, json_t **ret, struct error *err);

/* "12 of the last 40 incidents, about 3 a week." */
const char *
model_caught_text(void *owner, int64_t matches, int64_t of, double per_week);

/* Puts what an incident's row needs into an incident as JSON. */
void model_add_row(json_t *incident);

#endif
