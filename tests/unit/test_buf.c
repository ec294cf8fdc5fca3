/* SPDX-License-Identifier: ISC */
#include "base/buf.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
text_that_outgrows_the_callers_room_is_whole(void **state)
{
	char room[8], expected[200] = "";
	struct buf buf;

	(void)state;
	buf_begin(&buf, room, sizeof room);
	assert_string_equal(buf.text, "");
	for (size_t n = 1; n < sizeof expected; n++) {
		expected[n - 1] = (char)('a' + n % 26);
		buf_char(&buf, expected[n - 1]);
		assert_int_equal(buf.length, n);
		assert_string_equal(buf.text, expected);
		assert_int_equal(buf.text == room, n < sizeof room);
	}
	buf_printf(&buf, "%0*d", 300, 7);
	assert_int_equal(buf.length, sizeof expected - 1 + 300);
	assert_memory_equal(buf.text, expected, sizeof expected - 1);
	buf_end(&buf);
}

static const struct {
	const char *value, *logged;
} values[] = {
	{ NULL, "-" },
	{ "", "\"\"" },
	{ "/feeds/a.atom", "/feeds/a.atom" },
	{ "!#$~", "!#$~" },
	{ "a b", "\"a b\"" },
	{ "a=b", "\"a=b\"" },
	{ "a\"b\\", "\"a\\\"b\\\\\"" },
	{ "a\nevent=forged", "\"a\\x0aevent=forged\"" },
	{ "\x7f", "\"\\x7f\"" },
	{ "\xc3\xa4", "\"\xc3\xa4\"" },
	{ "\xff", "\"\\xff\"" },
};

static void
a_value_in_the_log_is_quoted_unless_it_is_plain(void **state)
{
	char room[64];
	struct buf buf;

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		buf_begin(&buf, room, sizeof room);
		buf_log(&buf, values[i].value);
		assert_string_equal(buf.text, values[i].logged);
		buf_end(&buf);
	}
}

static void
a_value_in_the_log_is_cut_after_256_bytes(void **state)
{
	char room[64], value[300];
	struct buf buf;

	(void)state;
	memset(value, 'a', sizeof value);
	for (size_t n = 254; n < 260; n++) {
		value[n] = '\0';
		buf_begin(&buf, room, sizeof room);
		buf_log(&buf, value);
		/* with its quotes, which say that it may have been cut */
		assert_int_equal(buf.length, n < 256 ? n : 256 + 2);
		buf_end(&buf);
		value[n] = 'a';
	}
}

/* What log_event() writes to standard error. */
static void
logged(char *text, size_t room)
{
	int old = dup(STDERR_FILENO), ends[2];
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	log_event("request", "path", "/a b", "#status", "200", (char *)NULL);
	assert_int_equal(dup2(old, STDERR_FILENO), STDERR_FILENO);
	n = read(ends[0], text, room - 1);
	assert_true(n > 0);
	text[n] = '\0';
	(void)close(ends[0]);
	(void)close(ends[1]);
	(void)close(old);
}

static const struct {
	int64_t now;
	const char *text;
} times[] = {
	{ 1, "1970-01-01T00:00:00.000001Z" },
	{ INT64_C(1795569600000000), "2026-11-25T01:20:00.000000Z" },
	{ INT64_C(1795569600123456), "2026-11-25T01:20:00.123456Z" },
	{ INT64_C(1795569601900000), "2026-11-25T01:20:01.900000Z" },
};

static void
a_line_has_its_time_to_the_microsecond(void **state)
{
	char text[256], expected[256];

	(void)state;
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		clock_set(times[i].now);
		logged(text, sizeof text);
		(void)snprintf(expected, sizeof expected,
		    "time=%s event=request path=\"/a b\" status=200\n",
		    times[i].text);
		assert_string_equal(text, expected);
	}
	clock_set(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_that_outgrows_the_callers_room_is_whole),
		cmocka_unit_test(
		    a_value_in_the_log_is_quoted_unless_it_is_plain),
		cmocka_unit_test(a_value_in_the_log_is_cut_after_256_bytes),
		cmocka_unit_test(a_line_has_its_time_to_the_microsecond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
