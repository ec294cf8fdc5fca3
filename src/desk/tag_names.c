/* SPDX-License-Identifier: ISC */
#include "desk/tag_names.h"

#include "base/mem.h"
#include "desk/inside.h"

#include <stdlib.h>
#include <string.h>

/*
 * A set never changes; a new one takes its place. Readers may still look at
 * the old one, so all stay as long as the desk: merges are rare, and few.
 */
struct tag_name {
	char *name, *tag; /* what it was called, what it is called now */
};

struct tag_names {
	struct tag_name *by_name, *by_tag; /* n of each, sorted */
	size_t n;
};

static int
compare_names(const void *a, const void *b)
{
	const struct tag_name *one = a, *other = b;

	return strcmp(one->name, other->name);
}

static int
compare_tags(const void *a, const void *b)
{
	const struct tag_name *one = a, *other = b;

	return strcmp(one->tag, other->tag);
}

static const struct db_statement all_names = {
	"former names of tags",
	"SELECT name, tag FROM tag_name ORDER BY name",
};

static bool
read_names(struct tag_names *names, struct db *db, struct error *err)
{
	struct db_query *query = db_query(db, &all_names, DB_NO_VALUES);
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		struct tag_name *each = mem_push(
		    names, &names->by_name, &names->n);

		each->name = db_next_text(row, names);
		each->tag = db_next_text(row, names);
		db_end_of_row(row);
	}
	if (!db_done(query, err))
		return false;
	if (names->n == 0)
		return true;
	names->by_tag = mem_array(names, struct tag_name, names->n);
	memcpy(names->by_tag, names->by_name, names->n * sizeof *names->by_tag);
	qsort(names->by_tag, names->n, sizeof *names->by_tag, compare_tags);
	return true;
}

bool
tag_names_load(struct desk *desk, struct db *db, struct error *err)
{
	struct tag_names *names = mem_new(desk->db, struct tag_names);

	if (!read_names(names, db, err)) {
		talloc_free(names);
		return false;
	}
	desk->names = names->n == 0 ? NULL : names;
	db_keep(desk->db, desk->names);
	return true;
}

const struct tag_names *
tag_names_of(const struct db *db)
{
	return db_kept(db);
}

const char *
tag_now(const struct tag_names *names, const char *tag)
{
	const struct tag_name wanted = { .name = (char *)(uintptr_t)tag };
	const struct tag_name *found;

	if (names == NULL)
		return tag;
	found = bsearch(&wanted, names->by_name, names->n,
	    sizeof *names->by_name, compare_names);
	return found == NULL ? tag : found->tag;
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t
sorted_once(char **tags, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort(tags, n, sizeof *tags, by_bytes);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || strcmp(tags[kept - 1], tags[i]) != 0)
			tags[kept++] = tags[i];
	return kept;
}

void
tags_now(void *owner, const struct tag_names *names, char ***tags, size_t *n)
{
	char **now;

	if (names == NULL || *n == 0)
		return;
	now = mem_array(owner, char *, *n);
	for (size_t i = 0; i < *n; i++)
		now[i] = (char *)(uintptr_t)tag_now(names, (*tags)[i]);
	*n = sorted_once(now, *n);
	*tags = now;
}

/* The first of those that are called so now. */
static size_t
first_of(const struct tag_names *names, const char *tag)
{
	size_t low = 0, high = names->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(names->by_tag[middle].tag, tag) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
tag_was_renamed(const struct tag_names *names, const char *tag)
{
	size_t first;

	if (names == NULL)
		return false;
	first = first_of(names, tag);
	return tag_now(names, tag) != tag ||
	    (first < names->n && strcmp(names->by_tag[first].tag, tag) == 0);
}

void
tags_ever(void *owner, const struct tag_names *names, char *const *tags,
    size_t n, const char *const **ret, size_t *n_ret)
{
	char **all = NULL;
	size_t count = 0;

	*ret = (const char *const *)tags;
	*n_ret = n;
	if (names == NULL || n == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		const char *tag = tags[i];

		*mem_push(owner, &all, &count) = (char *)(uintptr_t)tag;
		for (size_t k = first_of(names, tag);
		     k < names->n && strcmp(names->by_tag[k].tag, tag) == 0;
		     k++)
			*mem_push(owner, &all, &count) = names->by_tag[k].name;
	}
	*n_ret = sorted_once(all, count);
	*ret = (const char *const *)all;
}
