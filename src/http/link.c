/* SPDX-License-Identifier: ISC */
#include "http/engine.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

/*
 * Connections and their deadlines. libmicrohttpd's timeout is about silence
 * only: a byte a second keeps a connection for ever. So each has a moment by
 * which the client must be done with what it is at, and where much may have to
 * move, some of it has to all the time. A thread shuts the socket of whoever is
 * late; libmicrohttpd then sees the end and cleans up.
 */

/* Bytes that have to move within half of the time that a head may take. */
enum { MOVE_LEAST = 512 };

#define UNKNOWN UINT64_MAX

static unsigned
links_of(const struct http_server *server, const char *address)
{
	return (unsigned)(uintptr_t)map_get_text(server->per_address, address);
}

static void
links_count(struct http_server *server, const char *address, int by)
{
	uintptr_t n = (uintptr_t)links_of(server, address) + (uintptr_t)by;

	/* the map keeps pointers; a number is one that nobody follows */
	map_set_text(server->per_address, address, (void *)n);
}

static enum MHD_Result
link_refuse(struct http_server *server, enum http_refused why)
{
	metrics_add(server->counts, COUNT_REFUSED, why, 1);
	return MHD_NO;
}

enum MHD_Result
link_may_open(void *closure, const struct sockaddr *peer, socklen_t length)
{
	struct http_server *server = closure;
	char address[ADDRESS_TEXT];
	bool may;

	(void)length;
	CHECK_MAGIC(server, SERVER_MAGIC);
	if (atomic_load(&server->stopping))
		return link_refuse(server, REFUSED_STOPPING);
	/* libmicrohttpd drops who it has no memory for: the reserve has some */
	free(mem_take(CONNECTION_MEMORY));
	if (server->connections_per_address == 0)
		return MHD_YES;
	address_text(peer, address);
	if (networks_have(server->proxies, address))
		return MHD_YES;
	pthread_mutex_lock(&server->lock);
	may = links_of(server, address) < server->connections_per_address;
	pthread_mutex_unlock(&server->lock);
	return may ? MHD_YES : link_refuse(server, REFUSED_ADDRESS);
}

bool
link_count_client(struct http_server *server, const char *address)
{
	unsigned most = server->connections_per_address;
	bool may;

	pthread_mutex_lock(&server->lock);
	may = most == 0 || links_of(server, address) < most;
	if (may)
		links_count(server, address, 1);
	pthread_mutex_unlock(&server->lock);
	if (!may)
		metrics_add(server->counts, COUNT_REFUSED, REFUSED_ADDRESS, 1);
	return may;
}

void
link_forget_client(struct http_server *server, const char *address)
{
	pthread_mutex_lock(&server->lock);
	links_count(server, address, -1);
	pthread_mutex_unlock(&server->lock);
}

static struct link *
link_open(struct http_server *server, struct MHD_Connection *connection)
{
	struct link *link = mem_take_zero(1, sizeof *link);

	link->magic = LINK_MAGIC;
	link->thread = pthread_self();
	link->fd = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_CONNECTION_FD)
		       ->connect_fd;
	address_text(MHD_get_connection_info(
			 connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)
			 ->client_addr,
	    link->address);
	link_expect(link, LINK_HEAD, server->headers_within);
	pthread_mutex_lock(&server->lock);
	link->next = server->links;
	if (link->next != NULL)
		link->next->previous = link;
	server->links = link;
	links_count(server, link->address, 1);
	pthread_mutex_unlock(&server->lock);
	atomic_fetch_add(&server->n_links, 1);
	if (server->is_shared)
		atomic_fetch_sub(&server->coming, 1);
	metrics_add(server->counts, COUNT_OPENED, 0, 1);
	return link;
}

static void
link_close(struct http_server *server, struct link *link)
{
	idle_leave(link);
	pthread_mutex_lock(&server->lock);
	if (link->next != NULL)
		link->next->previous = link->previous;
	if (link->previous != NULL)
		link->previous->next = link->next;
	else
		server->links = link->next;
	links_count(server, link->address, -1);
	pthread_mutex_unlock(&server->lock);
	atomic_fetch_sub(&server->n_links, 1);
	link->magic = 0;
	free(link);
}

void
link_changed(void *closure, struct MHD_Connection *connection, void **link,
    enum MHD_ConnectionNotificationCode code)
{
	struct http_server *server = closure;

	CHECK_MAGIC(server, SERVER_MAGIC);
	switch (code) {
	case MHD_CONNECTION_NOTIFY_STARTED:
		*link = link_open(server, connection);
		break;
	case MHD_CONNECTION_NOTIFY_CLOSED:
		CHECK_MAGIC((struct link *)*link, LINK_MAGIC);
		link_close(server, *link);
		*link = NULL;
		break;
	}
}

void
link_expect(struct link *link, enum link_phase phase, int64_t within)
{
	unsigned serial = atomic_load_explicit(
			      &link->phase, memory_order_relaxed) /
	    LINK_PHASES;

	atomic_store_explicit(&link->deadline,
	    within == 0 ? 0 : clock_monotonic_coarse() + within,
	    memory_order_relaxed);
	atomic_store_explicit(&link->phase,
	    (serial + 1) * LINK_PHASES + (unsigned)phase, memory_order_relaxed);
}

/*
 * Bytes that moved so far in the direction of the phase; false if there is
 * nothing that has to.
 */
static bool
bytes_moved(const struct link *link, enum link_phase phase, uint64_t *ret)
{
	struct tcp_info info = { 0 };
	socklen_t length = sizeof info;

	if (phase == LINK_HEAD || phase == LINK_WORK ||
	    getsockopt(link->fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0)
		return false;
	*ret = phase == LINK_BODY ? info.tcpi_bytes_received
				  : info.tcpi_bytes_acked;
	return phase == LINK_BODY || info.tcpi_unacked > 0 ||
	    info.tcpi_notsent_bytes > 0;
}

/*
 * Whether too little moved of late. Each half of the time is looked at but the
 * first, which most phases do not outlive: it ends with counting only.
 */
static bool
is_stuck(struct link *link, unsigned numbered, int64_t within, int64_t now)
{
	uint64_t before = link->moved;
	bool must_move;

	if (link->looked_phase != numbered) {
		link->looked_phase = numbered;
		link->looked = now;
		link->moved = UNKNOWN;
		return false;
	}
	if (now - link->looked < within / 2)
		return false;
	link->looked = now;
	must_move = bytes_moved(
	    link, (enum link_phase)(numbered % LINK_PHASES), &link->moved);
	return must_move && before != UNKNOWN &&
	    link->moved < before + MOVE_LEAST;
}

/*
 * Shuts the socket. What somebody does not take is thrown away with it, or the
 * system would keep it for her.
 */
static void
link_cut(struct http_server *server, struct link *link, bool throw_away)
{
	static const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	if (throw_away)
		(void)setsockopt(
		    link->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	(void)shutdown(link->fd, SHUT_RDWR);
	metrics_add(server->counts, COUNT_LATE, 0, 1);
	link->was_cut = true;
}

/* True if it was late. */
static bool
sweep_one(struct http_server *server, struct link *link, int64_t now)
{
	unsigned phase = atomic_load_explicit(
	    &link->phase, memory_order_relaxed);
	int64_t deadline = atomic_load_explicit(
	    &link->deadline, memory_order_relaxed);

	if (link->was_cut)
		return false;
	if (deadline != 0 && deadline < now)
		link_cut(server, link, phase % LINK_PHASES == LINK_ANSWER);
	else if (is_stuck(link, phase, server->headers_within, now))
		link_cut(server, link, phase % LINK_PHASES != LINK_BODY);
	return link->was_cut;
}

/*
 * The socket is open as long as its link is in the list, so that is locked
 * meanwhile. Who connects and leaves waits for it: false if it was let go for
 * them before the end.
 */
static bool
sweep(struct http_server *server, int64_t now)
{
	int most = 32;

	for (struct link *link = server->links; link != NULL; link = link->next)
		if (sweep_one(server, link, now) && --most == 0)
			return false;
	return true;
}

static void
sweep_all(struct http_server *server)
{
	int64_t now = clock_monotonic();

	while (!sweep(server, now)) {
		pthread_mutex_unlock(&server->lock);
		(void)sched_yield();
		pthread_mutex_lock(&server->lock);
	}
}

void *
link_sweep(void *closure)
{
	struct http_server *server = closure;
	const long pause = 200000000; /* ns: a deadline is met so well */
	struct timespec until;

	CHECK_MAGIC(server, SERVER_MAGIC);
	pthread_mutex_lock(&server->lock);
	while (!server->closing) {
		(void)clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += pause;
		if (until.tv_nsec >= 1000000000) {
			until.tv_sec++;
			until.tv_nsec -= 1000000000;
		}
		(void)pthread_cond_timedwait(
		    &server->wake, &server->lock, &until);
		sweep_all(server);
		atomic_store(&server->body_bytes_most, room_for_bodies());
	}
	pthread_mutex_unlock(&server->lock);
	return NULL;
}
