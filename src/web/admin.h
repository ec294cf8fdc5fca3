/* SPDX-License-Identifier: ISC */
#ifndef WEB_ADMIN_H
#define WEB_ADMIN_H

/* For web/ only: what the resources under /admin share. */

#include "web/site.h"

enum { ADMIN_ROWS = 100 }; /* of a list, on one page */

/* Here and under what heading: "people", ... as the links on top have it. */
MUST_CHECK bool admin_page(struct request *request, struct answer *answer,
    const char *name, const char *title, json_t *model, struct error *err);

/*
 * A list: as JSON, or put into the page of that name; other members of the page
 * are in model, which may be NULL.
 */
MUST_CHECK bool admin_list(struct request *request, struct answer *answer,
    const char *name, const char *title, json_t *list, struct error *err);

/* A row of the journal, as JSON with what its row on a page needs besides. */
struct event;
json_t *admin_event(struct request *request, const struct event *event);

/* Tokens or feed links of a person, as JSON with "person". */
MUST_CHECK bool
admin_credentials(struct request *request, const struct view *view, int kind,
    int64_t person, json_t **ret, struct error *err);

#endif
