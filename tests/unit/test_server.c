/* SPDX-License-Identifier: ISC */
#include "http/server.h"

/* Who may connect and how long, many at once, and the end. */

#include "base/clock.h"
#include "base/mem.h"
#include "base/secret.h"
#include "server_world.h"

#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

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
		assert_true(http_server_start(world->owner, &settings, served,
		    n_served, NULL, &other.server, &other.port, &err));
		for (int j = 0; j < 8; j++)
			fds[j] = dial(&other);
		(void)ask(&other, GET("/hello") "\r\n", text);
		expect(text, "hello");
		for (int j = 0; j < 8; j++)
			(void)close(fds[j]);
		http_server_stop(other.server);
	}
}

/* Though each event thread has a listener of its own at it. */
static void
an_address_is_of_one_server(void **state)
{
	struct world *world = *state;
	struct http_settings settings = { .workers = 2 };
	struct http_server *other;
	struct error err = { 0 };
	uint16_t port;
	bool started;

	settings.listen = mem_printf(world->owner, "127.0.0.1:%u", world->port);
	started = http_server_start(world->owner, &settings, served, n_served,
	    NULL, &other, &port, &err);
	if (started)
		http_server_stop(other);
	assert_false(started);
	assert_int_equal(err.kind, ERROR_SYSTEM);
	assert_non_null(strstr(err.message, "already in use"));
}

/* Whichever listener the system deals them to. */
static void
many_connections_at_once_are_all_let_in(void **state)
{
	enum { MANY = 200 };
	static const char request[] = GET("/quick") "\r\n";
	int fds[MANY];
	char text[TEXT];

	for (int i = 0; i < MANY; i++)
		fds[i] = dial(*state);
	for (int i = 0; i < MANY; i++)
		say(fds[i], request, sizeof request - 1);
	for (int i = 0; i < MANY; i++) {
		(void)hear(fds[i], text, 1);
		assert_non_null(strstr(text, "HTTP/1.1 200 "));
		(void)close(fds[i]);
	}
}

/* The system keeps it back for a second, then it is there like others. */
static void
who_was_silent_at_first_is_answered(void **state)
{
	static const char request[] = GET("/quick") "\r\n";
	char text[TEXT];
	int fd = dial(*state);

	(void)usleep(1500000);
	say(fd, request, sizeof request - 1);
	(void)hear(fd, text, 1);
	assert_non_null(strstr(text, "HTTP/1.1 200 "));
	(void)close(fd);
}

/* 300 in all; event threads that take one each at a time may be one over. */
static void
connections_of_one_address_are_limited(void **state)
{
	enum { MANY = 320, LIMIT = 300, THREADS_MOST = 8 };
	static const char request[] = GET("/quick") "\r\n";
	unsigned answered = 0;
	int fds[MANY];
	char text[TEXT];

	for (int i = 0; i < MANY; i++) {
		fds[i] = dial(*state);
		say(fds[i], request, sizeof request - 1);
	}
	for (int i = 0; i < MANY; i++)
		if (!hear(fds[i], text, 1))
			answered++;
		else
			assert_string_equal(text, "");
	for (int i = 0; i < MANY; i++)
		(void)close(fds[i]);
	assert_in_range(answered, LIMIT, LIMIT + THREADS_MOST);
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
		assert_true(http_server_start(world->owner, &settings, served,
		    n_served, NULL, &other.server, &other.port, &err));
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

		assert_false(http_server_start(world->owner, &wrong[i], served,
		    1, NULL, &server, &port, &err));
		assert_true(err.message[0] != '\0');
	}
}

#define IMPATIENT(name) \
	cmocka_unit_test_setup_teardown(name, world_start_impatient, world_stop)

#define BEHIND_PROXY(name)               \
	cmocka_unit_test_setup_teardown( \
	    name, world_start_behind_proxy, world_stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IMPATIENT(slow_head_is_dropped_at_its_deadline),
		IMPATIENT(slow_body_is_dropped_at_its_deadline),
		IMPATIENT(answer_that_is_not_taken_is_thrown_away),
		IMPATIENT(slow_handler_outlives_the_deadlines_of_clients),
		TEST(hundred_at_once_are_answered),
		TEST(stop_answers_what_it_has),
		TEST(stop_is_in_order_right_after_an_answer),
		TEST(an_address_is_of_one_server),
		TEST(many_connections_at_once_are_all_let_in),
		TEST(who_was_silent_at_first_is_answered),
		TEST(connections_of_one_address_are_limited),
		BEHIND_PROXY(address_behind_a_proxy_is_the_last_untrusted),
		BEHIND_PROXY(
		    requests_of_one_address_behind_a_proxy_are_limited),
		TEST(any_address_can_be_listened_on),
		TEST(bad_settings_are_refused),
	};

	secret_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
