/* SPDX-License-Identifier: ISC */
#ifndef FILTER_CODES_H
#define FILTER_CODES_H

/*
 * Compiled regexes, kept under a bound of memory for the whole process. How a
 * pattern is compiled is not known here. All of it may be called by any number
 * of threads at once.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct code {
	pcre2_code *pcre;
	bool anchored; /* can only begin where the text does */
	bool has_starts; /* a match begins with one of these bytes */
	unsigned char starts[32];

	/* codes.c only */
	size_t size;
	_Atomic(struct code *) *place; /* where it is found while it is kept */
	atomic_bool used;
	TAILQ_ENTRY(code) link;
};

/* Takes the compiled pattern over. */
struct code *code_new(pcre2_code *pcre);

/* Of one thread that uses codes, one at a time. */
struct code_user;
struct code_user *code_user_new(void *owner);

/*
 * The code that is kept for a place, or NULL if there is none now. It stays
 * good for the user until code_release().
 */
const struct code *
code_hold(struct code_user *user, _Atomic(struct code *) *place);
void code_release(struct code_user *user);

/*
 * Keeps code for a place that had none, and holds it for the user. If another
 * thread was quicker, that one's is held and this one freed.
 */
const struct code *code_keep(
    struct code_user *user, _Atomic(struct code *) *place, struct code *code);

/* Frees what is kept for a place that nobody asks any more. */
void code_drop(_Atomic(struct code *) *place);

/* How many bytes may be kept, and how many are. */
void codes_set_bound(size_t bytes);
size_t codes_size(void);
/* Frees what is more than that, this once. */
void codes_shrink(size_t bytes);

#endif
