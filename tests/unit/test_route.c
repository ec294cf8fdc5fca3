/* SPDX-License-Identifier: ISC */
#include "http/route.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define PAGE (HTTP_HTML | HTTP_JSON)
#define LIST (HTTP_HTML | HTTP_JSON | HTTP_ATOM | HTTP_RSS)
#define FEED (HTTP_ATOM | HTTP_RSS | HTTP_JSON)

/* who stands for the row here */
static const struct route routes[] = {
	{ "GET", "/", HTTP_HTML, HTTP_HTML, 0, 0, NULL, false },
	{ "GET", "/incidents", LIST, HTTP_HTML, 1, 0, NULL, false },
	{ "POST", "/incidents", PAGE, HTTP_HTML, 2, 100, NULL, false },
	{ "GET", "/incidents/{n}", LIST, HTTP_HTML, 3, 0, NULL, false },
	{ "PATCH", "/incidents/{n}", PAGE, HTTP_HTML, 4, 100, NULL, false },
	{ "GET", "/me/subscriptions/{id}", HTTP_JSON, HTTP_JSON, 5, 0, NULL,
	    false },
	{ "GET", "/me/subscriptions/preview", PAGE, HTTP_HTML, 6, 0, NULL,
	    false },
	{ "GET", "/kb/{id}/{slug}", HTTP_HTML, HTTP_HTML, 7, 0, NULL, false },
	{ "POST", "/kb/{id}/helped", PAGE, HTTP_HTML, 8, 100, NULL, false },
	{ "GET", "/feeds/{secret}", FEED, HTTP_ATOM, 9, 0, NULL, false },
	{ "GET", "/feeds/{secret}/{id}", FEED, HTTP_ATOM, 10, 0, NULL, false },
	{ "GET", "/openapi.json", HTTP_JSON, HTTP_JSON, 11, 0, NULL, false },
	{ "GET", "/static/{file}", HTTP_OTHER, HTTP_OTHER, 12, 0, NULL, false },
};

struct found {
	void *owner;
	struct request request;
	const char *allow;
	struct error err;
	bool ok;
};

static struct found
find(const char *method, const char *path, const char *name, const char *value)
{
	struct found found = { .owner = mem_root("test") };
	struct form_field *header = mem_new(found.owner, struct form_field);

	*header = (struct form_field){ name, value };
	found.request = (struct request){ .memory = found.owner,
		.path = mem_copy(found.owner, path),
		.query = "",
		.ending = "",
		.method = strcmp(method, "GET") == 0 ||
			strcmp(method, "HEAD") == 0
		    ? HTTP_GET
		    : HTTP_POST,
		.headers = header,
		.n_headers = name == NULL ? 0 : 1 };
	found.ok = route_find(routes, sizeof routes / sizeof *routes,
	    &found.request, method, &found.allow, &found.err);
	return found;
}

static void
paths_lead_to_their_row(void **state)
{
	static const struct {
		const char *method, *path;
		int row;
		unsigned form;
		const char *part, *ending;
	} cases[] = {
		{ "GET", "/", 0, HTTP_HTML, NULL, "" },
		{ "HEAD", "/", 0, HTTP_HTML, NULL, "" },
		{ "GET", "/incidents", 1, HTTP_HTML, NULL, "" },
		{ "GET", "/incidents.atom", 1, HTTP_ATOM, NULL, "atom" },
		{ "GET", "/incidents.json", 1, HTTP_JSON, NULL, "json" },
		{ "GET", "/incidents/42", 3, HTTP_HTML, "42", "" },
		{ "GET", "/incidents/42.rss", 3, HTTP_RSS, "42", "rss" },
		{ "GET", "/incidents/42.opml", 3, HTTP_HTML, "42.opml", "" },
		{ "GET", "/incidents/4.2", 3, HTTP_HTML, "4.2", "" },
		{ "GET", "/incidents/.json", 3, HTTP_HTML, ".json", "" },
		{ "GET", "/incidents/a%2Fb%c3%a4", 3, HTTP_HTML, "a/b\xc3\xa4",
		    "" },
		{ "GET", "/me/subscriptions/preview", 6, HTTP_HTML, NULL, "" },
		{ "GET", "/me/subscriptions/preview.json", 6, HTTP_JSON, NULL,
		    "json" },
		{ "GET", "/me/subscriptions/7", 5, HTTP_JSON, "7", "" },
		{ "GET", "/kb/3/helped", 7, HTTP_HTML, "3", "" },
		{ "GET", "/feeds/brn_x", 9, HTTP_ATOM, "brn_x", "" },
		{ "GET", "/feeds/brn_x/5.json", 10, HTTP_JSON, "brn_x",
		    "json" },
		{ "GET", "/openapi.json", 11, HTTP_JSON, NULL, "" },
		{ "GET", "/static/site.css", 12, HTTP_OTHER, "site.css", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct found found = find(
		    cases[i].method, cases[i].path, NULL, NULL);

		if (!found.ok || found.request.route->who != cases[i].row)
			fail_msg("%s: %s", cases[i].path, found.err.message);
		assert_int_equal(found.request.form, cases[i].form);
		assert_string_equal(found.request.ending, cases[i].ending);
		if (cases[i].part != NULL)
			assert_string_equal(
			    found.request.parts[0], cases[i].part);
		talloc_free(found.owner);
	}
}

static void
what_is_not_there_is_told_apart(void **state)
{
	static const struct {
		const char *method, *path;
		enum error_kind kind;
		const char *allow;
	} cases[] = {
		{ "GET", "/none", ERROR_NOT_FOUND, NULL },
		{ "GET", "/incidents/", ERROR_NOT_FOUND, NULL },
		{ "GET", "/incidents/1/", ERROR_NOT_FOUND, NULL },
		{ "GET", "/Incidents", ERROR_NOT_FOUND, NULL },
		{ "GET", "//incidents", ERROR_NOT_FOUND, NULL },
		{ "GET", "/incidents.opml", ERROR_NOT_FOUND, NULL },
		{ "DELETE", "/incidents", ERROR_METHOD, "GET, HEAD, POST" },
		{ "PUT", "/incidents/1", ERROR_METHOD, "GET, HEAD, PATCH" },
		{ "PUT", "/kb/3/helped", ERROR_METHOD, "GET, HEAD, POST" },
		{ "get", "/", ERROR_METHOD, "GET, HEAD" },
		{ "BREW", "/none", ERROR_NOT_FOUND, NULL },
		{ "GET", "/incidents/%", ERROR_MALFORMED, NULL },
		{ "GET", "/incidents/%4g", ERROR_MALFORMED, NULL },
		{ "GET", "/incidents/%00", ERROR_MALFORMED, NULL },
		{ "GET", "/none/%00", ERROR_MALFORMED, NULL },
		{ "GET", "/incidents/%c3", ERROR_MALFORMED, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct found found = find(
		    cases[i].method, cases[i].path, NULL, NULL);

		if (found.ok || found.err.kind != cases[i].kind)
			fail_msg("%s %s", cases[i].method, cases[i].path);
		if (cases[i].allow != NULL)
			assert_string_equal(found.allow, cases[i].allow);
		talloc_free(found.owner);
	}
}

static void
ending_comes_before_accept(void **state)
{
	struct found found = find(
	    "GET", "/incidents.atom", "Accept", "text/html");

	(void)state;
	assert_true(found.ok);
	assert_int_equal(found.request.form, HTTP_ATOM);
	talloc_free(found.owner);
	found = find("GET", "/incidents", "Accept", "application/rss+xml");
	assert_true(found.ok);
	assert_int_equal(found.request.form, HTTP_RSS);
	talloc_free(found.owner);
	found = find("GET", "/incidents", "Accept", "image/png");
	assert_false(found.ok);
	assert_int_equal(found.err.kind, ERROR_NOT_ACCEPTABLE);
	assert_non_null(found.request.route);
	talloc_free(found.owner);
}

static void
json_and_empty_writes_are_answered_in_json(void **state)
{
	static const struct {
		const char *name, *value;
		unsigned form;
	} cases[] = {
		{ "Content-Type", "application/json", HTTP_JSON },
		{ "Content-Type", "application/merge-patch+json; a=b",
		    HTTP_JSON },
		{ NULL, NULL, HTTP_JSON },
		{ "Content-Type", "application/x-www-form-urlencoded",
		    HTTP_HTML },
		{ "Content-Type", "multipart/form-data; boundary=a",
		    HTTP_HTML },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct found found = find(
		    "POST", "/incidents", cases[i].name, cases[i].value);

		assert_true(found.ok);
		assert_int_equal(found.request.form, cases[i].form);
		talloc_free(found.owner);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_lead_to_their_row),
		cmocka_unit_test(what_is_not_there_is_told_apart),
		cmocka_unit_test(ending_comes_before_accept),
		cmocka_unit_test(json_and_empty_writes_are_answered_in_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
