/* SPDX-License-Identifier: ISC */
#include "view_world.h"

#include "base/buf.h"
#include "base/mem.h"
#include "desk/person.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

int
scene_setup(void **state)
{
	static const char *const db[] = { "db", NULL };
	static const char *const tags[] = { "db" };
	const struct report report = {
		.title = "Deadlock <now>",
		.body = "It hangs & waits.\nSee https://example.com/log",
		.environment = "PostgreSQL 16",
		.tags = tags,
		.n_tags = 1,
		.customer_name = "Carla",
		.customer_email = "carla@example.com",
	};
	struct scene *scene = mem_new(NULL, struct scene);
	struct reported reported;
	void *world;

	if (world_setup(&world) != 0)
		return -1;
	scene->world = world;
	scene->desk = scene->world->desk;
	scene->ana = world_person(world, "ana", db);
	scene->bo = world_person(world, "bo", NULL);
	scene->as_ana = person_actor(world, "ana", SCOPE_WRITE);
	scene->as_bo = person_actor(world, "bo", SCOPE_WRITE);
	scene->as_customer = (struct actor){ .source = "web" };
	OK(world,
	    desk_report(scene->desk, &scene->as_customer, &report, &reported,
		&scene->world->err));
	scene->incident = reported.incident;
	*state = scene;
	return 0;
}

int
scene_teardown(void **state)
{
	struct scene *scene = *state;
	void *world = scene->world;

	if (scene->db != NULL)
		desk_reader_done(scene->desk, scene->db);
	talloc_free(scene);
	return world_teardown(&world);
}

struct view
look(struct scene *scene, enum viewer viewer, int64_t person)
{
	if (scene->db != NULL)
		desk_reader_done(scene->desk, scene->db);
	OK(scene->world, desk_reader(scene->desk, &scene->db, &scene->err));
	return (struct view){
		.desk = scene->desk,
		.db = scene->db,
		.base_url = "https://desk.example",
		.name = "Barnraise",
		.viewer = viewer,
		.person = person,
		.handle = person == scene->ana ? "ana"
		    : person == scene->bo      ? "bo"
					       : NULL,
	};
}

static void
seen(struct scene *scene, bool ok)
{
	scene->world->err = scene->err;
	OK(scene->world, ok);
}

json_t *
seen_incident(struct scene *scene, const struct view *view)
{
	struct incident *incident;
	json_t *object = NULL;

	seen(scene,
	    incident_read(
		scene, view->db, scene->incident, &incident, &scene->err) &&
		shape_incident(scene, view, incident, &object, &scene->err));
	return object;
}

struct feed_view
seen_personal(struct scene *scene, const struct view *view)
{
	struct feed_view made = { 0 };

	seen(scene, feed_personal(scene, view, 50, &made, &scene->err));
	return made;
}

struct feed_view
seen_thread(struct scene *scene, const struct view *view)
{
	struct feed_view made = { 0 };

	seen(scene,
	    feed_thread(scene, view, scene->incident, &made, &scene->err));
	return made;
}

struct feed_view
seen_status(struct scene *scene, const struct view *view)
{
	struct feed_view made = { 0 };

	seen(scene,
	    feed_status(scene, view, scene->incident,
		"https://desk.example/status/brn_x", &made, &scene->err));
	return made;
}

struct feed_view
seen_list(struct scene *scene, const struct view *view)
{
	const struct list_query query = { .limit = 50 };
	struct feed_view made = { 0 };
	struct list list;

	seen(scene,
	    list_incidents(
		scene, scene->desk, view->db, &query, &list, &scene->err) &&
		feed_list(scene, view, "", &list, &made, &scene->err));
	return made;
}

struct feed_view
seen_kb(struct scene *scene, const struct view *view)
{
	const struct article_query query = {
		.public_only = true,
		.limit = 50,
	};
	const struct kb_asked asked = { .filter = "" };
	struct article_list list;
	struct feed_view made = { 0 };

	seen(scene,
	    article_list(scene, view->db, &query, &list, &scene->err) &&
		feed_kb(scene, view, &asked, &list, &made, &scene->err));
	return made;
}

const struct feed_entry *
entry_of(const struct feed_view *made, const char *id)
{
	for (size_t i = 0; i < made->feed.n_entries; i++) {
		const char *full = made->feed.entries[i].id;

		if (strlen(full) >= strlen(id) &&
		    strcmp(full + strlen(full) - strlen(id), id) == 0)
			return &made->feed.entries[i];
	}
	return NULL;
}

const struct feed_entry *
entry_titled(const struct feed_view *made, const char *title)
{
	for (size_t i = 0; i < made->feed.n_entries; i++)
		if (strcmp(made->feed.entries[i].title, title) == 0)
			return &made->feed.entries[i];
	return NULL;
}

bool
feed_says(struct scene *scene, const struct feed_view *made, const char *text)
{
	struct feed feed = made->feed;
	const struct feed_format *formats;
	size_t n;

	feed.self = "https://desk.example/feed.atom";
	formats = feed_formats(&n);
	for (size_t i = 0; i < n; i++) {
		struct buf *out = buf_new(scene);

		formats[i].write(out, &feed);
		if (strstr(out->text, text) != NULL)
			return true;
	}
	return false;
}

void
assert_in_order(const struct feed_view *made)
{
	const struct feed *feed = &made->feed;

	for (size_t i = 1; i < feed->n_entries; i++)
		assert_true(
		    feed->entries[i - 1].updated > feed->entries[i].updated);
	if (feed->n_entries > 0)
		assert_int_equal(feed->updated, feed->entries[0].updated);
}
