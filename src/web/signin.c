/* SPDX-License-Identifier: ISC */
#include "web/limits.h"
#include "web/resources.h"

/* Sessions: signing in and out, and the form in place of a page. */

#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"
#include "web/model.h"
#include "web/session.h"
#include "web/site.h"

#include <string.h>

/*
 * Where to after signing in: a path of ours only, whatever was asked. What a
 * browser might take for another site, or an answer for another header, is the
 * list of incidents.
 */
static const char *
next_of(const char *asked)
{
	static const char usual[] = "/incidents";

	if (asked == NULL || asked[0] != '/' || asked[1] == '/')
		return usual;
	for (const char *at = asked; *at != '\0'; at++)
		if (*at <= ' ' || *at > '~' || *at == '\\')
			return usual;
	return asked;
}

/* reason: it stands in place of a page, and keeps what a form there sent. */
static bool
show_form(struct request *request, struct answer *answer, const char *next,
    const char *handle, const char *reason, const struct error *failed,
    struct error *err)
{
	json_t *model = json_owned(request->memory, json_object());
	struct page_head head = {
		.title = "Sign in",
		.at = "signin",
		.noindex = true,
	};

	json_put_text(model, "handle", handle);
	json_put_text(model, "next", next);
	json_put_text(model, "reason", reason);
	if (failed != NULL)
		model_put(model, "errors", model_errors(failed));
	if (reason != NULL)
		model_put(model, "kept", site_kept(request));
	return answer_page(request, answer, "signin", model, &head, err);
}

bool
signin_get(struct request *request, struct answer *answer, struct error *err)
{
	return show_form(request, answer,
	    next_of(request_query(request, "next")), NULL, NULL, NULL, err);
}

/* The page to come back to: of a form, the one that it stands on. */
static const char *
page_of(const struct request *request)
{
	if (request->method != HTTP_GET)
		return site_page_of(request);
	return request->query[0] == '\0' ? request->path
					 : mem_printf(request->memory, "%s?%s",
					       request->path, request->query);
}

bool
signin_page(
    struct request *request, struct answer *answer, const struct error *err)
{
	struct error ignored = { 0 };

	return show_form(request, answer, next_of(page_of(request)), NULL,
	    request->method == HTTP_GET
		? "Sign in to see this page."
		: "You are not signed in any more: nothing was saved. Sign in, "
		  "then send it again.",
	    err->n_fields > 0 ? err : NULL, &ignored);
}

/* --- in */

static bool
sign_in(struct request *request, const char *handle, const char *password,
    char *secret, struct error *err)
{
	struct visit *visit = visit_of(request);
	bool ok;

	/* taken before, so that many at once are not more than one by one */
	if (!limit_address(request, LIMIT_SIGNIN, err))
		return false;
	ok = desk_signin(
	    visit->site->desk, &visit->actor, handle, password, secret, err);
	if (ok || err->kind != ERROR_UNAUTHORIZED)
		limit_address_back(request, LIMIT_SIGNIN);
	return ok;
}

bool
signin_post(struct request *request, struct answer *answer, struct error *err)
{
	const char *handle = "", *password = "", *next = NULL;
	char secret[SECRET_TOKEN];
	json_t *input;

	if (!input_read(request, &input, err) ||
	    !input_member_text(input, "handle", &handle, err) ||
	    !input_member_text(input, "password", &password, err) ||
	    !input_member_text(input, "next", &next, err))
		return false;
	if (!sign_in(request, handle, password, secret, err)) {
		struct error failed = *err;

		if (!input_is_form(request) || err->kind != ERROR_UNAUTHORIZED)
			return false;
		*err = (struct error){ 0 };
		answer->status = http_status_of(failed.kind);
		answer_header(request, answer, "WWW-Authenticate",
		    "Bearer realm=\"Barnraise\"");
		return show_form(
		    request, answer, next_of(next), handle, NULL, &failed, err);
	}
	session_set_cookie(request, answer, secret);
	answer_see_path(request, answer, "%s", next_of(next));
	return true;
}

/* --- out */

/* A script's request also ends the session whose cookie it has. */
static void
find_session(struct request *request)
{
	struct visit *visit = visit_of(request);
	const char *secret = request_cookie(
	    request, session_cookie_name(visit->site));

	if (visit->session != NULL || secret == NULL ||
	    !access_find(request->memory, visit->site->desk, ACCESS_SESSION,
		secret, &visit->identity))
		return;
	visit->session = secret;
	visit->actor.person = visit->identity.person;
	visit->actor.handle = visit->identity.handle;
	visit->actor.scope = visit->identity.scope;
}

bool
signout_post(struct request *request, struct answer *answer, struct error *err)
{
	struct visit *visit = visit_of(request);
	bool everywhere = false;
	json_t *input;

	if (!input_read(request, &input, err) ||
	    !input_member_bool(input, "everywhere", &everywhere, err))
		return false;
	find_session(request);
	if (visit->session != NULL &&
	    (!session_is_ours(request, err) ||
		!desk_signout(visit->site->desk, &visit->actor, visit->session,
		    everywhere, err)))
		return false;
	session_set_cookie(request, answer, NULL);
	answer_see_path(request, answer, "/");
	return true;
}
