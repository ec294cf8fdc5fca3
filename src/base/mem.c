/* SPDX-License-Identifier: ISC */
#include "base/mem.h"

#include "base/check.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *
mem_made(void *memory)
{
	if (memory == NULL) {
		fputs("barnraise: out of memory\n", stderr);
		abort();
	}
	return memory;
}

char *
mem_copy(void *owner, const char *text)
{
	return mem_made(talloc_strdup(owner, text));
}

char *
mem_copy_n(void *owner, const char *text, size_t length)
{
	char *copy = mem_made(talloc_size(owner, length + 1));

	if (length > 0)
		memcpy(copy, text, length);
	copy[length] = '\0';
	talloc_set_name_const(copy, "char");
	return copy;
}

char *
mem_printf(void *owner, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = talloc_vasprintf(owner, format, args);
	va_end(args);
	return mem_made(text);
}

void *
mem_root(const char *name)
{
	void *root = mem_made(talloc_new(NULL));

	talloc_set_name_const(root, name);
	return root;
}

void
mem_grow(void *owner, void **array, size_t n, size_t size)
{
	size_t room = *array == NULL ? 0 : talloc_get_size(*array) / size;

	if (n < room)
		return;
	CHECK(n < SIZE_MAX / 2 / size - 8);
	*array = mem_made(
	    talloc_realloc_size(owner, *array, (n < 8 ? 8 : 2 * n) * size));
}
