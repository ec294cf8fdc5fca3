/* SPDX-License-Identifier: ISC */
#ifndef HTTP_ENGINE_H
#define HTTP_ENGINE_H

/*
 * What the files around libmicrohttpd share: server.c starts and stops,
 * link.c keeps the connections, exchange.c takes one request from its first
 * line to the end of its answer, with exchange_head.c for the head and
 * exchange_work.c for the answer, reply.c makes the response.
 */

#include "base/buf.h"
#include "base/thread.h"
#include "http/address.h"
#include "http/count.h"
#include "http/guard.h"
#include "http/server.h"

#include <pthread.h>
#include <stdatomic.h>

#include <microhttpd.h>

enum {
	/* of each connection, in bytes: request line and headers must fit */
	CONNECTION_MEMORY = 20 * 1024,
	SERVER_MAGIC = 0x3b9e41d7,
	LINK_MAGIC = 0x5ac20e18,
	EXCHANGE_MAGIC = 0x71f38c2a
};

struct map;

/* What a connection is at, and so what its client has to do. */
enum link_phase {
	LINK_HEAD, /* send all of the head until the deadline */
	LINK_BODY, /* send the body, and go on doing so */
	LINK_WORK, /* nothing: the server is at work */
	LINK_ANSWER, /* take the answer, and go on doing so */
	LINK_IDLE, /* the same for the rest; ask again */
	LINK_PHASES
};

/* One connection. */
struct link {
	unsigned magic;
	struct link *next, *previous; /* guarded by the server's lock */
	int fd;
	char address[ADDRESS_TEXT];
	/* of the connection's own thread */
	pthread_t thread;
	struct exchange *exchange; /* that is going on, or NULL */
	bool was_used; /* this is not its first request */
	/* where libmicrohttpd keeps heads of it, if that can be told, or 0 */
	uintptr_t room;
	uint64_t heads; /* bytes of all that were read */
	bool is_idle; /* in the thread's list of those that wait */
	int64_t idle_since;
	struct link *idle_next, *idle_before;
	/* set by the connection's thread, read by the sweeper */
	_Atomic int64_t deadline; /* monotonic; 0 is never */
	_Atomic unsigned phase; /* a serial number, times LINK_PHASES, and it */
	/* the sweeper's own: how much had moved in which phase, and when */
	unsigned looked_phase;
	int64_t looked;
	uint64_t moved;
	bool was_cut;
};

/*
 * Worker threads and the exchanges that wait for one. Who reads and who writes
 * have a crew each: those who write wait for the disk, and however many they
 * are, they hold up nobody who reads.
 */
struct crew {
	struct queue *waiting;
	pthread_t *workers;
	unsigned n_workers;
	struct http_server *server;
};

struct http_server {
	unsigned magic;
	struct MHD_Daemon **daemons; /* one a listener */
	int *listeners; /* one, or one a thread */
	unsigned n_listeners;
	unsigned event_threads; /* in all */
	bool has_tls;
	bool is_shared; /* the listener, with servers after this one */
	pthread_t taker; /* of its connections */
	bool has_taker;
	int wake_taker; /* an eventfd, to end it */
	atomic_uint coming; /* taken there, but no link yet */
	const struct route *routes;
	size_t n_routes;
	struct http_hooks hooks;
	struct metrics *counts; /* count.h */
	struct networks *proxies;
	const char *person_header; /* "" is none */
	bool sees_bytes; /* struct head's target_at can be told */
	unsigned connections, connections_per_address;
	int64_t headers_within, body_within, answer_within;

	pthread_mutex_t lock; /* guards links, per_address and closing */
	pthread_cond_t wake; /* closing was set */
	struct link *links;
	atomic_uint n_links;
	/* address -> number of links, or of requests behind a proxy */
	struct map *per_address;
	bool closing;
	pthread_t sweeper;
	bool has_sweeper;

	struct crew readers, writers;
	atomic_uint running; /* exchanges whose head was read, not yet sent */
	atomic_bool stopping; /* every answer closes its connection */
	atomic_bool hurrying; /* what no worker has begun is given up */
	atomic_size_t body_bytes; /* of all bodies in memory */
	atomic_size_t body_bytes_most;
};

enum stage {
	STAGE_HEAD, /* the handler was not called yet */
	STAGE_BODY, /* its body is read */
	STAGE_ANSWERED, /* response is made */
};

/* One request and its answer. */
struct exchange {
	unsigned magic;
	enum stage stage;
	struct request request; /* request.memory owns the exchange */
	struct answer answer;
	struct http_server *server;
	struct link *link;
	struct MHD_Connection *connection;
	const char *method; /* as sent */
	const char *target; /* path and query as sent, of our memory */
	const char *target_at; /* in libmicrohttpd's buffer; its query is cut */
	const char *allow; /* with a 405 */
	struct buf *body;
	size_t body_counted; /* its part of the server's body_bytes */
	bool is_running; /* counted in the server's running */
	bool is_counted; /* in its per_address: a client behind a proxy */
	bool must_close;
	int64_t began;
	struct MHD_Response *response; /* made for it alone, or ... */
	struct prepared *prepared; /* one of the response cache */
	struct error err; /* last: all before it is zero at first */
};

/* --- listener.c */

/* As many as are wanted, or one where the system has no more for an address. */
MUST_CHECK bool listener_open(struct http_server *server, const char *listen,
    unsigned wanted, struct error *err);
uint16_t listener_port(int fd);
/* A thread that takes the connections of a socket that is shared. */
MUST_CHECK bool
listener_take_start(struct http_server *server, struct error *err);
void listener_take_stop(struct http_server *server);

/* --- tls.c */

/* What libmicrohttpd has to know of the certificate, and an end. */
void tls_options(struct MHD_OptionItem options[3]);

/* --- link.c: callbacks of libmicrohttpd, and the sweeper; closure: server */

enum MHD_Result
link_may_open(void *closure, const struct sockaddr *peer, socklen_t length);
void link_changed(void *closure, struct MHD_Connection *connection, void **link,
    enum MHD_ConnectionNotificationCode code);
void *link_sweep(void *closure);
/* Counts a request from behind a trusted proxy; false if it is one too many. */
bool link_count_client(struct http_server *server, const char *address);
void link_forget_client(struct http_server *server, const char *address);
/* The client has that long for this phase; 0 is for ever. */
void link_expect(struct link *link, enum link_phase phase, int64_t within);

/* --- idle.c: on the connection's own thread */

/* It waits for its next request; it does no more. */
void idle_enter(struct link *link);
void idle_leave(struct link *link);

/* --- room.c */

/* How much memory all bodies may take together, as it is now. */
size_t room_for_bodies(void);

/* --- bad_length.c */

/* Whether this message for the log is about a wrong Content-Length. */
bool bad_length_is_told(const char *message);
/* Answers it; on the thread that told. */
void bad_length_answer(struct http_server *server);

/* --- exchange.c: callbacks of libmicrohttpd; closure: server */

void *exchange_begin(
    void *closure, const char *target, struct MHD_Connection *connection);
enum MHD_Result exchange_go_on(void *closure, struct MHD_Connection *connection,
    const char *target, const char *method, const char *version,
    const char *upload, size_t *length, void **at);
void exchange_end(void *closure, struct MHD_Connection *connection, void **at,
    enum MHD_RequestTerminationCode why);
/* Answers, with the exchange's error, what never reaches a handler. */
enum MHD_Result exchange_refuse(struct exchange *exchange, bool may_be_page);
/* How much of a body is read to its end, kept or not. */
size_t exchange_body_most(const struct exchange *exchange);
/* Its error is that memory is short. */
void exchange_short(struct exchange *exchange);

/* --- exchange_head.c */

/*
 * Takes the head. After that the stage says whether the body comes next, to be
 * read even where err is set, or the answer is there.
 */
enum MHD_Result exchange_head(
    struct exchange *exchange, const char *method, const char *version);

/* --- exchange_work.c */

/*
 * Makes the answer of a complete request, or has it made: false if the
 * connection is suspended until it is there.
 */
bool exchange_answer(struct exchange *exchange);
void *exchange_work(void *closure); /* a worker's thread; closure: its crew */

/* --- reply.c */

/* The error's answer, as the client wants it: a page or a problem. */
void reply_error(struct exchange *exchange, bool may_be_page);
/* Makes the response of the answer, conditions applied, and logs it. */
void reply_make(struct exchange *exchange);
/* The path as it may be logged: without what would open something. */
const char *reply_path_shown(struct request *request);
/* What the answer was chosen by, for caches on the way. */
void reply_vary(struct request *request, struct answer *answer);

/* --- response.c */

bool answer_has_header(const struct answer *answer, const char *name);
/* All headers of the answer. memory is only used meanwhile. */
void response_headers(
    struct MHD_Response *response, void *memory, const struct answer *answer);
/* The answer's body has to stay as long as the response. */
struct MHD_Response *
response_made(void *memory, const struct answer *answer, bool closes);

#endif
