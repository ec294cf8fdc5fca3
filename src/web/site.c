/* SPDX-License-Identifier: ISC */
#include "web/site.h"

/*
 * Who comes, and may she? A request for people needs a session, a token or
 * Basic with a token; an unsafe one that comes with a session must show that
 * one of our own pages sent it (design section 10).
 */

#include "base/escape.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"
#include "web/limits.h"
#include "web/session.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *
source_of(const struct request *request)
{
	const char *type = request_type(request);

	if (strcmp(type, "application/x-www-form-urlencoded") == 0 ||
	    strcmp(type, "multipart/form-data") == 0)
		return "web";
	if (strncmp(type, "application/atom+xml", 20) == 0)
		return "atom";
	return "api";
}

/* --- credentials */

static void
come_in(struct visit *visit, enum came_by how)
{
	const struct identity *identity = &visit->identity;

	visit->came_by = how;
	visit->actor.person = identity->person;
	visit->actor.handle = identity->handle;
	visit->actor.bot = identity->bot;
	visit->actor.scope = identity->scope;
}

/*
 * Basic is what browsers send along from other sites too: it is taken for what
 * no page can send, so not for a form or plain text.
 */
static bool
may_use_basic(const struct request *request)
{
	const char *type = request_type(request);

	/* a page cannot send PUT, PATCH and DELETE without asking first */
	if (request->method != HTTP_POST)
		return true;
	return type[0] != '\0' &&
	    strcmp(type, "application/x-www-form-urlencoded") != 0 &&
	    strcmp(type, "multipart/form-data") != 0 &&
	    strcmp(type, "text/plain") != 0;
}

/*
 * True if there was an Authorization header; it then decides alone. What a
 * browser sends by itself, session or Basic, is answered uncompressed
 * (request.h, is_plain): its pages hold secrets beside what the address asks.
 */
static bool
try_token(struct request *request, struct visit *visit)
{
	struct credentials given = request_credentials(request);
	struct desk *desk = visit->site->desk;

	if (given.scheme == CREDENTIALS_NONE)
		return false;
	if (given.scheme == CREDENTIALS_OTHER || given.secret == NULL)
		return true;
	if (given.scheme == CREDENTIALS_BASIC && !may_use_basic(request))
		return true;
	if (!access_find(request->memory, desk, ACCESS_TOKEN, given.secret,
		&visit->identity))
		return true;
	if (given.scheme == CREDENTIALS_BASIC &&
	    strcmp(given.user, visit->identity.handle) != 0)
		return true;
	access_used(desk, ACCESS_TOKEN, visit->identity.via);
	request->is_plain = given.scheme == CREDENTIALS_BASIC &&
	    request_header(request, "Sec-Fetch-Site") != NULL;
	come_in(visit, CAME_TOKEN);
	return true;
}

static void
try_session(struct request *request, struct visit *visit)
{
	const char *secret = request_cookie(
	    request, session_cookie_name(visit->site));

	if (secret == NULL ||
	    !access_find(request->memory, visit->site->desk, ACCESS_SESSION,
		secret, &visit->identity))
		return;
	visit->session = secret;
	request->is_plain = true;
	come_in(visit, CAME_SESSION);
}

/*
 * A proxy that signs people in itself: its word decides, as long as it says
 * anything. Who is not known by that handle is not signed in.
 */
static void
try_browser(struct request *request, struct visit *visit)
{
	if (request->proxied == NULL) {
		try_session(request, visit);
		return;
	}
	if (!access_named(request->memory, visit->site->desk, request->proxied,
		&visit->identity))
		return;
	request->is_plain = true;
	come_in(visit, CAME_PROXY);
}

/* --- what a write must show */

static bool
is_unsafe(const struct request *request)
{
	return request->method != HTTP_GET;
}

static bool
may_write_so_often(
    struct request *request, const struct visit *visit, struct error *err)
{
	const struct identity *identity = &visit->identity;
	char key[64];

	if (visit->actor.person == 0)
		return true;
	(void)snprintf(key, sizeof key, "%d/%jd/%jd", (int)visit->came_by,
	    (intmax_t)identity->person, (intmax_t)identity->via);
	return limit_key(request, LIMIT_WRITES, key, err);
}

/* Its session may have ended since. */
static bool
is_of_page(const struct request *request, const struct visit *visit)
{
	const char *dest = request_header(request, "Sec-Fetch-Dest");

	return request_cookie(request, session_cookie_name(visit->site)) !=
	    NULL ||
	    (dest != NULL && strcmp(dest, "empty") == 0);
}

static bool
admit_person(
    struct request *request, struct visit *visit, int who, struct error *err)
{
	if (visit->actor.person == 0)
		return error_set(err, ERROR_UNAUTHORIZED,
		    "this needs a session or a token of yours");
	if (who == ADMIN && visit->actor.scope != SCOPE_ADMIN)
		return error_set(err, ERROR_FORBIDDEN, "this is for admins");
	if (!is_unsafe(request))
		return true;
	if (came_by_browser(visit) && !session_is_ours(request, err))
		return false;
	return actor_may_write(&visit->actor, err) &&
	    may_write_so_often(request, visit, err);
}

bool
site_admit(struct request *request, struct answer *answer, struct error *err)
{
	struct visit *visit = mem_new(request->memory, struct visit);
	int who = request->route->who;

	(void)answer;
	request->user = visit;
	visit->site = http_context(request);
	visit->actor.source = source_of(request);
	visit->actor.address = request->address;
	if (who == BY_LINK)
		return true;
	/* a public page shows who is signed in; no token changes it */
	if (who == ANYBODY) {
		if (request->form == HTTP_HTML || input_is_form(request))
			try_browser(request, visit);
		return !is_unsafe(request) ||
		    session_is_own_origin(request, err);
	}
	if (!try_token(request, visit))
		try_browser(request, visit);
	request->is_of_page = is_of_page(request, visit);
	return admit_person(request, visit, who, err);
}

void
site_finished(struct request *request, const struct answer *answer)
{
	struct visit *visit = request->user;

	(void)answer;
	if (visit == NULL || visit->db == NULL)
		return;
	desk_reader_done(visit->site->desk, visit->db);
	visit->db = NULL;
}

/* --- for handlers */

bool
visit_db(struct request *request, struct db **ret, struct error *err)
{
	struct visit *visit = visit_of(request);

	if (request_must_wait(request))
		return error_set(err, ERROR_BUSY, "a worker has to read this");
	if (visit->db == NULL &&
	    !desk_reader(visit->site->desk, &visit->db, err))
		return false;
	*ret = visit->db;
	return true;
}

bool
visit_db_again(struct request *request, struct db **ret, struct error *err)
{
	site_finished(request, NULL);
	return visit_db(request, ret, err);
}

bool
visit_view(struct request *request, enum viewer viewer, struct view *ret,
    struct error *err)
{
	struct visit *visit = visit_of(request);

	*ret = (struct view){
		.desk = visit->site->desk,
		.base_url = visit->site->settings->base_url,
		.name = visit->site->settings->name,
		.viewer = viewer,
		.person = visit->actor.person,
		.handle = visit->actor.handle,
	};
	return visit_db(request, &ret->db, err);
}

bool
part_number(
    const struct request *request, size_t i, int64_t *ret, struct error *err)
{
	const char *part = request->parts[i];
	size_t digits = strspn(part, "0123456789");

	if (digits == 0 || part[digits] != '\0' || digits > 18 ||
	    (part[0] == '0'))
		return error_set(
		    err, ERROR_NOT_FOUND, "there is no such thing");
	*ret = strtoll(part, NULL, 10);
	return true;
}

size_t
query_limit(const struct request *request)
{
	const char *text = request_query(request, "limit");
	char *end;
	long limit;

	if (text == NULL || text[0] < '0' || text[0] > '9')
		return QUERY_LIMIT_USUAL;
	limit = strtol(text, &end, 10);
	if (*end != '\0' || limit < 1)
		return QUERY_LIMIT_USUAL;
	return limit > QUERY_LIMIT_MOST ? QUERY_LIMIT_MOST : (size_t)limit;
}

int64_t
query_number(const struct request *request, const char *name)
{
	const char *text = request_query(request, name);
	size_t digits = text == NULL ? 0 : strspn(text, "0123456789");

	if (digits == 0 || digits > 18 || text[digits] != '\0')
		return 0;
	return strtoll(text, NULL, 10);
}

int64_t
query_before(const struct request *request)
{
	return query_number(request, "before");
}

const char *
query_next(struct request *request, const char *path, const char *const *names,
    int64_t before)
{
	struct buf *out = buf_new(request->memory);

	buf_printf(out, "%s?", path);
	for (; *names != NULL; names++) {
		const char *value = request_query(request, *names);

		if (value == NULL || strcmp(*names, "before") == 0)
			continue;
		buf_printf(out, "%s=", *names);
		buf_url(out, value);
		buf_char(out, '&');
	}
	buf_printf(out, "before=%jd", (intmax_t)before);
	return out->text;
}
