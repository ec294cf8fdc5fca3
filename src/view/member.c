/* SPDX-License-Identifier: ISC */
#include "view/member.h"

#include "base/mem.h"

void
member_new(json_t *object, const char *name, json_t *value)
{
	json_put(object, name, mem_made(value));
	json_decref(value);
}

void
element_new(json_t *array, json_t *value)
{
	if (json_array_append_new(array, mem_made(value)) != 0)
		mem_made(NULL);
}

void
member_words(json_t *object, const char *name, char *const *words, size_t n)
{
	json_t *list = mem_made(json_array());

	for (size_t i = 0; i < n; i++)
		element_new(list, json_string(words[i]));
	member_new(object, name, list);
}

void
member_some(json_t *object, const char *name, int64_t number)
{
	if (number == 0)
		json_put_text(object, name, NULL);
	else
		json_put_int(object, name, number);
}

json_t *
object_new(void *owner)
{
	return json_owned(owner, json_object());
}
