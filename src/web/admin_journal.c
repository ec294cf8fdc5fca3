/* SPDX-License-Identifier: ISC */
#include "web/admin.h"

/* /admin/journal: who did what, when, from where; newest first. */

#include "base/json.h"
#include "base/mem.h"
#include "desk/journal.h"
#include "desk/person.h"
#include "web/model.h"
#include "web/resources.h"

#include <stdlib.h>
#include <string.h>

static const char *
asked(struct request *request, const char *name)
{
	const char *text = request_query(request, name);

	return text == NULL ? "" : text;
}

/* False without err: nothing is found, since there is no such person. */
static bool
whose(struct request *request, struct db *db, struct journal_query *query,
    bool *is_nobody, struct error *err)
{
	const char *handle = asked(request, "person");
	struct person *person;
	struct error failed = { 0 };

	*is_nobody = false;
	if (handle[0] == '\0')
		return true;
	if (person_by_handle(request->memory, db, handle, &person, &failed)) {
		query->person = person->id;
		query->handle = person->handle;
		return true;
	}
	*is_nobody = failed.kind == ERROR_NOT_FOUND;
	if (!*is_nobody)
		*err = failed;
	return *is_nobody;
}

static bool
search(struct request *request, struct db *db, struct journal_page *page,
    struct error *err)
{
	const char *kind = asked(request, "kind");
	const char *incident = asked(request, "incident");
	struct journal_query query = {
		.before = query_before(request),
		.kind = journal_kind_of(kind),
		.limit = query_limit(request),
	};
	bool is_nobody;

	*page = (struct journal_page){ 0 };
	if (!whose(request, db, &query, &is_nobody, err))
		return false;
	if (incident[0] == '#')
		incident++;
	if (strspn(incident, "0123456789") == strlen(incident) &&
	    strlen(incident) <= 18)
		query.incident = strtoll(incident, NULL, 10);
	else
		is_nobody = true;
	if (is_nobody || (kind[0] != '\0' && query.kind == JOURNAL_KINDS))
		return true;
	return journal_search(request->memory, db, &query, page, err);
}

static void
put_form(struct request *request, json_t *model)
{
	json_t *form = json_object();

	json_put_text(form, "incident", asked(request, "incident"));
	json_put_text(form, "person", asked(request, "person"));
	model_put(model, "form", form);
	model_put(model, "kind_options",
	    model_options(
		journal_names, JOURNAL_KINDS, asked(request, "kind")));
}

bool
admin_journal_get(
    struct request *request, struct answer *answer, struct error *err)
{
	static const char *const names[] = { "incident", "person", "kind",
		"limit", NULL };
	json_t *items = json_owned(request->memory, json_array());
	struct journal_page page;
	struct db *db;
	json_t *list;

	if (!visit_db(request, &db, err) || !search(request, db, &page, err))
		return false;
	for (size_t i = 0; i < page.n; i++)
		(void)json_array_append(
		    items, admin_event(request, &page.events[i]));
	list = model_list(request->memory, items,
	    page.next == 0
		? NULL
		: query_next(request, "/admin/journal", names, page.next));
	if (request->form == HTTP_HTML)
		put_form(request, list);
	return admin_list(
	    request, answer, "admin_journal", "Journal", list, err);
}
