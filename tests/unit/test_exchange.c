/* SPDX-License-Identifier: ISC */
#include "server_world.h"

/* What a request gets that is in order. */

#include "base/clock.h"
#include "base/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
gets_keep_the_connection(void **state)
{
	char text[TEXT];
	int fd = dial(*state);

	for (int i = 0; i < 5; i++) {
		say(fd, GET("/hello") "\r\n", sizeof(GET("/hello")) + 1);
		assert_false(hear(fd, text, 1));
		expect(text, "HTTP/1.1 200 ");
		expect(text, "\r\n\r\nhello\n");
		expect_not(text, "Connection: close");
	}
	(void)close(fd);
}

static void
what_has_to_wait_is_run_again_by_a_worker(void **state)
{
	char text[TEXT];

	ask(*state, GET("/tried") "\r\n", text);
	expect(text, "\r\n\r\nhere\n");
	ask(*state, GET("/tried?fail") "\r\n", text);
	expect(text, "HTTP/1.1 409 ");
	ask(*state, GET("/tried?wait&fail") "\r\n", text);
	expect(text, "HTTP/1.1 409 ");
	ask(*state, GET("/tried?wait") "\r\n", text);
	expect(text, "HTTP/1.1 200 ");
	expect(text, "\r\n\r\nat a worker\n");
	expect_not(text, "left");
}

static void
pipelined_gets_are_all_answered(void **state)
{
	static const char three[] = GET("/hello") "\r\n" GET(
	    "/quick") "\r\n" GET("/hello") "\r\n";
	char text[TEXT];
	int fd = dial(*state);

	say(fd, three, sizeof three - 1);
	assert_false(hear(fd, text, 3));
	assert_int_equal(answers_in(text), 3);
	(void)close(fd);
}

static void
every_answer_has_the_headers_of_trust(void **state)
{
	static const char *const requests[] = { GET("/hello") "\r\n",
		GET("/none") "\r\n", GET("/quick") "\r\n",
		"BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /hello HTTP/1.1\r\n\r\n" };
	char text[TEXT];

	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
		(void)ask(*state, requests[i], text);
		expect(text, "X-Content-Type-Options: nosniff\r\n");
		expect(text, "Content-Security-Policy: default-src 'none'; ");
		expect(text, "Referrer-Policy: no-referrer\r\n");
		expect(text, "Cache-Control: ");
		expect(text, "Date: ");
	}
}

static void
c10_head_has_the_headers_of_get_and_no_body(void **state)
{
	char get[TEXT], head[TEXT];
	char *body;

	(void)ask(*state, GET("/hello") "Connection: close\r\n\r\n", get);
	(void)ask(*state,
	    "HEAD /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
	    head);
	body = strstr(get, "\r\n\r\n") + 4;
	assert_string_equal(body, "hello\n");
	*body = '\0';
	/* the date may have moved on */
	*strstr(get, "Date: ") = '\0';
	expect(head, "Content-Length: 6\r\n");
	*strstr(head, "Date: ") = '\0';
	assert_string_equal(get, head);
}

static void
c4_known_etag_gets_304_with_its_headers_and_no_body(void **state)
{
	char text[TEXT];

	assert_false(
	    ask(*state, GET("/hello") "If-None-Match: W/\"1\"\r\n\r\n", text));
	expect(text, "HTTP/1.1 304 ");
	expect(text, "ETag: \"1\"\r\n");
	expect(text, "Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT\r\n");
	expect(text, "Cache-Control: private, max-age=60\r\n");
	expect(text, "Date: ");
	expect_not(text, "hello");
	expect_not(text, "Content-Type: ");
	/* not 6: some clients would wait for a body */
	expect(text, "Content-Length: 0\r\n");
}

static void
c9_last_modified_is_never_later_than_date(void **state)
{
	char text[TEXT], *date, *modified;

	(void)ask(*state, GET("/tomorrow") "\r\n", text);
	date = strstr(text, "Date: ");
	modified = strstr(text, "Last-Modified: ");
	assert_non_null(date);
	assert_non_null(modified);
	/* the day will do: the clock goes on between the two */
	assert_memory_equal(date + strlen("Date: "),
	    modified + strlen("Last-Modified: "), strlen("Tue, 14 Nov 2023"));
}

static void
failed_precondition_of_a_get_is_412(void **state)
{
	char text[TEXT];

	(void)ask(*state, GET("/hello") "If-Match: \"2\"\r\n\r\n", text);
	expect(text, "HTTP/1.1 412 ");
	expect(text, "application/problem+json");
	expect_not(text, "ETag");
}

static void
post_is_answered_and_closes(void **state)
{
	char text[TEXT];

	assert_true(ask(*state,
	    POST("/echo") "Content-Type: application/x-www-form-urlencoded\r\n"
			  "Content-Length: 11\r\n\r\nname=%c3%a4",
	    text));
	expect(text, "HTTP/1.1 200 ");
	expect(text, "\r\n\r\n<\xc3\xa4>");
	expect(text, "Connection: close\r\n");
}

static void
chunked_body_is_put_together(void **state)
{
	char text[TEXT];

	assert_true(ask(*state,
	    POST("/echo") "Content-Type: application/x-www-form-urlencoded\r\n"
			  "Transfer-Encoding: chunked\r\n\r\n"
			  "5\r\nname=\r\n2\r\nbo\r\n0\r\n\r\n",
	    text));
	expect(text, "\r\n\r\n<bo>");
}

static void
wrong_field_is_422_with_its_name(void **state)
{
	char text[TEXT];

	(void)ask(*state,
	    POST("/echo") "Content-Type: application/x-www-form-urlencoded\r\n"
			  "Content-Length: 3\r\n\r\na=b",
	    text);
	expect(text, "HTTP/1.1 422 ");
	expect(text, "Content-Type: application/problem+json\r\n");
	expect(text, "Cache-Control: no-store\r\n");
	expect(text,
	    "\"errors\":[{\"field\":\"name\",\"column\":3,"
	    "\"message\":\"is missing\"}]");
}

static void
wrong_method_is_405_with_allow(void **state)
{
	char text[TEXT];

	assert_true(
	    ask(*state, "DELETE /things/1 HTTP/1.1\r\nHost: a\r\n\r\n", text));
	expect(text, "HTTP/1.1 405 ");
	expect(text, "Allow: GET, HEAD, PUT\r\n");
}

static void
representation_is_negotiated(void **state)
{
	char text[TEXT];

	(void)ask(*state, GET("/things/7?q=a%20b") "\r\n", text);
	expect(text, "7 form 1 query a b from 127.0.0.1");
	expect(text, "Vary: Accept, Accept-Encoding\r\n");
	(void)ask(*state, GET("/things/7.json") "\r\n", text);
	expect(text, "7 form 2");
	expect(text, "Vary: Accept-Encoding\r\n");
	(void)ask(
	    *state, GET("/things/7") "Accept: application/json\r\n\r\n", text);
	expect(text, "7 form 2");
	(void)ask(*state, GET("/things/7") "Accept: image/png\r\n\r\n", text);
	expect(text, "HTTP/1.1 406 ");
}

static void
a_long_text_is_coded_as_the_client_takes_it(void **state)
{
	char text[TEXT];

	(void)ask(*state, GET("/long") "Accept-Encoding: gzip\r\n\r\n", text);
	expect(text, "HTTP/1.1 200 ");
	expect(text, "Content-Encoding: gzip\r\n");
	expect(text, "ETag: \"1-gzip\"\r\n");
	expect(text, "Vary: Accept-Encoding\r\n");
	expect_not(text, "xxxxxxxxxxxxx");
	(void)ask(*state, GET("/long") "\r\n", text);
	expect_not(text, "Content-Encoding");
	expect(text, "ETag: \"1\"\r\n");
	expect(text, "Vary: Accept-Encoding\r\n");
	(void)ask(*state,
	    GET("/long") "Accept-Encoding: gzip, br\r\n"
			 "If-None-Match: \"1-gzip\"\r\n\r\n",
	    text);
	expect(text, "HTTP/1.1 304 ");
	expect(text, "ETag: \"1-gzip\"\r\n");
	expect(text, "Vary: Accept-Encoding\r\n");
}

static void
what_is_short_or_plain_is_not_coded(void **state)
{
	char text[TEXT];

	(void)ask(*state, GET("/hello") "Accept-Encoding: gzip\r\n\r\n", text);
	expect(text, "\r\n\r\nhello\n");
	expect_not(text, "Content-Encoding");
	(void)ask(
	    *state, GET("/long?plain") "Accept-Encoding: gzip\r\n\r\n", text);
	expect(text, "xxxxxxxxxxxxx");
	expect_not(text, "Content-Encoding");
}

static void
a_client_that_takes_no_coding_of_ours_gets_406(void **state)
{
	char text[TEXT];

	(void)ask(*state,
	    GET("/hello") "Accept-Encoding: identity;q=0, lzma\r\n\r\n", text);
	expect(text, "HTTP/1.1 406 ");
	(void)ask(*state,
	    GET("/hello") "Accept-Encoding: identity;q=0, gzip\r\n\r\n", text);
	expect(text, "HTTP/1.1 200 ");
	expect(text, "Content-Encoding: gzip\r\n");
}

#define CACHED GET("/cached") "Accept-Encoding: br\r\nConnection: close\r\n\r\n"

/* More than there are workers, which are free for others meanwhile. */
static void
an_answer_is_made_once_for_all_that_wait_for_it(void **state)
{
	enum { CROWD = 100 };
	int before = atomic_load(&handled), fds[CROWD];
	int64_t began;
	char text[TEXT];

	for (int i = 0; i < CROWD; i++) {
		fds[i] = dial(*state);
		say(fds[i], CACHED, sizeof CACHED - 1);
	}
	began = clock_monotonic();
	(void)ask(*state, GET("/long") "\r\n", text);
	assert_true(clock_monotonic() - began < 250000);
	for (int i = 0; i < CROWD; i++) {
		(void)hear(fds[i], text, 1);
		expect(text, "HTTP/1.1 200 ");
		expect(text, "Content-Encoding: br\r\n");
		(void)close(fds[i]);
	}
	assert_int_equal(atomic_load(&handled) - before, 1);
}

static void
each_gets_the_error_of_its_own(void **state)
{
	enum { CROWD = 8 };
	char text[TEXT];
	int fds[CROWD];

	for (int i = 0; i < CROWD; i++) {
		fds[i] = dial(*state);
		say(fds[i], GET("/cached?fail") "\r\n",
		    sizeof(GET("/cached?fail")) + 1);
	}
	for (int i = 0; i < CROWD; i++) {
		(void)hear(fds[i], text, 1);
		expect(text, "HTTP/1.1 409 ");
		(void)close(fds[i]);
	}
}

static void
what_is_ready_is_sent_as_the_request_asks(void **state)
{
	char text[TEXT], *body;

	for (int i = 0; i < 3; i++) {
		(void)ask(*state, CACHED, text);
		expect(text, "HTTP/1.1 200 ");
		expect(text, "ETag: \"1-br\"\r\n");
		expect(text, "Vary: Accept-Encoding\r\n");
		(void)ask(*state, GET("/cached") "\r\n", text);
		expect(text, "ETag: \"1\"\r\n");
		expect(text, "xxxxxxxxxxxx");
		(void)ask(*state,
		    GET("/cached") "If-None-Match: \"1-zstd\"\r\n\r\n", text);
		expect(text, "HTTP/1.1 304 ");
		expect(text, "ETag: \"1-zstd\"\r\n");
		(void)ask(
		    *state, GET("/cached") "If-Match: \"2\"\r\n\r\n", text);
		expect(text, "HTTP/1.1 412 ");
		(void)ask(*state,
		    "HEAD /cached HTTP/1.1\r\nHost: a\r\n"
		    "Connection: close\r\n\r\n",
		    text);
		expect(text, "Content-Length: 5000\r\n");
		body = strstr(text, "\r\n\r\n");
		assert_string_equal(body, "\r\n\r\n");
		(void)ask(*state,
		    GET("/cached") "Accept-Encoding: *;q=0\r\n\r\n", text);
		expect(text, "HTTP/1.1 406 ");
		(void)ask(
		    *state, "POST /cached HTTP/1.1\r\nHost: a\r\n\r\n", text);
		expect(text, "HTTP/1.1 405 ");
	}
	version_of_all = 2;
	(void)ask(*state, CACHED, text);
	expect(text, "ETag: \"2-br\"\r\n");
	version_of_all = 1;
}

static void
errors_are_pages_for_browsers(void **state)
{
	char text[TEXT];

	(void)ask(*state, GET("/none") "Accept: text/html\r\n\r\n", text);
	expect(text, "HTTP/1.1 404 ");
	expect(text, "<p>page: ");
	expect(text, "Cache-Control: no-store\r\n");
	(void)ask(*state, GET("/none") "\r\n", text);
	expect(text, "\"status\":404");
	(void)ask(*state, GET("/private") "Accept: text/html\r\n\r\n", text);
	expect(text, "HTTP/1.1 401 ");
	expect(text, "WWW-Authenticate: Bearer realm=\"Barnraise\"\r\n");
	expect_not(text, "Basic");
	(void)ask(*state, GET("/private.json") "\r\n", text);
	expect(text, "WWW-Authenticate: Bearer realm=\"Barnraise\"\r\n");
	expect(text, "WWW-Authenticate: Basic realm=\"Barnraise\"");
}

static void
put_needs_if_match(void **state)
{
	char text[TEXT];

	(void)ask(*state, "PUT /things/1 HTTP/1.1\r\nHost: a\r\n\r\n", text);
	expect(text, "HTTP/1.1 428 ");
	(void)ask(*state,
	    "PUT /things/1 HTTP/1.1\r\nHost: a\r\nIf-Match: \"6\"\r\n\r\n",
	    text);
	expect(text, "HTTP/1.1 412 ");
	(void)ask(*state,
	    "PUT /things/1 HTTP/1.1\r\nHost: a\r\nIf-Match: \"7-x\"\r\n\r\n",
	    text);
	expect(text, "HTTP/1.1 204 ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(gets_keep_the_connection),
		TEST(what_has_to_wait_is_run_again_by_a_worker),
		TEST(pipelined_gets_are_all_answered),
		TEST(every_answer_has_the_headers_of_trust),
		TEST(c10_head_has_the_headers_of_get_and_no_body),
		TEST(c4_known_etag_gets_304_with_its_headers_and_no_body),
		TEST(c9_last_modified_is_never_later_than_date),
		TEST(failed_precondition_of_a_get_is_412),
		TEST(post_is_answered_and_closes),
		TEST(chunked_body_is_put_together),
		TEST(wrong_field_is_422_with_its_name),
		TEST(wrong_method_is_405_with_allow),
		TEST(representation_is_negotiated),
		TEST(a_long_text_is_coded_as_the_client_takes_it),
		TEST(what_is_short_or_plain_is_not_coded),
		TEST(a_client_that_takes_no_coding_of_ours_gets_406),
		TEST(an_answer_is_made_once_for_all_that_wait_for_it),
		TEST(each_gets_the_error_of_its_own),
		TEST(what_is_ready_is_sent_as_the_request_asks),
		TEST(errors_are_pages_for_browsers),
		TEST(put_needs_if_match),
	};

	secret_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
