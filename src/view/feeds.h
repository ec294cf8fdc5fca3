/* SPDX-License-Identifier: ISC */
#ifndef VIEW_FEEDS_H
#define VIEW_FEEDS_H

/*
 * The feed documents (design section 7), independent of the wire format. Each
 * fills *ret, all of owner's memory, but for feed.self and feed.ttl, which the
 * caller knows.
 *
 * Categories have these schemes, each "tag:{authority},{year}:scheme:" and tag,
 * severity, status or confidence. Links of entries, beside those of the
 * standards, have the relations "tag:{authority},{year}:rel:" and join or
 * reply.
 *
 * JSON Feed items carry under _barnraise: an incident's entry the incident; an
 * event's entry the incident with "event": {"id", "kind", "person", "created"},
 * and as "posts" the one that the event made, if any; in the customer's feed
 * the status object, events only {"event"}; a pause the subscription with
 * "event"; an article's entry the article. Notes are in none of them, since a
 * note changes no feed. Long texts are cut; then there is "cut": true, and the
 * whole is at "url".
 */

#include "desk/article.h"
#include "desk/list.h"
#include "feed/feed.h"
#include "view/view.h"

struct feed_view {
	struct feed feed;
	int64_t modified; /* time of the last change in it */
};

MUST_CHECK bool feed_personal(void *owner, const struct view *view,
    size_t limit, struct feed_view *ret, struct error *err);

/* ERROR_GONE if she removed it, ERROR_NOT_FOUND if it is another's. */
MUST_CHECK bool
feed_subscription(void *owner, const struct view *view, int64_t subscription,
    size_t limit, struct feed_view *ret, struct error *err);

/* A list as a feed: filter is its canonical text, "" for all. */
MUST_CHECK bool
feed_list(void *owner, const struct view *view, const char *filter,
    const struct list *list, struct feed_view *ret, struct error *err);

/* A thread: the incident's entry, and one for each post and turn. */
MUST_CHECK bool feed_thread(void *owner, const struct view *view,
    int64_t incident, struct feed_view *ret, struct error *err);

/* The customer's. status_url: her page, which the entries lead to. */
MUST_CHECK bool
feed_status(void *owner, const struct view *view, int64_t incident,
    const char *status_url, struct feed_view *ret, struct error *err);

/*
 * The public knowledge base, or so much of it as was asked for. A search and
 * what is listed by reuse stay in their order; the rest is newest first.
 */
struct kb_asked {
	const char *filter; /* its canonical text, "" for all */
	const char *search; /* NULL: none */
	bool by_reuse;
};
MUST_CHECK bool feed_kb(void *owner, const struct view *view,
    const struct kb_asked *asked, const struct article_list *articles,
    struct feed_view *ret, struct error *err);

#endif
