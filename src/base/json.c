/* SPDX-License-Identifier: ISC */
#include "base/json.h"

#include "base/date.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH = 64, VALUES = 200000 };

void
json_init(void)
{
	json_set_alloc_funcs(mem_take, free);
}

static int
holder_free(json_t **holder)
{
	json_decref(*holder);
	return 0;
}

json_t *
json_owned(void *owner, json_t *value)
{
	json_t **holder = mem_new(owner, json_t *);

	*holder = mem_made(value);
	talloc_set_destructor(holder, holder_free);
	return value;
}

/*
 * jansson allows 2,048 levels and recurses over them, and an empty object takes
 * a hundred times its two bytes; we look first. Strings are skipped, so a
 * bracket in a text does not count.
 */
static bool
is_bounded(const char *text, size_t length, struct error *err)
{
	bool in_string = false;
	size_t depth = 0, values = 1;

	for (size_t i = 0; i < length; i++) {
		if (in_string) {
			if (text[i] == '\\')
				i++;
			else if (text[i] == '"')
				in_string = false;
		} else if (text[i] == '"')
			in_string = true;
		else if (text[i] == ',')
			values++;
		else if (text[i] == '[' || text[i] == '{') {
			values++;
			depth++;
		} else if ((text[i] == ']' || text[i] == '}') && depth > 0)
			depth--;
		if (depth > DEPTH)
			return error_set(err, ERROR_MALFORMED,
			    "JSON: more than %d levels", DEPTH);
	}
	return values <= VALUES ||
	    error_set(
		err, ERROR_MALFORMED, "JSON: more than %d values", VALUES);
}

bool
json_parse(void *owner, const char *text, size_t length, json_t **ret,
    struct error *err)
{
	json_error_t where;
	json_t *value;

	if (!is_bounded(text, length, err))
		return false;
	value = json_loadb(text, length, JSON_DECODE_ANY, &where);
	if (value == NULL) {
		bool is_nul = json_error_code(&where) ==
		    json_error_null_character;

		return error_set(err, ERROR_MALFORMED,
		    "JSON: line %d, column %d: %s", where.line, where.column,
		    is_nul ? "U+0000 is not taken" : where.text);
	}
	*ret = json_owned(owner, value);
	return true;
}

static const json_t *
member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_null(value) ? NULL : value;
}

bool
json_text(
    const json_t *object, const char *name, const char **ret, struct error *err)
{
	const json_t *value = member(object, name);

	if (value == NULL)
		return true;
	if (!json_is_string(value))
		return error_field(err, name, 0, "must be a string");
	*ret = json_string_value(value);
	return true;
}

bool
json_int(
    const json_t *object, const char *name, int64_t *ret, struct error *err)
{
	const json_t *value = member(object, name);

	if (value == NULL)
		return true;
	if (!json_is_integer(value))
		return error_field(err, name, 0, "must be a whole number");
	*ret = json_integer_value(value);
	return true;
}

bool
json_bool(const json_t *object, const char *name, bool *ret, struct error *err)
{
	const json_t *value = member(object, name);

	if (value == NULL)
		return true;
	if (!json_is_boolean(value))
		return error_field(err, name, 0, "must be true or false");
	*ret = json_is_true(value);
	return true;
}

static char *
dumped(void *owner, const json_t *value, size_t flags)
{
	char *text = mem_made(json_dumps(value, JSON_ENCODE_ANY | flags));
	char *copy = mem_copy(owner, text);

	free(text);
	return copy;
}

char *
json_compact(void *owner, const json_t *value)
{
	return dumped(owner, value, JSON_COMPACT);
}

char *
json_pretty(void *owner, const json_t *value)
{
	return dumped(owner, value, JSON_INDENT(2));
}

void
json_put(json_t *object, const char *name, json_t *value)
{
	if (json_object_set(object, name, value) != 0)
		mem_made(NULL);
}

static void
put_new(json_t *object, const char *name, json_t *value)
{
	json_put(object, name, mem_made(value));
	json_decref(value);
}

void
json_put_text(json_t *object, const char *name, const char *text)
{
	put_new(object, name, text == NULL ? json_null() : json_string(text));
}

void
json_put_int(json_t *object, const char *name, int64_t number)
{
	put_new(object, name, json_integer(number));
}

void
json_put_bool(json_t *object, const char *name, bool yes)
{
	put_new(object, name, json_boolean(yes));
}

void
json_put_time(json_t *object, const char *name, int64_t time)
{
	char *text = time == 0 ? NULL : date_rfc3339(NULL, time);

	json_put_text(object, name, text);
	talloc_free(text);
}
