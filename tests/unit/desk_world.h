/* SPDX-License-Identifier: ISC */
#ifndef TESTS_DESK_WORLD_H
#define TESTS_DESK_WORLD_H

/* A desk in a folder of its own, and people to act on it. */

#include "desk/desk.h"
#include "desk/person.h"
#include "store/db.h"

struct world {
	char folder[40];
	char *url;
	struct desk *desk;
	struct desk_settings settings;
	struct error err; /* of the last call that was given it */
};

/* The desk as the server opens it; cmocka's setup and teardown. */
int world_setup(void **state);
int world_teardown(void **state);

/* The operator's command; somebody in a session. */
struct actor operator_actor(void);
struct actor
person_actor(struct world *world, const char *handle, enum scope scope);

/* Somebody new, of an empty profile unless she brings one; her number. */
int64_t world_newcomer(struct world *world, const struct newcomer *newcomer);

/* A person with these skills (NULL at the end); her number. */
int64_t world_person(
    struct world *world, const char *handle, const char *const *skills);

/* An incident with that title and at most one tag, from the public. */
int64_t world_report(struct world *world, const char *title, const char *tag);

/* A subscription that the operator makes for a person; its number. */
int64_t world_subscribe(
    struct world *world, int64_t person, const char *name, const char *filter);
struct subscription *world_subscription(struct world *world, int64_t id);

/* The desk is closed and opened again, as with a new server. */
void world_restart(struct world *world);

/* One number of the store, or that of one thing; a change of it that no step
 * makes. */
int64_t world_number(struct world *world, const struct db_statement *statement,
    const struct db_value *values, size_t n);
int64_t world_number_of(
    struct world *world, const struct db_statement *statement, int64_t of);
void world_change(struct world *world, const struct db_statement *statement,
    const struct db_value *values, size_t n);

/* Fails the test with the error's text unless ok. */
void world_ok(struct world *world, bool ok, const char *file, int line);
#define OK(world, call) world_ok((world), (call), __FILE__, __LINE__)

#define FAILS(world, error_kind, call)                             \
	do {                                                       \
		(world)->err = (struct error){ 0 };                \
		assert_false(call);                                \
		assert_int_equal((world)->err.kind, (error_kind)); \
	} while (0)

#endif
