/* SPDX-License-Identifier: ISC */
#include "base/map.h"

#include "base/check.h"
#include "base/mem.h"
#include "base/secret.h"

#include <pthread.h>
#include <string.h>

#include <sodium.h>

/*
 * Open addressing with linear probing, at most two thirds full. A removed slot
 * is filled by moving later ones up, so there are no grave stones. Text is
 * hashed with SipHash under a key of this process: whoever chooses the keys
 * cannot choose collisions.
 */
struct slot {
	int64_t key; /* the hash, where the key is text */
	char *text; /* NULL where the key is a number */
	void *value; /* NULL: the slot is free */
};

struct map {
	struct slot *slots;
	size_t n_slots; /* a power of two */
	size_t count;
};

struct map *
map_new(void *owner)
{
	struct map *map = mem_new(owner, struct map);

	map->n_slots = 8;
	map->slots = mem_array(map, struct slot, map->n_slots);
	return map;
}

/* Numbers come in sequence: spread them (the finaliser of MurmurHash3). */
static size_t
home(const struct map *map, int64_t key)
{
	uint64_t h = (uint64_t)key;

	h ^= h >> 33;
	h *= UINT64_C(0xff51afd7ed558ccd);
	h ^= h >> 33;
	return (size_t)h & (map->n_slots - 1);
}

static unsigned char hash_key[crypto_shorthash_KEYBYTES];
static pthread_once_t key_once = PTHREAD_ONCE_INIT;

static void
make_key(void)
{
	secret_random(hash_key, sizeof hash_key);
}

static int64_t
hash_text(const char *text)
{
	int64_t hash;

	(void)pthread_once(&key_once, make_key);
	crypto_shorthash((unsigned char *)&hash, (const unsigned char *)text,
	    strlen(text), hash_key);
	return hash;
}

static bool
is_at(const struct slot *slot, int64_t key, const char *text)
{
	if (slot->key != key || (slot->text == NULL) != (text == NULL))
		return false;
	return text == NULL || strcmp(slot->text, text) == 0;
}

/* The slot of that key, or the free one where it would go. */
static struct slot *
find(const struct map *map, int64_t key, const char *text)
{
	size_t i = home(map, key);

	while (map->slots[i].value != NULL && !is_at(&map->slots[i], key, text))
		i = (i + 1) & (map->n_slots - 1);
	return &map->slots[i];
}

static void
grow(struct map *map)
{
	struct slot *old = map->slots;
	size_t n_old = map->n_slots;

	map->n_slots *= 2;
	map->slots = mem_array(map, struct slot, map->n_slots);
	for (size_t i = 0; i < n_old; i++)
		if (old[i].value != NULL)
			*find(map, old[i].key, old[i].text) = old[i];
	talloc_free(old);
}

static void
remove_slot(struct map *map, struct slot *slot)
{
	size_t mask = map->n_slots - 1;
	size_t hole = (size_t)(slot - map->slots);

	talloc_free(slot->text);
	for (size_t i = (hole + 1) & mask; map->slots[i].value != NULL;
	     i = (i + 1) & mask) {
		size_t from = home(map, map->slots[i].key);

		/* can it move to the hole without passing its home? */
		if (((i - from) & mask) >= ((i - hole) & mask)) {
			map->slots[hole] = map->slots[i];
			hole = i;
		}
	}
	map->slots[hole] = (struct slot){ 0 };
	map->count--;
}

static void
set(struct map *map, int64_t key, const char *text, void *value)
{
	struct slot *slot = find(map, key, text);

	if (slot->value != NULL && value != NULL) {
		slot->value = value;
	} else if (slot->value != NULL) {
		remove_slot(map, slot);
	} else if (value != NULL) {
		if (3 * (map->count + 1) > 2 * map->n_slots) {
			grow(map);
			slot = find(map, key, text);
		}
		slot->key = key;
		slot->text = text == NULL ? NULL : mem_copy(map, text);
		slot->value = value;
		map->count++;
	}
}

void *
map_get(const struct map *map, int64_t key)
{
	return find(map, key, NULL)->value;
}

void *
map_get_text(const struct map *map, const char *key)
{
	return find(map, hash_text(key), key)->value;
}

void
map_set(struct map *map, int64_t key, void *value)
{
	set(map, key, NULL, value);
}

void
map_set_text(struct map *map, const char *key, void *value)
{
	set(map, hash_text(key), key, value);
}

size_t
map_count(const struct map *map)
{
	return map->count;
}

void *
map_next(const struct map *map, size_t *at, int64_t *key)
{
	while (*at < map->n_slots) {
		const struct slot *slot = &map->slots[(*at)++];

		if (slot->value == NULL)
			continue;
		if (key != NULL)
			*key = slot->key;
		return slot->value;
	}
	return NULL;
}
