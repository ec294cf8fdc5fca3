/* SPDX-License-Identifier: ISC */
#include "web/mustache.h"

#include "base/json.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *const modules[] = { "comments", "delimiters",
	"interpolation", "inverted", "partials", "sections" };

struct partials {
	void *owner;
	const json_t *texts;
};

static const struct mustache *
find_partial(void *closure, const char *name)
{
	const struct partials *partials = closure;
	const char *text = json_string_value(
	    json_object_get(partials->texts, name));
	struct mustache *template = NULL;
	struct error err = { 0 };

	if (text == NULL)
		return NULL;
	assert_true(mustache_compile(
	    partials->owner, name, span_of(text), &template, &err));
	return template;
}

static int
setup(void **state)
{
	*state = mem_root("test");
	return 0;
}

static int
teardown(void **state)
{
	talloc_free(*state);
	return 0;
}

/* Renders text with the model given as JSON; the error's text if it fails. */
static const char *
rendered(void *owner, const char *text, const char *model, const char *partial)
{
	struct mustache *template;
	struct buf *out = buf_new(owner);
	struct error err = { 0 };
	json_t *texts = json_owned(owner, json_pack("{s:s}", "p", partial));
	struct partials partials = { owner, texts };
	json_t *value = NULL;

	assert_true(json_parse(owner, model, strlen(model), &value, &err));
	if (!mustache_compile(owner, "t", span_of(text), &template, &err) ||
	    !mustache_render(
		template, value, find_partial, &partials, out, &err))
		return error_text(&err, mem_array(owner, char, ERROR_TEXT));
	return out->text;
}

static void
run_case(void *owner, const char *module, const json_t *test)
{
	const char *text = json_string_value(json_object_get(test, "template"));
	const char *expected = json_string_value(
	    json_object_get(test, "expected"));
	struct partials partials = { owner, json_object_get(test, "partials") };
	struct mustache *template = NULL;
	struct buf *out = buf_new(owner);
	struct error err = { 0 };

	assert_non_null(text);
	assert_non_null(expected);
	if (!mustache_compile(owner, module, span_of(text), &template, &err) ||
	    !mustache_render(template, json_object_get(test, "data"),
		find_partial, &partials, out, &err))
		fail_msg("%s: %s: %s", module,
		    json_string_value(json_object_get(test, "name")),
		    err.message);
	if (strcmp(out->text, expected) != 0)
		fail_msg("%s: %s: \"%s\", not \"%s\"", module,
		    json_string_value(json_object_get(test, "name")), out->text,
		    expected);
}

/* The specification writes a quotation mark as &quot;, as buf_html does. */
static void
every_test_of_the_specification_passes(void **state)
{
	const char *source = getenv("top_srcdir");
	size_t n = 0;

	for (size_t m = 0; m < sizeof modules / sizeof modules[0]; m++) {
		char *path = mem_printf(*state,
		    "%s/tests/data/mustache/%s.json",
		    source != NULL ? source : ".", modules[m]);
		json_t *file = json_load_file(path, 0, NULL);
		json_t *test;
		size_t i;

		assert_non_null(file);
		json_array_foreach(json_object_get(file, "tests"), i, test)
		{
			run_case(*state, modules[m], test);
			n++;
		}
		json_decref(file);
	}
	assert_true(n >= 130);
}

static void
errors_name_file_line_and_column(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "a\n\xc3\xa4 {{#x}}", "t:2:3: section without end" },
		{ "{{#a}}{{/b}}", "t:1:7: ends another section than is open" },
		{ "\n\n{{/b}}", "t:3:1: ends a section never begun" },
		{ "x{{y", "t:1:2: tag without end" },
		{ "{{{y}}", "t:1:1: tag without end" },
		{ "{{=<% %>}}", "t:1:1: tag without end" },
		{ "{{=<%=}}", "t:1:1: not two delimiters" },
		{ "{{=a b c=}}", "t:1:1: not two delimiters" },
		{ "{{}}", "t:1:1: not a name" },
		{ "{{a b}}", "t:1:1: not a name" },
		{ "{{a..b}}", "t:1:1: not a name" },
		{ "{{.a}}", "t:1:1: not a name" },
		{ "{{>a b}}", "t:1:1: not a name" },
		{ "{{#}}{{/}}", "t:1:1: not a name" },
		{ "\xff", "t:1:1: the template is not UTF-8 text" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(
		    rendered(*state, rows[i].text, "{}", ""), rows[i].error);
}

static void
nothing_false_enters_a_section(void **state)
{
	static const char *const values[] = { "null", "false", "0", "0.0",
		"\"\"", "[]" };

	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		assert_string_equal(
		    rendered(*state, "{{#a}}yes{{/a}}{{^a}}no{{/a}}",
			mem_printf(*state, "{\"a\": %s}", values[i]), ""),
		    "no");
	assert_string_equal(
	    rendered(*state, "{{#a}}yes{{/a}}", "{\"a\": {}}", ""), "yes");
}

static void
a_partial_without_end_is_an_error(void **state)
{
	assert_string_equal(rendered(*state, "{{>p}}", "{}", "{{>p}}"),
	    "p: more than 128 sections and partials inside each other");
	assert_string_equal(rendered(*state, "{{>p}}", "{\"a\": [1, 2]}",
				"{{#a}}{{#a}}{{>p}}{{/a}}{{/a}}"),
	    "p: more than 128 sections and partials inside each other");
}

static void
a_template_that_grows_without_end_is_an_error(void **state)
{
	struct buf *text = buf_new(*state);

	buf_text(text, "{{#a}}");
	for (int i = 0; i < MUSTACHE_SECTIONS - 1; i++)
		buf_text(text, "{{#.}}{{#a}}");
	assert_non_null(strstr(
	    rendered(*state, text->text, "{\"a\": [1, 2]}", ""), "too many"));
	/* 8 lists of 20 items inside each other */
	text->length = 0;
	for (int i = 0; i < 8; i++)
		buf_text(text, "{{#a}}");
	for (int i = 0; i < 8; i++)
		buf_text(text, "{{/a}}");
	assert_string_equal(
	    rendered(*state, text->text,
		"{\"a\": [1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0]}", ""),
	    "t: the page becomes too long");
}

static void
partials_are_named_in_their_order(void **state)
{
	struct mustache *template = NULL;
	struct error err = { 0 };
	size_t at = 0;

	assert_true(mustache_compile(*state, "t",
	    SPAN("{{>head}} {{#x}}{{>foot}}{{/x}}"), &template, &err));
	assert_string_equal(mustache_partial(template, &at), "head");
	assert_string_equal(mustache_partial(template, &at), "foot");
	assert_null(mustache_partial(template, &at));
}

static void
what_is_printed_is_never_indented(void **state)
{
	assert_string_equal(rendered(*state, "  {{>p}}\n", "{\"t\": \"a\\nb\"}",
				"<pre>\n{{t}}\n</pre>\n"),
	    "  <pre>\n  a\nb\n  </pre>\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_test_of_the_specification_passes),
		cmocka_unit_test(errors_name_file_line_and_column),
		cmocka_unit_test(nothing_false_enters_a_section),
		cmocka_unit_test(a_partial_without_end_is_an_error),
		cmocka_unit_test(a_template_that_grows_without_end_is_an_error),
		cmocka_unit_test(partials_are_named_in_their_order),
		cmocka_unit_test(what_is_printed_is_never_indented),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
