/* SPDX-License-Identifier: ISC */
#ifndef WEB_INCIDENT_H
#define WEB_INCIDENT_H

/* For web/ only: what the resources under /incidents/{n} share. */

#include "desk/incident.h"
#include "web/site.h"

/* The incident of the path; ERROR_GONE if it was withdrawn. */
MUST_CHECK bool incident_of(struct request *request, struct view *view,
    struct incident **ret, struct error *err);

/* It as JSON, with its ETag. */
MUST_CHECK bool incident_show(struct request *request, struct answer *answer,
    const struct view *view, const struct incident *incident,
    struct error *err);

/*
 * After a write: a form goes to the page, at anchor ("#join" or ""), everybody
 * else gets the incident as it is now.
 */
MUST_CHECK bool incident_changed(struct request *request, struct answer *answer,
    int64_t number, const char *anchor, struct error *err);

/* The page: incident_page.c. */
MUST_CHECK bool incident_page(struct request *request, struct answer *answer,
    const struct view *view, const struct incident *incident,
    struct error *err);

/* The thread as a feed. */
MUST_CHECK bool incident_thread(struct request *request, struct answer *answer,
    const struct incident *incident, struct error *err);

/*
 * A time that is promised: RFC 3339, or a duration from now as "2h"; "" is 0,
 * none.
 */
MUST_CHECK bool promise_read(const char *text, int64_t *ret, struct error *err);

#endif
