/* SPDX-License-Identifier: ISC */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

/*
 * Threads and the queue between them.
 *
 * Order of locks, where two are held at once: desk state before access cache,
 * a matcher's building before its lock;
 * nothing else nests.
 */

#include "base/error.h"

#include <pthread.h>

/* Starts run(arg) under that name (at most 15 characters), signals blocked. */
MUST_CHECK bool thread_start(pthread_t *thread, const char *name,
    void *(*run)(void *), void *arg, struct error *err);

struct queue;

/* A queue of pointers with room for most; belongs to owner. */
struct queue *queue_new(void *owner, size_t most);

/* False if the queue is full or closed: nothing was queued. */
MUST_CHECK bool queue_try_put(struct queue *queue, void *item);

/* Waits for an item; NULL when the queue is closed and empty. */
void *queue_take(struct queue *queue);

/* The same, but at most until wait microseconds are over: then NULL. */
void *queue_take_within(struct queue *queue, long wait);

/* An item if there is one now, else NULL. */
void *queue_try_take(struct queue *queue);

/* No more goes in; who waits wakes up. */
void queue_close(struct queue *queue);
bool queue_is_closed(struct queue *queue);

/* Items that wait now. */
size_t queue_count(struct queue *queue);

#endif
