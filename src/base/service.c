/* SPDX-License-Identifier: ISC */
#include "base/service.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { SOCKET_FIRST = 3 }; /* SD_LISTEN_FDS_START */

/* --- what is handed over */

/* How many sockets, as text, if they are for this process; else NULL. */
static const char *
number_for_us(void)
{
	const char *pid = getenv("LISTEN_PID");

	return pid != NULL && strtol(pid, NULL, 10) == (long)getpid()
	    ? getenv("LISTEN_FDS")
	    : NULL;
}

static bool
is_listening(int fd)
{
	int value = 0;
	socklen_t length = sizeof value;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) ==
	    0 &&
	    value != 0;
}

static const char *
address_of(void *owner, int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} at;
	socklen_t length = sizeof at;
	char text[INET6_ADDRSTRLEN];

	memset(&at, 0, sizeof at);
	if (getsockname(fd, &at.any, &length) != 0)
		return NULL;
	if (at.any.sa_family == AF_INET &&
	    inet_ntop(AF_INET, &at.in.sin_addr, text, sizeof text) != NULL)
		return mem_printf(
		    owner, "%s:%u", text, (unsigned)ntohs(at.in.sin_port));
	if (at.any.sa_family == AF_INET6 &&
	    inet_ntop(AF_INET6, &at.in6.sin6_addr, text, sizeof text) != NULL)
		return mem_printf(
		    owner, "[%s]:%u", text, (unsigned)ntohs(at.in6.sin6_port));
	return NULL;
}

bool
service_socket(void *owner, int *ret, const char **address, struct error *err)
{
	const char *number = number_for_us();
	bool is_one;

	*ret = 0;
	*address = NULL;
	if (number == NULL)
		return true;
	is_one = strcmp(number, "1") == 0;
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	if (!is_one)
		return error_set(err, ERROR_INVALID,
		    "LISTEN_FDS: one socket is taken, no other number");
	if (is_listening(SOCKET_FIRST))
		*address = address_of(owner, SOCKET_FIRST);
	if (*address == NULL)
		return error_set(err, ERROR_INVALID,
		    "LISTEN_FDS: the socket is no TCP socket that listens");
	(void)fcntl(SOCKET_FIRST, F_SETFD, FD_CLOEXEC);
	*ret = SOCKET_FIRST;
	return true;
}

/* --- what is told */

/* False if there is nobody. */
static bool
manager_address(struct sockaddr_un *ret, socklen_t *length)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t n = path == NULL ? 0 : strlen(path);

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (n < 2 || n >= sizeof ret->sun_path ||
	    (path[0] != '/' && path[0] != '@'))
		return false;
	memcpy(ret->sun_path, path, n);
	/* a name that is in no file system begins with NUL */
	if (path[0] == '@')
		ret->sun_path[0] = '\0';
	*length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	return true;
}

void
service_tell(const char *state)
{
	struct sockaddr_un to;
	socklen_t length;
	int fd;

	if (!manager_address(&to, &length))
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1 ||
	    sendto(fd, state, strlen(state), MSG_NOSIGNAL,
		(struct sockaddr *)&to, length) == -1)
		log_event("service-manager", "why", strerror(errno), NULL);
	if (fd != -1)
		(void)close(fd);
}

void
service_tell_reloading(void)
{
	char text[64];

	(void)snprintf(text, sizeof text,
	    "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_monotonic());
	service_tell(text);
}
