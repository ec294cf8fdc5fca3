/* SPDX-License-Identifier: ISC */
#ifndef BASE_MEM_H
#define BASE_MEM_H

/*
 * Memory has an owner: a talloc context, always the first argument. What is
 * made for an owner goes when the owner goes. A context belongs to one thread
 * at a time.
 *
 * Nothing above has to think of running out of memory. Where there is none, the
 * reserve is spent (base/reserve.h), if one is kept, then others are waited
 * for, for five seconds; and if there is none then, the process ends here.
 */

#include "base/error.h"

#include <stdarg.h>
#include <talloc.h>

#define mem_new(owner, type) ((type *)mem_zero((owner), sizeof(type), 1, #type))
#define mem_array(owner, type, n) \
	((type *)mem_zero((owner), sizeof(type), (n), #type))

/*
 * One more at the end of a talloc array whose length is in n, doubling its
 * room: *mem_push(owner, &array, &n) = value. The array may begin as NULL.
 */
#define mem_push(owner, array, n)                                     \
	(mem_grow((owner), (void **)(array), *(n), sizeof **(array)), \
	    &(*(array))[(*(n))++])

/*
 * Does what needs memory until it is done: for libraries that take it
 * themselves, and can fail of nothing else.
 */
#define mem_insist(done)                            \
	do {                                        \
		for (unsigned tries_ = 0; !(done);) \
			mem_lack(&tries_);          \
	} while (0)

/* There was none: returns if it is worth another try. tries is 0 at first. */
void mem_lack(unsigned *tries);
/* The same, for what can do without: false if it is not worth it. */
bool mem_may_come(unsigned *tries);

/* Of a library whose memory is ours (mem_take): NULL cannot happen. */
void *mem_made(void *memory);

void *mem_zero(void *owner, size_t size, size_t n, const char *name);
void *mem_size(void *owner, size_t size);
void *mem_sized(void *owner, void *memory, size_t size); /* memory grows */
char *mem_copy(void *owner, const char *text);
char *mem_copy_n(void *owner, const char *text, size_t length);
char *mem_printf(void *owner, const char *format, ...) PRINTF(2, 3);
char *mem_vprintf(void *owner, const char *format, va_list args) PRINTF(2, 0);

/* A new context without an owner: only main, a thread or a request makes one.*/
void *mem_root(const char *name);
/* The same, with memory for what it will own. */
void *mem_pool(const char *name, size_t size);

/* Makes room for one more than n elements of that size; see mem_push. */
void mem_grow(void *owner, void **array, size_t n, size_t size);

/* malloc, calloc, realloc and strdup for what has no owner; free ends it. */
void *mem_take(size_t size);
void *mem_take_zero(size_t n, size_t size);
void *mem_resize(void *memory, size_t size);
char *mem_take_copy(const char *text);

#endif
