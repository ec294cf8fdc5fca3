/* SPDX-License-Identifier: ISC */
#ifndef WEB_RESOURCES_H
#define WEB_RESOURCES_H

/*
 * For web/ only: the handlers that the route table names, one group a file.
 * What each resource takes and answers is design section 6.
 */

#include "http/server.h"

/* home.c */
http_handler home_get;

/* static.c */
http_handler static_get, favicon_get, robots_get;

/* health.c */
http_handler healthz_get, readyz_get;

/* openapi.c */
http_handler openapi_get;

/* report.c */
http_handler report_get, report_post;

/* status.c */
http_handler status_get, status_reply, status_confirm, status_reopen;

/* kb.c */
http_handler kb_get, kb_article_get, kb_helped;

/* feeds.c */
http_handler feed_personal_get, feed_subscription_get;

#endif
