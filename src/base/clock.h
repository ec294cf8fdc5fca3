/* SPDX-License-Identifier: ISC */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/* Time in microseconds, int64_t everywhere. */

#include <stdint.h>

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* Since 1970 in UTC, as the wall clock says. */
int64_t clock_now(void);

/*
 * The same in whole seconds of a coarser clock, some milliseconds late: what
 * libmicrohttpd sends as Date.
 */
int64_t clock_second(void);

/* Since some moment, never backwards: for limits, timeouts, measuring. */
int64_t clock_monotonic(void);

/* The same, some milliseconds late and several times cheaper: for deadlines. */
int64_t clock_monotonic_coarse(void);

/* CPU time of the calling thread, of the process. */
int64_t clock_thread_cpu(void);
int64_t clock_process_cpu(void);

/* For tests: from now on clock_now() says this; 0 gives the real one back. */
void clock_set(int64_t now);

#endif
