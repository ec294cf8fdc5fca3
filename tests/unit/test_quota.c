/* SPDX-License-Identifier: ISC */
#include "http/server.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static void
key_has_its_takings_and_no_more(void **state)
{
	struct quota *quota = quota_new(*state, 3, HOUR);
	struct error err = { 0 };

	for (int i = 0; i < 3; i++)
		assert_true(quota_take(quota, "a", &err));
	assert_false(quota_take(quota, "a", &err));
	assert_int_equal(err.kind, ERROR_RATE);
	assert_in_range(err.retry_after, 3600, 3600 + 3600 / 8);
	assert_true(quota_take(quota, "b", &err));
}

static void
window_gives_them_back(void **state)
{
	struct quota *quota = quota_new(*state, 5, SECOND / 5);
	struct error err = { 0 };
	int64_t began = clock_monotonic();
	unsigned taken = 0;

	/* in no stretch as long as the window more than five */
	while (clock_monotonic() - began < SECOND)
		taken += quota_take(quota, "a", &err);
	assert_in_range(taken, 10, 25);
}

static void
what_is_given_back_was_not_taken(void **state)
{
	struct quota *quota = quota_new(*state, 2, HOUR);
	struct error err = { 0 };

	for (int i = 0; i < 10; i++) {
		assert_true(quota_take(quota, "a", &err));
		quota_return(quota, "a");
	}
	quota_return(quota, "a"); /* one too many is nobody's gain */
	assert_true(quota_take(quota, "a", &err));
	assert_true(quota_take(quota, "a", &err));
	assert_false(quota_take(quota, "a", &err));
}

static void
zero_is_no_limit(void **state)
{
	struct quota *quota = quota_new(*state, 0, 0);
	struct error err = { 0 };

	for (int i = 0; i < 1000; i++)
		assert_true(quota_take(quota, "a", &err));
	quota_return(quota, "a");
}

static void
flood_of_keys_takes_no_memory(void **state)
{
	struct quota *quota = quota_new(*state, 1, HOUR);
	size_t before = talloc_total_size(quota);
	struct error err = { 0 };
	unsigned taken = 0;
	char key[32];

	for (int i = 0; i < 50000; i++) {
		(void)snprintf(key, sizeof key, "2001:db8::%x", i);
		taken += quota_take(quota, key, &err);
	}
	assert_int_equal(taken, 50000);
	assert_int_equal(talloc_total_size(quota), before);
}

static int
owner_new(void **state)
{
	*state = mem_root("test");
	return 0;
}

static int
owner_free(void **state)
{
	return talloc_free(*state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_has_its_takings_and_no_more),
		cmocka_unit_test(window_gives_them_back),
		cmocka_unit_test(what_is_given_back_was_not_taken),
		cmocka_unit_test(zero_is_no_limit),
		cmocka_unit_test(flood_of_keys_takes_no_memory),
	};

	secret_init();
	return cmocka_run_group_tests(tests, owner_new, owner_free);
}
