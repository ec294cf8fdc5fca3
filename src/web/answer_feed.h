/* SPDX-License-Identifier: ISC */
#ifndef WEB_ANSWER_FEED_H
#define WEB_ANSWER_FEED_H

/*
 * For web/ only: how a resource that is a feed answers. One place for
 * validators, caching, rel=self and the page that a browser gets instead.
 */

#include "view/feeds.h"
#include "web/site.h"

struct feed_source {
	/* without ending, escaped: "/incidents", "/feeds/brn_.../3" */
	const char *path;
	/*
	 * The parameters that we know, in their fixed order, escaped:
	 * "q=%23db&limit=20"; "" if there is none. See feed_parameters.
	 */
	const char *parameters;
	int64_t before; /* of a list: where this document begins, as asked */
	const char *title; /* needed if answer_feed_is_page: for that page */
	bool is_public; /* else only for who asked */
	bool is_secret; /* the address is a capability */
	/*
	 * Its ETag says all that changes, but its entries do not say when: what
	 * leaves it leaves no trace.
	 */
	bool is_list;
	/*
	 * Moves with each change, and was read before the read transaction
	 * begins (visit_view, visit_db); 0: not known, so make is always asked.
	 */
	int64_t version;
	/* how version is told again by itself, or NULL: see answer.h */
	const struct recall *recall;
	/* Makes the document. Of a list may set next: before= for the rest. */
	bool (*make)(struct request *request, struct feed_source *source,
	    struct feed_view *ret, struct error *err);
	void *arg; /* make's own */
	int64_t next;
};

/*
 * Answers with request->form (HTML: Atom is meant), or with the page for
 * browsers where Accept is a browser's and the form is Atom or RSS. Lists that
 * have a page of their own call this only for the other forms.
 */
MUST_CHECK bool answer_feed(struct request *request, struct answer *answer,
    struct feed_source *source, struct error *err);

/*
 * Those of names (NULL at the end) that were given, escaped again in this
 * order; of "limit" the number that counts, left out if it is the usual one.
 */
const char *feed_parameters(struct request *request, const char *const *names);

/* True if answer_feed answers this request with the page for browsers. */
bool answer_feed_is_page(const struct request *request);

/* A feed for autodiscovery and the foot of a page: page_head.feeds. */
json_t *feed_links(struct request *request, const char *path,
    const char *parameters, const char *title);

/* {"atom": address, "rss": ..., "json": ...}: "feed" of a list's page. */
json_t *feed_addresses(
    struct request *request, const char *path, const char *parameters);

#endif
