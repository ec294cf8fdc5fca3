/* SPDX-License-Identifier: ISC */
#ifndef VIEW_SHAPE_H
#define VIEW_SHAPE_H

/*
 * Incidents, articles, people and the rest as JSON: one shape each, for pages,
 * .json, feeds and push alike (design section 6). Each gives a new object that
 * belongs to owner, with what view->viewer may see and nothing else.
 */

#include "desk/access.h"
#include "desk/article.h"
#include "desk/incident.h"
#include "desk/person.h"
#include "desk/subscription.h"
#include "desk/tag.h"
#include "view/view.h"

/* ERROR_GONE if it was withdrawn. */
MUST_CHECK bool shape_incident(void *owner, const struct view *view,
    const struct incident *incident, json_t **ret, struct error *err);

/* A post alone, with "incident". */
json_t *
shape_post(void *owner, const struct view *view, const struct post *post);

/*
 * The status object of a customer (design section 6); of a duplicate with
 * status, promise and fix of the other.
 */
MUST_CHECK bool shape_status(void *owner, const struct view *view,
    const struct incident *incident, json_t **ret, struct error *err);

json_t *shape_article(
    void *owner, const struct view *view, const struct article *article);

/* is_self: with email. */
json_t *shape_person(void *owner, const struct view *view,
    const struct person *person, bool is_self);

json_t *shape_subscription(void *owner, const struct view *view,
    const struct subscription *subscription);

/* Puts the member "warnings": a list of sentences, often empty. */
void shape_warnings(json_t *object, const struct warnings *warnings);

MUST_CHECK bool shape_preview(void *owner, const struct view *view,
    const struct preview *preview, json_t **ret, struct error *err);

/* A token or feed link, without its secret. */
json_t *shape_access(
    void *owner, const struct view *view, const struct access_row *row);

/* {"tag", "incidents", "people", "former": [names]} */
json_t *shape_tag(void *owner, const struct tag_use *use);

/* A row of the journal, for admins. */
json_t *shape_event(void *owner, const struct event *event);

#endif
