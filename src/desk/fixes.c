/* SPDX-License-Identifier: ISC */
#include "desk/fixes.h"

#include "base/map.h"
#include "base/mem.h"
#include "desk/incident.h"
#include "desk/tag_names.h"

#include <stdlib.h>
#include <string.h>

enum { NEWEST = 10 };

static const struct db_statement fixes_by = {
	"fixes of a person",
	"SELECT o.incident, o.created, t.title, t.tags FROM post o"
	" JOIN incident i ON i.id = o.incident"
	" JOIN incident_text t ON t.id = o.incident"
	" WHERE o.author = ? AND o.kind = 2 AND o.withdrawn = 0"
	" AND i.withdrawn IS NULL ORDER BY o.id DESC LIMIT 50",
};

struct reading {
	void *owner;
	struct map *incidents, *tags; /* seen */
	const struct tag_names *names;
	struct fixes fixes;
};

static void
add(struct reading *reading, const struct fixed *fixed, const char *tags)
{
	struct fixes *fixes = &reading->fixes;
	size_t n = 0;
	char **words = words_split(reading->owner, tags, &n);

	tags_now(reading->owner, reading->names, &words, &n);
	if (map_get(reading->incidents, fixed->incident) != NULL)
		return;
	map_set(reading->incidents, fixed->incident, reading);
	if (fixes->n < NEWEST)
		*mem_push(reading->owner, &fixes->newest, &fixes->n) = *fixed;
	for (size_t i = 0; i < n; i++) {
		if (map_get_text(reading->tags, words[i]) != NULL)
			continue;
		map_set_text(reading->tags, words[i], words[i]);
		*mem_push(
		    reading->owner, &fixes->tags, &fixes->n_tags) = words[i];
	}
}

static int
compare(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

bool
fixes_of(void *owner, struct db *db, int64_t person, struct fixes *ret,
    struct error *err)
{
	struct reading reading = { .owner = owner,
		.incidents = map_new(owner),
		.tags = map_new(owner),
		.names = tag_names_of(db) };
	struct db_query *query = db_query(
	    db, &fixes_by, DB_VALUES(db_int(person)));
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		struct fixed fixed;
		char *tags;

		fixed.incident = db_next_int(row);
		fixed.created = db_next_int(row);
		fixed.title = db_next_text(row, owner);
		tags = db_next_text(row, owner);
		db_end_of_row(row);
		add(&reading, &fixed, tags);
	}
	if (!db_done(query, err))
		return false;
	if (reading.fixes.n_tags > 0)
		qsort(reading.fixes.tags, reading.fixes.n_tags,
		    sizeof *reading.fixes.tags, compare);
	*ret = reading.fixes;
	return true;
}
