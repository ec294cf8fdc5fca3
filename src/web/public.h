/* SPDX-License-Identifier: ISC */
#ifndef WEB_PUBLIC_H
#define WEB_PUBLIC_H

/*
 * For web/ only: what the resources that are open to everyone share. They
 * ignore who is signed in, but for the names that their pages show.
 */

#include "desk/article.h"
#include "desk/incident.h"
#include "web/site.h"

/* The public, from that address. */
struct actor public_actor(const struct request *request);

/* One more write from this address: limit.reports. */
MUST_CHECK bool public_may_write(struct request *request, struct error *err);

/*
 * An answer for everybody whose ETag is a hash of its bytes, after the number
 * of the last change (0: none).
 */
void answer_etag_of_body(
    struct request *request, struct answer *answer, int64_t changed);

/* {"field": ..., "message": ...} of each wrong field, as in problem+json. */
json_t *public_errors(struct request *request, const struct error *err);

/* The status object of an incident, read anew. */
MUST_CHECK bool status_object(
    struct request *request, int64_t incident, json_t **ret, struct error *err);

/* A text as the fragment of HTML that write makes of it; NULL stays NULL. */
const char *html_of(
    void *owner, void (*write)(struct buf *, const char *), const char *text);

/*
 * Article rows of a page (templates/MODEL.md). tags: the list that a tag leads
 * to, "/kb" or "/articles". search: what was searched for, its words are
 * marked; NULL: nothing.
 */
json_t *article_rows(struct request *request, const struct view *view,
    const struct article_list *list, const char *tags, const char *search);

/* [{tag, href}] of an object's "tags". */
json_t *
tag_links(struct request *request, const json_t *tags, const char *list);

#endif
