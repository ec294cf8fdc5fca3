/* SPDX-License-Identifier: ISC */
#include "view/draft.h"

/*
 * Threads: the incident's entry, and one for each reply, fix, answer, close,
 * confirm and reopening; for staff also for each pull. The customer's is under
 * her status link; of a duplicate it has her own events and the other's fixes.
 */

#include "base/mem.h"

static bool
add_events(struct draft *draft, struct dossier *dossier, struct error *err)
{
	for (size_t i = 0; i < dossier->n_thread; i++)
		if (!draft_event(draft, dossier, &dossier->thread[i], err))
			return false;
	return true;
}

static char *
thread_title(
    void *owner, const struct view *view, const struct incident *incident)
{
	return mem_printf(owner, "%s: %jd %s", view->name,
	    (intmax_t)incident->number, incident->title);
}

bool
feed_thread(void *owner, const struct view *view, int64_t incident,
    struct feed_view *ret, struct error *err)
{
	struct dossier *dossier;
	struct draft draft;

	*ret = (struct feed_view){ 0 };
	draft_begin(&draft, owner, view);
	draft.is_thread = true;
	if (!draft_dossier(&draft, incident, &dossier, err) ||
	    !draft_incident(&draft, dossier, err) ||
	    !add_events(&draft, dossier, err))
		return false;
	ret->feed.id = view_id(owner, view, "thread:%jd", (intmax_t)incident);
	ret->feed.title = thread_title(owner, view, dossier->incident);
	ret->feed.url = view_url(
	    owner, view, "/incidents/%jd", (intmax_t)incident);
	return draft_done(
	    &draft, DRAFT_NEWEST_FIRST, dossier->incident->created, ret, err);
}

bool
feed_status(void *owner, const struct view *view, int64_t incident,
    const char *status_url, struct feed_view *ret, struct error *err)
{
	struct view customer = *view;
	struct dossier *dossier;
	struct draft draft;

	*ret = (struct feed_view){ 0 };
	customer.viewer = VIEWER_CUSTOMER;
	draft_begin(&draft, owner, &customer);
	draft.is_thread = true;
	draft.status_url = status_url;
	if (!draft_dossier(&draft, incident, &dossier, err) ||
	    !draft_followed(&draft, dossier, err) ||
	    !draft_incident(&draft, dossier, err) ||
	    !add_events(&draft, dossier, err))
		return false;
	ret->feed.id = view_id(owner, view, "status:%jd", (intmax_t)incident);
	ret->feed.title = thread_title(owner, view, dossier->incident);
	ret->feed.url = status_url;
	return draft_done(
	    &draft, DRAFT_NEWEST_FIRST, dossier->incident->created, ret, err);
}
