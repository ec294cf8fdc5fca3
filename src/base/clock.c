/* SPDX-License-Identifier: ISC */
#include "base/clock.h"

#include <stdatomic.h>
#include <time.h>

static _Atomic int64_t fixed;

static int64_t
read_clock(clockid_t id)
{
	struct timespec now;

	(void)clock_gettime(id, &now);
	return (int64_t)now.tv_sec * SECOND + now.tv_nsec / 1000;
}

int64_t
clock_now(void)
{
	int64_t now = atomic_load(&fixed);

	return now != 0 ? now : read_clock(CLOCK_REALTIME);
}

int64_t
clock_second(void)
{
	int64_t now = atomic_load(&fixed);

	return now != 0 ? now / SECOND * SECOND : time(NULL) * SECOND;
}

int64_t
clock_monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t
clock_monotonic_coarse(void)
{
	return read_clock(CLOCK_MONOTONIC_COARSE);
}

int64_t
clock_thread_cpu(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

int64_t
clock_process_cpu(void)
{
	return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

void
clock_set(int64_t now)
{
	atomic_store(&fixed, now);
}
