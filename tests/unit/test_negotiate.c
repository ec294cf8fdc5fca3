/* SPDX-License-Identifier: ISC */
#include "http/negotiate.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define BROWSER                                                  \
	"text/html,application/xhtml+xml,application/xml;q=0.9," \
	"image/avif,image/webp,*/*;q=0.8"
#define FEED (HTTP_ATOM | HTTP_RSS | HTTP_JSON | HTTP_OPML)

static void
accept_chooses_the_form(void **state)
{
	static const struct {
		const char *accept;
		unsigned forms;
		enum http_form usual;
		unsigned expected;
	} cases[] = {
		{ NULL, HTTP_HTML | HTTP_JSON, HTTP_HTML, HTTP_HTML },
		{ "", HTTP_HTML | HTTP_JSON, HTTP_HTML, HTTP_HTML },
		{ "*/*", HTTP_HTML | HTTP_JSON, HTTP_HTML, HTTP_HTML },
		{ "*/*", FEED, HTTP_ATOM, HTTP_ATOM },
		{ NULL, FEED, HTTP_ATOM, HTTP_ATOM },
		{ BROWSER, HTTP_HTML | FEED, HTTP_HTML, HTTP_HTML },
		{ BROWSER, FEED, HTTP_ATOM, HTTP_ATOM },
		{ "application/json", HTTP_HTML | HTTP_JSON, HTTP_HTML,
		    HTTP_JSON },
		{ "APPLICATION/JSON", HTTP_HTML | HTTP_JSON, HTTP_HTML,
		    HTTP_JSON },
		{ "application/feed+json", HTTP_HTML | FEED, HTTP_HTML,
		    HTTP_JSON },
		/* what axios sends: named comes before taken as well */
		{ "application/json, text/plain, */*", HTTP_HTML | HTTP_JSON,
		    HTTP_HTML, HTTP_JSON },
		{ "text/html;q=0.5, application/json;q=0.6",
		    HTTP_HTML | HTTP_JSON, HTTP_HTML, HTTP_JSON },
		{ "text/html;q=0.6, application/json;q=0.5",
		    HTTP_HTML | HTTP_JSON, HTTP_JSON, HTTP_HTML },
		{ "application/rss+xml, application/atom+xml;q=0.6", FEED,
		    HTTP_ATOM, HTTP_RSS },
		{ "application/atom+xml, application/rss+xml", FEED, HTTP_RSS,
		    HTTP_RSS },
		{ "application/atom+xml;type=feed", FEED, HTTP_RSS, HTTP_ATOM },
		{ "application/xml", HTTP_HTML | FEED, HTTP_HTML, HTTP_ATOM },
		{ "text/*", HTTP_HTML | HTTP_JSON, HTTP_JSON, HTTP_HTML },
		/* the most exact range decides, not the kindest */
		{ "*/*, text/html;q=0", HTTP_HTML | HTTP_JSON, HTTP_HTML,
		    HTTP_JSON },
		{ "*/*;q=0", HTTP_HTML | HTTP_JSON, HTTP_HTML, 0 },
		{ "image/png", HTTP_HTML | HTTP_JSON, HTTP_HTML, 0 },
		{ "text/htm", HTTP_HTML, HTTP_HTML, 0 },
		{ "image/png", HTTP_OTHER, HTTP_OTHER, HTTP_OTHER },
		{ "application/json;q=", HTTP_JSON, HTTP_JSON, HTTP_JSON },
		{ "application/json;q=0.000", HTTP_JSON, HTTP_JSON, 0 },
		{ ";;,,\",", HTTP_JSON, HTTP_JSON, HTTP_JSON },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned form = negotiate_form(
		    cases[i].accept, cases[i].forms, cases[i].usual);

		if (form != cases[i].expected)
			fail_msg("%s of %x: %x, not %x", cases[i].accept,
			    cases[i].forms, form, cases[i].expected);
	}
}

static bool
is_browser(const char *accept)
{
	void *owner = mem_root("test");
	struct form_field headers[] = { { "Accept", accept } };
	struct request request = { .memory = owner,
		.headers = headers,
		.n_headers = accept == NULL ? 0 : 1 };
	bool is = request_is_browser(&request);

	talloc_free(owner);
	return is;
}

static void
browser_names_both_kinds_of_html_or_html_alone(void **state)
{
	(void)state;
	assert_true(is_browser(BROWSER));
	assert_true(is_browser("text/html"));
	assert_true(is_browser("text/html;q=0.9"));
	assert_false(is_browser(NULL));
	assert_false(is_browser("*/*"));
	assert_false(is_browser("application/xhtml+xml"));
	/* feed readers that take pages as well */
	assert_false(is_browser("application/atom+xml, text/html"));
	assert_false(is_browser("text/html, */*"));
	assert_false(is_browser("text/html;q=0, application/xhtml+xml"));
}

static bool
wants_html(struct request request, const char *name, const char *value)
{
	void *owner = mem_root("test");
	struct form_field headers[] = { { name, value } };
	bool wants;

	request.memory = owner;
	request.headers = headers;
	request.n_headers = name == NULL ? 0 : 1;
	if (request.ending == NULL)
		request.ending = "";
	wants = request_wants_html(&request);
	talloc_free(owner);
	return wants;
}

static void
error_is_a_page_for_who_wants_pages(void **state)
{
	struct request none = { 0 };
	struct request html = { .form = HTTP_HTML };
	struct request json = { .form = HTTP_JSON };
	struct request atom = { .form = HTTP_ATOM };
	struct request ending = { .ending = "json" };

	(void)state;
	assert_true(wants_html(none, "Accept", BROWSER));
	assert_false(wants_html(none, NULL, NULL));
	assert_false(wants_html(none, "Accept", "*/*"));
	assert_false(wants_html(none, "Accept", "application/json"));
	assert_false(wants_html(none, "Content-Type", "application/json"));
	assert_false(wants_html(ending, "Accept", BROWSER));
	assert_true(wants_html(html, NULL, NULL));
	assert_false(wants_html(json, "Accept", BROWSER));
	assert_false(wants_html(atom, "Accept", BROWSER));
}

static void
json_is_known_by_its_type(void **state)
{
	(void)state;
	assert_true(negotiate_is_json("application/json"));
	assert_true(negotiate_is_json("application/merge-patch+json"));
	assert_false(negotiate_is_json("text/plain"));
	assert_false(negotiate_is_json("+json"));
	assert_false(negotiate_is_json(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accept_chooses_the_form),
		cmocka_unit_test(
		    browser_names_both_kinds_of_html_or_html_alone),
		cmocka_unit_test(error_is_a_page_for_who_wants_pages),
		cmocka_unit_test(json_is_known_by_its_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
