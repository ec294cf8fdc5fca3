/* SPDX-License-Identifier: ISC */
#include "base/thread.h"

#include "base/check.h"
#include "base/mem.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct start {
	const char *name;
	void *(*run)(void *);
	void *arg;
};

static void *
run_named(void *closure)
{
	struct start start = *(struct start *)closure;

	free(closure);
	(void)pthread_setname_np(pthread_self(), start.name);
	return start.run(start.arg);
}

bool
thread_start(pthread_t *thread, const char *name, void *(*run)(void *),
    void *arg, struct error *err)
{
	struct start *start = mem_take(sizeof *start);
	sigset_t all, old;
	int failed;

	*start = (struct start){ name, run, arg };
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	failed = pthread_create(thread, NULL, run_named, start);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (failed == 0)
		return true;
	free(start);
	return error_set(
	    err, ERROR_SYSTEM, "thread %s: %s", name, strerror(failed));
}

struct queue {
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t filled;
	void **items; /* a ring */
	size_t room, first, count;
	bool closed;
};

static int
queue_free(struct queue *queue)
{
	(void)pthread_cond_destroy(&queue->filled);
	(void)pthread_mutex_destroy(&queue->lock);
	return 0;
}

struct queue *
queue_new(void *owner, size_t most)
{
	struct queue *queue = mem_new(owner, struct queue);
	pthread_condattr_t monotonic;

	queue->items = mem_array(queue, void *, most);
	queue->room = most;
	CHECK(pthread_mutex_init(&queue->lock, NULL) == 0);
	CHECK(pthread_condattr_init(&monotonic) == 0);
	CHECK(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
	CHECK(pthread_cond_init(&queue->filled, &monotonic) == 0);
	(void)pthread_condattr_destroy(&monotonic);
	talloc_set_destructor(queue, queue_free);
	return queue;
}

bool
queue_try_put(struct queue *queue, void *item)
{
	bool put = false;

	pthread_mutex_lock(&queue->lock);
	if (!queue->closed && queue->count < queue->room) {
		queue->items[(queue->first + queue->count++) % queue->room] =
		    item;
		put = true;
		pthread_cond_signal(&queue->filled);
	}
	pthread_mutex_unlock(&queue->lock);
	return put;
}

static void *
take_locked(struct queue *queue)
{
	void *item;

	if (queue->count == 0)
		return NULL;
	item = queue->items[queue->first];
	queue->first = (queue->first + 1) % queue->room;
	queue->count--;
	return item;
}

void *
queue_take(struct queue *queue)
{
	void *item;

	pthread_mutex_lock(&queue->lock);
	while (queue->count == 0 && !queue->closed)
		pthread_cond_wait(&queue->filled, &queue->lock);
	item = take_locked(queue);
	pthread_mutex_unlock(&queue->lock);
	return item;
}

void *
queue_take_within(struct queue *queue, long wait)
{
	struct timespec until;
	void *item;
	int timeout = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += wait / 1000000;
	until.tv_nsec += wait % 1000000 * 1000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&queue->lock);
	while (queue->count == 0 && !queue->closed && timeout != ETIMEDOUT)
		timeout = pthread_cond_timedwait(
		    &queue->filled, &queue->lock, &until);
	item = take_locked(queue);
	pthread_mutex_unlock(&queue->lock);
	return item;
}

void *
queue_try_take(struct queue *queue)
{
	void *item;

	pthread_mutex_lock(&queue->lock);
	item = take_locked(queue);
	pthread_mutex_unlock(&queue->lock);
	return item;
}

void
queue_close(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->closed = true;
	pthread_cond_broadcast(&queue->filled);
	pthread_mutex_unlock(&queue->lock);
}

bool
queue_is_closed(struct queue *queue)
{
	bool closed;

	pthread_mutex_lock(&queue->lock);
	closed = queue->closed;
	pthread_mutex_unlock(&queue->lock);
	return closed;
}

size_t
queue_count(struct queue *queue)
{
	size_t count;

	pthread_mutex_lock(&queue->lock);
	count = queue->count;
	pthread_mutex_unlock(&queue->lock);
	return count;
}
