/* SPDX-License-Identifier: ISC */
#ifndef VIEW_DRAFT_H
#define VIEW_DRAFT_H

/*
 * For view/ only: a feed document being made. Entries are added one by one;
 * draft_done() puts them in order, makes their times distinct and says what the
 * bytes come from.
 */

#include "desk/incident.h"
#include "view/feeds.h"

#include <jansson.h>

/* An incident with what its entries are made of. */
struct dossier {
	struct incident *incident;
	const struct incident *followed; /* see view_followed */
	struct post *posts;
	size_t n_posts;
	struct event *thread; /* those that are entries of the thread */
	size_t n_thread;
	int64_t answered; /* `updated` of the newest of them, 0: none */
	json_t *object;
};

struct draft {
	void *owner;
	const struct view *view;
	const char *filter; /* of a list: why one sees what is in it; or NULL */
	const char *status_url; /* the customer's page; NULL: for staff */
	bool is_thread; /* events say what happened, and no more */
	struct map *dossiers;
	struct feed_entry *entries;
	size_t n;
	int64_t modified;
};

void draft_begin(struct draft *draft, void *owner, const struct view *view);

/* A new entry, all empty. */
struct feed_entry *draft_add(struct draft *draft);

/* Something in it changed then. */
void draft_changed(struct draft *draft, int64_t time);

MUST_CHECK bool draft_dossier(struct draft *draft, int64_t incident,
    struct dossier **ret, struct error *err);

/* The customer's: the fixes of the incident that hers is a duplicate of. */
MUST_CHECK bool
draft_followed(struct draft *draft, struct dossier *dossier, struct error *err);

/* The post that an event made and that may be seen, or NULL. */
const struct post *dossier_post(
    const struct dossier *dossier, const struct view *view, int64_t seq);

/* A reply or a fix: without its post there is nothing to show of it. */
bool event_is_post(const struct event *event);

/* --- entries */

/* The incident's own. */
MUST_CHECK bool
draft_incident(struct draft *draft, struct dossier *dossier, struct error *err);

/* One event's; none if it is about a post that was withdrawn. */
MUST_CHECK bool draft_event(struct draft *draft, struct dossier *dossier,
    const struct event *event, struct error *err);

/* --- the end */

enum draft_order { DRAFT_NEWEST_FIRST, DRAFT_AS_ADDED };

/*
 * ret->feed has id, title and url already; made is its `updated` while it has
 * no entries (0: when the store was made).
 */
MUST_CHECK bool draft_done(struct draft *draft, enum draft_order order,
    int64_t made, struct feed_view *ret, struct error *err);

/* --- parts of entries */

struct feed_category *draft_categories(
    const struct draft *draft, char *const *tags, size_t n_tags, size_t more);
struct feed_category
draft_category(const struct draft *draft, const char *scheme, const char *term);

/* Who did it, as this viewer reads it. */
const char *draft_author(const struct draft *draft,
    const struct dossier *dossier, const struct event *event);

/* Her name, or what stands for it. */
const char *
draft_customer(const struct draft *draft, const struct incident *incident);

/* An incident's words, by whoever wrote them; cut. */
void html_words(struct buf *out, const struct draft *draft,
    const struct dossier *dossier, const char *whole_url);
/* A fix with cause and environment. */
void html_fix(struct buf *out, const struct post *fix, const char *whole_url);
/* A text of ours, or of a customer; cut. */
void html_text(
    struct buf *out, const char *text, bool is_plain, const char *whole_url);
void html_link(struct buf *out, const char *url, const char *text);

/* Where an answer stands, if this viewer may read it. */
MUST_CHECK bool html_article(struct buf *out, const struct draft *draft,
    int64_t number, struct error *err);

/* What happened, in a sentence and its texts. */
MUST_CHECK bool html_event(struct buf *out, const struct draft *draft,
    const struct dossier *dossier, const struct event *event,
    struct error *err);
/* The same in one line of plain text. */
char *text_event(void *owner, const struct draft *draft,
    const struct dossier *dossier, const struct event *event);

/* What is under _barnraise: without notes, texts cut to so many bytes. */
void object_fit(json_t *object, size_t of_words, size_t of_posts);
void object_fit_article(json_t *object, size_t bytes);

#endif
