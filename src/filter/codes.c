/* SPDX-License-Identifier: ISC */
#include "filter/codes.h"

#include "base/check.h"
#include "base/mem.h"

#include <pthread.h>
#include <stdlib.h>

/*
 * Machine code for a regex takes more memory than all else of a filter, and
 * most filters hardly ever get as far as their regex. So code is made when it
 * is first needed, and only so much of it is kept: all that is kept stands in a
 * queue, new code at its end; when there is too much, the first goes, unless it
 * was used since it came there: then it is sent to the end once more.
 *
 * Threads use code without a lock while others throw it out. A user says which
 * code it is going to use and looks whether the code is still in its place.
 * Who throws code out first empties the place, then frees it only if no user
 * says to be using it; else it waits among what is gone, until somebody takes
 * the lock again and finds it unused. So at most one code a user waits there.
 */
enum {
	BOUND = 256 << 20, /* bytes */
	LOOKS = 64, /* at code that was used, before it goes nevertheless */
};

TAILQ_HEAD(code_queue, code);
TAILQ_HEAD(code_users, code_user);

struct code_user {
	_Atomic(struct code *) held;
	TAILQ_ENTRY(code_user) link;
};

static struct {
	pthread_mutex_t lock; /* guards the rest */
	struct code_queue kept, gone;
	struct code_users users;
	size_t size, bound; /* of what is kept */
} codes = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.kept = TAILQ_HEAD_INITIALIZER(codes.kept),
	.gone = TAILQ_HEAD_INITIALIZER(codes.gone),
	.users = TAILQ_HEAD_INITIALIZER(codes.users),
	.bound = BOUND,
};

struct code *
code_new(pcre2_code *pcre)
{
	struct code *code = mem_take_zero(1, sizeof *code);
	size_t compiled = 0, machine = 0;

	CHECK(pcre2_pattern_info(pcre, PCRE2_INFO_SIZE, &compiled) == 0);
	CHECK(pcre2_pattern_info(pcre, PCRE2_INFO_JITSIZE, &machine) == 0);
	code->pcre = pcre;
	code->size = sizeof *code + compiled + machine;
	return code;
}

static void
code_free(struct code *code)
{
	pcre2_code_free(code->pcre);
	free(code);
}

static void
free_all(struct code_queue *queue)
{
	struct code *code;

	while ((code = TAILQ_FIRST(queue)) != NULL) {
		TAILQ_REMOVE(queue, code, link);
		code_free(code);
	}
}

/* Out of its place; the lock is held. */
static void
take_out(struct code *code)
{
	TAILQ_REMOVE(&codes.kept, code, link);
	codes.size -= code->size;
	atomic_store(code->place, NULL);
}

/* Throws out what is too much; the lock is held. */
static void
keep_bound(size_t bound)
{
	while (codes.size > bound) {
		struct code *code = TAILQ_FIRST(&codes.kept);

		for (int looks = 0;
		     looks < LOOKS && atomic_exchange(&code->used, false);
		     looks++) {
			TAILQ_REMOVE(&codes.kept, code, link);
			TAILQ_INSERT_TAIL(&codes.kept, code, link);
			code = TAILQ_FIRST(&codes.kept);
		}
		take_out(code);
		TAILQ_INSERT_TAIL(&codes.gone, code, link);
	}
}

static bool
is_held(const struct code *code)
{
	struct code_user *user;

	TAILQ_FOREACH(user, &codes.users, link)
	{
		if (atomic_load(&user->held) == code)
			return true;
	}
	return false;
}

/* Moves to queue what is gone and unused; the lock is held. */
static void
take_unused(struct code_queue *queue)
{
	struct code *code, *next;

	for (code = TAILQ_FIRST(&codes.gone); code != NULL; code = next) {
		next = TAILQ_NEXT(code, link);
		if (is_held(code))
			continue;
		TAILQ_REMOVE(&codes.gone, code, link);
		TAILQ_INSERT_TAIL(queue, code, link);
	}
}

static int
code_user_free(struct code_user *user)
{
	struct code_queue unused = TAILQ_HEAD_INITIALIZER(unused);

	pthread_mutex_lock(&codes.lock);
	TAILQ_REMOVE(&codes.users, user, link);
	take_unused(&unused);
	pthread_mutex_unlock(&codes.lock);
	free_all(&unused);
	return 0;
}

struct code_user *
code_user_new(void *owner)
{
	struct code_user *user = mem_new(owner, struct code_user);

	pthread_mutex_lock(&codes.lock);
	TAILQ_INSERT_TAIL(&codes.users, user, link);
	pthread_mutex_unlock(&codes.lock);
	talloc_set_destructor(user, code_user_free);
	return user;
}

const struct code *
code_hold(struct code_user *user, _Atomic(struct code *) *place)
{
	struct code *code = atomic_load(place), *said = NULL;

	while (code != said) {
		atomic_store(&user->held, code);
		said = code;
		code = atomic_load(place);
	}
	/* written only if it changes: other threads read it too */
	if (code != NULL &&
	    !atomic_load_explicit(&code->used, memory_order_relaxed))
		atomic_store_explicit(&code->used, true, memory_order_relaxed);
	return code;
}

void
code_release(struct code_user *user)
{
	atomic_store_explicit(&user->held, NULL, memory_order_release);
}

const struct code *
code_keep(
    struct code_user *user, _Atomic(struct code *) *place, struct code *code)
{
	struct code_queue unused = TAILQ_HEAD_INITIALIZER(unused);
	struct code *there;

	pthread_mutex_lock(&codes.lock);
	there = atomic_load(place);
	if (there == NULL) {
		there = code;
		code->place = place;
		codes.size += code->size;
		TAILQ_INSERT_TAIL(&codes.kept, code, link);
	} else
		TAILQ_INSERT_TAIL(&unused, code, link);
	atomic_store(&user->held, there);
	atomic_store(place, there);
	keep_bound(codes.bound);
	take_unused(&unused);
	pthread_mutex_unlock(&codes.lock);
	free_all(&unused);
	return there;
}

void
code_drop(_Atomic(struct code *) *place)
{
	struct code *code;

	if (atomic_load(place) == NULL)
		return;
	pthread_mutex_lock(&codes.lock);
	code = atomic_load(place);
	if (code != NULL)
		take_out(code);
	pthread_mutex_unlock(&codes.lock);
	if (code != NULL)
		code_free(code);
}

static void
bring_under(size_t bytes, bool for_good)
{
	struct code_queue unused = TAILQ_HEAD_INITIALIZER(unused);

	pthread_mutex_lock(&codes.lock);
	if (for_good)
		codes.bound = bytes;
	keep_bound(bytes);
	take_unused(&unused);
	pthread_mutex_unlock(&codes.lock);
	free_all(&unused);
}

void
codes_set_bound(size_t bytes)
{
	bring_under(bytes, true);
}

void
codes_shrink(size_t bytes)
{
	bring_under(bytes, false);
}

size_t
codes_size(void)
{
	size_t size;

	pthread_mutex_lock(&codes.lock);
	size = codes.size;
	pthread_mutex_unlock(&codes.lock);
	return size;
}
