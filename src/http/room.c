/* SPDX-License-Identifier: ISC */
#include "http/engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * Where the process has a limit of memory (LimitAS=, LimitDATA=, ulimit -v),
 * what clients can make it take keeps well below what is left of it: a body is
 * several times in memory until its request is answered.
 */

enum {
	BODIES_MOST = 256 * 1024 * 1024,
	TIMES = 16,
};

/* Bytes of addresses, and of those what can be written. */
struct used {
	uintmax_t all, data;
};

static bool
used_look(struct used *ret)
{
	FILE *file = fopen("/proc/self/statm", "re");
	uintmax_t page = (uintmax_t)sysconf(_SC_PAGESIZE);
	uintmax_t all, data;
	bool ok;

	if (file == NULL)
		return false;
	ok = fscanf(file, "%" SCNuMAX " %*s %*s %*s %*s %" SCNuMAX, &all,
		 &data) == 2;
	(void)fclose(file);
	if (ok)
		*ret = (struct used){ all * page, data * page };
	return ok;
}

static uintmax_t
left(const struct rlimit *most, uintmax_t used)
{
	if (most->rlim_cur == RLIM_INFINITY)
		return UINTMAX_MAX;
	return used < most->rlim_cur ? most->rlim_cur - used : 0;
}

size_t
room_for_bodies(void)
{
	struct rlimit all, data;
	struct used used;
	uintmax_t room, other;

	if (getrlimit(RLIMIT_AS, &all) != 0 ||
	    getrlimit(RLIMIT_DATA, &data) != 0 ||
	    (all.rlim_cur == RLIM_INFINITY && data.rlim_cur == RLIM_INFINITY))
		return BODIES_MOST;
	if (!used_look(&used))
		return 0;
	room = left(&all, used.all);
	other = left(&data, used.data);
	if (other < room)
		room = other;
	return room / TIMES < BODIES_MOST ? (size_t)(room / TIMES)
					  : BODIES_MOST;
}
