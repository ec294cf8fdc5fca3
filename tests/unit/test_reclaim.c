/* SPDX-License-Identifier: ISC */
#include "filter/reclaim.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct thing {
	int *freed;
};

static int
thing_free(struct thing *thing)
{
	++*thing->freed;
	return 0;
}

static struct thing *
thing_new(int *freed)
{
	struct thing *thing = mem_new(NULL, struct thing);

	thing->freed = freed;
	talloc_set_destructor(thing, thing_free);
	return thing;
}

static void
without_a_reading_it_is_freed_at_once(void **state)
{
	struct reclaim *reclaim = reclaim_new(NULL);
	int freed = 0;

	(void)state;
	reclaim_retire(reclaim, thing_new(&freed));
	assert_int_equal(freed, 1);
	reclaim_retire(reclaim, NULL);
	talloc_free(reclaim);
}

static void
a_reading_keeps_what_is_retired_while_it_goes_on(void **state)
{
	struct reclaim *reclaim = reclaim_new(NULL);
	struct reading first, second, third;
	int freed = 0;

	(void)state;
	reading_begin(reclaim, &first);
	reclaim_retire(reclaim, thing_new(&freed));
	reading_begin(reclaim, &second);
	reclaim_retire(reclaim, thing_new(&freed));
	reading_begin(reclaim, &third);
	assert_int_equal(freed, 0);
	reading_end(reclaim, &second); /* the first may see both */
	assert_int_equal(freed, 0);
	reading_end(reclaim, &first); /* the third sees neither */
	assert_int_equal(freed, 2);
	reclaim_retire(reclaim, thing_new(&freed));
	assert_int_equal(freed, 2);
	reading_end(reclaim, &third);
	assert_int_equal(freed, 3);
	talloc_free(reclaim);
}

static void
what_is_left_goes_with_it(void **state)
{
	struct reclaim *reclaim = reclaim_new(NULL);
	struct reading reading;
	int freed = 0;

	(void)state;
	reading_begin(reclaim, &reading);
	reclaim_retire(reclaim, thing_new(&freed));
	reclaim_retire(reclaim, thing_new(&freed));
	reading_end(reclaim, &reading);
	assert_int_equal(freed, 2);
	talloc_free(reclaim);
	assert_int_equal(freed, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_reading_it_is_freed_at_once),
		cmocka_unit_test(
		    a_reading_keeps_what_is_retired_while_it_goes_on),
		cmocka_unit_test(what_is_left_goes_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
