/* SPDX-License-Identifier: ISC */
#include "base/reserve.h"

#include "base/json.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { MIB = 1 << 20, KEPT = 16 * MIB };

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED true
#endif
#endif
#if !defined(SANITIZED)
#define SANITIZED false
#endif

/* Sanitizers and valgrind take addresses as they like. */
static bool
has_no_limits(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return SANITIZED ||
	    (preload != NULL && strstr(preload, "vgpreload") != NULL);
}

static size_t
addresses_used(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	size_t pages = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%zu", &pages), 1);
	(void)fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/*
 * Runs it in a process of its own that may have so many MiB more than it has.
 * What it returns, 128 if it ended otherwise.
 */
static int
with_room(unsigned more, int (*run)(void))
{
	int status = 0;
	pid_t child = fork();

	assert_int_not_equal(child, -1);
	if (child == 0) {
		size_t all = addresses_used() + (size_t)more * MIB;
		struct rlimit most = { all, all };

		_exit(setrlimit(RLIMIT_AS, &most) == 0 ? run() : 127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* The line, in a form that is no other end. */
#define WANT(what)                                 \
	do {                                       \
		if (!(what))                       \
			return __LINE__ % 126 + 1; \
	} while (0)

/* Takes all that there is, in pieces of that size, until memory is short. */
static void *
fill(size_t size)
{
	void *all = mem_root("all");

	while (!memory_is_short())
		(void)mem_size(all, size);
	return all;
}

static int
spends(void)
{
	void *all;

	WANT(reserve_keep(KEPT));
	WANT(!memory_is_short() && reserve_shortages() == 0);
	all = fill(MIB);
	WANT(memory_is_short() && reserve_shortages() == 1);
	/* what was begun goes on */
	for (int i = 0; i < 8; i++)
		WANT(mem_size(all, MIB) != NULL);
	WANT(reserve_shortages() == 1);
	WANT(!reserve_renew() && memory_is_short());
	talloc_free(all);
	WANT(reserve_renew() && !memory_is_short());
	all = fill(MIB);
	WANT(reserve_shortages() == 2);
	talloc_free(all);
	return 0;
}

static void
an_allocation_that_fails_has_the_reserve_and_later_it_is_whole(void **state)
{
	(void)state;
	assert_int_equal(with_room(40, spends), 0);
}

static int
spends_piece_by_piece(void)
{
	unsigned n = 0;

	WANT(reserve_keep(KEPT));
	while (reserve_spend())
		n++;
	WANT(n == RESERVE_PIECES);
	WANT(memory_is_short() && reserve_shortages() == 1);
	WANT(reserve_renew());
	n = 0;
	while (reserve_spend())
		n++;
	WANT(n == RESERVE_PIECES && reserve_shortages() == 2);
	return 0;
}

static void
the_reserve_is_spent_piece_by_piece(void **state)
{
	(void)state;
	assert_int_equal(with_room(40, spends_piece_by_piece), 0);
}

static int
takes_what_fits_in_all_of_it(void)
{
	WANT(reserve_keep(KEPT));
	WANT(!memory_can_be_had(15 * MIB));
	WANT(mem_take(15 * MIB) != NULL);
	WANT(memory_is_short());
	return 0;
}

static void
one_large_allocation_may_have_all_of_the_reserve(void **state)
{
	(void)state;
	assert_int_equal(with_room(21, takes_what_fits_in_all_of_it), 0);
}

static int
refuses_to_keep(void)
{
	WANT(!reserve_keep(KEPT) && !reserve_is_kept());
	WANT(!memory_is_short());
	return 0;
}

static void
a_reserve_is_not_kept_where_there_is_nothing_beside_it(void **state)
{
	(void)state;
	assert_int_equal(with_room(18, refuses_to_keep), 0);
}

static int
looks(void)
{
	WANT(reserve_keep(KEPT));
	reserve_look(MIB);
	WANT(!memory_is_short());
	reserve_look(10 * MIB);
	WANT(memory_is_short() && memory_can_be_had(10 * MIB));
	return 0;
}

static void
who_looks_ahead_spends_what_is_needed(void **state)
{
	(void)state;
	assert_int_equal(with_room(21, looks), 0);
}

static int
helps_all(void)
{
	void *root = mem_root("all");
	int64_t *array = NULL;
	json_t *list = json_array();
	size_t n = 0;

	WANT(reserve_keep(KEPT));
	while (!memory_is_short()) {
		char *text = mem_printf(root, "%0512d", 7);

		WANT(strlen(mem_copy(root, text)) == 512);
		*mem_push(root, &array, &n) = 7;
		WANT(json_array_append_new(list, json_string(text)) == 0);
		WANT(strcmp(mem_take_copy(text), text) == 0);
		WANT(*(int *)mem_take_zero(4, 64) == 0);
	}
	WANT(n > 0 && array[n - 1] == 7 && json_array_size(list) == n);
	return 0;
}

static void
all_kinds_of_allocation_have_it(void **state)
{
	(void)state;
	json_init();
	assert_int_equal(with_room(21, helps_all), 0);
}

static int
takes_more_than_there_is(void)
{
	WANT(reserve_keep(KEPT));
	(void)mem_take(64 * MIB);
	return 0;
}

static void
what_the_reserve_is_too_small_for_ends_the_process(void **state)
{
	(void)state;
	assert_int_equal(with_room(21, takes_more_than_there_is), 128);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_allocation_that_fails_has_the_reserve_and_later_it_is_whole),
		cmocka_unit_test(the_reserve_is_spent_piece_by_piece),
		cmocka_unit_test(
		    one_large_allocation_may_have_all_of_the_reserve),
		cmocka_unit_test(
		    a_reserve_is_not_kept_where_there_is_nothing_beside_it),
		cmocka_unit_test(who_looks_ahead_spends_what_is_needed),
		cmocka_unit_test(all_kinds_of_allocation_have_it),
		cmocka_unit_test(
		    what_the_reserve_is_too_small_for_ends_the_process),
	};

	/* 77: skipped */
	return has_no_limits() ? 77 : cmocka_run_group_tests(tests, NULL, NULL);
}
