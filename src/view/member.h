/* SPDX-License-Identifier: ISC */
#ifndef VIEW_MEMBER_H
#define VIEW_MEMBER_H

/* For view/ only: putting values that were made for this place into JSON. */

#include "base/json.h"

/* Takes value over. */
void member_new(json_t *object, const char *name, json_t *value);
void element_new(json_t *array, json_t *value);

/* A list of texts. */
void
member_words(json_t *object, const char *name, char *const *words, size_t n);

/* A number, 0 is null. */
void member_some(json_t *object, const char *name, int64_t number);

/* An empty object that belongs to owner. */
json_t *object_new(void *owner);

#endif
