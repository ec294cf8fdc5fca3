/* SPDX-License-Identifier: ISC */
#ifndef BASE_JSON_H
#define BASE_JSON_H

/*
 * JSON values (jansson) with our owners and our errors. What has come through
 * json_parse is UTF-8 without U+0000.
 */

#include "base/error.h"

#include <stdint.h>

#include <jansson.h>

/* Once, at the start of a program: memory is taken as in mem.h from then on. */
void json_init(void);

/* Makes owner hold one reference, given up when owner goes. Returns value. */
json_t *json_owned(void *owner, json_t *value);

/*
 * Parses one value (RFC 8259) of at most 64 levels and 200,000 values. The
 * error is MALFORMED with the place; *ret belongs to owner.
 */
MUST_CHECK bool json_parse(void *owner, const char *text, size_t length,
    json_t **ret, struct error *err);

/*
 * Members of an object by type. A member that is missing or null leaves *ret
 * as it was and is fine; one of another type is error_field(name). Text is
 * borrowed from the value.
 */
MUST_CHECK bool json_text(const json_t *object, const char *name,
    const char **ret, struct error *err);
MUST_CHECK bool json_int(
    const json_t *object, const char *name, int64_t *ret, struct error *err);
MUST_CHECK bool
json_bool(const json_t *object, const char *name, bool *ret, struct error *err);

/* Text of value without white space, or with two spaces an indent. */
char *json_compact(void *owner, const json_t *value);
char *json_pretty(void *owner, const json_t *value);

/*
 * Writers: put a member, value borrowed; NULL text is null. A time is RFC 3339,
 * 0 is null.
 */
void json_put(json_t *object, const char *name, json_t *value);
void json_put_text(json_t *object, const char *name, const char *text);
void json_put_int(json_t *object, const char *name, int64_t number);
void json_put_bool(json_t *object, const char *name, bool yes);
void json_put_time(json_t *object, const char *name, int64_t time);

#endif
