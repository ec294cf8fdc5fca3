/* SPDX-License-Identifier: ISC */
#include "desk/ascending.h"

#include "base/check.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 4 };

static void
set_room(struct ascending *list, uint32_t room)
{
	list->all = mem_resize(list->all, room * sizeof *list->all);
	list->room = room;
}

void
ascending_free(struct ascending *list)
{
	free(list->all);
	*list = (struct ascending){ 0 };
}

void
ascending_push(struct ascending *list, int64_t number)
{
	CHECK(number >= 0 && number <= UINT32_MAX);
	if (list->n == list->room)
		set_room(list, list->room == 0 ? ROOM_FIRST : list->room * 2);
	list->all[list->n++] = (uint32_t)number;
}

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

void
ascending_settle(struct ascending *list)
{
	uint32_t at = 1;

	while (at < list->n && list->all[at - 1] < list->all[at])
		at++;
	if (at >= list->n)
		return;
	qsort(list->all, list->n, sizeof *list->all, by_number);
	at = 1;
	for (uint32_t i = 1; i < list->n; i++)
		if (list->all[at - 1] != list->all[i])
			list->all[at++] = list->all[i];
	list->n = at;
}

size_t
ascending_find(const struct ascending *list, int64_t number)
{
	size_t low = 0, high = list->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((int64_t)list->all[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void
ascending_insert(struct ascending *list, int64_t number)
{
	size_t at = ascending_find(list, number);

	if (at < list->n && (int64_t)list->all[at] == number)
		return;
	ascending_push(list, number);
	memmove(list->all + at + 1, list->all + at,
	    (list->n - 1 - at) * sizeof *list->all);
	list->all[at] = (uint32_t)number;
}

void
ascending_cut(struct ascending *list, size_t n)
{
	CHECK(n <= list->n);
	list->n -= (uint32_t)n;
	if (list->n == 0) {
		ascending_free(list);
		return;
	}
	memmove(list->all, list->all + n, list->n * sizeof *list->all);
	set_room(list, list->n);
}
