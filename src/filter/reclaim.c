/* SPDX-License-Identifier: ISC */
#include "filter/reclaim.h"

#include "base/check.h"
#include "base/mem.h"

#include <pthread.h>

struct retired {
	void *memory;
	uint64_t number;
	struct retired *next;
};

struct reclaim {
	pthread_mutex_t lock; /* guards all below */
	uint64_t retired;
	struct reading *oldest, *newest;
	struct retired *first, *last; /* by number */
};

static void
free_chain(struct retired *retired)
{
	while (retired != NULL) {
		struct retired *next = retired->next;

		talloc_free(retired->memory);
		talloc_free(retired);
		retired = next;
	}
}

static int
reclaim_free(struct reclaim *reclaim)
{
	CHECK(reclaim->oldest == NULL);
	free_chain(reclaim->first);
	(void)pthread_mutex_destroy(&reclaim->lock);
	return 0;
}

struct reclaim *
reclaim_new(void *owner)
{
	struct reclaim *reclaim = mem_new(owner, struct reclaim);

	CHECK(pthread_mutex_init(&reclaim->lock, NULL) == 0);
	talloc_set_destructor(reclaim, reclaim_free);
	return reclaim;
}

/* Takes what no reading can see any more; the lock is held. */
static struct retired *
take_unread(struct reclaim *reclaim)
{
	struct retired *first = reclaim->first, *last = NULL, *next = first;

	while (next != NULL &&
	    (reclaim->oldest == NULL ||
		next->number <= reclaim->oldest->retired)) {
		last = next;
		next = next->next;
	}
	if (last == NULL)
		return NULL;
	last->next = NULL;
	reclaim->first = next;
	if (next == NULL)
		reclaim->last = NULL;
	return first;
}

void
reading_begin(struct reclaim *reclaim, struct reading *reading)
{
	pthread_mutex_lock(&reclaim->lock);
	reading->retired = reclaim->retired;
	reading->newer = NULL;
	reading->older = reclaim->newest;
	if (reclaim->newest != NULL)
		reclaim->newest->newer = reading;
	else
		reclaim->oldest = reading;
	reclaim->newest = reading;
	pthread_mutex_unlock(&reclaim->lock);
}

void
reading_end(struct reclaim *reclaim, struct reading *reading)
{
	struct retired *unread;

	pthread_mutex_lock(&reclaim->lock);
	if (reading->older != NULL)
		reading->older->newer = reading->newer;
	else
		reclaim->oldest = reading->newer;
	if (reading->newer != NULL)
		reading->newer->older = reading->older;
	else
		reclaim->newest = reading->older;
	unread = take_unread(reclaim);
	pthread_mutex_unlock(&reclaim->lock);
	free_chain(unread);
}

void
reclaim_retire(struct reclaim *reclaim, void *memory)
{
	struct retired *retired, *unread;

	if (memory == NULL)
		return;
	retired = mem_new(NULL, struct retired);
	retired->memory = memory;
	pthread_mutex_lock(&reclaim->lock);
	retired->number = ++reclaim->retired;
	if (reclaim->last != NULL)
		reclaim->last->next = retired;
	else
		reclaim->first = retired;
	reclaim->last = retired;
	unread = take_unread(reclaim);
	pthread_mutex_unlock(&reclaim->lock);
	free_chain(unread);
}
