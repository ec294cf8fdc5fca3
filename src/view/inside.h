/* SPDX-License-Identifier: ISC */
#ifndef VIEW_INSIDE_H
#define VIEW_INSIDE_H

/* For view/ only: what shapes and entries share. */

#include "desk/article.h"
#include "desk/incident.h"
#include "view/view.h"

#include <jansson.h>

/* The page where this viewer reads an article: staff's, or the public one. */
char *view_article_url(
    void *owner, const struct view *view, const struct article *article);

/* The incident whose status counts: the other one of a duplicate, or itself. */
MUST_CHECK bool view_followed(void *owner, const struct view *view,
    const struct incident *incident, const struct incident **ret,
    struct error *err);

/* Known answers that this viewer may read: [{"id", "url", "title"}]. */
MUST_CHECK bool shape_known(void *owner, const struct view *view,
    const struct incident *in, json_t **ret, struct error *err);

/* "1 of 3 hands, ana asked for #postgres"; "" when nothing is. */
char *view_needed(void *owner, const struct incident *in);

#endif
