/* SPDX-License-Identifier: ISC */
#include "web/resources.h"
#include "web/site.h"

/*
 * All resources: a row a method and path. A page that only people use says
 * PERSON, and so on; limits are those of design section 8.
 */

enum {
	FORM_LIMIT = 1024 * 1024, /* a public form: 64 KiB of text, encoded */
};

const struct route site_routes[] = {
	{ "GET", "/", HTTP_HTML, HTTP_HTML, ANYBODY, 0, home_get, false },
	{ "GET", "/report", HTTP_HTML, HTTP_HTML, ANYBODY, 0, report_get,
	    false },
	{ "POST", "/report", HTTP_HTML | HTTP_JSON, HTTP_HTML, ANYBODY,
	    FORM_LIMIT, report_post, false },

	{ "GET", "/status/{secret}",
	    HTTP_HTML | HTTP_JSON | HTTP_ATOM | HTTP_RSS, HTTP_HTML, BY_LINK, 0,
	    status_get, false },
	{ "POST", "/status/{secret}/replies", HTTP_HTML | HTTP_JSON, HTTP_HTML,
	    BY_LINK, FORM_LIMIT, status_reply, false },
	{ "POST", "/status/{secret}/confirm", HTTP_HTML | HTTP_JSON, HTTP_HTML,
	    BY_LINK, FORM_LIMIT, status_confirm, false },
	{ "POST", "/status/{secret}/reopen", HTTP_HTML | HTTP_JSON, HTTP_HTML,
	    BY_LINK, FORM_LIMIT, status_reopen, false },

	{ "GET", "/kb", HTTP_HTML | HTTP_JSON | HTTP_ATOM | HTTP_RSS, HTTP_HTML,
	    ANYBODY, 0, kb_get, false },
	{ "GET", "/kb/{id}", HTTP_HTML | HTTP_JSON, HTTP_HTML, ANYBODY, 0,
	    kb_article_get, false },
	{ "GET", "/kb/{id}/{slug}", HTTP_HTML, HTTP_HTML, ANYBODY, 0,
	    kb_article_get, false },
	{ "POST", "/kb/{id}/helped", HTTP_HTML | HTTP_JSON, HTTP_HTML, ANYBODY,
	    FORM_LIMIT, kb_helped, false },

	{ "GET", "/feeds/{secret}",
	    HTTP_HTML | HTTP_ATOM | HTTP_RSS | HTTP_JSON | HTTP_OPML, HTTP_ATOM,
	    BY_LINK, 0, feed_personal_get, false },
	{ "GET", "/feeds/{secret}/{id}",
	    HTTP_HTML | HTTP_ATOM | HTTP_RSS | HTTP_JSON, HTTP_ATOM, BY_LINK, 0,
	    feed_subscription_get, false },

	{ "GET", "/static/{file}", HTTP_OTHER, HTTP_OTHER, ANYBODY, 0,
	    static_get, true },
	{ "GET", "/favicon.ico", HTTP_OTHER, HTTP_OTHER, ANYBODY, 0,
	    favicon_get, true },
	{ "GET", "/robots.txt", HTTP_OTHER, HTTP_OTHER, ANYBODY, 0, robots_get,
	    true },
	{ "GET", "/healthz", HTTP_OTHER, HTTP_OTHER, ANYBODY, 0, healthz_get,
	    true },
	{ "GET", "/readyz", HTTP_OTHER, HTTP_OTHER, ANYBODY, 0, readyz_get,
	    false },
	{ "GET", "/openapi.json", HTTP_OTHER, HTTP_OTHER, ANYBODY, 0,
	    openapi_get, false },
};

const size_t site_n_routes = sizeof site_routes / sizeof *site_routes;
