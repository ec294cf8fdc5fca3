/* SPDX-License-Identifier: ISC */
#include "desk_world.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/secret.h"
#include "desk/inside.h"
#include "desk/person.h"
#include "desk/steps.h"
#include "desk/subscription.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static void
open_desk(struct world *world)
{
	OK(world,
	    desk_open(world, DESK_SERVE, &world->settings, &world->desk,
		&world->err));
}

int
world_setup(void **state)
{
	struct world *world = mem_new(NULL, struct world);

	secret_init();
	(void)snprintf(
	    world->folder, sizeof world->folder, "/tmp/test_desk.XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	world->url = mem_printf(world, "sqlite:%s/store", world->folder);
	world->settings = (struct desk_settings){
		.store = world->url,
		.authority = "desk.example",
		.orphan_after = 30 * MINUTE,
		.close_after = 7 * DAY,
		.regex_budget = 5000,
	};
	open_desk(world);
	*state = world;
	return 0;
}

int
world_teardown(void **state)
{
	static const char *const files[] = { "store", "store-wal", "store-shm",
		"store.lock", "store-search", "store-search-wal",
		"store-search-shm", "store-search.lock" };
	struct world *world = *state;

	clock_set(0);
	desk_end(world->desk);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char *path = mem_printf(
		    world, "%s/%s", world->folder, files[i]);

		(void)unlink(path);
	}
	assert_int_equal(rmdir(world->folder), 0);
	talloc_free(world);
	return 0;
}

void
world_ok(struct world *world, bool ok, const char *file, int line)
{
	char text[ERROR_TEXT];

	if (ok)
		return;
	print_error("%s:%d: %s\n", file, line, error_text(&world->err, text));
	_fail(file, line);
}

struct actor
operator_actor(void)
{
	return (struct actor){ .scope = SCOPE_ADMIN, .source = "cli" };
}

struct actor
person_actor(struct world *world, const char *handle, enum scope scope)
{
	struct person *person;
	struct db *db;

	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world, person_by_handle(world, db, handle, &person, &world->err));
	desk_reader_done(world->desk, db);
	return (struct actor){
		.person = person->id,
		.handle = person->handle,
		.bot = person->bot,
		.scope = scope,
		.source = "api",
		.address = "192.0.2.1",
	};
}

int64_t
world_newcomer(struct world *world, const struct newcomer *newcomer)
{
	const struct profile empty = { .hours = -1, .has_skills = true };
	struct newcomer whole = *newcomer;
	struct actor actor = operator_actor();

	if (whole.profile == NULL)
		whole.profile = &empty;
	OK(world,
	    desk_person_add(
		world, world->desk, &actor, &whole, NULL, &world->err));
	return person_actor(world, newcomer->handle, SCOPE_WRITE).person;
}

int64_t
world_person(struct world *world, const char *handle, const char *const *skills)
{
	struct profile profile = { .hours = -1, .has_skills = true };

	profile.skills = skills;
	while (skills != NULL && skills[profile.n_skills] != NULL)
		profile.n_skills++;
	return world_newcomer(
	    world, &(struct newcomer){ .handle = handle, .profile = &profile });
}

int64_t
world_report(struct world *world, const char *title, const char *tag)
{
	struct actor public = { .source = "web", .address = "198.51.100.7" };
	struct report report = {
		.title = title,
		.tags = &tag,
		.n_tags = tag != NULL,
	};
	struct reported reported;

	OK(world,
	    desk_report(world->desk, &public, &report, &reported, &world->err));
	return reported.incident;
}

int64_t
world_subscribe(
    struct world *world, int64_t person, const char *name, const char *filter)
{
	struct actor root = operator_actor();
	int64_t id = 0;

	OK(world,
	    desk_subscribe(
		world->desk, &root, person, name, filter, &id, &world->err));
	return id;
}

struct subscription *
world_subscription(struct world *world, int64_t id)
{
	struct subscription *found;
	struct db *db;

	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world, subscription_read(world, db, 0, id, &found, &world->err));
	desk_reader_done(world->desk, db);
	return found;
}

void
world_restart(struct world *world)
{
	desk_end(world->desk);
	open_desk(world);
}

int64_t
world_number(struct world *world, const struct db_statement *statement,
    const struct db_value *values, size_t n)
{
	int64_t number = 0;
	struct db *db;

	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world, db_number(db, statement, values, n, &number, &world->err));
	desk_reader_done(world->desk, db);
	return number;
}

int64_t
world_number_of(
    struct world *world, const struct db_statement *statement, int64_t of)
{
	return world_number(world, statement, DB_VALUES(db_int(of)));
}

struct change_job {
	const struct db_statement *statement;
	const struct db_value *values;
	size_t n;
};

static bool
change_job(struct db *db, void *arg, struct error *err)
{
	const struct change_job *job = arg;

	return db_run(db, job->statement, job->values, job->n, err);
}

void
world_change(struct world *world, const struct db_statement *statement,
    const struct db_value *values, size_t n)
{
	struct change_job job = { statement, values, n };

	OK(world, desk_write(world->desk, change_job, &job, &world->err));
}
