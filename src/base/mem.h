/* SPDX-License-Identifier: ISC */
#ifndef BASE_MEM_H
#define BASE_MEM_H

/*
 * Memory has an owner: a talloc context, always the first argument. What is
 * made for an owner goes when the owner goes. Running out of memory ends the
 * process here, so that nothing above has to think of it. A context belongs to
 * one thread at a time.
 */

#include "base/error.h"

#include <talloc.h>

#define mem_new(owner, type) ((type *)mem_made(talloc_zero((owner), type)))
#define mem_array(owner, type, n) \
	((type *)mem_made(talloc_zero_array((owner), type, (n))))

/*
 * One more at the end of a talloc array whose length is in n, doubling its
 * room: *mem_push(owner, &array, &n) = value. The array may begin as NULL.
 */
#define mem_push(owner, array, n)                                     \
	(mem_grow((owner), (void **)(array), *(n), sizeof **(array)), \
	    &(*(array))[(*(n))++])

void *mem_made(void *memory);
char *mem_copy(void *owner, const char *text);
char *mem_copy_n(void *owner, const char *text, size_t length);
char *mem_printf(void *owner, const char *format, ...) PRINTF(2, 3);

/* A new context without an owner: only main, a thread or a request makes one.*/
void *mem_root(const char *name);

/* Makes room for one more than n elements of that size; see mem_push. */
void mem_grow(void *owner, void **array, size_t n, size_t size);

#endif
