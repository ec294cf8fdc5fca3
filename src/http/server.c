/* SPDX-License-Identifier: ISC */
#include "http/engine.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	READERS_USUAL = 16, /* they may wait for the disk, so more than cores */
	WRITERS_USUAL = 64, /* all of them wait for one sync */
	WAITING_MOST = 1024, /* beyond that a quick 503 is kinder */
	CONNECTIONS_USUAL = 12000,
	CONNECTIONS_PARTED = 64, /* see listeners_wanted */
	SILENCE_MOST = 15, /* seconds */
};

#define STOP_WITHIN (10 * SECOND)
/* What was let in of a socket that another server goes on with may ask once. */
#define ASK_WITHIN SECOND

/* --- libmicrohttpd */

/* Its messages hold text of clients; log_event escapes it. */
static void __attribute__((__format__(__printf__, 2, 0)))
log_daemon(void *closure, const char *format, va_list args)
{
	struct http_server *server = closure;
	char text[256];

	CHECK_MAGIC(server, SERVER_MAGIC);
	(void)vsnprintf(text, sizeof text, format, args);
	text[strcspn(text, "\n")] = '\0';
	log_event("http", "message", text, (char *)NULL);
	if (bad_length_is_told(text))
		bad_length_answer(server);
}

/* Leaves every escape for us: it would cut at %00 and hide %2F. */
static size_t
unescape_nothing(void *closure, struct MHD_Connection *connection, char *text)
{
	(void)closure;
	(void)connection;
	return strlen(text);
}

/* It has its share of the threads and of the connections. */
static bool
daemon_start(struct http_server *server, unsigned at, struct error *err)
{
	unsigned threads = server->event_threads / server->n_listeners;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD |
	    MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	struct MHD_OptionItem options[5] = { { MHD_OPTION_END, 0, NULL } };
	struct MHD_OptionItem *end = options;

	if (threads > 1)
		*end++ = (struct MHD_OptionItem){ MHD_OPTION_THREAD_POOL_SIZE,
			threads, NULL };
	if (server->is_shared)
		flags |= MHD_USE_NO_LISTEN_SOCKET;
	else
		*end++ = (struct MHD_OptionItem){ MHD_OPTION_LISTEN_SOCKET,
			server->listeners[at], NULL };
	if (server->has_tls) {
		flags |= MHD_USE_TLS;
		tls_options(end);
	} else {
		/*
		 * It reads at once, for who is let in has sent something, and
		 * closes without a shutdown() of TCP before it; TLS, which has
		 * an end of its own, is left as it is.
		 */
		flags |= MHD_USE_TURBO;
		*end = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	}
	server->daemons[at] = MHD_start_daemon(flags, 0, link_may_open, server,
	    exchange_go_on, server, MHD_OPTION_EXTERNAL_LOGGER, log_daemon,
	    server, MHD_OPTION_ARRAY, options, MHD_OPTION_CONNECTION_LIMIT,
	    server->connections / server->n_listeners,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENCE_MOST,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
	    MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_UNESCAPE_CALLBACK,
	    unescape_nothing, server, MHD_OPTION_URI_LOG_CALLBACK,
	    exchange_begin, server, MHD_OPTION_NOTIFY_COMPLETED, exchange_end,
	    server, MHD_OPTION_NOTIFY_CONNECTION, link_changed, server,
	    MHD_OPTION_END);
	return server->daemons[at] != NULL ||
	    error_set(err, ERROR_SYSTEM, "libmicrohttpd does not start: %s",
		strerror(errno));
}

static bool
daemons_start(struct http_server *server, struct error *err)
{
	server->daemons = mem_array(
	    server, struct MHD_Daemon *, server->n_listeners);
	for (unsigned i = 0; i < server->n_listeners; i++)
		if (!daemon_start(server, i, err))
			return false;
	return true;
}

static void
daemons_stop(struct http_server *server)
{
	for (unsigned i = 0; i < server->n_listeners; i++) {
		if (server->daemons == NULL || server->daemons[i] == NULL)
			continue;
		MHD_stop_daemon(server->daemons[i]);
		/* it closes the socket that it had */
		if (!server->is_shared)
			server->listeners[i] = -1;
	}
}

/* --- life */

static bool
crew_start(
    struct crew *crew, const char *name, unsigned workers, struct error *err)
{
	crew->workers = mem_array(crew->server, pthread_t, workers);
	for (; crew->n_workers < workers; crew->n_workers++)
		if (!thread_start(&crew->workers[crew->n_workers], name,
			exchange_work, crew, err))
			return false;
	return true;
}

static void
crew_stop(struct crew *crew)
{
	queue_close(crew->waiting);
	for (unsigned i = 0; i < crew->n_workers; i++)
		(void)pthread_join(crew->workers[i], NULL);
	crew->n_workers = 0;
}

/* workers 0: a sensible number. */
static bool
threads_start(struct http_server *server, unsigned workers, struct error *err)
{
	server->has_sweeper = thread_start(
	    &server->sweeper, "http sweeper", link_sweep, server, err);
	if (!server->has_sweeper)
		return false;
	return crew_start(&server->readers, "http reader",
		   workers != 0 ? workers : READERS_USUAL, err) &&
	    crew_start(&server->writers, "http writer",
		workers != 0 ? workers : WRITERS_USUAL, err);
}

static void
workers_stop(struct http_server *server)
{
	crew_stop(&server->readers);
	crew_stop(&server->writers);
}

static void
sweeper_stop(struct http_server *server)
{
	pthread_mutex_lock(&server->lock);
	server->closing = true;
	pthread_cond_signal(&server->wake);
	pthread_mutex_unlock(&server->lock);
	if (server->has_sweeper)
		(void)pthread_join(server->sweeper, NULL);
}

/*
 * The limit of open files has to have room for connections and for the store's
 * files: each worker may have several. Where it is low, each gets half.
 */
static unsigned
connections_with_room(unsigned asked, unsigned workers)
{
	struct rlimit files;
	rlim_t others = 32 + 6 * (rlim_t)workers, room;
	char text[24];

	if (getrlimit(RLIMIT_NOFILE, &files) != 0 ||
	    files.rlim_cur == RLIM_INFINITY)
		return asked;
	room = files.rlim_cur > 2 * others ? files.rlim_cur - others
					   : files.rlim_cur / 2;
	if (room >= asked)
		return asked;
	(void)snprintf(text, sizeof text, "%ju", (uintmax_t)room);
	log_event("fewer-connections", "most", text, "why",
	    "the limit of open files", (char *)NULL);
	return room == 0 ? 1 : (unsigned)room;
}

static struct http_server *
server_new(void *owner, const struct http_settings *settings)
{
	struct http_server *server = mem_new(owner, struct http_server);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_condattr_t monotonic;

	server->magic = SERVER_MAGIC;
	/* later ones are strict themselves and may keep their texts elsewhere
	 */
	server->sees_bytes = strncmp(MHD_get_version(), "0.9.", 4) == 0;
	server->wake_taker = -1;
	server->event_threads = cores < 1 ? 1 : (unsigned)cores;
	server->is_shared = settings->socket != 0;
	server->has_tls = settings->tls;
	server->connections = connections_with_room(settings->connections != 0
		? settings->connections
		: CONNECTIONS_USUAL,
	    settings->workers != 0 ? 2 * settings->workers
				   : READERS_USUAL + WRITERS_USUAL);
	server->connections_per_address = settings->connections_per_address;
	server->headers_within = settings->headers_within != 0
	    ? settings->headers_within
	    : 10 * SECOND;
	server->body_within = settings->body_within != 0 ? settings->body_within
							 : 30 * SECOND;
	server->answer_within = settings->answer_within != 0
	    ? settings->answer_within
	    : 60 * SECOND;
	server->body_bytes_most = room_for_bodies();
	server->readers = (struct crew){
		.waiting = queue_new(server, WAITING_MOST), .server = server
	};
	server->writers = (struct crew){
		.waiting = queue_new(server, WAITING_MOST), .server = server
	};
	server->per_address = map_new(server);
	CHECK(pthread_mutex_init(&server->lock, NULL) == 0);
	CHECK(pthread_condattr_init(&monotonic) == 0);
	CHECK(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
	CHECK(pthread_cond_init(&server->wake, &monotonic) == 0);
	(void)pthread_condattr_destroy(&monotonic);
	return server;
}

static void
server_free(struct http_server *server)
{
	for (unsigned i = 0; i < server->n_listeners; i++)
		if (server->listeners[i] != -1)
			(void)close(server->listeners[i]);
	(void)pthread_cond_destroy(&server->wake);
	(void)pthread_mutex_destroy(&server->lock);
	server->magic = 0;
	talloc_free(server);
}

/* Ends what runs of it; it need not be all. */
static void
halt(struct http_server *server)
{
	listener_take_stop(server);
	/* libmicrohttpd must not stop with a request at a worker */
	atomic_store(&server->hurrying, true);
	workers_stop(server);
	daemons_stop(server);
	sweeper_stop(server);
	server_free(server);
}

/*
 * Who is full takes nobody of what the system dealt to its listener, even where
 * another has room; so where few may come at all, one listener is for all.
 */
static unsigned
listeners_wanted(const struct http_server *server)
{
	unsigned threads = server->event_threads;

	return server->connections / threads < CONNECTIONS_PARTED ? 1 : threads;
}

/* That of settings, which is shared, or those of its address. */
static bool
listeners_open(struct http_server *server, const struct http_settings *settings,
    struct error *err)
{
	if (!server->is_shared)
		return listener_open(
		    server, settings->listen, listeners_wanted(server), err);
	server->listeners = mem_array(server, int, 1);
	server->listeners[0] = settings->socket;
	server->n_listeners = 1;
	return true;
}

bool
http_server_start(void *owner, const struct http_settings *settings,
    const struct route *routes, size_t n_routes, const struct http_hooks *hooks,
    struct http_server **ret, uint16_t *port, struct error *err)
{
	struct http_server *server = server_new(owner, settings);

	server->person_header = mem_copy(server,
	    settings->person_header == NULL ? "" : settings->person_header);
	server->routes = routes;
	server->n_routes = n_routes;
	server->counts = count_new(server, routes, n_routes);
	if (hooks != NULL)
		server->hooks = *hooks;
	if (!networks_parse(
		server, settings->trusted_proxies, &server->proxies, err)) {
		(void)error_context(err, "trusted-proxies");
		server_free(server);
		return false;
	}
	if (!listeners_open(server, settings, err)) {
		server_free(server);
		return false;
	}
	if (!threads_start(server, settings->workers, err) ||
	    !daemons_start(server, err) ||
	    (server->is_shared && !listener_take_start(server, err))) {
		halt(server);
		return false;
	}
	*port = listener_port(server->listeners[0]);
	*ret = server;
	return true;
}

/* What was begun is answered; where a socket is shared, what was let in, too.*/
static void
wait_for_running(struct http_server *server)
{
	int64_t began = clock_monotonic(), passed = 0;
	int64_t may_ask = server->is_shared ? ASK_WITHIN : 0;

	while (passed < STOP_WITHIN &&
	    (atomic_load(&server->running) > 0 ||
		(passed < may_ask &&
		    atomic_load(&server->n_links) +
			    atomic_load(&server->coming) >
			0))) {
		(void)usleep(5000);
		passed = clock_monotonic() - began;
	}
}

void
http_server_stop(struct http_server *server)
{
	CHECK_MAGIC(server, SERVER_MAGIC);
	listener_take_stop(server);
	/*
	 * From here link_may_open() lets nobody in. MHD_quiesce_daemon() would
	 * do that too, but it takes the listening socket out of the event
	 * threads' sets while these may be doing the same, and then ends the
	 * process (0.9.75: "Failed to remove listen FD from epoll set").
	 */
	atomic_store(&server->stopping, true);
	wait_for_running(server);
	halt(server);
}

void
http_server_print_metrics(struct http_server *server, struct buf *buf)
{
	struct metrics *counts;

	CHECK_MAGIC(server, SERVER_MAGIC);
	counts = server->counts;
	metrics_set(
	    counts, COUNT_RUNNING, 0, (int64_t)atomic_load(&server->running));
	metrics_set(counts, COUNT_WAITING, 0,
	    (int64_t)queue_count(server->readers.waiting));
	metrics_set(counts, COUNT_WAITING, 1,
	    (int64_t)queue_count(server->writers.waiting));
	metrics_set(
	    counts, COUNT_BODIES, 0, (int64_t)atomic_load(&server->body_bytes));
	metrics_set(counts, COUNT_CONNECTIONS, 0,
	    (int64_t)atomic_load(&server->n_links));
	metrics_print(counts, buf);
}
