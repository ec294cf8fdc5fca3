/* SPDX-License-Identifier: ISC */
#ifndef WEB_WEB_H
#define WEB_WEB_H

/* The whole web side of a desk, for the command that serves it. */

#include "base/settings.h"
#include "desk/desk.h"

struct web;

/*
 * Serves desk at settings->listen; *settings gets its base URL once the port
 * is known. Belongs to owner; web_stop comes first, then the desk's end.
 */
MUST_CHECK bool
web_start(void *owner, struct desk *desk, struct settings *settings,
    struct web **ret, uint16_t *port, struct error *err);

/*
 * New settings (what was bound at the start stays) and the templates read
 * again. On failure the old ones stay.
 */
MUST_CHECK bool
web_reload(struct web *web, struct settings *settings, struct error *err);

/*
 * Memory is short: gives back some of what can be made anew. To be called again
 * while it is short, so that what is polled meanwhile is seen, and stays.
 */
void web_give_back(struct web *web);

/* Answers what it has, then ends. */
void web_stop(struct web *web);

#endif
