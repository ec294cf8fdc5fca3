/* SPDX-License-Identifier: ISC */
#include "server_world.h"

/* Requests that are broken, too large, or meant to deceive. */

#include "base/mem.h"
#include "base/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
json_that_is_not_utf8_is_400(void **state)
{
	char text[TEXT];

	(void)ask(*state,
	    POST("/json") "Content-Type: application/json\r\n"
			  "Content-Length: 3\r\n\r\n\"\xff\"",
	    text);
	expect(text, "HTTP/1.1 400 ");
	(void)ask(*state,
	    POST("/json") "Content-Type: application/json\r\n"
			  "Content-Length: 4\r\n\r\n\"\xc3\xa4\"",
	    text);
	expect(text, "HTTP/1.1 200 ");
}

/* A connection that closes with bytes unread takes the answer with it. */
static void
body_that_is_refused_is_read_before_the_answer(void **state)
{
	enum { LONG = 1000000 };
	static const char *const targets[] = { "/echo", "/nowhere" };
	static const char *const statuses[] = { "413", "404" };
	char *body = mem_array(NULL, char, LONG + 256);
	char text[TEXT];

	for (int i = 0; i < 2; i++) {
		int n = snprintf(body, 256,
		    "POST %s HTTP/1.1\r\nHost: a\r\n"
		    "Content-Length: %d\r\n\r\n",
		    targets[i], LONG);

		memset(body + n, 'a', LONG);
		assert_true(ask_bytes(*state, body, (size_t)n + LONG, text));
		assert_memory_equal(text + 9, statuses[i], 3);
	}
	talloc_free(body);
}

static void
body_over_the_limit_is_413(void **state)
{
	static char long_body[4096];
	char text[TEXT];
	int n;

	/* by its length alone: nothing of it is waited for */
	assert_true(
	    ask(*state, POST("/echo") "Content-Length: 9000000\r\n\r\n", text));
	expect(text, "HTTP/1.1 413 ");
	assert_true(ask(*state,
	    POST("/echo") "Content-Length: 2049\r\nExpect: 100-continue\r\n"
			  "\r\n",
	    text));
	expect(text, "HTTP/1.1 413 ");
	n = snprintf(long_body, sizeof long_body,
	    POST("/echo") "Transfer-Encoding: chunked\r\n\r\n900\r\n");
	memset(long_body + n, 'a', 0x900);
	(void)snprintf(long_body + n + 0x900, 8, "\r\n0\r\n\r\n");
	assert_true(ask_bytes(*state, long_body, (size_t)n + 0x907, text));
	expect(text, "HTTP/1.1 413 ");
	/* where none is taken at all */
	assert_true(ask(*state,
	    "DELETE /hello HTTP/1.1\r\nHost: a\r\n"
	    "Content-Length: 2\r\n\r\nab",
	    text));
	expect(text, "HTTP/1.1 405 ");
}

static void
broken_addresses_are_400(void **state)
{
	static const char *const paths[] = { "/things/%00", "/things/%zz",
		"/things/%4", "/things/%ff", "/hello?q=%00", "/hello?%ff=1",
		"/hello?q=%f" };
	char request[200], text[TEXT];

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		(void)snprintf(request, sizeof request,
		    "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", paths[i]);
		(void)ask(*state, request, text);
		expect(text, "HTTP/1.1 400 ");
	}
	(void)ask(*state, GET("/things/a%2fb") "\r\n", text);
	expect(text, "a/b form");
}

static void
thousand_parameters_are_answered(void **state)
{
	static char request[20000];
	char text[TEXT];
	int n = snprintf(request, sizeof request, "GET /things/1?");

	for (int i = 0; i < 3000; i++)
		n += snprintf(
		    request + n, sizeof request - (size_t)n, "a=%d&", i % 10);
	(void)snprintf(request + n, sizeof request - (size_t)n,
	    "q=end HTTP/1.1\r\nHost: a\r\n\r\n");
	(void)ask(*state, request, text);
	expect(text, "query end");
}

static void
redirect_cannot_split_the_answer(void **state)
{
	char text[TEXT];

	(void)ask(*state,
	    GET("/elsewhere?to=/a%0d%0aSet-Cookie:%20a=b%c3%a4") "\r\n", text);
	expect(text, "HTTP/1.1 303 ");
	expect(text, "Location: /a%0D%0ASet-Cookie:%20a=b%C3%A4\r\n");
	assert_int_equal(answers_in(text), 1);
}

/* Each would, if taken wrongly, hide a second request behind the first. */
#define HIDDEN GET("/quick") "\r\n"

static void
smuggled_requests_are_never_answered(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
	} cases[] = {
#define CASE(text) { text, sizeof(text) - 1 }
		CASE(POST("/echo") "Content-Length: 4\r\n"
				   "Transfer-Encoding: chunked\r\n\r\n"
				   "0\r\n\r\n" HIDDEN),
		CASE(POST("/echo") "Transfer-Encoding: chunked\r\n"
				   "Content-Length: 4\r\n\r\n"
				   "0\r\n\r\n" HIDDEN),
		CASE(POST("/echo") "Content-Length: 0\r\n"
				   "Content-Length: 44\r\n\r\n" HIDDEN),
		CASE(POST("/echo") "Content-Length: 5\r\n"
				   "Content-Length: 5\r\n\r\nname=" HIDDEN),
		CASE(GET("/hello") "Content-Length: 0\r\n"
				   "Content-Length: 44\r\n\r\n" HIDDEN),
		CASE(GET("/hello") "Content-Length : 44\r\n\r\n" HIDDEN),
		CASE(POST("/echo") "Content-Length : 5\r\n\r\nname=" HIDDEN),
		CASE(GET("/hello") "Content-Length: 44\r\n\r\n" HIDDEN),
		CASE(GET("/hello") "Transfer-Encoding: chunked\r\n\r\n"
				   "0\r\n\r\n" HIDDEN),
		CASE(
		    POST("/echo") "Transfer-Encoding: xchunked\r\n\r\n" HIDDEN),
		CASE(POST("/echo") "Transfer-Encoding: gzip, chunked\r\n\r\n"
				   "0\r\n\r\n" HIDDEN),
		CASE(POST("/echo") "Transfer-Encoding: identity\r\n"
				   "Content-Length: 0\r\n\r\n" HIDDEN),
		CASE(POST("/echo") "Transfer-Encoding: chunked\r\n"
				   "Transfer-Encoding: chunked\r\n\r\n"
				   "0\r\n\r\n" HIDDEN),
		CASE("POST /echo HTTP/1.0\r\nHost: a\r\n"
		     "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" HIDDEN),
		CASE(
		    "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" HIDDEN),
		CASE("GET /hello HTTP/1.1\r\n\r\n" HIDDEN),
		CASE("G{}T /hello HTTP/1.1\r\nHost: a\r\n\r\n" HIDDEN),
		CASE("BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n" HIDDEN),
		CASE("GET http://a/hello HTTP/1.1\r\nHost: a\r\n\r\n" HIDDEN),
		CASE("GET hello HTTP/1.1\r\nHost: a\r\n\r\n" HIDDEN),
		CASE("GET /hello HTTP/1.1\r\nHost: a b\r\n\r\n" HIDDEN),
		CASE("GET /hello x HTTP/1.1\r\nHost: a\r\n\r\n" HIDDEN),
		CASE(GET("/hello") "X\x01: b\r\n\r\n" HIDDEN),
		CASE(GET("/hello") "X: b\x01\r\n\r\n" HIDDEN),
		CASE(POST("/echo") "Content-Length: 0\r\n\r\n" HIDDEN),
#undef CASE
	};
	char text[TEXT];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		bool closed = ask_bytes(
		    *state, cases[i].bytes, cases[i].length, text);

		if (!closed || answers_in(text) > 1)
			fail_msg("case %zu: closed %d:\n%s\n-->\n%s", i, closed,
			    cases[i].bytes, text);
	}
}

/* libmicrohttpd ends its strings there, so only that one answer comes. */
static void
nul_bytes_never_make_two_answers(void **state)
{
	static const char in_path[] =
	    "GET /hel\0lo HTTP/1.1\r\nHost: a\r\n\r\n";
	static const char in_value[] =
	    "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n";
	char text[TEXT];

	(void)ask_bytes(*state, in_path, sizeof in_path - 1, text);
	assert_true(answers_in(text) <= 1);
	(void)ask_bytes(*state, in_value, sizeof in_value - 1, text);
	assert_true(answers_in(text) <= 1);
}

static void
log_never_has_a_whole_secret(void **state)
{
	static const char *const paths[] = {
		"/feeds/brn_abcdefghijklmnopqrst",
		"/feeds/brn_abcdefghijklmnopqrst.atom",
		"/feeds/%62rn_abcdefghij%6blmnopqrst",
		"/none/brn_abcdefghijklmnopqrst/x?brn_abcdefghijklmnopqrst",
	};
	FILE *log = tmpfile();
	int errors = dup(STDERR_FILENO);
	char request[200], text[TEXT];
	size_t n;

	assert_non_null(log);
	(void)dup2(fileno(log), STDERR_FILENO);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		(void)snprintf(request, sizeof request,
		    "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", paths[i]);
		(void)ask(*state, request, text);
	}
	(void)dup2(errors, STDERR_FILENO);
	(void)close(errors);
	rewind(log);
	n = fread(text, 1, TEXT - 1, log);
	text[n] = '\0';
	(void)fclose(log);
	expect(text, " path=/feeds/brn_abcdef... status=200 ");
	expect(text, " path=/feeds/brn_abcdef....atom status=200 ");
	expect(text, " path=/none/brn_abcdef.../x status=404 ");
	expect_not(text, "ghij");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(json_that_is_not_utf8_is_400),
		TEST(body_that_is_refused_is_read_before_the_answer),
		TEST(body_over_the_limit_is_413),
		TEST(broken_addresses_are_400),
		TEST(thousand_parameters_are_answered),
		TEST(redirect_cannot_split_the_answer),
		TEST(smuggled_requests_are_never_answered),
		TEST(nul_bytes_never_make_two_answers),
		TEST(log_never_has_a_whole_secret),
	};

	secret_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
