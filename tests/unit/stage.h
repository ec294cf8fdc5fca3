/* SPDX-License-Identifier: ISC */
#ifndef TESTS_STAGE_H
#define TESTS_STAGE_H

/* A desk with a cast, and incidents in each state that they can be in. */

#include "desk/article.h"
#include "desk/incident.h"
#include "desk/steps.h"
#include "desk_world.h"

/* cy knows #db, rob is a bot, root an admin. */
struct cast {
	struct actor ana, bo, cy, rob, root, customer;
};

struct stage {
	struct world *world;
	struct cast cast;
	int64_t article; /* public, validated */
};

/* cmocka's setup and teardown. */
int stage_begin(void **state);
int stage_end(void **state);

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_begin, stage_end)

/* --- what there is */

struct incident *look(struct stage *stage, int64_t number);
struct article *look_article(struct stage *stage, int64_t article);

/* The newest journal number; rows of a kind, and those that raise it so. */
int64_t journal_end(struct stage *stage);
int64_t rows(struct stage *stage, int64_t incident, const char *kind);
int64_t raises(struct stage *stage, int64_t incident, const char *kind,
    enum desk_raise raise);
/* How often a person was told of such an event. */
int64_t told(struct stage *stage, const struct actor *who, int64_t incident,
    const char *kind);

/* --- incidents in each state; nobody is host, bo is who did it */

enum at { OPEN, SWARMING, RESOLVED, CLOSED, DUPLICATE, WITHDRAWN, STATES };

int64_t reported(struct stage *stage);
int64_t incident_at(struct stage *stage, enum at at);
bool fix_it(struct stage *stage, const struct actor *who, int64_t incident);

/* --- the steps, taken by ana (leave: by bo) or by the customer */

typedef bool stage_step(struct stage *stage, int64_t incident);

stage_step edit_step, host_step, promise_step, join_step, shadow_step,
    leave_step, reply_step, note_step, fix_step, answer_step, pull_step,
    close_step, close_why_step, reopen_step, customer_reply_step, confirm_step,
    customer_reopen_step, duplicate_step, withdraw_step;

#endif
