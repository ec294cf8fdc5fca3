/* SPDX-License-Identifier: ISC */
#include "http/engine.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	WORKERS_USUAL = 16, /* they wait for the disk, so more than cores */
	WAITING_MOST = 1024, /* beyond that a quick 503 is kinder */
	CONNECTIONS_USUAL = 12000,
	CONNECTION_MEMORY = 32 * 1024, /* request line and headers must fit */
	BACKLOG = 4096,
	SILENCE_MOST = 15, /* seconds */
};

#define STOP_WITHIN (10 * SECOND)

/* --- the listening socket */

/* "127.0.0.1:8080", "[::1]:0", ":8080": host "" is any. */
static bool
listen_split(void *owner, const char *listen, char **host, char **port,
    struct error *err)
{
	const char *colon = strrchr(listen, ':');
	size_t length = colon == NULL ? 0 : (size_t)(colon - listen);

	if (colon == NULL) {
		error_set(err, ERROR_INVALID, "listen: %s: must be ADDR:PORT",
		    listen);
		return false;
	}
	if (length >= 2 && listen[0] == '[' && listen[length - 1] == ']') {
		listen++;
		length -= 2;
	}
	*host = mem_copy_n(owner, listen, length);
	*port = mem_copy(owner, colon + 1);
	return true;
}

static int
socket_listening(const struct addrinfo *address)
{
	int yes = 1, no = 0;
	int fd = socket(
	    address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (address->ai_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
	if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	no = errno;
	(void)close(fd);
	errno = no;
	return -1;
}

/* The IPv6 one first where any will do: it takes IPv4 as well. */
static int
first_listening(struct addrinfo *addresses)
{
	static const int families[] = { AF_INET6, AF_INET };
	int fd = -1;

	for (size_t i = 0; i < 2 && fd == -1; i++)
		for (struct addrinfo *a = addresses; a != NULL && fd == -1;
		     a = a->ai_next)
			if (a->ai_family == families[i])
				fd = socket_listening(a);
	return fd;
}

static bool
listener_open(struct http_server *server, const char *listen, struct error *err)
{
	struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	char *host = NULL, *port = NULL;
	int failed;

	if (!listen_split(server, listen, &host, &port, err))
		return false;
	failed = getaddrinfo(
	    host[0] == '\0' ? NULL : host, port, &hints, &found);
	if (failed != 0) {
		error_set(err, ERROR_INVALID, "listen: %s: %s", listen,
		    gai_strerror(failed));
		return false;
	}
	server->listener = first_listening(found);
	freeaddrinfo(found);
	return server->listener != -1 ||
	    error_set(
		err, ERROR_SYSTEM, "listen: %s: %s", listen, strerror(errno));
}

static uint16_t
listener_port(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} address;
	socklen_t length = sizeof address;

	memset(&address, 0, sizeof address);
	CHECK(getsockname(fd, &address.any, &length) == 0);
	return ntohs(address.any.sa_family == AF_INET ? address.in.sin_port
						      : address.in6.sin6_port);
}

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

static bool
daemon_start(
    struct http_server *server, unsigned connections, struct error *err)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned threads = cores < 1 ? 1 : (unsigned)cores;

	/* each event thread has its share of the connections */
	server->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD |
		MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
	    0, link_may_open, server, exchange_go_on, server,
	    MHD_OPTION_EXTERNAL_LOGGER, log_daemon, server,
	    MHD_OPTION_LISTEN_SOCKET, server->listener,
	    MHD_OPTION_THREAD_POOL_SIZE, threads > 1 ? threads : 0,
	    MHD_OPTION_CONNECTION_LIMIT,
	    connections != 0 ? connections : CONNECTIONS_USUAL,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENCE_MOST,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
	    MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_UNESCAPE_CALLBACK,
	    unescape_nothing, server, MHD_OPTION_URI_LOG_CALLBACK,
	    exchange_begin, server, MHD_OPTION_NOTIFY_COMPLETED, exchange_end,
	    server, MHD_OPTION_NOTIFY_CONNECTION, link_changed, server,
	    MHD_OPTION_END);
	return server->daemon != NULL ||
	    error_set(err, ERROR_SYSTEM, "libmicrohttpd does not start: %s",
		strerror(errno));
}

/* --- life */

static bool
threads_start(struct http_server *server, unsigned workers, struct error *err)
{
	server->has_sweeper = thread_start(
	    &server->sweeper, "http sweeper", link_sweep, server, err);
	if (!server->has_sweeper)
		return false;
	server->workers = mem_array(server, pthread_t, workers);
	for (; server->n_workers < workers; server->n_workers++)
		if (!thread_start(&server->workers[server->n_workers],
			"http worker", exchange_work, server, err))
			return false;
	return true;
}

static void
workers_stop(struct http_server *server)
{
	queue_close(server->waiting);
	for (unsigned i = 0; i < server->n_workers; i++)
		(void)pthread_join(server->workers[i], NULL);
	server->n_workers = 0;
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

static struct http_server *
server_new(void *owner, const struct http_settings *settings)
{
	struct http_server *server = mem_new(owner, struct http_server);
	pthread_condattr_t monotonic;

	server->magic = SERVER_MAGIC;
	/* later ones are strict themselves and may keep their texts elsewhere
	 */
	server->sees_bytes = strncmp(MHD_get_version(), "0.9.", 4) == 0;
	server->listener = -1;
	server->connections_per_address = settings->connections_per_address;
	server->headers_within = settings->headers_within != 0
	    ? settings->headers_within
	    : 10 * SECOND;
	server->body_within = settings->body_within != 0 ? settings->body_within
							 : 30 * SECOND;
	server->answer_within = settings->answer_within != 0
	    ? settings->answer_within
	    : 60 * SECOND;
	server->waiting = queue_new(server, WAITING_MOST);
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
	if (server->listener != -1)
		(void)close(server->listener);
	(void)pthread_cond_destroy(&server->wake);
	(void)pthread_mutex_destroy(&server->lock);
	server->magic = 0;
	talloc_free(server);
}

bool
http_server_start(void *owner, const struct http_settings *settings,
    const struct route *routes, size_t n_routes, const struct http_hooks *hooks,
    struct http_server **ret, uint16_t *port, struct error *err)
{
	struct http_server *server = server_new(owner, settings);
	unsigned workers = settings->workers != 0 ? settings->workers
						  : WORKERS_USUAL;

	server->routes = routes;
	server->n_routes = n_routes;
	if (hooks != NULL)
		server->hooks = *hooks;
	if (!networks_parse(
		server, settings->trusted_proxies, &server->proxies, err)) {
		(void)error_context(err, "trusted-proxies");
		server_free(server);
		return false;
	}
	if (!listener_open(server, settings->listen, err)) {
		server_free(server);
		return false;
	}
	if (!threads_start(server, workers, err) ||
	    !daemon_start(server, settings->connections, err)) {
		workers_stop(server);
		sweeper_stop(server);
		server_free(server);
		return false;
	}
	*port = listener_port(server->listener);
	*ret = server;
	return true;
}

static void
wait_for_running(const struct http_server *server)
{
	int64_t until = clock_monotonic() + STOP_WITHIN;

	while (atomic_load(&server->running) > 0 && clock_monotonic() < until)
		(void)usleep(5000);
}

void
http_server_stop(struct http_server *server)
{
	CHECK_MAGIC(server, SERVER_MAGIC);
	/*
	 * From here link_may_open() lets nobody in. MHD_quiesce_daemon() would
	 * do that too, but it takes the listening socket out of the event
	 * threads' sets while these may be doing the same, and then ends the
	 * process (0.9.75: "Failed to remove listen FD from epoll set").
	 */
	atomic_store(&server->stopping, true);
	wait_for_running(server);
	/* libmicrohttpd must not stop with a request at a worker */
	atomic_store(&server->hurrying, true);
	workers_stop(server);
	MHD_stop_daemon(server->daemon); /* closes the listening socket */
	server->listener = -1;
	sweeper_stop(server);
	server_free(server);
}
