/* SPDX-License-Identifier: ISC */
#include "cli/line.h"

#include "base/mem.h"
#include "cli/commands.h"
#include "cli/usage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What the command of these tests was called with. */
static struct {
	int calls;
	size_t n;
	char first[32], second[32], tags[32];
	bool json;
} seen;

static void
keep(char out[32], const char *text)
{
	(void)snprintf(out, 32, "%s", text == NULL ? "(none)" : text);
}

static bool
look(struct line *line, struct error *err)
{
	(void)err;
	seen.calls++;
	seen.n = line_arguments(line);
	keep(seen.first, line_text(line, 0));
	keep(seen.second, line_text(line, 1));
	keep(seen.tags, line_option(line, "tags"));
	seen.json = line_has(line, "json");
	return true;
}

static bool
refuse(struct line *line, struct error *err)
{
	(void)line;
	return error_set(err, ERROR_CONFLICT, "a closed incident");
}

static const struct option look_options[] = {
	{ "tags", "A,B", "tags" },
	{ "json", NULL, "print JSON" },
	{ 0 },
};

static const struct command table[] = {
	{ "look", NULL, "[A] [B]", 0, 2, "Look", look_options, NULL, look },
	{ "thing", "fail", "N", 1, 1, "Fail", NULL, NULL, refuse },
	{ 0 },
};

/* Runs a line of at most 7 words, ended by NULL. */
static int
run(const char *const words[7])
{
	char text[8][32] = { "barnraise" }, *argv[9] = { text[0] };
	int argc = 1;

	memset(&seen, 0, sizeof seen);
	for (; argc <= 7 && words[argc - 1] != NULL; argc++) {
		keep(text[argc], words[argc - 1]);
		argv[argc] = text[argc];
	}
	return line_run(table, argc, argv);
}

static void
options_stand_anywhere_until_two_hyphens(void **state)
{
	static const struct {
		const char *words[7];
		size_t n;
		const char *first, *second, *tags;
		bool json;
	} cases[] = {
		{ { "look" }, 0, "(none)", "(none)", "(none)", false },
		{ { "look", "a", "--json", "b" }, 2, "a", "b", "(none)", true },
		{ { "look", "--tags", "x,y", "a" }, 1, "a", "(none)", "x,y",
		    false },
		{ { "look", "a", "--tags=x", "--tags=y=z" }, 1, "a", "(none)",
		    "y=z", false },
		{ { "look", "--tags=" }, 0, "(none)", "(none)", "", false },
		{ { "look", "--tags", "--json" }, 0, "(none)", "(none)",
		    "--json", false },
		{ { "look", "--", "--json", "--" }, 2, "--json", "--", "(none)",
		    false },
		{ { "look", "-" }, 1, "-", "(none)", "(none)", false },
		{ { "look", "a\xff" }, 1, "a\xef\xbf\xbd", "(none)", "(none)",
		    false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(run(cases[i].words), 0);
		assert_int_equal(seen.calls, 1);
		assert_int_equal(seen.n, cases[i].n);
		assert_string_equal(seen.first, cases[i].first);
		assert_string_equal(seen.second, cases[i].second);
		assert_string_equal(seen.tags, cases[i].tags);
		assert_int_equal(seen.json, cases[i].json);
	}
}

static void
wrong_usage_is_2_and_failure_is_1(void **state)
{
	static const struct {
		const char *words[7];
		int status;
	} cases[] = {
		{ { NULL }, 2 },
		{ { "nothing" }, 2 },
		{ { "--what" }, 2 },
		{ { "thing" }, 2 },
		{ { "thing", "else" }, 2 },
		{ { "thing", "fail" }, 2 },
		{ { "thing", "fail", "1", "2" }, 2 },
		{ { "look", "--bad" }, 2 },
		{ { "look", "-x" }, 2 },
		{ { "look", "--tags" }, 2 },
		{ { "look", "--json=yes" }, 2 },
		{ { "thing", "fail", "1" }, 1 },
		{ { "--help" }, 0 },
		{ { "--version" }, 0 },
		{ { "thing", "--help" }, 0 },
		{ { "thing", "fail", "--help" }, 0 },
		{ { "look", "a", "b", "c", "--version" }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (run(cases[i].words) != cases[i].status)
			fail_msg("case %zu", i);
}

/* --- the table against its manual page */

static char *
read_page(void *owner)
{
	const char *top = getenv("top_srcdir");
	char *path = mem_printf(
	    owner, "%s/src/cli/barnraise.1", top == NULL ? "." : top);
	FILE *file = fopen(path, "re");
	struct buf *text = buf_new(owner);
	char part[4096];
	size_t n;

	if (file == NULL)
		fail_msg("cannot open %s", path);
	while ((n = fread(part, 1, sizeof part, file)) > 0)
		buf_add(text, part, n);
	(void)fclose(file);
	return text->text;
}

/* What the page says of one command: from its .It Ic to the next. */
static char *
entry_of(void *owner, const char *page, const struct command *c)
{
	char *head = mem_printf(owner, "\n.It Ic %s%s%s", c->name,
	    c->verb == NULL ? "" : " ", c->verb == NULL ? "" : c->verb);
	const char *at = page, *end;

	while ((at = strstr(at, head)) != NULL &&
	    strchr(" \n", at[strlen(head)]) == NULL)
		at++;
	if (at == NULL)
		fail_msg("barnraise.1 has no%s", head + strlen("\n.It Ic"));
	end = strstr(at + 1, "\n.It Ic ");
	return end == NULL ? mem_copy(owner, at)
			   : mem_copy_n(owner, at, (size_t)(end - at));
}

static void
assert_has_options(
    void *owner, const char *text, const char *who, const struct option *o)
{
	for (; o != NULL && o->name != NULL; o++) {
		const char *flag = mem_printf(owner, "Fl -%s", o->name);

		if (strstr(text, flag) == NULL)
			fail_msg("barnraise.1: %s lacks --%s", who, o->name);
		if (o->value != NULL)
			flag = mem_printf(owner, "%s Ar %s", flag, o->value);
		if (strstr(text, flag) == NULL)
			fail_msg("barnraise.1: %s: --%s without %s", who,
			    o->name, o->value);
	}
}

static void
manual_names_each_command_and_option(void **state)
{
	void *root = mem_root("test");
	const char *page = read_page(root);

	(void)state;
	for (const struct command *c = commands; c->name != NULL; c++) {
		assert_has_options(
		    root, entry_of(root, page, c), c->name, c->options);
		assert_has_options(root, page, c->name, c->shared);
	}
	assert_has_options(root, page, "every command", usage_options);
	talloc_free(root);
}

static void
manual_names_no_command_that_is_not_there(void **state)
{
	static const char item[] = "\n.It Ic ";
	void *root = mem_root("test");
	const char *at = read_page(root);

	(void)state;
	while ((at = strstr(at, item)) != NULL) {
		const struct command *c = commands;
		const char *words = at + strlen(item);

		for (; c->name != NULL; c++) {
			char *both = mem_printf(root, "%s%s%s", c->name,
			    c->verb == NULL ? "" : " ",
			    c->verb == NULL ? "" : c->verb);

			if (strncmp(words, both, strlen(both)) == 0 &&
			    strchr(" \n", words[strlen(both)]) != NULL)
				break;
		}
		if (c->name == NULL)
			fail_msg("barnraise.1 has %.20s", words);
		at = words;
	}
	talloc_free(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_anywhere_until_two_hyphens),
		cmocka_unit_test(wrong_usage_is_2_and_failure_is_1),
		cmocka_unit_test(manual_names_each_command_and_option),
		cmocka_unit_test(manual_names_no_command_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
