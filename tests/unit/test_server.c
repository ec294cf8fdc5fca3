/* SPDX-License-Identifier: ISC */
/* A real server on a free port, driven with raw sockets. */
#include "http/response_cache.h"
#include "http/server.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/secret.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { TEXT = 65536 };

/* --- what is served */

static atomic_int handled;

static bool
hello(struct request *request, struct answer *answer, struct error *err)
{
	(void)request;
	(void)err;
	atomic_fetch_add(&handled, 1);
	answer_body(answer, "text/plain; charset=utf-8", "hello\n", 6);
	answer->etag = "\"1\"";
	answer->modified = INT64_C(1700000000) * SECOND;
	answer->cache_control = "private, max-age=60";
	answer_header(request, answer, "Link", "</hello>; rel=\"self\"");
	return true;
}

static bool
big(struct request *request, struct answer *answer, struct error *err)
{
	enum { LENGTH = 16 * 1024 * 1024 };

	(void)err;
	answer_body(answer, "text/plain",
	    mem_array(request->memory, char, LENGTH), LENGTH);
	return true;
}

static bool
tomorrow(struct request *request, struct answer *answer, struct error *err)
{
	(void)request;
	(void)err;
	answer->modified = clock_now() + 2 * DAY;
	return true;
}

static bool
slow(struct request *request, struct answer *answer, struct error *err)
{
	(void)usleep(800000);
	return hello(request, answer, err);
}

/* A long text, not to be coded if the query says so. */
static bool
lengthy(struct request *request, struct answer *answer, struct error *err)
{
	enum { LENGTH = 5000 };
	char *text = mem_array(request->memory, char, LENGTH + 1);

	(void)err;
	memset(text, 'x', LENGTH);
	request->is_plain = request_query(request, "plain") != NULL;
	answer_body(answer, "text/plain", text, LENGTH);
	answer->etag = "\"1\"";
	return true;
}

static _Atomic int64_t version_of_all = 1;
static struct response_cache *cache_of_all;

static int64_t
version_now_of(void *context, const struct recall *recall)
{
	(void)context;
	return recall->numbers[0] == 7 ? version_of_all : 0;
}

/* Slow to make, kept by the cache; fails if asked to. */
static bool
cached(struct request *request, struct answer *answer, struct error *err)
{
	int64_t version = version_of_all;

	switch (response_cache_find(
	    cache_of_all, request, answer, request->path, version)) {
	case CACHED:
		break;
	case CACHE_LATER:
		return error_set(err, ERROR_BUSY, "later");
	case CACHE_MAKE:
		(void)usleep(300000);
		if (request_query(request, "fail") != NULL)
			return error_set(err, ERROR_CONFLICT, "failed");
		if (!lengthy(request, answer, err))
			return false;
		atomic_fetch_add(&handled, 1);
		answer->etag = mem_printf(
		    request->memory, "\"%jd\"", (intmax_t)version);
		response_cache_put(
		    cache_of_all, request, answer, request->path, version);
		break;
	}
	answer->is_recalled = true;
	answer->recall.numbers[0] = 7;
	return true;
}

/* Waits if asked to, and says whether a worker ran it. */
static bool
tried(struct request *request, struct answer *answer, struct error *err)
{
	bool waits = request_query(request, "wait") != NULL;

	answer->etag = waits ? NULL : "\"t\"";
	if (waits && request_must_wait(request)) {
		answer->status = 418;
		answer->etag = "\"left\"";
		return error_set(err, ERROR_BUSY, "left");
	}
	if (request_query(request, "fail") != NULL)
		return error_set(err, ERROR_CONFLICT, "failed");
	answer_body(answer, "text/plain",
	    request->is_tried ? "here\n" : "at a worker\n",
	    request->is_tried ? 5 : 12);
	return true;
}

static bool
echo(struct request *request, struct answer *answer, struct error *err)
{
	const char *name;
	struct form form;
	char *text;

	atomic_fetch_add(&handled, 1);
	if (!request_form(request, &form, err))
		return false;
	name = form_value(&form, "name");
	if (name == NULL)
		return error_field(err, "name", 3, "is missing");
	text = mem_printf(request->memory, "<%s>", name);
	answer_body(answer, "text/plain", text, strlen(text));
	return true;
}

static bool
json_echo(struct request *request, struct answer *answer, struct error *err)
{
	(void)err;
	answer_body(
	    answer, "application/json", request->body, request->body_length);
	return true;
}

static bool
thing(struct request *request, struct answer *answer, struct error *err)
{
	char *text = mem_printf(request->memory, "%s form %d query %s from %s",
	    request->parts[0], request->form, request_query(request, "q"),
	    request->address);

	(void)err;
	answer_body(answer, "text/plain", text, strlen(text));
	return true;
}

static bool
thing_put(struct request *request, struct answer *answer, struct error *err)
{
	if (!request_may_change(request, 7, true, err))
		return false;
	answer->status = 204;
	return true;
}

static bool
elsewhere(struct request *request, struct answer *answer, struct error *err)
{
	(void)err;
	answer_see_other(answer, request_query(request, "to"));
	return true;
}

static bool private(
    struct request *request, struct answer *answer, struct error *err)
{
	(void)request;
	(void)answer;
	return error_set(err, ERROR_UNAUTHORIZED, "sign in");
}

static bool
page_of_error(
    struct request *request, struct answer *answer, const struct error *err)
{
	char *text = mem_printf(
	    request->memory, "<p>page: %s</p>", err->message);

	answer_body(answer, "text/html; charset=utf-8", text, strlen(text));
	return true;
}

#define SECRET_PATH "/feeds/{secret}"

static const struct route routes[] = {
	{ "GET", "/hello", HTTP_OTHER, HTTP_OTHER, 0, 0, hello, HTTP_WORKER },
	{ "GET", "/cached", HTTP_OTHER, HTTP_OTHER, 0, 0, cached, HTTP_TRIED },
	{ "GET", "/long", HTTP_OTHER, HTTP_OTHER, 0, 0, lengthy, HTTP_WORKER },
	{ "GET", "/quick", HTTP_OTHER, HTTP_OTHER, 0, 0, hello, HTTP_QUICK },
	{ "GET", "/tried", HTTP_OTHER, HTTP_OTHER, 0, 0, tried, HTTP_TRIED },
	{ "GET", "/big", HTTP_OTHER, HTTP_OTHER, 0, 0, big, HTTP_WORKER },
	{ "GET", "/tomorrow", HTTP_OTHER, HTTP_OTHER, 0, 0, tomorrow,
	    HTTP_WORKER },
	{ "GET", "/slow", HTTP_OTHER, HTTP_OTHER, 0, 0, slow, HTTP_WORKER },
	{ "POST", "/echo", HTTP_OTHER, HTTP_OTHER, 0, 2048, echo, HTTP_WORKER },
	{ "POST", "/json", HTTP_JSON, HTTP_JSON, 0, 2048, json_echo,
	    HTTP_WORKER },
	{ "GET", "/things/{id}", HTTP_HTML | HTTP_JSON, HTTP_HTML, 0, 0, thing,
	    HTTP_WORKER },
	{ "PUT", "/things/{id}", HTTP_HTML | HTTP_JSON, HTTP_HTML, 0, 64,
	    thing_put, HTTP_WORKER },
	{ "GET", "/elsewhere", HTTP_OTHER, HTTP_OTHER, 0, 0, elsewhere,
	    HTTP_WORKER },
	{ "GET", "/private", HTTP_HTML | HTTP_JSON, HTTP_HTML, 0, 0, private,
	    HTTP_WORKER },
	{ "GET", SECRET_PATH, HTTP_ATOM, HTTP_ATOM, 0, 0, hello, HTTP_WORKER },
};

struct world {
	void *owner;
	struct http_server *server;
	uint16_t port;
};

static int
world_begin(void **state, const char *proxies, int64_t patience,
    unsigned connections_per_address)
{
	struct http_settings settings = { .listen = "127.0.0.1:0",
		.connections = 2000,
		.connections_per_address = connections_per_address,
		.trusted_proxies = proxies,
		.workers = 4,
		.headers_within = patience,
		.body_within = patience };
	void *owner = mem_root("test");
	struct http_hooks hooks = { .error_page = page_of_error,
		.cache = response_cache_new(owner, 1 << 20, version_now_of) };
	struct world *world = mem_new(owner, struct world);
	struct error err = { 0 };

	world->owner = owner;
	cache_of_all = hooks.cache;
	if (!http_server_start(owner, &settings, routes,
		sizeof routes / sizeof *routes, &hooks, &world->server,
		&world->port, &err)) {
		print_error("%s\n", err.message);
		return -1;
	}
	*state = world;
	return 0;
}

static int
world_start(void **state)
{
	return world_begin(state, "", 0, 300);
}

static int
world_start_behind_proxy(void **state)
{
	return world_begin(state, "127.0.0.0/8, 10.0.0.0/8", 0, 3);
}

static int
world_start_impatient(void **state)
{
	return world_begin(state, "", SECOND / 2, 300);
}

static int
world_stop(void **state)
{
	struct world *world = *state;

	if (world->server != NULL)
		http_server_stop(world->server);
	talloc_free(world->owner);
	return 0;
}

/* --- a client */

static int
dial(const struct world *world)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(world->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static void
say(int fd, const char *text, size_t length)
{
	(void)!send(fd, text, length, MSG_NOSIGNAL);
}

/* Where the first answer in text ends, NULL if it is not all there. */
static const char *
behind_answer(const char *text)
{
	const char *body = strstr(text, "\r\n\r\n");
	const char *length = strstr(text, "Content-Length: ");

	if (body == NULL)
		return NULL;
	body += 4;
	if (strncmp(text, "HTTP/1.1 304", 12) == 0 || length == NULL ||
	    length > body)
		return body;
	body += atol(length + strlen("Content-Length: "));
	return body <= text + strlen(text) ? body : NULL;
}

/* True if there are n answers, and no more is to come. */
static bool
is_all(const char *text, unsigned n)
{
	for (; n > 0 && text != NULL; n--) {
		if (strstr(text, "\r\nConnection: close\r\n") != NULL)
			return false;
		text = behind_answer(text);
	}
	return text != NULL;
}

enum { PATIENCE = 10000 }; /* ms */

/*
 * Reads n answers that keep the connection, or all until its end, which is
 * waited for after an answer that announces it. True if it ended.
 */
static bool
hear(int fd, char text[TEXT], unsigned n_answers)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	size_t length = 0;
	ssize_t n = 1;

	text[0] = '\0';
	while (n > 0 && length < TEXT - 1 && !is_all(text, n_answers) &&
	    poll(&poll_fd, 1, PATIENCE) > 0) {
		n = recv(fd, text + length, TEXT - 1 - length, 0);
		if (n > 0)
			length += (size_t)n;
		text[length] = '\0';
	}
	return n <= 0;
}

static unsigned
answers_in(const char *text)
{
	unsigned n = 0;

	for (; (text = strstr(text, "HTTP/1.1 ")) != NULL; text++)
		n++;
	return n;
}

/* One request; true if the server closed the connection after it. */
static bool
ask_bytes(const struct world *world, const char *request, size_t length,
    char text[TEXT])
{
	int fd = dial(world);
	bool closed;

	say(fd, request, length);
	closed = hear(fd, text, 1);
	(void)close(fd);
	return closed;
}

static bool
ask(const struct world *world, const char *request, char text[TEXT])
{
	return ask_bytes(world, request, strlen(request), text);
}

static void
expect(const char *text, const char *what)
{
	if (strstr(text, what) == NULL)
		fail_msg("no \"%s\" in:\n%s", what, text);
}

static void
expect_not(const char *text, const char *what)
{
	if (strstr(text, what) != NULL)
		fail_msg("there is \"%s\" in:\n%s", what, text);
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n"
#define POST(path) "POST " path " HTTP/1.1\r\nHost: a\r\n"

/* --- the tests */

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

/* Sends a byte each 50 ms; true if it was hung up on, not before 1/2 s. */
static bool
drips_until_dropped(const struct world *world, const char *start, char byte)
{
	int64_t began = clock_monotonic();
	int fd = dial(world);
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	bool dropped = false;
	char text[TEXT];

	say(fd, start, strlen(start));
	for (int i = 0; i < 200 && !dropped; i++) {
		say(fd, &byte, 1);
		dropped = poll(&poll_fd, 1, 50) > 0 && hear(fd, text, 1);
	}
	(void)close(fd);
	return dropped && clock_monotonic() - began >= SECOND / 2;
}

static void
slow_head_is_dropped_at_its_deadline(void **state)
{
	assert_true(drips_until_dropped(*state, GET("/hello") "X: ", 'a'));
}

static void
slow_body_is_dropped_at_its_deadline(void **state)
{
	assert_true(drips_until_dropped(
	    *state, POST("/echo") "Content-Length: 1000\r\n\r\n", 'a'));
}

static void
answer_that_is_not_taken_is_thrown_away(void **state)
{
	static const char big[] = GET("/big") "\r\n";
	int little = 4096, fd = dial(*state);
	struct pollfd poll_fd = { .fd = fd };

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
	say(fd, big, sizeof big - 1);
	/* a reset is told without asking */
	assert_int_equal(poll(&poll_fd, 1, PATIENCE), 1);
	assert_true(poll_fd.revents & (POLLERR | POLLHUP));
	(void)close(fd);
}

static void
slow_handler_outlives_the_deadlines_of_clients(void **state)
{
	char text[TEXT];
	int fd = dial(*state);

	say(fd, GET("/slow") "\r\n", sizeof(GET("/slow")) + 1);
	(void)hear(fd, text, 1);
	expect(text, "hello");
	(void)close(fd);
}

static char no[] = "no";

static void *
one_of_many(void *world)
{
	char text[TEXT];
	int fd = dial(world);

	say(fd, GET("/slow") "\r\n", sizeof(GET("/slow")) + 1);
	(void)hear(fd, text, 1);
	(void)close(fd);
	return strstr(text, "\r\n\r\nhello\n") == NULL ? no : NULL;
}

static void *
many_quick(void *world)
{
	char text[TEXT];
	void *failed = NULL;
	int fd = dial(world);

	for (int i = 0; i < 50; i++) {
		const char *request = i % 2 == 0 ? GET("/hello") "\r\n"
						 : GET("/quick") "\r\n";

		say(fd, request, strlen(request));
		(void)hear(fd, text, 1);
		if (strstr(text, "\r\n\r\nhello\n") == NULL)
			failed = no;
	}
	(void)close(fd);
	return failed;
}

static void
in_parallel(struct world *world, void *(*run)(void *), int n)
{
	pthread_t threads[100];

	for (int i = 0; i < n; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, run, world), 0);
	for (int i = 0; i < n; i++) {
		void *failed;

		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
}

static void
hundred_at_once_are_answered(void **state)
{
	in_parallel(*state, many_quick, 100);
}

static void
stop_answers_what_it_has(void **state)
{
	struct world *world = *state;
	pthread_t threads[8];
	int before = atomic_load(&handled);

	for (int i = 0; i < 8; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, one_of_many, world), 0);
	while (atomic_load(&handled) == before)
		(void)usleep(1000);
	http_server_stop(world->server);
	world->server = NULL;
	for (int i = 0; i < 8; i++) {
		void *failed;

		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
}

/* The event threads are busy with an end while another one comes. */
static void
stop_is_in_order_right_after_an_answer(void **state)
{
	static const struct http_settings settings = { .listen = "127.0.0.1:0",
		.workers = 2 };
	struct world *world = *state;
	struct world other = { .owner = world->owner };
	struct error err = { 0 };
	char text[TEXT];
	int fds[8];

	for (int i = 0; i < 300; i++) {
		assert_true(http_server_start(world->owner, &settings, routes,
		    sizeof routes / sizeof *routes, NULL, &other.server,
		    &other.port, &err));
		for (int j = 0; j < 8; j++)
			fds[j] = dial(&other);
		(void)ask(&other, GET("/hello") "\r\n", text);
		expect(text, "hello");
		for (int j = 0; j < 8; j++)
			(void)close(fds[j]);
		http_server_stop(other.server);
	}
}

static void
connections_of_one_address_are_limited(void **state)
{
	int fds[320];
	char text[TEXT];
	bool refused;

	for (int i = 0; i < 320; i++)
		fds[i] = dial(*state);
	say(fds[319], GET("/quick") "\r\n", sizeof(GET("/quick")) + 1);
	refused = hear(fds[319], text, 1);
	for (int i = 0; i < 320; i++)
		(void)close(fds[i]);
	assert_true(refused);
	assert_string_equal(text, "");
}

static void
address_behind_a_proxy_is_the_last_untrusted(void **state)
{
	char text[TEXT];

	(void)ask(*state,
	    GET("/things/1") "X-Forwarded-For: 6.6.6.6, 1.2.3.4, 10.1.1.1\r\n"
			     "Forwarded: for=7.7.7.7\r\n\r\n",
	    text);
	expect(text, "from 1.2.3.4");
	(void)ask(*state,
	    GET("/things/1") "Forwarded: for=6.6.6.6, "
			     "For=\"[2001:db8::1]:80\";proto=http\r\n\r\n",
	    text);
	expect(text, "from 2001:db8::1");
	(void)ask(
	    *state, GET("/things/1") "X-Forwarded-For: unknown\r\n\r\n", text);
	expect(text, "from 127.0.0.1");
}

static void
requests_of_one_address_behind_a_proxy_are_limited(void **state)
{
	static const char slow_one[] = GET("/slow") "X-Forwarded-For: "
						    "1.2.3.4\r\n\r\n";
	char text[TEXT];
	int fds[3];

	for (int i = 0; i < 3; i++) {
		fds[i] = dial(*state);
		say(fds[i], slow_one, sizeof slow_one - 1);
	}
	do
		(void)ask(*state,
		    GET("/quick") "X-Forwarded-For: 1.2.3.4\r\n\r\n", text);
	while (strstr(text, "HTTP/1.1 429 ") == NULL);
	expect(text, "Retry-After: 1\r\n");
	(void)ask(
	    *state, GET("/quick") "X-Forwarded-For: 1.2.3.5\r\n\r\n", text);
	expect(text, "HTTP/1.1 200 ");
	for (int i = 0; i < 3; i++)
		(void)close(fds[i]);
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

/* A bare machine may have no file that says so. */
static bool
machine_knows_localhost(void)
{
	struct addrinfo *found = NULL;

	if (getaddrinfo("localhost", "80", NULL, &found) != 0)
		return false;
	freeaddrinfo(found);
	return true;
}

static void
any_address_can_be_listened_on(void **state)
{
	static const char *const listens[] = { ":0", "127.0.0.1:0",
		"localhost:0" };
	struct world *world = *state;
	char text[TEXT];

	for (size_t i = 0; i < sizeof listens / sizeof *listens; i++) {
		struct http_settings settings = { .listen = listens[i] };
		struct world other = { .owner = world->owner };
		struct error err = { 0 };

		if (i == 2 && !machine_knows_localhost())
			continue;
		assert_true(http_server_start(world->owner, &settings, routes,
		    sizeof routes / sizeof *routes, NULL, &other.server,
		    &other.port, &err));
		/* localhost may be IPv6 alone */
		if (i < 2) {
			(void)ask(&other, GET("/things/1") "\r\n", text);
			expect(text, "from 127.0.0.1");
		}
		http_server_stop(other.server);
	}
}

static void
bad_settings_are_refused(void **state)
{
	static const struct http_settings wrong[] = {
		{ .listen = "8080" },
		{ .listen = "nowhere.invalid:80" },
		{ .listen = "127.0.0.1:0", .trusted_proxies = "10.0.0.0/33" },
		{ .listen = "127.0.0.1:0", .trusted_proxies = "example.org" },
	};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct http_server *server;
		struct error err = { 0 };
		uint16_t port;

		assert_false(http_server_start(world->owner, &wrong[i], routes,
		    1, NULL, &server, &port, &err));
		assert_true(err.message[0] != '\0');
	}
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_start, world_stop)

#define IMPATIENT(name) \
	cmocka_unit_test_setup_teardown(name, world_start_impatient, world_stop)

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
		TEST(json_that_is_not_utf8_is_400),
		TEST(body_over_the_limit_is_413),
		TEST(body_that_is_refused_is_read_before_the_answer),
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
		TEST(broken_addresses_are_400),
		TEST(thousand_parameters_are_answered),
		TEST(redirect_cannot_split_the_answer),
		TEST(smuggled_requests_are_never_answered),
		TEST(nul_bytes_never_make_two_answers),
		IMPATIENT(slow_head_is_dropped_at_its_deadline),
		IMPATIENT(slow_body_is_dropped_at_its_deadline),
		IMPATIENT(answer_that_is_not_taken_is_thrown_away),
		IMPATIENT(slow_handler_outlives_the_deadlines_of_clients),
		TEST(hundred_at_once_are_answered),
		TEST(stop_answers_what_it_has),
		TEST(stop_is_in_order_right_after_an_answer),
		TEST(connections_of_one_address_are_limited),
		cmocka_unit_test_setup_teardown(
		    address_behind_a_proxy_is_the_last_untrusted,
		    world_start_behind_proxy, world_stop),
		cmocka_unit_test_setup_teardown(
		    requests_of_one_address_behind_a_proxy_are_limited,
		    world_start_behind_proxy, world_stop),
		TEST(log_never_has_a_whole_secret),
		TEST(any_address_can_be_listened_on),
		TEST(bad_settings_are_refused),
	};

	secret_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
