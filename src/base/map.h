/* SPDX-License-Identifier: ISC */
#ifndef BASE_MAP_H
#define BASE_MAP_H

/*
 * A hash map from 64-bit numbers, or from text, to pointers. It owns its keys
 * and none of its values. Not for two threads at once.
 */

#include <stddef.h>
#include <stdint.h>

struct map;

struct map *map_new(void *owner);

/* The value at key, or NULL. */
void *map_get(const struct map *map, int64_t key);
void *map_get_text(const struct map *map, const char *key);

/* Sets it, over an older one; NULL removes it. */
void map_set(struct map *map, int64_t key, void *value);
void map_set_text(struct map *map, const char *key, void *value);

size_t map_count(const struct map *map);

/*
 * Walks in no order: for (size_t at = 0; (v = map_next(map, &at, &key));).
 * key may be NULL. Setting during the walk is not allowed.
 */
void *map_next(const struct map *map, size_t *at, int64_t *key);

#endif
