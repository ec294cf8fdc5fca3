/* SPDX-License-Identifier: ISC */
#ifndef WEB_SESSION_H
#define WEB_SESSION_H

/*
 * For web/ only: the session cookie, and how an unsafe request shows that one
 * of our own pages sent it (OWASP, "Cross-Site Request Forgery Prevention"):
 * Sec-Fetch-Site first, then Origin, then the form's own token.
 */

#include "web/site.h"

/* "__Host-barnraise", or without the prefix while base-url is http. */
const char *session_cookie_name(const struct site *site);

/* Set-Cookie for a new session; NULL secret ends it. */
void session_set_cookie(
    struct request *request, struct answer *answer, const char *secret);

/*
 * Of any unsafe request that a browser may have sent: ERROR_FORBIDDEN if
 * another site did.
 */
MUST_CHECK bool
session_is_own_origin(const struct request *request, struct error *err);

/* The same, and for a form its token (field csrf) must be the session's. */
MUST_CHECK bool
session_is_ours(const struct request *request, struct error *err);

/* The token for the forms of this request's session; "" if there is none. */
const char *session_csrf(const struct request *request);

#endif
