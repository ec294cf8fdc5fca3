/* SPDX-License-Identifier: ISC */
#include "http/request.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 3 };

static struct request
request_new(const char *query, const struct form_field *headers)
{
	struct request request = { .memory = mem_root("test"),
		.path = "/",
		.query = query,
		.ending = "",
		.headers = headers };

	while (headers != NULL && request.n_headers < MOST &&
	    headers[request.n_headers].name != NULL)
		request.n_headers++;
	return request;
}

static void
headers_are_found_without_case_and_joined(void **state)
{
	static const struct form_field headers[MOST] = { { "Via", "a" },
		{ "VIA", "b" }, { "X", "" } };
	struct request request = request_new("", headers);

	(void)state;
	assert_string_equal(request_header(&request, "via"), "a, b");
	assert_string_equal(request_header(&request, "x"), "");
	assert_null(request_header(&request, "vi"));
	talloc_free(request.memory);
}

static void
query_gives_the_first_value_decoded(void **state)
{
	struct request request = request_new(
	    "a=1&q=%23db+is%3Aopen&a=2&bare&e=&%71x=y", NULL);

	(void)state;
	assert_string_equal(request_query(&request, "a"), "1");
	assert_string_equal(request_query(&request, "q"), "#db is:open");
	assert_string_equal(request_query(&request, "bare"), "");
	assert_string_equal(request_query(&request, "e"), "");
	assert_string_equal(request_query(&request, "qx"), "y");
	assert_null(request_query(&request, "b"));
	talloc_free(request.memory);
}

static void
type_is_lower_case_without_parameters(void **state)
{
	static const struct form_field headers[MOST] = { { "content-type",
	    "Application/JSON ;charset=utf-8" } };
	struct request request = request_new("", headers);
	struct request none = request_new("", NULL);

	(void)state;
	assert_string_equal(request_type(&request), "application/json");
	assert_string_equal(request_type(&none), "");
	talloc_free(request.memory);
	talloc_free(none.memory);
}

static void
credentials_are_read(void **state)
{
	static const struct {
		const char *header;
		int scheme;
		const char *user, *secret;
	} cases[] = {
		{ "Bearer brn_x", CREDENTIALS_BEARER, NULL, "brn_x" },
		{ "bEARER   brn_x ", CREDENTIALS_BEARER, NULL, "brn_x" },
		{ "Basic YW5hOmJybl94", CREDENTIALS_BASIC, "ana", "brn_x" },
		{ "basic YW5hOg==", CREDENTIALS_BASIC, "ana", "" },
		{ "basic YW5hOg", CREDENTIALS_BASIC, "ana", "" },
		{ "Basic YTpiOmM=", CREDENTIALS_BASIC, "a", "b:c" },
		{ "Basic", CREDENTIALS_OTHER, NULL, NULL },
		{ "Basic YW5h", CREDENTIALS_OTHER, NULL, NULL },
		{ "Basic YW5hOgA=", CREDENTIALS_OTHER, NULL, NULL },
		{ "Basic /zov", CREDENTIALS_OTHER, NULL, NULL },
		{ "Basic YW5h OmI=", CREDENTIALS_OTHER, NULL, NULL },
		{ "Bearer", CREDENTIALS_OTHER, NULL, NULL },
		{ "Digest a=b", CREDENTIALS_OTHER, NULL, NULL },
		{ "", CREDENTIALS_OTHER, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct form_field headers[MOST] = { { "Authorization",
		    cases[i].header } };
		struct request request = request_new("", headers);
		struct credentials got = request_credentials(&request);

		if ((int)got.scheme != cases[i].scheme)
			fail_msg("%s", cases[i].header);
		if (cases[i].user != NULL)
			assert_string_equal(got.user, cases[i].user);
		if (cases[i].secret != NULL)
			assert_string_equal(got.secret, cases[i].secret);
		talloc_free(request.memory);
	}
}

static void
cookie_that_stands_twice_is_none(void **state)
{
	static const struct form_field headers[MOST] = {
		{ "Cookie", "a=1; b=2;c=x=y; aa=3" },
		{ "cookie", "b=4; d=" },
	};
	struct request request = request_new("", headers);

	(void)state;
	assert_string_equal(request_cookie(&request, "a"), "1");
	assert_null(request_cookie(&request, "b"));
	assert_string_equal(request_cookie(&request, "c"), "x=y");
	assert_string_equal(request_cookie(&request, "d"), "");
	assert_null(request_cookie(&request, "e"));
	assert_null(request_cookie(&request, "A"));
	talloc_free(request.memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_found_without_case_and_joined),
		cmocka_unit_test(query_gives_the_first_value_decoded),
		cmocka_unit_test(type_is_lower_case_without_parameters),
		cmocka_unit_test(credentials_are_read),
		cmocka_unit_test(cookie_that_stands_twice_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
