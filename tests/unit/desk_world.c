/* SPDX-License-Identifier: ISC */
#include "desk_world.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/secret.h"
#include "desk/inside.h"
#include "desk/person.h"
#include "desk/steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

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
	OK(world,
	    desk_open(world, DESK_SERVE, &world->settings, &world->desk,
		&world->err));
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
world_person(struct world *world, const char *handle, const char *const *skills)
{
	struct profile profile = { .hours = -1, .has_skills = true };
	struct actor actor = operator_actor();

	profile.skills = skills;
	while (skills != NULL && skills[profile.n_skills] != NULL)
		profile.n_skills++;
	OK(world,
	    desk_person_add(world, world->desk, &actor,
		&(struct newcomer){ .handle = handle, .profile = &profile },
		NULL, &world->err));
	return person_actor(world, handle, SCOPE_WRITE).person;
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
