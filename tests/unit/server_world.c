/* SPDX-License-Identifier: ISC */
#include "server_world.h"

#include "base/clock.h"
#include "base/mem.h"
#include "http/response_cache.h"

#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* --- what is served */

atomic_int handled;

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

_Atomic int64_t version_of_all = 1;
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

const struct route served[] = {
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

const size_t n_served = sizeof served / sizeof *served;

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
	if (!http_server_start(owner, &settings, served, n_served, &hooks,
		&world->server, &world->port, &err)) {
		print_error("%s\n", err.message);
		return -1;
	}
	*state = world;
	return 0;
}

int
world_start(void **state)
{
	return world_begin(state, "", 0, 300);
}

int
world_start_behind_proxy(void **state)
{
	return world_begin(state, "127.0.0.0/8, 10.0.0.0/8", 0, 3);
}

int
world_start_impatient(void **state)
{
	return world_begin(state, "", SECOND / 2, 300);
}

int
world_stop(void **state)
{
	struct world *world = *state;

	if (world->server != NULL)
		http_server_stop(world->server);
	talloc_free(world->owner);
	return 0;
}

/* --- a client */

int
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

void
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

bool
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

unsigned
answers_in(const char *text)
{
	unsigned n = 0;

	for (; (text = strstr(text, "HTTP/1.1 ")) != NULL; text++)
		n++;
	return n;
}

bool
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

bool
ask(const struct world *world, const char *request, char text[TEXT])
{
	return ask_bytes(world, request, strlen(request), text);
}

void
expect(const char *text, const char *what)
{
	if (strstr(text, what) == NULL)
		fail_msg("no \"%s\" in:\n%s", what, text);
}

void
expect_not(const char *text, const char *what)
{
	if (strstr(text, what) != NULL)
		fail_msg("there is \"%s\" in:\n%s", what, text);
}
