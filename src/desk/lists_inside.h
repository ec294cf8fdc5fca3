/* SPDX-License-Identifier: ISC */
#ifndef DESK_LISTS_INSIDE_H
#define DESK_LISTS_INSIDE_H

/* For lists.c and lists_load.c: what memory has of the lists. */

#include "desk/lists.h"

#include <pthread.h>

/* 32 bits: as the keys of chunks have them. */
struct log {
	uint32_t *seqs; /* ascending */
	size_t n;
	int64_t version;
	int64_t forgotten; /* up to this number they are only in chunks */
};

/* A stretch of a reader's, with what her versions need of it. */
struct part {
	int64_t subscription, filter;
};

struct reader {
	struct part *parts;
	size_t n_parts;
	struct log own;
	int64_t edited; /* journal number of her last edit */
};

/* Readers who have an incident in the past of a stretch of theirs. */
struct remembered {
	int64_t *people;
	size_t n;
};

struct lists {
	pthread_rwlock_t lock; /* guards all below */
	struct map *filters; /* struct log */
	struct map *people; /* struct reader */
	struct map *past; /* incident -> struct remembered */
	/* The follower's place, and how far memory has forgotten. */
	_Atomic int64_t written, forgot;
};

/* Of that number, made if there is none. */
struct log *log_of(struct lists *lists, int64_t filter);
struct reader *reader_of(struct lists *lists, int64_t person);

/* Adds a number at the end of a log that belongs to owner. */
void log_add(void *owner, struct log *log, int64_t seq);

/* That person has this incident in a past of hers. */
void remember(struct lists *lists, int64_t incident, int64_t person);

/* People with a stretch of that filter that has this number inside. */
MUST_CHECK bool lists_users(void *owner, struct db *db, int64_t filter,
    int64_t seq, int64_t **ret, size_t *n, struct error *err);

#endif
