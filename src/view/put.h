/* SPDX-License-Identifier: ISC */
#ifndef VIEW_PUT_H
#define VIEW_PUT_H

/* For view/ only: putting values that were made for this place into JSON. */

#include "base/json.h"

/* Takes value over. */
void put_new(json_t *object, const char *name, json_t *value);
void put_last(json_t *array, json_t *value);

/* A list of texts. */
void put_words(json_t *object, const char *name, char *const *words, size_t n);

/* A number, 0 is null. */
void put_some(json_t *object, const char *name, int64_t number);

/* An empty object that belongs to owner. */
json_t *put_begin(void *owner);

#endif
