/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SERVER_WORLD_H
#define TESTS_SERVER_WORLD_H

/* A real server on a free port, driven with raw sockets. */

#include "http/route.h"
#include "http/server.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TEXT = 65536, /* room for what a test reads */
	PATIENCE = 10000, /* ms until it gives up */
};

/* --- what is served */

extern const struct route served[];
extern const size_t n_served;
extern atomic_int handled; /* requests for /hello and the like */
extern _Atomic int64_t version_of_all; /* of /cached */

struct world {
	void *owner;
	struct http_server *server;
	uint16_t port;
};

/* cmocka's setup and teardown. */
int world_start(void **state);
int world_start_behind_proxy(void **state);
int world_start_impatient(void **state); /* clients have half a second */
int world_stop(void **state);

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_start, world_stop)

/* --- a client */

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n"
#define POST(path) "POST " path " HTTP/1.1\r\nHost: a\r\n"

int dial(const struct world *world);
void say(int fd, const char *text, size_t length);

/*
 * Reads n answers that keep the connection, or all until its end, which is
 * waited for after an answer that announces it. True if it ended.
 */
bool hear(int fd, char text[TEXT], unsigned n_answers);
unsigned answers_in(const char *text);

/* One request; true if the server closed the connection after it. */
bool ask_bytes(const struct world *world, const char *request, size_t length,
    char text[TEXT]);
bool ask(const struct world *world, const char *request, char text[TEXT]);

/* Fails the test unless that is there, or is not there. */
void expect(const char *text, const char *what);
void expect_not(const char *text, const char *what);

#endif
