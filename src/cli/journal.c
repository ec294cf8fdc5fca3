/* SPDX-License-Identifier: ISC */
#include "desk/journal.h"

#include "base/json.h"
#include "base/mem.h"
#include "cli/commands.h"
#include "cli/store.h"
#include "desk/person.h"
#include "view/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT_USUAL = 50 };

/* An option that is a number from 1; what it was if it was not given. */
static bool
number_of(
    struct line *line, const char *option, int64_t *ret, struct error *err)
{
	const char *text = line_option(line, option);
	size_t digits = text == NULL ? 0 : strspn(text, "0123456789");

	if (text == NULL)
		return true;
	if (digits == 0 || digits > 18 || text[digits] != '\0' ||
	    text[0] == '0')
		return line_wrong(
		    line, err, "--%s: a number from 1, not %s", option, text);
	*ret = strtoll(text, NULL, 10);
	return true;
}

static bool
kind_of(struct line *line, enum journal_kind *ret, struct error *err)
{
	const char *name = line_option(line, "kind");

	*ret = JOURNAL_KINDS;
	if (name == NULL)
		return true;
	*ret = journal_kind_of(name);
	return *ret != JOURNAL_KINDS ||
	    line_wrong(line, err, "--kind: there is no kind %s", name);
}

/* The query of the options; whose handle is the store's to know. */
static bool
query_of(struct line *line, struct db *db, struct journal_query *ret,
    struct error *err)
{
	const char *handle = line_option(line, "person");
	int64_t limit = LIMIT_USUAL;
	struct person *person;

	if (!number_of(line, "incident", &ret->incident, err) ||
	    !number_of(line, "before", &ret->before, err) ||
	    !number_of(line, "limit", &limit, err) ||
	    !kind_of(line, &ret->kind, err))
		return false;
	ret->limit = (size_t)limit;
	if (handle == NULL)
		return true;
	if (!person_by_handle(line_memory(line), db, handle, &person, err))
		return false;
	ret->person = person->id;
	ret->handle = person->handle;
	return true;
}

static void
print_row(struct line *line, const struct event *event)
{
	void *memory = line_memory(line);
	json_t *row = shape_event(memory, event);
	const char *where = event->address;

	line_print(line, "%8jd %s %-12s %-12s %s%s%s", (intmax_t)event->seq,
	    json_string_value(json_object_get(row, "created")),
	    json_string_value(json_object_get(row, "kind")),
	    event->handle == NULL ? "-" : event->handle,
	    event->incident == 0 ? ""
				 : mem_printf(memory, "incident %jd ",
				       (intmax_t)event->incident),
	    event->detail == NULL ? "" : json_compact(memory, event->detail),
	    where == NULL ? "" : mem_printf(memory, " from %s", where));
}

static void
print(struct line *line, const struct journal_page *page)
{
	json_t *items = json_owned(line_memory(line), json_array());

	for (size_t i = 0; i < page->n; i++)
		if (line_has(line, "json"))
			(void)json_array_append(items,
			    shape_event(line_memory(line), &page->events[i]));
		else
			print_row(line, &page->events[i]);
	if (line_has(line, "json"))
		(void)puts(json_pretty(line_memory(line), items));
}

/* So many rows, however far back they are. */
static bool
search(struct line *line, struct db *db, struct error *err)
{
	struct journal_query query = { 0 };
	struct journal_page all = { 0 }, page;

	if (!query_of(line, db, &query, err))
		return false;
	do {
		if (!journal_search(line_memory(line), db, &query, &page, err))
			return false;
		for (size_t i = 0; i < page.n; i++)
			*mem_push(line_memory(line), &all.events,
			    &all.n) = page.events[i];
		query.limit -= page.n;
		query.before = page.next;
	} while (query.limit > 0 && page.next != 0);
	print(line, &all);
	return true;
}

static bool
journal(struct line *line, struct desk *desk, struct error *err)
{
	struct db *db;
	bool ok;

	if (!desk_reader(desk, &db, err))
		return false;
	ok = search(line, db, err);
	desk_reader_done(desk, db);
	return ok;
}

bool
journal_print(struct line *line, struct error *err)
{
	return store_with(line, journal, err);
}
