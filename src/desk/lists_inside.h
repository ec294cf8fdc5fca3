/* SPDX-License-Identifier: ISC */
#ifndef DESK_LISTS_INSIDE_H
#define DESK_LISTS_INSIDE_H

/*
 * For lists.c, lists_person.c and lists_load.c: what memory has of the lists.
 */

#include "desk/ascending.h"
#include "desk/lists.h"

#include <pthread.h>

/* 32 bits: as the keys of chunks have them. */
struct log {
	struct ascending seqs;
	uint32_t version;
	uint32_t forgotten; /* up to this number they are only in chunks */
};

/* A stretch of a reader's, with what her versions need of it. */
struct part {
	uint32_t subscription, filter;
};

struct reader {
	struct part *parts; /* without an owner */
	uint32_t n_parts;
	uint32_t edited; /* journal number of her last edit */
	struct log own;
};

/*
 * The numbers of filters and people go up from 1 and are never given again, so
 * what there is of each stands in an array at its number. An event touches
 * thousands of filters, in their order: so it walks through memory in one
 * direction, and one place in memory for each is what it costs.
 */
struct lists {
	pthread_rwlock_t lock; /* guards all below */
	struct log *filters;
	size_t n_filters;
	struct reader *people;
	size_t n_people;
	/* incident -> struct ascending: people who have it in a past of theirs
	 */
	struct map *past;
	/* numbers that memory has beyond lists_bounds.keep of each filter */
	size_t spare;
	/* The follower's place, and how far memory has forgotten. */
	_Atomic int64_t written, forgot;
	/* Up to there it may have forgotten though it is not written. */
	_Atomic int64_t dropped;
};

/* Of that number, made if there is none; good until another one is made. */
struct log *log_of(struct lists *lists, int64_t filter);
struct reader *reader_of(struct lists *lists, int64_t person);

/* NULL if memory has no such person. */
const struct reader *reader_find(const struct lists *lists, int64_t person);

/* Adds a number at the end of a log. */
void log_add(struct log *log, int64_t seq);

/*
 * With the lock held for writing: memory keeps of each filter what it has to,
 * and what is after upto; and counts anew what it has to spare.
 */
void lists_forget(struct lists *lists, int64_t upto);
/* The same, up to the newest number, if it has too much: see lists_bounds. */
void lists_make_room(struct lists *lists, int64_t newest);

/* --- lists_person.c */

/* Adds one at the end; the array grows by doubling. */
void part_push(
    struct part **parts, uint32_t *n, int64_t subscription, int64_t filter);

/* The people who have that incident in a past of theirs, or NULL. */
struct ascending *past_of(struct lists *lists, int64_t incident);
/* The same, made if there is none. */
struct ascending *past_need(struct lists *lists, int64_t incident);

/* --- lists.c */

/* People with a stretch of that filter that has this number inside. */
MUST_CHECK bool lists_users(void *owner, struct db *db, int64_t filter,
    int64_t seq, int64_t **ret, size_t *n, struct error *err);

#endif
