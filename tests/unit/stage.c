/* SPDX-License-Identifier: ISC */
#include "stage.h"

#include "base/clock.h"
#include "base/mem.h"
#include "desk/article.h"
#include "desk/inside.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

int
stage_begin(void **state)
{
	static const char *const db[] = { "db", NULL };
	struct stage *stage = mem_new(NULL, struct stage);
	const struct article_parts parts = {
		.title = "How to restart the pool",
		.resolution = "Restart it.",
		.confidence = "validated",
		.audience = "public",
	};
	void *world;

	if (world_setup(&world) != 0)
		return -1;
	stage->world = world;
	(void)world_person(world, "ana", NULL);
	(void)world_person(world, "bo", NULL);
	(void)world_person(world, "cy", db);
	(void)world_newcomer(
	    world, &(struct newcomer){ .handle = "rob", .bot = true });
	(void)world_newcomer(
	    world, &(struct newcomer){ .handle = "root", .admin = true });
	stage->cast = (struct cast){
		.ana = person_actor(world, "ana", SCOPE_WRITE),
		.bo = person_actor(world, "bo", SCOPE_WRITE),
		.cy = person_actor(world, "cy", SCOPE_WRITE),
		.rob = person_actor(world, "rob", SCOPE_WRITE),
		.root = person_actor(world, "root", SCOPE_ADMIN),
		.customer = { .scope = SCOPE_NONE, .source = "web" },
	};
	OK(world,
	    desk_article(stage->world->desk, &stage->cast.ana, &parts,
		&stage->article, &stage->world->err));
	*state = stage;
	return 0;
}

int
stage_end(void **state)
{
	struct stage *stage = *state;
	void *world = stage->world;

	talloc_free(stage);
	return world_teardown(&world);
}

/* --- what there is */

static const struct db_statement last_row = { "last row",
	"SELECT coalesce(max(seq), 0) FROM journal" };
static const struct db_statement rows_of_kind = { "rows of a kind",
	"SELECT count(*) FROM journal WHERE incident = ? AND kind = ?" };
static const struct db_statement raises_of_kind = { "raises of a kind",
	"SELECT count(*) FROM journal j"
	" WHERE j.incident = ? AND j.kind = ? AND j.raise = ?" };
static const struct db_statement told_of = { "events told to a person",
	"SELECT count(*) FROM addressed a JOIN journal j ON j.seq = a.seq"
	" WHERE a.person = ? AND j.incident = ? AND j.kind = ?" };

struct incident *
look(struct stage *stage, int64_t number)
{
	struct incident *incident;
	struct db *db;

	OK(stage->world,
	    desk_reader(stage->world->desk, &db, &stage->world->err));
	OK(stage->world,
	    incident_read(stage, db, number, &incident, &stage->world->err));
	desk_reader_done(stage->world->desk, db);
	return incident;
}

int64_t
journal_end(struct stage *stage)
{
	return world_number(stage->world, &last_row, DB_NO_VALUES);
}

int64_t
rows(struct stage *stage, int64_t incident, const char *kind)
{
	return world_number(stage->world, &rows_of_kind,
	    DB_VALUES(db_int(incident), db_text(kind)));
}

int64_t
raises(struct stage *stage, int64_t incident, const char *kind,
    enum desk_raise raise)
{
	return world_number(stage->world, &raises_of_kind,
	    DB_VALUES(db_int(incident), db_text(kind), db_int(raise)));
}

int64_t
told(struct stage *stage, const struct actor *who, int64_t incident,
    const char *kind)
{
	return world_number(stage->world, &told_of,
	    DB_VALUES(db_int(who->person), db_int(incident), db_text(kind)));
}

struct article *
look_article(struct stage *stage, int64_t article)
{
	struct article *found;
	struct db *db;

	OK(stage->world,
	    desk_reader(stage->world->desk, &db, &stage->world->err));
	OK(stage->world,
	    article_read(stage, db, article, &found, &stage->world->err));
	desk_reader_done(stage->world->desk, db);
	return found;
}

/* --- incidents in each state */

int64_t
reported(struct stage *stage)
{
	const struct report report = {
		.title = "The pool is exhausted",
		.body = "Nothing answers.",
		.customer_name = "Dora Quill",
	};
	struct reported made;

	OK(stage->world,
	    desk_report(stage->world->desk, &stage->cast.customer, &report,
		&made, &stage->world->err));
	return made.incident;
}

bool
fix_it(struct stage *stage, const struct actor *who, int64_t incident)
{
	const struct fix fix = { .resolution = "Turned it off and on." };

	return desk_fix(
	    stage->world->desk, who, incident, &fix, &stage->world->err);
}

int64_t
incident_at(struct stage *stage, enum at at)
{
	const struct actor *bo = &stage->cast.bo;
	struct desk *desk = stage->world->desk;
	int64_t n = reported(stage);

	if (at == SWARMING || at == RESOLVED || at == CLOSED)
		OK(stage->world,
		    desk_join(desk, bo, n, ROLE_HELPER, &stage->world->err));
	if (at == RESOLVED || at == CLOSED)
		OK(stage->world, fix_it(stage, bo, n));
	if (at == CLOSED)
		OK(stage->world,
		    desk_close(desk, bo, n, NULL, &stage->world->err));
	if (at == DUPLICATE)
		OK(stage->world,
		    desk_duplicate(
			desk, bo, n, reported(stage), &stage->world->err));
	if (at == WITHDRAWN)
		OK(stage->world,
		    desk_withdraw(desk, bo, n, "spam", 0, &stage->world->err));
	return n;
}

/* --- the steps, taken by ana (leave: by bo) or by the customer */

#define STEP(name, ...)                                                    \
	bool name(struct stage *s, int64_t n)                              \
	{                                                                  \
		struct desk *desk = s->world->desk;                        \
		const struct actor *ana = &s->cast.ana, *bo = &s->cast.bo; \
		const struct actor *customer = &s->cast.customer;          \
		struct error *err = &s->world->err;                        \
		int64_t post;                                              \
                                                                           \
		(void)desk, (void)err, (void)post;                         \
		(void)ana;                                                 \
		(void)bo;                                                  \
		(void)customer;                                            \
		return __VA_ARGS__;                                        \
	}

static const struct edit hands = { .hands = 3 };
static const struct edit host = { .host = "ana" };
static const char *const people[] = { "cy" };
static const struct pull_request pulled = {
	.people = people,
	.n_people = 1,
};

STEP(edit_step, desk_edit(desk, ana, n, &hands, err))
STEP(host_step, desk_edit(desk, ana, n, &host, err))
STEP(promise_step,
    desk_edit(desk, ana, n,
	&(struct edit){ .has_promised = true, .promised = clock_now() + HOUR },
	err))
STEP(join_step, desk_join(desk, ana, n, ROLE_HELPER, err))
STEP(shadow_step, desk_join(desk, ana, n, ROLE_SHADOW, err))
STEP(leave_step, desk_leave(desk, bo, n, err))
STEP(reply_step, desk_reply(desk, ana, n, "Hello.", false, &post, err))
STEP(note_step, desk_note(desk, ana, n, "Odd.", &post, err))
STEP(fix_step, fix_it(s, ana, n))
STEP(answer_step, desk_answer(desk, ana, n, s->article, NULL, err))
STEP(pull_step, desk_pull(desk, ana, n, &pulled, err))
STEP(close_step, desk_close(desk, ana, n, NULL, err))
STEP(close_why_step, desk_close(desk, ana, n, "No answer.", err))
STEP(reopen_step, desk_reopen(desk, ana, n, NULL, err))
STEP(customer_reply_step, desk_customer_reply(desk, customer, n, "?", err))
STEP(confirm_step, desk_confirm(desk, customer, n, 5, NULL, err))
STEP(customer_reopen_step, desk_customer_reopen(desk, customer, n, "!", err))
STEP(duplicate_step, desk_duplicate(desk, ana, n, reported(s), err))
STEP(withdraw_step, desk_withdraw(desk, ana, n, "spam", 0, err))
