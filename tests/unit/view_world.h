/* SPDX-License-Identifier: ISC */
#ifndef TESTS_VIEW_WORLD_H
#define TESTS_VIEW_WORLD_H

/*
 * A desk with a story: Carla, a customer, reports incident 1 (#db), which the
 * subscription "skills" of ana (db) catches; bo is the other person.
 */

#include "desk/steps.h"
#include "desk_world.h"
#include "view/feeds.h"
#include "view/shape.h"

struct scene {
	struct world *world;
	struct desk *desk;
	int64_t ana, bo, incident;
	struct actor as_ana, as_bo, as_customer;
	struct db *db; /* of look() */
	struct error err;
};

int scene_setup(void **state);
int scene_teardown(void **state);

/* What that viewer sees now; the last look ends. */
struct view look(struct scene *scene, enum viewer viewer, int64_t person);

/* An incident as that view has it, or a feed, which must be made. */
json_t *seen_incident(struct scene *scene, const struct view *view);
struct feed_view seen_personal(struct scene *scene, const struct view *view);
struct feed_view seen_thread(struct scene *scene, const struct view *view);
struct feed_view seen_status(struct scene *scene, const struct view *view);
struct feed_view seen_list(struct scene *scene, const struct view *view);
struct feed_view seen_kb(struct scene *scene, const struct view *view);

/* The entry of that id's end, which must be there; or NULL. */
const struct feed_entry *entry_of(const struct feed_view *made, const char *id);
const struct feed_entry *
entry_titled(const struct feed_view *made, const char *title);

/* Whether text stands anywhere in the document, in any format. */
bool
feed_says(struct scene *scene, const struct feed_view *made, const char *text);

/* Fails unless updated are distinct, and the entries newest first. */
void assert_in_order(const struct feed_view *made);

#endif
