/* SPDX-License-Identifier: ISC */
#include "http/engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * A process that gets no memory ends. Where it has a limit of addresses
 * (LimitAS=, ulimit -v), what clients can make it take keeps well below what is
 * left of it: a body is several times in memory until its request is answered.
 */

enum {
	BODIES_MOST = 256 * 1024 * 1024,
	TIMES = 16,
};

/* Of addresses, in bytes; 0 if it cannot be told. */
static size_t
addresses_used(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	uintmax_t pages = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%" SCNuMAX, &pages) != 1)
		pages = 0;
	(void)fclose(file);
	return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

size_t
room_for_bodies(void)
{
	struct rlimit most;
	size_t used, room;

	if (getrlimit(RLIMIT_AS, &most) != 0 || most.rlim_cur == RLIM_INFINITY)
		return BODIES_MOST;
	used = addresses_used();
	room = used < most.rlim_cur ? (size_t)most.rlim_cur - used : 0;
	return room / TIMES < BODIES_MOST ? room / TIMES : BODIES_MOST;
}
