/* SPDX-License-Identifier: ISC */
#include "base/reserve.h"

#include "base/check.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

/*
 * Addresses that may be written and never are. Unlike what is taken from
 * malloc, they go back to the system for certain, to be had by whatever part of
 * the program needs them.
 */
static struct {
	pthread_mutex_t lock; /* guards all that is not atomic */
	char *start;
	size_t bytes; /* of all; 0: none is kept */
	unsigned pieces; /* that are left */
	atomic_bool is_short;
	_Atomic int64_t shortages;
} reserve = { .lock = PTHREAD_MUTEX_INITIALIZER };

static char *
map(size_t bytes)
{
	void *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    /* cppcheck-suppress invalidFunctionArg; no file is -1 */
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/* cppcheck-suppress memleak; it is the caller's */
	return start == MAP_FAILED ? NULL : start;
}

static void
unmap(char *start, size_t bytes)
{
	if (bytes > 0)
		CHECK(munmap(start, bytes) == 0);
}

static size_t
piece(void)
{
	return reserve.bytes / RESERVE_PIECES;
}

bool
memory_can_be_had(size_t bytes)
{
	char *start = map(bytes);

	if (start != NULL)
		unmap(start, bytes);
	return start != NULL;
}

bool
reserve_keep(size_t bytes)
{
	char *start = NULL;

	CHECK(bytes % ((size_t)RESERVE_PIECES * 65536) == 0);
	if (bytes != 0 &&
	    (!memory_can_be_had(bytes + bytes / 4) ||
		(start = map(bytes)) == NULL))
		return false;
	pthread_mutex_lock(&reserve.lock);
	unmap(reserve.start, reserve.pieces * piece());
	reserve.start = start;
	reserve.bytes = bytes;
	reserve.pieces = bytes == 0 ? 0 : RESERVE_PIECES;
	atomic_store(&reserve.is_short, false);
	pthread_mutex_unlock(&reserve.lock);
	return true;
}

bool
reserve_spend(void)
{
	bool spent;

	pthread_mutex_lock(&reserve.lock);
	spent = reserve.pieces > 0;
	if (spent) {
		reserve.pieces--;
		unmap(reserve.start + reserve.pieces * piece(), piece());
	}
	if (reserve.bytes > 0 && !atomic_exchange(&reserve.is_short, true))
		atomic_fetch_add(&reserve.shortages, 1);
	pthread_mutex_unlock(&reserve.lock);
	return spent;
}

void
reserve_look(size_t bytes)
{
	while (!memory_can_be_had(bytes) && reserve_spend())
		;
}

bool
reserve_is_kept(void)
{
	bool is_kept;

	pthread_mutex_lock(&reserve.lock);
	is_kept = reserve.bytes > 0;
	pthread_mutex_unlock(&reserve.lock);
	return is_kept;
}

bool
memory_is_short(void)
{
	return atomic_load_explicit(&reserve.is_short, memory_order_relaxed);
}

int64_t
reserve_shortages(void)
{
	return atomic_load(&reserve.shortages);
}

/*
 * How many pieces there are to be had, none being kept: all if there is a
 * quarter more, else fewer if malloc has the rest.
 */
static unsigned
pieces_found(void)
{
	unsigned n = RESERVE_PIECES;
	size_t enough = reserve.bytes + reserve.bytes / 4;

	if (memory_can_be_had(enough))
		return n;
	while (n >= RESERVE_PIECES / 4 && !memory_can_be_had(n * piece()))
		n--;
	return n >= RESERVE_PIECES / 4 &&
		n * piece() + mallinfo2().fordblks >= enough
	    ? n
	    : 0;
}

bool
reserve_renew(void)
{
	unsigned n;

	pthread_mutex_lock(&reserve.lock);
	unmap(reserve.start, reserve.pieces * piece());
	reserve.pieces = 0;
	n = pieces_found();
	reserve.start = n == 0 ? NULL : map(n * piece());
	if (reserve.start != NULL) {
		reserve.pieces = n;
		atomic_store(&reserve.is_short, false);
	}
	pthread_mutex_unlock(&reserve.lock);
	return !memory_is_short();
}
