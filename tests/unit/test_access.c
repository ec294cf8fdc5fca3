/* SPDX-License-Identifier: ISC */
#include "desk/access.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/secret.h"
#include "desk/inside.h"
#include "desk/person.h"
#include "desk_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static bool
lets_in(struct world *world, int kind, const char *secret)
{
	struct identity who;

	return access_find(world, world->desk, kind, secret, &who);
}

static int64_t
add_token(
    struct world *world, const char *handle, enum scope scope, char *secret)
{
	struct actor root = operator_actor();
	int64_t id;

	OK(world,
	    desk_token_add(world->desk, &root,
		person_actor(world, handle, SCOPE_WRITE).person, scope,
		"a test", secret, &id, &world->err));
	return id;
}

static void
add_admin(struct world *world, const char *handle)
{
	struct profile profile = { .hours = -1 };
	struct actor root = operator_actor();

	OK(world,
	    desk_person_add(world, world->desk, &root,
		&(struct newcomer){
		    .handle = handle, .profile = &profile, .admin = true },
		NULL, &world->err));
}

/* A person who can sign in; her password. */
static char *
add_with_password(struct world *world, const char *handle)
{
	struct profile profile = { .hours = -1 };
	struct actor root = operator_actor();
	char *password;

	OK(world,
	    desk_person_add(world, world->desk, &root,
		&(struct newcomer){ .handle = handle, .profile = &profile },
		&password, &world->err));
	return password;
}

static void
signs_in(
    struct world *world, const char *handle, const char *password, char *secret)
{
	struct actor public = { .source = "web", .address = "192.0.2.9" };

	OK(world,
	    desk_signin(
		world->desk, &public, handle, password, secret, &world->err));
}

/* --- tokens and links */

static void
a_token_says_who_comes_and_what_she_may(void **state)
{
	struct world *world = *state;
	char secret[SECRET_TOKEN];
	struct identity who;
	int64_t id;

	world_person(world, "ana", NULL);
	id = add_token(world, "ana", SCOPE_READ, secret);
	for (int look_up = 0; look_up < 2; look_up++) { /* store, memory */
		assert_true(access_find(
		    world, world->desk, ACCESS_TOKEN, secret, &who));
		assert_string_equal(who.handle, "ana");
		assert_int_equal(who.scope, SCOPE_READ);
		assert_int_equal(who.via, id);
	}
	assert_false(lets_in(world, ACCESS_LINK, secret));
	assert_false(lets_in(world, ACCESS_SESSION, secret));
	secret[10] = secret[10] == 'a' ? 'b' : 'a';
	assert_false(lets_in(world, ACCESS_TOKEN, secret));
	assert_false(lets_in(world, ACCESS_TOKEN, "brn_"));
}

static void
a_revoked_token_lets_nobody_in_from_then_on(void **state)
{
	struct world *world = *state;
	char secret[SECRET_TOKEN], other[SECRET_TOKEN];
	struct actor ana;
	int64_t id;

	world_person(world, "ana", NULL);
	world_person(world, "bo", NULL);
	id = add_token(world, "ana", SCOPE_WRITE, secret);
	(void)add_token(world, "ana", SCOPE_WRITE, other);
	assert_true(lets_in(world, ACCESS_TOKEN, secret));
	ana = person_actor(world, "bo", SCOPE_WRITE);
	FAILS(world, ERROR_NOT_FOUND,
	    desk_token_revoke(world->desk, &ana, ana.person, id, &world->err));
	ana = person_actor(world, "ana", SCOPE_WRITE);
	OK(world,
	    desk_token_revoke(world->desk, &ana, ana.person, id, &world->err));
	assert_false(lets_in(world, ACCESS_TOKEN, secret));
	assert_true(lets_in(world, ACCESS_TOKEN, other));
	/* once more changes nothing */
	OK(world,
	    desk_token_revoke(world->desk, &ana, ana.person, id, &world->err));
}

static void
no_token_may_more_than_who_makes_it(void **state)
{
	struct world *world = *state;
	struct actor root = operator_actor(), ana, bo;
	char secret[SECRET_TOKEN];
	int64_t id;

	world_person(world, "ana", NULL);
	add_admin(world, "root");
	ana = person_actor(world, "ana", SCOPE_WRITE);
	FAILS(world, ERROR_INVALID,
	    desk_token_add(world->desk, &root, ana.person, SCOPE_ADMIN, "",
		secret, &id, &world->err));
	bo = person_actor(world, "root", SCOPE_WRITE);
	FAILS(world, ERROR_FORBIDDEN,
	    desk_token_add(world->desk, &bo, bo.person, SCOPE_ADMIN, "", secret,
		&id, &world->err));
	FAILS(world, ERROR_FORBIDDEN,
	    desk_token_add(world->desk, &bo, ana.person, SCOPE_READ, "", secret,
		&id, &world->err));
	ana.scope = SCOPE_READ;
	FAILS(world, ERROR_FORBIDDEN,
	    desk_link_add(
		world->desk, &ana, ana.person, "", secret, &id, &world->err));
	bo.scope = SCOPE_ADMIN;
	OK(world,
	    desk_token_add(world->desk, &bo, bo.person, SCOPE_ADMIN, "", secret,
		&id, &world->err));
}

static void
lists_hold_what_is_not_revoked(void **state)
{
	struct world *world = *state;
	struct actor root = operator_actor();
	char secret[SECRET_TOKEN];
	struct access_row *rows;
	int64_t ana, first, second;
	struct db *db;
	size_t n;

	ana = world_person(world, "ana", NULL);
	OK(world,
	    desk_link_add(world->desk, &root, ana, " my \n reader ", secret,
		&first, &world->err));
	OK(world,
	    desk_link_add(
		world->desk, &root, ana, "", secret, &second, &world->err));
	OK(world, desk_link_revoke(world->desk, &root, 0, second, &world->err));
	OK(world, desk_reader(world->desk, &db, &world->err));
	OK(world,
	    access_list(world, db, ACCESS_LINK, 0, &rows, &n, &world->err));
	desk_reader_done(world->desk, db);
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].id, first);
	assert_string_equal(rows[0].label, "my reader");
	assert_string_equal(rows[0].handle, "ana");
	assert_int_equal(rows[0].scope, SCOPE_READ);
}

static const struct db_statement token_used = { "token used",
	"SELECT used FROM token WHERE id = ?" };

static void
a_use_is_written_to_the_hour(void **state)
{
	struct world *world = *state;
	char secret[SECRET_TOKEN];
	int64_t id, hour = 500000 * HOUR;

	world_person(world, "ana", NULL);
	id = add_token(world, "ana", SCOPE_READ, secret);
	clock_set(hour + 20 * MINUTE);
	access_used(world->desk, ACCESS_TOKEN, id);
	access_used(world->desk, ACCESS_TOKEN, id);
	OK(world, access_flush(world->desk, &world->err));
	assert_int_equal(
	    world_number(world, &token_used, DB_VALUES(db_int(id))), hour);
	clock_set(hour + 70 * MINUTE);
	access_used(world->desk, ACCESS_TOKEN, id);
	OK(world, access_flush(world->desk, &world->err));
	assert_int_equal(
	    world_number(world, &token_used, DB_VALUES(db_int(id))),
	    hour + HOUR);
}

static void
what_a_command_revokes_is_refused_within_a_second(void **state)
{
	struct world *world = *state;
	struct actor root = operator_actor();
	struct desk *command;
	char secret[SECRET_TOKEN];
	int64_t id, until;

	world_person(world, "ana", NULL);
	id = add_token(world, "ana", SCOPE_READ, secret);
	assert_true(lets_in(world, ACCESS_TOKEN, secret));
	OK(world,
	    desk_open(
		world, DESK_COMMAND, &world->settings, &command, &world->err));
	OK(world, desk_token_revoke(command, &root, 0, id, &world->err));
	desk_end(command);
	until = clock_monotonic() + SECOND;
	while (lets_in(world, ACCESS_TOKEN, secret)) {
		const struct timespec rest = { 0, 10 * 1000 * 1000 };

		assert_true(clock_monotonic() < until);
		(void)nanosleep(&rest, NULL);
	}
}

/* --- sessions */

static void
only_the_right_password_signs_in(void **state)
{
	struct world *world = *state;
	struct actor public = { .source = "web" };
	char secret[SECRET_TOKEN], *password;
	struct identity who;

	password = add_with_password(world, "ana");
	world_person(world, "bo", NULL); /* without a password */
	FAILS(world, ERROR_UNAUTHORIZED,
	    desk_signin(
		world->desk, &public, "ana", "guess", secret, &world->err));
	FAILS(world, ERROR_UNAUTHORIZED,
	    desk_signin(world->desk, &public, "bo", "", secret, &world->err));
	FAILS(world, ERROR_UNAUTHORIZED,
	    desk_signin(
		world->desk, &public, "nobody", password, secret, &world->err));
	signs_in(world, "ana", password, secret);
	assert_true(
	    access_find(world, world->desk, ACCESS_SESSION, secret, &who));
	assert_string_equal(who.handle, "ana");
	assert_int_equal(who.scope, SCOPE_WRITE);
	assert_int_equal(who.via, 0);
	assert_true(who.password_is_first);
}

static int64_t
time_of(struct world *world, const char *handle)
{
	struct actor public = { .source = "web" };
	char secret[SECRET_TOKEN];
	int64_t began = clock_thread_cpu();

	FAILS(world, ERROR_UNAUTHORIZED,
	    desk_signin(
		world->desk, &public, handle, "guess", secret, &world->err));
	return clock_thread_cpu() - began;
}

static void
an_unknown_handle_takes_as_long_as_a_wrong_password(void **state)
{
	struct world *world = *state;
	int64_t known, unknown;

	(void)add_with_password(world, "ana");
	(void)time_of(world, "nobody"); /* the first makes what it compares */
	known = time_of(world, "ana");
	unknown = time_of(world, "nobody");
	assert_true(unknown > known / 2);
	assert_true(known > unknown / 2);
}

static void
a_session_slides_and_ends(void **state)
{
	struct world *world = *state;
	int64_t begun = 500000 * HOUR, now;
	char secret[SECRET_TOKEN], idle[SECRET_TOKEN], *password;

	clock_set(begun);
	password = add_with_password(world, "ana");
	signs_in(world, "ana", password, secret);
	signs_in(world, "ana", password, idle);
	assert_true(lets_in(world, ACCESS_SESSION, idle));
	for (now = begun; now < begun + 7 * DAY; now += 11 * HOUR) {
		clock_set(now);
		assert_true(lets_in(world, ACCESS_SESSION, secret));
		if (now > begun + 2 * DAY)
			access_forget(world->desk->access);
	}
	assert_false(lets_in(world, ACCESS_SESSION, idle));
	clock_set(begun + 7 * DAY);
	assert_false(lets_in(world, ACCESS_SESSION, secret));
}

static const struct db_statement session_used = { "session used",
	"SELECT max(used) FROM session" };

static void
a_use_of_a_session_is_written(void **state)
{
	struct world *world = *state;
	int64_t begun = 500000 * HOUR;
	char secret[SECRET_TOKEN], *password;

	clock_set(begun);
	password = add_with_password(world, "ana");
	signs_in(world, "ana", password, secret);
	clock_set(begun + 11 * HOUR);
	assert_true(lets_in(world, ACCESS_SESSION, secret));
	OK(world, access_flush(world->desk, &world->err));
	assert_int_equal(world_number(world, &session_used, DB_NO_VALUES),
	    begun + 11 * HOUR);
}

static void
signing_out_ends_one_session_or_all(void **state)
{
	struct world *world = *state;
	struct actor ana;
	char one[SECRET_TOKEN], two[SECRET_TOKEN], three[SECRET_TOKEN];
	char *password = add_with_password(world, "ana");

	signs_in(world, "ana", password, one);
	signs_in(world, "ana", password, two);
	signs_in(world, "ana", password, three);
	ana = person_actor(world, "ana", SCOPE_WRITE);
	assert_true(lets_in(world, ACCESS_SESSION, one));
	assert_true(lets_in(world, ACCESS_SESSION, two));
	OK(world, desk_signout(world->desk, &ana, one, false, &world->err));
	assert_false(lets_in(world, ACCESS_SESSION, one));
	assert_true(lets_in(world, ACCESS_SESSION, two));
	/* an ended one ends no other */
	OK(world, desk_signout(world->desk, &ana, one, true, &world->err));
	assert_true(lets_in(world, ACCESS_SESSION, two));
	OK(world, desk_signout(world->desk, &ana, two, true, &world->err));
	assert_false(lets_in(world, ACCESS_SESSION, two));
	assert_false(lets_in(world, ACCESS_SESSION, three));
}

static void
a_form_has_a_token_of_its_session(void **state)
{
	struct world *world = *state;
	char one[SECRET_TOKEN], again[SECRET_TOKEN], other[SECRET_TOKEN];

	access_csrf(world->desk, "brn_one", one);
	access_csrf(world->desk, "brn_one", again);
	access_csrf(world->desk, "brn_two", other);
	assert_string_equal(one, again);
	assert_string_not_equal(one, other);
}

/* --- status links */

static void
a_status_link_leads_to_its_incident(void **state)
{
	struct world *world = *state;
	char secret[SECRET_TOKEN];
	int64_t first, second, found = 0;
	struct db *db;

	first = world_report(world, "It does not start", NULL);
	second = world_report(world, "Nor does this", NULL);
	OK(world, desk_reader(world->desk, &db, &world->err));
	access_status_secret(world->desk, second, 0, secret);
	assert_true(access_status_find(world->desk, db, secret, &found));
	assert_int_equal(found, second);
	access_status_secret(world->desk, first, 0, secret);
	assert_true(access_status_find(world->desk, db, secret, &found));
	assert_int_equal(found, first);
	access_status_secret(world->desk, first, 1, secret);
	assert_false(access_status_find(world->desk, db, secret, &found));
	desk_reader_done(world->desk, db);
}

/* --- nothing in clear */

static const struct db_statement secrets_in_clear = { "secrets in clear",
	"SELECT (SELECT count(*) FROM journal WHERE detail LIKE '%brn_%')"
	" + (SELECT count(*) FROM journal WHERE instr(detail, ?) > 0)" };

static void
no_secret_is_in_the_journal(void **state)
{
	struct world *world = *state;
	char secret[SECRET_TOKEN], *password;

	password = add_with_password(world, "ana");
	signs_in(world, "ana", password, secret);
	(void)add_token(world, "ana", SCOPE_READ, secret);
	assert_int_equal(world_number(world, &secrets_in_clear,
			     DB_VALUES(db_text(password))),
	    0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_token_says_who_comes_and_what_she_may),
		TEST(a_revoked_token_lets_nobody_in_from_then_on),
		TEST(no_token_may_more_than_who_makes_it),
		TEST(lists_hold_what_is_not_revoked),
		TEST(a_use_is_written_to_the_hour),
		TEST(what_a_command_revokes_is_refused_within_a_second),
		TEST(only_the_right_password_signs_in),
		TEST(an_unknown_handle_takes_as_long_as_a_wrong_password),
		TEST(a_session_slides_and_ends),
		TEST(a_use_of_a_session_is_written),
		TEST(signing_out_ends_one_session_or_all),
		TEST(a_form_has_a_token_of_its_session),
		TEST(a_status_link_leads_to_its_incident),
		TEST(no_secret_is_in_the_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
