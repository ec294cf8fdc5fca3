/* SPDX-License-Identifier: ISC */
#include "base/mem.h"

#include "base/check.h"
#include "base/reserve.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	PAUSE = 20, /* ms */
	PAUSES_MOST = 250,
};

static _Noreturn void
end(void)
{
	fputs("barnraise: out of memory\n", stderr);
	abort();
}

bool
mem_may_come(unsigned *tries)
{
	const struct timespec pause = { 0, PAUSE * 1000000L };

	if (reserve_spend())
		return true;
	/* what others have begun ends meanwhile */
	if (!reserve_is_kept() || *tries >= PAUSES_MOST)
		return false;
	(*tries)++;
	(void)nanosleep(&pause, NULL);
	return true;
}

void
mem_lack(unsigned *tries)
{
	if (!mem_may_come(tries))
		end();
}

void *
mem_made(void *memory)
{
	if (memory == NULL)
		end();
	return memory;
}

void *
mem_take(size_t size)
{
	void *memory;

	mem_insist((memory = malloc(size == 0 ? 1 : size)) != NULL);
	return memory;
}

void *
mem_take_zero(size_t n, size_t size)
{
	void *memory;

	CHECK(n != 0 && size != 0);
	mem_insist((memory = calloc(n, size)) != NULL);
	return memory;
}

void *
mem_resize(void *memory, size_t size)
{
	void *resized;

	mem_insist((resized = realloc(memory, size == 0 ? 1 : size)) != NULL);
	return resized;
}

char *
mem_take_copy(const char *text)
{
	size_t length = strlen(text) + 1;

	return memcpy(mem_take(length), text, length);
}

void *
mem_zero(void *owner, size_t size, size_t n, const char *name)
{
	void *memory;

	CHECK(n < SIZE_MAX / 2 / size);
	mem_insist((memory = talloc_zero_size(owner, size * n)) != NULL);
	talloc_set_name_const(memory, name);
	return memory;
}

void *
mem_size(void *owner, size_t size)
{
	void *memory;

	mem_insist((memory = talloc_size(owner, size)) != NULL);
	return memory;
}

void *
mem_sized(void *owner, void *memory, size_t size)
{
	void *sized;

	mem_insist((sized = talloc_realloc_size(owner, memory, size)) != NULL);
	return sized;
}

char *
mem_copy(void *owner, const char *text)
{
	return mem_copy_n(owner, text, strlen(text));
}

char *
mem_copy_n(void *owner, const char *text, size_t length)
{
	char *copy = mem_size(owner, length + 1);

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
	text = mem_vprintf(owner, format, args);
	va_end(args);
	return text;
}

static char *
vprintf_try(void *owner, const char *format, va_list args)
{
	va_list copy;
	char *text;

	va_copy(copy, args);
	text = talloc_vasprintf(owner, format, copy);
	va_end(copy);
	return text;
}

char *
mem_vprintf(void *owner, const char *format, va_list args)
{
	char *text;

	mem_insist((text = vprintf_try(owner, format, args)) != NULL);
	return text;
}

static void *
named(void *memory, const char *name)
{
	talloc_set_name_const(memory, name);
	return memory;
}

void *
mem_root(const char *name)
{
	return named(mem_size(NULL, 0), name);
}

void *
mem_pool(const char *name, size_t size)
{
	void *pool;

	mem_insist((pool = talloc_pool(NULL, size)) != NULL);
	return named(pool, name);
}

void
mem_grow(void *owner, void **array, size_t n, size_t size)
{
	size_t room = *array == NULL ? 0 : talloc_get_size(*array) / size;

	if (n < room)
		return;
	CHECK(n < SIZE_MAX / 2 / size - 8);
	*array = mem_sized(owner, *array, (n < 8 ? 8 : 2 * n) * size);
}
