/* SPDX-License-Identifier: ISC */
#include "view/draft.h"

/* A list as a feed: incidents as they are now, latest raise first. */

#include "base/escape.h"
#include "base/mem.h"

bool
feed_list(void *owner, const struct view *view, const char *filter,
    const struct list *list, struct feed_view *ret, struct error *err)
{
	struct buf *escaped = buf_new(owner);
	struct dossier *dossier;
	struct draft draft;
	bool all = *filter == '\0';

	*ret = (struct feed_view){ 0 };
	draft_begin(&draft, owner, view);
	draft.filter = filter;
	for (size_t i = 0; i < list->n; i++)
		if (!draft_dossier(&draft, list->incidents[i], &dossier, err) ||
		    !draft_incident(&draft, dossier, err))
			return false;
	buf_url(escaped, filter);
	ret->feed.id = view_id(owner, view, "list:%s", escaped->text);
	ret->feed.title = mem_printf(
	    owner, "%s: %s", view->name, all ? "all incidents" : filter);
	ret->feed.url = view_url(
	    owner, view, "/incidents%s%s", all ? "" : "?q=", escaped->text);
	return draft_done(&draft, DRAFT_AS_ADDED, 0, ret, err);
}
