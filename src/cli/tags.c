/* SPDX-License-Identifier: ISC */
#include "desk/tag.h"

#include "base/json.h"
#include "base/mem.h"
#include "cli/commands.h"
#include "cli/store.h"
#include "view/shape.h"

#include <stdio.h>

enum { AT_ONCE = 500 };

static void
print(struct line *line, const struct tag_use *use, json_t *items)
{
	char *former = mem_copy(line_memory(line), "");

	for (size_t i = 0; i < use->n_former; i++)
		former = mem_printf(line_memory(line), "%s, formerly %s",
		    former, use->former[i]);
	if (line_has(line, "json"))
		(void)json_array_append(
		    items, shape_tag(line_memory(line), use));
	else
		line_print(line, "%8jd %6jd %s%s", (intmax_t)use->incidents,
		    (intmax_t)use->people, use->tag, former);
}

/* Page by page: the next one begins with what was one too many. */
static bool
list_all(struct line *line, struct db *db, struct error *err)
{
	json_t *items = json_owned(line_memory(line), json_array());
	const char *from = "";
	struct tag_use *uses;
	size_t n = AT_ONCE + 1;

	while (n > AT_ONCE) {
		if (!tag_page(line_memory(line), db, from, AT_ONCE + 1, &uses,
			&n, err))
			return false;
		for (size_t i = 0; i < n && i < AT_ONCE; i++)
			print(line, &uses[i], items);
		if (n > AT_ONCE)
			from = uses[AT_ONCE].tag;
	}
	if (line_has(line, "json"))
		(void)puts(json_pretty(line_memory(line), items));
	return true;
}

static bool
list(struct line *line, struct desk *desk, struct error *err)
{
	struct db *db;
	bool ok;

	if (!desk_reader(desk, &db, err))
		return false;
	ok = list_all(line, db, err);
	desk_reader_done(desk, db);
	return ok;
}

bool
tag_list(struct line *line, struct error *err)
{
	return store_with(line, list, err);
}

static bool
merge(struct line *line, struct desk *desk, struct error *err)
{
	return desk_tag_merge(
	    desk, &store_operator, line_text(line, 0), line_text(line, 1), err);
}

bool
tag_merge(struct line *line, struct error *err)
{
	return store_with(line, merge, err);
}

static bool
give_name(struct line *line, struct desk *desk, struct error *err)
{
	return desk_tag_rename(
	    desk, &store_operator, line_text(line, 0), line_text(line, 1), err);
}

bool
tag_rename(struct line *line, struct error *err)
{
	return store_with(line, give_name, err);
}
