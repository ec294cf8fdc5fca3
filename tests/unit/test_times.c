/* SPDX-License-Identifier: ISC */
#include "web/times.h"

#include "base/clock.h"
#include "base/date.h"
#include "base/json.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static int
setup(void **state)
{
	*state = mem_root("test");
	return 0;
}

static int
teardown(void **state)
{
	clock_set(0);
	talloc_free(*state);
	return 0;
}

static int64_t
at(const char *text)
{
	int64_t time = 0;

	assert_true(date_parse_rfc3339(text, &time));
	return time;
}

static void
a_time_is_said_as_people_say_it(void **state)
{
	static const struct {
		int64_t away; /* seconds from now */
		const char *said;
	} cases[] = {
		{ 0, "just now" },
		{ -44, "just now" },
		{ -45, "1 minute ago" },
		{ -89, "1 minute ago" },
		{ -90, "2 minutes ago" },
		{ -59 * 60, "59 minutes ago" },
		{ -59 * 60 - 30, "1 hour ago" },
		{ -47 * 3600, "47 hours ago" },
		{ -48 * 3600, "2 days ago" },
		{ -30 * 86400, "30 days ago" },
		{ -31 * 86400, "25 Oct 2026" },
		{ 1, "in a moment" },
		{ 60, "in 1 minute" },
		{ 2 * 3600 - 1, "in 2 hours" },
		{ 7 * 86400, "in 7 days" },
		{ 40 * 86400, "04 Jan 2027" },
	};
	int64_t now = at("2026-11-25T01:26:40Z");

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char shown[TIMES_SHOWN];

		times_said(*state, now + cases[i].away * SECOND, now, shown);
		assert_string_equal(shown, cases[i].said);
	}
}

static void
times_are_added_for_people_at_any_depth(void **state)
{
	static const char text[] =
	    "{\"created\":\"2026-11-25T01:26:40.123456Z\",\"updated\":null,"
	    "\"edited\":\"yesterday\","
	    "\"posts\":[{\"created\":\"2026-01-02T23:59:59+01:00\"}]}";
	struct error err = { 0 };
	json_t *model = NULL;

	assert_true(json_parse(*state, text, sizeof text - 1, &model, &err));
	clock_set(at("2026-11-25T03:20:00Z"));
	page_add_times(*state, model);
	assert_string_equal(
	    json_string_value(json_object_get(model, "created_text")),
	    "25 Nov 2026, 01:26 UTC");
	assert_string_equal(
	    json_string_value(json_object_get(model, "created_said")),
	    "2 hours ago");
	assert_null(json_object_get(model, "updated_text"));
	assert_null(json_object_get(model, "edited_text"));
	assert_string_equal(
	    json_string_value(json_object_get(
		json_array_get(json_object_get(model, "posts"), 0),
		"created_text")),
	    "02 Jan 2026, 22:59 UTC");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_is_said_as_people_say_it),
		cmocka_unit_test(times_are_added_for_people_at_any_depth),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
