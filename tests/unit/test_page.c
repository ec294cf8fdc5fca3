/* SPDX-License-Identifier: ISC */
#include "web/page.h"

#include "base/json.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	void *owner;
	const char *ours; /* the templates of the source */
	char *over; /* an empty folder */
};

static int
setup(void **state)
{
	void *owner = mem_root("test");
	struct fixture *fixture = mem_new(owner, struct fixture);
	const char *source = getenv("top_srcdir");

	fixture->owner = owner;
	fixture->ours = mem_printf(
	    owner, "%s/templates", source != NULL ? source : ".");
	fixture->over = mem_copy(owner, "/tmp/barnraise-pages-XXXXXX");
	if (mkdtemp(fixture->over) == NULL)
		return -1;
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	(void)rmdir(fixture->over);
	talloc_free(fixture->owner);
	return 0;
}

static char *
put_file(const struct fixture *fixture, const char *name, const char *text)
{
	char *path = mem_printf(fixture->owner, "%s/%s", fixture->over, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return path;
}

static const char *
rendered(const struct fixture *fixture, const struct pages *pages,
    const char *name, const char *model)
{
	struct error err = { 0 };
	struct span html = { 0 };
	json_t *value = NULL;

	assert_true(
	    json_parse(fixture->owner, model, strlen(model), &value, &err));
	assert_true(
	    page_render(fixture->owner, pages, name, value, &html, &err));
	assert_int_equal(strlen(html.text), html.length);
	assert_null(json_object_get(value, "style"));
	return html.text;
}

static void
our_own_pages_load_and_render_inside_the_layout(void **state)
{
	const struct fixture *fixture = *state;
	struct pages *pages = NULL;
	struct error err = { 0 };
	const char *html;

	if (!pages_load(fixture->owner, fixture->ours, NULL, &pages, &err))
		fail_msg("%s", err.message);
	html = rendered(fixture, pages, "message",
	    "{\"title\": \"<Hello>\", \"page\": {\"desk\": \"D\"}}");
	assert_non_null(strstr(html, "<!DOCTYPE html>"));
	assert_non_null(strstr(html, "<h1>&lt;Hello&gt;</h1>"));
	assert_non_null(strstr(html, "</html>"));
	for (const char *const *name = page_names; *name != NULL; name++)
		rendered(fixture, pages, *name, "{}");
}

static void
static_files_have_bytes_type_and_hash(void **state)
{
	const struct fixture *fixture = *state;
	const struct page_file *style;
	struct pages *pages = NULL;
	struct error err = { 0 };

	assert_true(
	    pages_load(fixture->owner, fixture->ours, NULL, &pages, &err));
	style = page_static(pages, "style.css");
	assert_non_null(style);
	assert_string_equal(style->media_type, "text/css; charset=utf-8");
	assert_int_equal(strlen(style->bytes), style->length);
	assert_int_equal(strlen(style->hash), 16);
	assert_non_null(strstr(rendered(fixture, pages, "home", "{}"),
	    mem_printf(fixture->owner, "/static/style.css?v=%s", style->hash)));
	assert_null(page_static(pages, "layout.mustache"));
	assert_null(page_static(pages, "../configure.ac"));
	assert_null(page_static(pages, "MODEL.md"));
}

static void
a_script_is_asked_for_by_its_name(void **state)
{
	const struct fixture *fixture = *state;
	char *home = put_file(fixture, "home.mustache",
	    "{{#script.more}}<script src=\"{{.}}\">{{/script.more}}");
	char *more = put_file(fixture, "more.js", "1;\n");
	struct error err = { 0 };
	struct pages *pages;

	assert_true(pages_load(
	    fixture->owner, fixture->ours, fixture->over, &pages, &err));
	assert_string_equal(page_static(pages, "more.js")->media_type,
	    "text/javascript; charset=utf-8");
	assert_non_null(strstr(rendered(fixture, pages, "home", "{}"),
	    mem_printf(fixture->owner, "<script src=\"/static/more.js?v=%s\">",
		page_static(pages, "more.js")->hash)));
	(void)unlink(home);
	(void)unlink(more);
}

static void
the_operators_file_takes_the_place_of_ours(void **state)
{
	const struct fixture *fixture = *state;
	struct pages *before = NULL, *after = NULL;
	struct error err = { 0 };
	char *page = put_file(fixture, "home.mustache", "<p>{{>own}}</p>");
	char *partial = put_file(fixture, "own.mustache", "mine");
	char *other = put_file(fixture, "notes", "left alone {{");

	assert_true(
	    pages_load(fixture->owner, fixture->ours, NULL, &before, &err));
	assert_true(pages_load(
	    fixture->owner, fixture->ours, fixture->over, &after, &err));
	(void)unlink(page);
	(void)unlink(partial);
	(void)unlink(other);
	assert_null(
	    strstr(rendered(fixture, before, "home", "{}"), "<p>mine</p>"));
	assert_non_null(
	    strstr(rendered(fixture, after, "home", "{}"), "<p>mine</p>"));
	assert_string_not_equal(pages_hash(before), pages_hash(after));
}

static void
expect_error(const struct fixture *fixture, const char *folder,
    const char *over, const char *message)
{
	struct pages *pages = NULL;
	struct error err = { 0 };

	assert_false(pages_load(fixture->owner, folder, over, &pages, &err));
	assert_null(pages);
	assert_string_equal(err.message, message);
}

static void
a_whole_set_of_the_operators_needs_none_of_ours(void **state)
{
	const struct fixture *fixture = *state;
	struct pages *pages = NULL;
	struct error err = { 0 };

	assert_true(pages_load(
	    fixture->owner, "/nonexistent", fixture->ours, &pages, &err));
	expect_error(fixture, "/nonexistent", fixture->over,
	    "templates: admin.mustache is missing");
}

static void
what_is_wrong_is_named_with_its_file(void **state)
{
	const struct fixture *fixture = *state;
	char *path = put_file(fixture, "home.mustache", "<p>\n {{#a}}");

	expect_error(fixture, fixture->ours, fixture->over,
	    mem_printf(fixture->owner, "%s:2:2: section without end", path));
	(void)put_file(fixture, "home.mustache", "{{>nowhere}}");
	expect_error(fixture, fixture->ours, fixture->over,
	    "templates: home.mustache asks for nowhere.mustache, "
	    "which is missing");
	(void)put_file(fixture, "home.mustache", "");
	expect_error(fixture, fixture->over, NULL,
	    "templates: admin.mustache is missing");
	(void)unlink(path);
	expect_error(fixture, "/nonexistent", NULL,
	    "templates: /nonexistent: No such file or directory");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    our_own_pages_load_and_render_inside_the_layout),
		cmocka_unit_test(static_files_have_bytes_type_and_hash),
		cmocka_unit_test(a_script_is_asked_for_by_its_name),
		cmocka_unit_test(the_operators_file_takes_the_place_of_ours),
		cmocka_unit_test(
		    a_whole_set_of_the_operators_needs_none_of_ours),
		cmocka_unit_test(what_is_wrong_is_named_with_its_file),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
