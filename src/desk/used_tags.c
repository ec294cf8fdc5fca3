/* SPDX-License-Identifier: ISC */
#include "desk/used_tags.h"

#include "base/map.h"
#include "base/mem.h"
#include "desk/incident.h"

#include <stdlib.h>
#include <string.h>

struct used {
	void *owner;
	struct map *seen;
	const char **tags;
	size_t n;
};

static void
add(struct used *used, char *tag)
{
	if (map_get_text(used->seen, tag) != NULL)
		return;
	map_set_text(used->seen, tag, tag);
	*mem_push(used->owner, &used->tags, &used->n) = tag;
}

static const struct db_statement of_profiles = {
	"tags of profiles",
	"SELECT DISTINCT tag FROM person_tag",
};

/* An incident's tags stand in one text, between single spaces. */
static const struct db_statement of_incidents = {
	"tags of the newest incidents",
	"SELECT t.tags FROM incident i JOIN incident_text t ON t.id = i.id"
	" WHERE i.withdrawn IS NULL ORDER BY i.raised DESC LIMIT 500",
};

static bool
read_all(struct used *used, struct db *db, const struct db_statement *which,
    struct error *err)
{
	struct db_query *query = db_query(db, which, DB_NO_VALUES);
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		size_t n = 0;
		char **tags = words_split(
		    used->owner, db_next_text(row, used->owner), &n);

		db_end_of_row(row);
		for (size_t i = 0; i < n; i++)
			add(used, tags[i]);
	}
	return db_done(query, err);
}

static int
compare(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

bool
used_tags(
    void *owner, struct db *db, const char ***ret, size_t *n, struct error *err)
{
	struct used used = { .owner = owner, .seen = map_new(owner) };

	if (!read_all(&used, db, &of_profiles, err) ||
	    !read_all(&used, db, &of_incidents, err))
		return false;
	if (used.n > 0)
		qsort(used.tags, used.n, sizeof *used.tags, compare);
	*ret = used.tags;
	*n = used.n;
	return true;
}
