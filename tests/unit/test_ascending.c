/* SPDX-License-Identifier: ISC */
#include "desk/ascending.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void
assert_is(const struct ascending *list, const uint32_t *numbers, size_t n)
{
	assert_int_equal(list->n, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(list->all[i], numbers[i]);
}

static void
what_is_pushed_in_any_order_settles_once_each(void **state)
{
	static const uint32_t numbers[] = { 0, 3, 7, UINT32_MAX };
	struct ascending list = { 0 };

	(void)state;
	ascending_settle(&list);
	assert_is(&list, NULL, 0);
	for (int i = 0; i < 3; i++)
		for (int k = 3; k >= 0; k--)
			ascending_push(&list, numbers[k]);
	ascending_settle(&list);
	assert_is(&list, numbers, 4);
	ascending_settle(&list);
	assert_is(&list, numbers, 4);
	ascending_free(&list);
	assert_is(&list, NULL, 0);
}

static void
an_inserted_number_stands_in_its_place_once(void **state)
{
	static const uint32_t numbers[] = { 1, 2, 4, 5, 9, 12 };
	static const int64_t given[] = { 5, 1, 12, 4, 5, 2, 9, 1, 12 };
	struct ascending list = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof given / sizeof *given; i++)
		ascending_insert(&list, given[i]);
	assert_is(&list, numbers, 6);
	assert_int_equal(ascending_find(&list, 0), 0);
	assert_int_equal(ascending_find(&list, 4), 2);
	assert_int_equal(ascending_find(&list, 6), 4);
	assert_int_equal(ascending_find(&list, INT64_C(1) << 40), 6);
	ascending_free(&list);
}

static void
what_is_cut_away_leaves_the_largest(void **state)
{
	static const uint32_t numbers[] = { 6, 8, 10 };
	struct ascending list = { 0 };

	(void)state;
	for (int i = 0; i < 5; i++)
		ascending_push(&list, 2 * i);
	ascending_cut(&list, 3);
	ascending_push(&list, 10);
	assert_is(&list, numbers, 3);
	ascending_cut(&list, 3);
	assert_is(&list, NULL, 0);
	ascending_push(&list, 6);
	assert_is(&list, numbers, 1);
	ascending_free(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_pushed_in_any_order_settles_once_each),
		cmocka_unit_test(an_inserted_number_stands_in_its_place_once),
		cmocka_unit_test(what_is_cut_away_leaves_the_largest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
