/* SPDX-License-Identifier: ISC */
#include "http/engine.h"

#include "base/check.h"
#include "base/clock.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Memory of connections that wait for their next request. libmicrohttpd keeps
 * for each of them the room for a whole head, and fills it with zeros after
 * each request, so that ten thousand who only wait would hold it all. Pages
 * that are given back to the system read as zeros as well.
 *
 * Each event thread does that for its own connections, when one more begins to
 * wait and others have for long: those that are busy never get so far.
 */

/* How many connections of a thread keep their room. */
enum {
	WARM = 32, /* at least */
	WARM_MOST = 160, /* of those that may be busy: who asks again SOON */
};

#define SOON (20 * SECOND / 1000)

static _Thread_local struct {
	struct link *oldest, *newest;
	unsigned n;
} idle;

void
idle_leave(struct link *link)
{
	if (!link->is_idle)
		return;
	if (link->idle_before != NULL)
		link->idle_before->idle_next = link->idle_next;
	else
		idle.oldest = link->idle_next;
	if (link->idle_next != NULL)
		link->idle_next->idle_before = link->idle_before;
	else
		idle.newest = link->idle_before;
	link->idle_before = link->idle_next = NULL;
	link->is_idle = false;
	idle.n--;
}

/*
 * Whether no byte has come but the heads that were read. Then the room holds
 * nothing, and the last head began where the room does.
 */
static bool
has_nothing(const struct link *link)
{
	struct tcp_info info = { 0 };
	socklen_t length = sizeof info;

	return getsockopt(link->fd, IPPROTO_TCP, TCP_INFO, &info, &length) ==
	    0 &&
	    length >= offsetof(struct tcp_info, tcpi_bytes_received) +
		sizeof info.tcpi_bytes_received &&
	    info.tcpi_bytes_received == link->heads;
}

static void
give_back(const struct link *link)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = (link->room + page - 1) / page * page;
	uintptr_t to = (link->room + CONNECTION_MEMORY) / page * page;

	if (link->room != 0 && to > from && has_nothing(link))
		(void)madvise((void *)from, to - from, MADV_DONTNEED);
}

/* Of those that wait for long; as many as may come in the meantime, and more.
 */
static void
give_back_oldest(int64_t now)
{
	for (int i = 0; i < 2 && idle.n > WARM; i++) {
		struct link *link = idle.oldest;

		if (now - link->idle_since < SOON && idle.n <= WARM_MOST)
			return;
		idle_leave(link);
		give_back(link);
	}
}

void
idle_enter(struct link *link)
{
	CHECK(!link->is_idle);
	link->is_idle = true;
	link->idle_since = clock_monotonic_coarse();
	link->idle_before = idle.newest;
	if (idle.newest != NULL)
		idle.newest->idle_next = link;
	else
		idle.oldest = link;
	idle.newest = link;
	idle.n++;
	give_back_oldest(link->idle_since);
}
