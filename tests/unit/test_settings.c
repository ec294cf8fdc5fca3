/* SPDX-License-Identifier: ISC */
#include "base/settings.h"

#include "base/clock.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char path[] = "test_settings.conf";

static void
write_file(const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int
begin(void **state)
{
	*state = mem_root("test");
	write_file("");
	return 0;
}

static int
end(void **state)
{
	talloc_free(*state);
	return remove(path);
}

static struct settings *
read_settings(void *owner, const struct setting_given *given, size_t n)
{
	struct settings *settings;
	struct error err = { 0 };

	if (!settings_read(owner, path, given, n, &settings, &err))
		fail_msg("%s", err.message);
	return settings;
}

static void
every_key_has_its_default(void **state)
{
	struct settings *s = read_settings(*state, NULL, 0);

	assert_string_equal(s->listen, "127.0.0.1:8080");
	assert_string_equal(s->base_url, "");
	assert_string_equal(s->store, "sqlite:barnraise.db");
	assert_string_equal(s->name, "Barnraise");
	assert_int_equal(s->orphan_after, 30 * MINUTE);
	assert_int_equal(s->close_after, 7 * DAY);
	assert_int_equal(s->regex_budget, 5000);
	assert_string_equal(s->templates_dir, "");
	assert_string_equal(s->trusted_proxies, "");
	assert_int_equal(s->connections, 12000);
	assert_int_equal(s->connections_per_address, 256);
	assert_int_equal(s->reports.most, 30);
	assert_int_equal(s->reports.window, 10 * MINUTE);
	assert_int_equal(s->signin.most, 20);
	assert_int_equal(s->writes.most, 1200);
	assert_int_equal(s->writes.window, MINUTE);
}

static void
file_values_stand_with_and_without_a_section(void **state)
{
	struct settings *s;

	write_file("# a comment\n"
		   "limit.connections = 5\n"
		   "trusted-proxies = 10.0.0.1, fd00::/8\n"
		   "base-url = https://help.example.org/\n"
		   "[limit]\n"
		   "  reports = 0\n"
		   "  signin = 7 in 2h\n"
		   "[templates]\n"
		   "dir = /srv/pages");
	s = read_settings(*state, NULL, 0);
	assert_int_equal(s->connections, 5);
	assert_int_equal(s->reports.most, 0);
	assert_int_equal(s->signin.most, 7);
	assert_int_equal(s->signin.window, 2 * HOUR);
	assert_string_equal(s->templates_dir, "/srv/pages");
	assert_string_equal(s->trusted_proxies, "10.0.0.1,fd00::/8");
	assert_string_equal(s->base_url, "https://help.example.org");
}

static void
command_line_beats_environment_beats_file(void **state)
{
	const struct setting_given given[] = {
		{ "listen", "127.0.0.1:3" },
		{ "store", NULL },
	};
	struct settings *s;

	write_file("listen = 127.0.0.1:1\nname = File\nstore = sqlite:f\n");
	setenv("BARNRAISE_LISTEN", "127.0.0.1:2", 1);
	setenv("BARNRAISE_NAME", "Environment", 1);
	setenv("BARNRAISE_LIMIT_CONNECTIONS_PER_ADDRESS", "9", 1);
	s = read_settings(*state, given, 2);
	unsetenv("BARNRAISE_LISTEN");
	unsetenv("BARNRAISE_NAME");
	unsetenv("BARNRAISE_LIMIT_CONNECTIONS_PER_ADDRESS");
	assert_string_equal(s->listen, "127.0.0.1:3");
	assert_string_equal(s->name, "Environment");
	assert_string_equal(s->store, "sqlite:f");
	assert_int_equal(s->connections_per_address, 9);
}

static void
errors_in_the_file_name_file_and_line(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "\nlistne = 1:1\n",
		    "test_settings.conf:2: unknown key listne" },
		{ "[limit]\nfoo = 1\n",
		    "test_settings.conf:2: unknown key limit.foo" },
		{ "name = x\norphan-after = soon\n",
		    "test_settings.conf:2: orphan-after: must be a duration, "
		    "as 30m" },
		{ "orphan-after = 1s",
		    "test_settings.conf:1: orphan-after: must be from 60 to "
		    "31536000 seconds" },
		{ "limit.connections = 0",
		    "test_settings.conf:1: limit.connections: must be a number "
		    "from 1 to 1000000" },
		{ "limit.writes = 3 per 1m",
		    "test_settings.conf:1: limit.writes: must be as 30 in 10m, "
		    "within a day at most, or 0" },
		{ "trusted-proxies = 10.0.0.0/33",
		    "test_settings.conf:1: trusted-proxies: 10.0.0.0/33 is not "
		    "an address, nor ADDR/BITS" },
		{ "base-url = https://example.org/help",
		    "test_settings.conf:1: base-url: must be http://HOST or "
		    "https://HOST" },
		{ "base-url = help.example.org",
		    "test_settings.conf:1: base-url: must be http://HOST or "
		    "https://HOST" },
		{ "store = mysql:x",
		    "test_settings.conf:1: store: must be sqlite:PATH" },
		{ "listen = 8080",
		    "test_settings.conf:1: listen: must be ADDR:PORT, as "
		    "127.0.0.1:8080" },
		{ "name =", "test_settings.conf:1: name: must not be empty" },
		{ "name = a\n  more of it\n",
		    "test_settings.conf:2: neither key = value nor "
		    "[section]" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct settings *settings;
		struct error err = { 0 };

		write_file(cases[i].text);
		assert_false(
		    settings_read(*state, path, NULL, 0, &settings, &err));
		assert_string_equal(err.message, cases[i].message);
	}
}

static void
a_line_too_long_is_an_error_and_not_two_lines(void **state)
{
	char text[400];
	struct settings *settings;
	struct error err = { 0 };

	memset(text, 'x', sizeof text);
	memcpy(text, "name = ", 7);
	text[sizeof text - 1] = '\0';
	write_file(text);
	assert_false(settings_read(*state, path, NULL, 0, &settings, &err));
	assert_string_equal(err.message,
	    "test_settings.conf:1: the line is too long or has a NUL byte");
}

static void
errors_elsewhere_name_the_variable_or_the_option(void **state)
{
	const struct setting_given given = { "listen", "x" };
	struct settings *settings;
	struct error err = { 0 };

	assert_false(settings_read(*state, path, &given, 1, &settings, &err));
	assert_string_equal(
	    err.message, "--listen: must be ADDR:PORT, as 127.0.0.1:8080");
	setenv("BARNRAISE_REGEX_BUDGET", "5", 1);
	assert_false(settings_read(*state, path, NULL, 0, &settings, &err));
	unsetenv("BARNRAISE_REGEX_BUDGET");
	assert_string_equal(
	    err.message, "BARNRAISE_REGEX_BUDGET: must be a duration, as 30m");
}

static void
a_file_that_is_named_must_be_there(void **state)
{
	struct settings *settings;
	struct error err = { 0 };

	assert_false(
	    settings_read(*state, "no/such", NULL, 0, &settings, &err));
	assert_string_equal(err.message, "no/such: No such file or directory");
}

static void
base_url_follows_address_and_port(void **state)
{
	static const struct {
		const char *listen, *url;
	} cases[] = {
		{ "127.0.0.1:0", "http://localhost:99" },
		{ ":8080", "http://localhost:99" },
		{ "0.0.0.0:1", "http://localhost:99" },
		{ "[::1]:0", "http://localhost:99" },
		{ "[::]:0", "http://localhost:99" },
		{ "192.0.2.7:0", "http://192.0.2.7:99" },
		{ "[2001:db8::1]:0", "http://[2001:db8::1]:99" },
	};
	struct settings *s;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		s = read_settings(*state,
		    &(struct setting_given){ "listen", cases[i].listen }, 1);
		settings_complete(s, s, 99);
		assert_string_equal(s->base_url, cases[i].url);
	}
	s = read_settings(
	    *state, &(struct setting_given){ "base-url", "http://x" }, 1);
	settings_complete(s, s, 99);
	assert_string_equal(s->base_url, "http://x");
}

/* --- the sample and the manual page name exactly the keys of the table */

static FILE *
open_source(const char *name)
{
	const char *top = getenv("top_srcdir");
	char *full = mem_printf(NULL, "%s/%s", top == NULL ? "." : top, name);
	FILE *file = fopen(full, "re");

	if (file == NULL)
		fail_msg("cannot open %s", full);
	talloc_free(full);
	return file;
}

static bool
next_line(FILE *file, char line[256])
{
	if (fgets(line, 256, file) == NULL)
		return false;
	line[strcspn(line, "\n")] = '\0';
	return true;
}

static void
what_a_server_keeps_is_named(void **state)
{
	struct settings *began = read_settings(*state, NULL, 0), *now;

	now = read_settings(*state, NULL, 0);
	assert_null(settings_kept(*state, began, now));
	write_file("name = x\nlimit.connections = 7\nlisten = :1\n");
	now = read_settings(*state, NULL, 0);
	assert_string_equal(
	    settings_kept(*state, began, now), "listen, limit.connections");
}

/* "# sentence" in as many lines as it takes, then "#key = default". */
static void
sample_is_the_table_commented_out(void **state)
{
	const struct setting *s = settings_table;
	char *text = mem_copy(*state, "");
	char line[256];
	FILE *file = open_source("etc/barnraise.conf");

	while (next_line(file, line))
		if (*line == '\0' || strncmp(line, "## ", 3) == 0)
			text = mem_copy(*state, "");
		else if (strncmp(line, "# ", 2) == 0)
			text = mem_printf(*state, "%s%s%s", text,
			    *text == '\0' ? "" : " ", line + 2);
		else {
			assert_non_null(s->key);
			assert_string_equal(text, s->text);
			assert_string_equal(line,
			    mem_printf(*state, "#%s =%s%s", s->key,
				*s->fallback == '\0' ? "" : " ", s->fallback));
			s++;
		}
	assert_null(s->key);
	(void)fclose(file);
}

static void
manual_names_each_key_with_its_default(void **state)
{
	const struct setting *s = settings_table;
	char line[256];
	FILE *file = open_source("etc/barnraise.conf.5");

	(void)state;
	while (next_line(file, line)) {
		if (strncmp(line, ".It Cm ", 7) != 0)
			continue;
		assert_non_null(s->key);
		assert_string_equal(line + 7, s->key);
		assert_true(next_line(file, line));
		if (*s->fallback != '\0') {
			assert_true(strncmp(line, ".Pq default ", 12) == 0);
			assert_string_equal(line + 12, s->fallback);
		}
		s++;
	}
	assert_null(s->key);
	(void)fclose(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    every_key_has_its_default, begin, end),
		cmocka_unit_test_setup_teardown(
		    what_a_server_keeps_is_named, begin, end),
		cmocka_unit_test_setup_teardown(
		    file_values_stand_with_and_without_a_section, begin, end),
		cmocka_unit_test_setup_teardown(
		    command_line_beats_environment_beats_file, begin, end),
		cmocka_unit_test_setup_teardown(
		    errors_in_the_file_name_file_and_line, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_line_too_long_is_an_error_and_not_two_lines, begin, end),
		cmocka_unit_test_setup_teardown(
		    errors_elsewhere_name_the_variable_or_the_option, begin,
		    end),
		cmocka_unit_test_setup_teardown(
		    a_file_that_is_named_must_be_there, begin, end),
		cmocka_unit_test_setup_teardown(
		    base_url_follows_address_and_port, begin, end),
		cmocka_unit_test_setup_teardown(
		    sample_is_the_table_commented_out, begin, end),
		cmocka_unit_test_setup_teardown(
		    manual_names_each_key_with_its_default, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
