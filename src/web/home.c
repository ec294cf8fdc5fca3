/* SPDX-License-Identifier: ISC */
#include "web/resources.h"

#include "base/json.h"
#include "web/answer_feed.h"
#include "web/public.h"

/* The front door: search, report, sign in; the newest public articles. */
bool
home_get(struct request *request, struct answer *answer, struct error *err)
{
	const struct article_query newest = { .public_only = true, .limit = 5 };
	json_t *model = json_owned(request->memory, json_object());
	struct page_head head = { 0 };
	struct article_list list;
	struct view view;

	if (!visit_view(request, VIEWER_PUBLIC, &view, err) ||
	    !article_list(request->memory, view.db, &newest, &list, err))
		return false;
	json_put_bool(model, "has_newest", list.n > 0);
	json_put(
	    model, "newest", article_rows(request, &view, &list, "/kb", NULL));
	head.feeds = feed_links(request, "/kb", "", "Knowledge base");
	if (!answer_page(request, answer, "home", model, &head, err))
		return false;
	answer_etag_of_body(request, answer, 0);
	return true;
}
