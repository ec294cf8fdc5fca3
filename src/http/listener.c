/* SPDX-License-Identifier: ISC */
#include "http/engine.h"

#include "base/check.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * Where connections come in. Of a socket of ours libmicrohttpd takes them
 * itself. Each of its threads has one, between which the system deals them out:
 * if all waited at one, each connection would wake all of them. One that was
 * handed over outlives this process, and while this one ends, all who come are
 * to wait there for the next: libmicrohttpd cannot stop taking without shutting
 * the socket for all, so a thread here takes them.
 */

enum {
	BACKLOG = 4096,
	REST = 20, /* ms that nobody is let in where there is no room */
};

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

/* In a group: the address is taken together with others that are. */
static int
socket_bound(const struct sockaddr *address, socklen_t length, bool in_group)
{
	int yes = 1, no = 0;
	int fd = socket(
	    address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (address->sa_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
	if ((!in_group ||
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) ==
		    0) &&
	    bind(fd, address, length) == 0)
		return fd;
	no = errno;
	(void)close(fd);
	errno = no;
	return -1;
}

/* The IPv6 one first where any will do: it takes IPv4 as well. */
static int
first_bound(const struct addrinfo *addresses)
{
	static const int families[] = { AF_INET6, AF_INET };
	int fd = -1;

	for (size_t i = 0; i < 2 && fd == -1; i++)
		for (const struct addrinfo *a = addresses;
		     a != NULL && fd == -1; a = a->ai_next)
			if (a->ai_family == families[i])
				fd = socket_bound(
				    a->ai_addr, a->ai_addrlen, false);
	return fd;
}

static bool
is_listening(int fd)
{
	const int patience = 1; /* seconds */

	/* who says nothing is not let in before that: there is nothing to do */
	(void)setsockopt(
	    fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &patience, sizeof patience);
	return listen(fd, BACKLOG) == 0;
}

static void
close_all(struct http_server *server)
{
	while (server->n_listeners > 0)
		(void)close(server->listeners[--server->n_listeners]);
}

/*
 * first has the address for itself, so that no other server has it; then the
 * group takes it over.
 */
static bool
open_group(struct http_server *server, int first, unsigned wanted)
{
	struct sockaddr_storage address = { 0 };
	socklen_t length = sizeof address;
	struct sockaddr *any = (struct sockaddr *)&address;

	if (getsockname(first, any, &length) != 0)
		return false;
	while (server->n_listeners < wanted) {
		int fd = socket_bound(any, length, true);

		if (fd == -1)
			break;
		server->listeners[server->n_listeners++] = fd;
	}
	for (unsigned i = 0; i < server->n_listeners; i++)
		if (server->n_listeners < wanted ||
		    !is_listening(server->listeners[i])) {
			close_all(server);
			return false;
		}
	(void)close(first);
	return true;
}

static bool
open_all(
    struct http_server *server, const struct addrinfo *found, unsigned wanted)
{
	int first = first_bound(found);

	if (first == -1)
		return false;
	server->listeners = mem_array(server, int, wanted);
	if (wanted > 1 && open_group(server, first, wanted))
		return true;
	server->listeners[server->n_listeners++] = first;
	return is_listening(first);
}

bool
listener_open(struct http_server *server, const char *listen, unsigned wanted,
    struct error *err)
{
	struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	char *host = NULL, *port = NULL;
	bool is_open;
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
	is_open = open_all(server, found, wanted);
	freeaddrinfo(found);
	return is_open ||
	    error_set(
		err, ERROR_SYSTEM, "listen: %s: %s", listen, strerror(errno));
}

uint16_t
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

/* --- a socket that was handed over */

static bool
has_room(struct http_server *server)
{
	return atomic_load(&server->n_links) + atomic_load(&server->coming) <
	    server->connections;
}

/* False if it is of no use to try again at once. */
static bool
take_one(struct http_server *server)
{
	union {
		struct sockaddr any;
		struct sockaddr_in6 in6;
	} peer;
	socklen_t length = sizeof peer;
	int fd = accept4(server->listeners[0], &peer.any, &length,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd == -1)
		return errno == EAGAIN || errno == ECONNABORTED ||
		    errno == EINTR;
	atomic_fetch_add(&server->coming, 1);
	/* it closes what it does not take */
	if (MHD_add_connection(server->daemons[0], fd, &peer.any, length) !=
	    MHD_YES)
		atomic_fetch_sub(&server->coming, 1);
	return true;
}

static void *
take_all(void *closure)
{
	struct http_server *server = closure;
	struct pollfd fds[2] = { 0 };
	bool may_take = true;

	CHECK_MAGIC(server, SERVER_MAGIC);
	fds[0] = (struct pollfd){ .fd = server->wake_taker, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = server->listeners[0],
		.events = POLLIN };
	while (fds[0].revents == 0) {
		may_take = may_take && has_room(server);
		fds[1].revents = 0;
		(void)poll(fds, may_take ? 2 : 1, may_take ? -1 : REST);
		may_take = fds[1].revents == 0 || take_one(server);
	}
	return NULL;
}

bool
listener_take_start(struct http_server *server, struct error *err)
{
	int flags = fcntl(server->listeners[0], F_GETFL);

	CHECK(fcntl(server->listeners[0], F_SETFL, flags | O_NONBLOCK) == 0);
	server->wake_taker = eventfd(0, EFD_CLOEXEC);
	if (server->wake_taker == -1)
		return error_set(
		    err, ERROR_SYSTEM, "eventfd: %s", strerror(errno));
	server->has_taker = thread_start(
	    &server->taker, "http listener", take_all, server, err);
	return server->has_taker;
}

void
listener_take_stop(struct http_server *server)
{
	const uint64_t one = 1;

	if (server->has_taker) {
		CHECK(
		    write(server->wake_taker, &one, sizeof one) == sizeof one);
		(void)pthread_join(server->taker, NULL);
		server->has_taker = false;
	}
	if (server->wake_taker != -1)
		(void)close(server->wake_taker);
	server->wake_taker = -1;
}
