/* SPDX-License-Identifier: ISC */
#include "web/session.h"

#include "base/mem.h"
#include "base/secret.h"

#include <string.h>

static bool
is_https(const struct site *site)
{
	return strncmp(site->settings->base_url, "https:", 6) == 0;
}

const char *
session_cookie_name(const struct site *site)
{
	return is_https(site) ? "__Host-barnraise" : "barnraise";
}

void
session_set_cookie(
    struct request *request, struct answer *answer, const char *secret)
{
	const struct site *site = visit_of(request)->site;

	answer_header(request, answer, "Set-Cookie",
	    mem_printf(request->memory,
		"%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s",
		session_cookie_name(site), secret == NULL ? "" : secret,
		is_https(site) ? "; Secure" : "",
		secret == NULL ? "; Max-Age=0" : ""));
}

/* The scheme, host and port of an address. */
static bool
has_origin(const char *url, const char *origin)
{
	size_t length = strlen(origin);

	return strncmp(url, origin, length) == 0 &&
	    (url[length] == '\0' || url[length] == '/');
}

/* Of base-url, or of the Host that the browser asked. */
static bool
is_own_origin(const struct request *request, const char *origin)
{
	const char *host = request_header(request, "Host");
	const char *name = strstr(origin, "://");

	if (has_origin(visit_of(request)->site->settings->base_url, origin))
		return true;
	return host != NULL && name != NULL && strcmp(name + 3, host) == 0;
}

bool
session_is_own_origin(const struct request *request, struct error *err)
{
	const char *site = request_header(request, "Sec-Fetch-Site");
	const char *origin = request_header(request, "Origin");

	if (site != NULL) {
		if (strcmp(site, "same-origin") == 0 ||
		    strcmp(site, "none") == 0)
			return true;
	} else if (origin == NULL || is_own_origin(request, origin))
		return true;
	return error_set(
	    err, ERROR_FORBIDDEN, "this was sent by a page of another site");
}

const char *
session_csrf(const struct request *request)
{
	struct visit *visit = visit_of(request);
	const char *key = visit->session;
	char *token;

	if (visit->came_by == CAME_PROXY)
		key = mem_printf(
		    request->memory, "proxy:%s", visit->identity.handle);
	if (key == NULL)
		return "";
	token = mem_array(request->memory, char, SECRET_TOKEN);
	access_csrf(visit->site->desk, key, token);
	return token;
}

bool
session_is_ours(const struct request *request, struct error *err)
{
	const char *expected = session_csrf(request), *given;
	struct form form;

	if (!session_is_own_origin(request, err))
		return false;
	/* a page of another site cannot send these without asking first */
	if (!input_is_form(request) && request->has_body)
		return true;
	if (!input_is_form(request) &&
	    (request_header(request, "Sec-Fetch-Site") != NULL ||
		request_header(request, "Origin") != NULL))
		return true;
	if (input_is_form(request)) {
		if (!request_form(request, &form, err))
			return false;
		given = form_value(&form, "csrf");
		if (given != NULL && strlen(given) == strlen(expected) &&
		    secret_equal(given, expected, strlen(expected)))
			return true;
	}
	return error_set(err, ERROR_FORBIDDEN,
	    "the form is too old: load the page again and repeat");
}
