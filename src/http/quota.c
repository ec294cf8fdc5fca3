/* SPDX-License-Identifier: ISC */
#include "http/server.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/secret.h"

#include <pthread.h>
#include <string.h>

/*
 * How often a key did something of late. A window is counted in slices; of the
 * slice that is just leaving it all counts, so that no stretch as long as the
 * window ever holds more than most. Memory is fixed: a key is known by its
 * keyed hash, which leads to a few places of which the one longest unused goes
 * when another key needs it. So a flood of keys makes the server forget, never
 * grow.
 */
enum {
	SLICES = 8,
	WAYS = 8,
	SETS = 2048, /* 16,384 keys of 64 bytes: 1 MiB a quota */
};

struct tally {
	uint64_t key; /* 0: free */
	int64_t newest; /* number of the slice that counts[0] is of */
	uint32_t counts[SLICES + 1];
};

struct quota {
	unsigned most;
	int64_t slice; /* microseconds */
	unsigned char secret[SECRET_KEY];
	pthread_mutex_t lock; /* guards tallies */
	struct tally *tallies;
};

static int
quota_free(struct quota *quota)
{
	(void)pthread_mutex_destroy(&quota->lock);
	return 0;
}

struct quota *
quota_new(void *owner, unsigned most, int64_t window)
{
	struct quota *quota = mem_new(owner, struct quota);

	CHECK(most == 0 || window >= SLICES); /* no limit has no window */
	quota->most = most;
	quota->slice = window / SLICES;
	secret_random(quota->secret, sizeof quota->secret);
	CHECK(pthread_mutex_init(&quota->lock, NULL) == 0);
	if (most > 0)
		quota->tallies = mem_array(
		    quota, struct tally, (size_t)SETS * WAYS);
	talloc_set_destructor(quota, quota_free);
	return quota;
}

static uint64_t
key_hash(const struct quota *quota, const char *key)
{
	unsigned char hash[SECRET_HASH];
	uint64_t number;

	secret_hash(quota->secret, key, hash);
	memcpy(&number, hash, sizeof number);
	return number == 0 ? 1 : number;
}

/* Moves the slices on to now. */
static void
tally_move(struct tally *tally, int64_t now)
{
	int64_t steps = now - tally->newest;

	if (steps <= 0)
		return;
	for (int i = SLICES; i >= 0; i--)
		tally->counts[i] = i >= steps ? tally->counts[i - steps] : 0;
	tally->newest = now;
}

/* That of the key; it begins empty if it was not known. */
static struct tally *
tally_find(struct quota *quota, uint64_t key, int64_t now)
{
	struct tally *set = quota->tallies + key % SETS * WAYS;
	struct tally *oldest = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].key == key) {
			tally_move(&set[i], now);
			return &set[i];
		}
		if (set[i].key == 0 ||
		    (oldest->key != 0 && set[i].newest < oldest->newest))
			oldest = &set[i];
	}
	*oldest = (struct tally){ .key = key, .newest = now };
	return oldest;
}

static unsigned
tally_sum(const struct tally *tally)
{
	unsigned sum = 0;

	for (int i = 0; i <= SLICES; i++)
		sum += tally->counts[i];
	return sum;
}

/* Seconds until enough slices have left the window for one more. */
static unsigned
seconds_to_wait(const struct quota *quota, const struct tally *tally)
{
	unsigned sum = tally_sum(tally);
	int64_t slices = 0;

	for (int i = SLICES; i >= 0 && sum >= quota->most; i--) {
		sum -= tally->counts[i];
		slices = SLICES + 1 - i;
	}
	return (unsigned)((slices * quota->slice + SECOND - 1) / SECOND);
}

bool
quota_take(struct quota *quota, const char *key, struct error *err)
{
	struct tally *tally;
	int64_t now;
	unsigned wait = 0;
	uint64_t hash;

	if (quota->most == 0)
		return true;
	now = clock_monotonic() / quota->slice;
	hash = key_hash(quota, key);
	pthread_mutex_lock(&quota->lock);
	tally = tally_find(quota, hash, now);
	if (tally_sum(tally) >= quota->most)
		wait = seconds_to_wait(quota, tally);
	else
		tally->counts[0]++;
	pthread_mutex_unlock(&quota->lock);
	if (wait == 0)
		return true;
	err->retry_after = wait;
	return error_set(err, ERROR_RATE, "too often: wait %u s", wait);
}

/* It was taken a moment ago: in this slice, or in the one before. */
void
quota_return(struct quota *quota, const char *key)
{
	struct tally *tally;
	int64_t now;
	uint64_t hash;

	if (quota->most == 0)
		return;
	now = clock_monotonic() / quota->slice;
	hash = key_hash(quota, key);
	pthread_mutex_lock(&quota->lock);
	tally = tally_find(quota, hash, now);
	if (tally->counts[0] > 0)
		tally->counts[0]--;
	else if (tally->counts[1] > 0)
		tally->counts[1]--;
	pthread_mutex_unlock(&quota->lock);
}
