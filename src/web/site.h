/* SPDX-License-Identifier: ISC */
#ifndef WEB_SITE_H
#define WEB_SITE_H

/*
 * For web/ only: what all resources share, and what each request has. A
 * resource is one file: handlers that read the request, ask desk/ or view/,
 * and say the answer with the functions below; no rule of the domain.
 */

#include "base/settings.h"
#include "desk/access.h"
#include "desk/desk.h"
#include "http/server.h"
#include "view/view.h"
#include "web/page.h"

struct metrics;
struct limits;
struct response_cache;

struct site {
	struct desk *desk;
	/* these change on SIGHUP: a handler reads one of them once */
	_Atomic(const struct settings *) settings; /* base_url is complete */
	_Atomic(struct pages *) pages;
	_Atomic(struct limits *) limits;
	struct response_cache *cache;
	struct metrics *metrics; /* web/metrics.h */
};

/* Who a route is for: struct route's who. */
enum {
	ANYBODY, /* credentials that nobody asked for are ignored */
	BY_LINK, /* the secret in the path is the credential */
	PERSON, /* a session, a token or Basic */
	ADMIN,
};

/*
 * How the person came: decides what she must show with a write. By a proxy's
 * word is as by a session: a browser sends along what convinced the proxy.
 */
enum came_by { CAME_NOT, CAME_SESSION, CAME_PROXY, CAME_TOKEN };

/* One request's own: request->user, made by site_admit. */
struct visit {
	struct site *site;
	struct actor actor; /* person 0 and SCOPE_NONE: the public */
	struct identity identity;
	enum came_by came_by;
	const char *session; /* its secret, or NULL */
	struct db *db; /* taken by visit_db, given back by site_finished */
};

static inline bool
came_by_browser(const struct visit *visit)
{
	return visit->came_by == CAME_SESSION || visit->came_by == CAME_PROXY;
}

static inline struct visit *
visit_of(const struct request *request)
{
	return request->user;
}

/* The hooks of the server. */
bool
site_admit(struct request *request, struct answer *answer, struct error *err);
bool site_error_page(
    struct request *request, struct answer *answer, const struct error *err);
void site_finished(struct request *request, const struct answer *answer);

/* The table of all resources, in routes.c. */
extern const struct route site_routes[];
extern const size_t site_n_routes;

/*
 * A read connection for this request. It sees what was committed when it was
 * first asked for: a handler that writes asks again with visit_db_again.
 */
MUST_CHECK bool
visit_db(struct request *request, struct db **ret, struct error *err);
MUST_CHECK bool
visit_db_again(struct request *request, struct db **ret, struct error *err);

/* Who looks, for view/; takes visit_db. */
MUST_CHECK bool visit_view(struct request *request, enum viewer viewer,
    struct view *ret, struct error *err);

/* A number in the path: {n} as parts[i]; ERROR_NOT_FOUND if it is none. */
MUST_CHECK bool part_number(
    const struct request *request, size_t i, int64_t *ret, struct error *err);

/* limit= of a feed or list: 1 to 200, 50 if missing or no number. */
enum { QUERY_LIMIT_USUAL = 50, QUERY_LIMIT_MOST = 200 };
size_t query_limit(const struct request *request);

/* A parameter that is a number, before= of a list's next page: 0 if missing
 * or none. */
int64_t query_number(const struct request *request, const char *name);
int64_t query_before(const struct request *request);

/*
 * The address of a list's next page: path with what is given of names (NULL at
 * the end) and before.
 */
const char *query_next(struct request *request, const char *path,
    const char *const *names, int64_t before);

/* --- input: a form, JSON or nothing ("{}") as one JSON object */

/*
 * A form's fields become strings (csrf left out); a JSON body must be an
 * object. Other types are 415. Belongs to the request.
 */
MUST_CHECK bool
input_read(struct request *request, json_t **ret, struct error *err);

/* True if the body is a form's: the answer is then a 303 to a page. */
bool input_is_form(const struct request *request);

/*
 * Members as a write needs them: of a form "" counts as text; numbers and
 * booleans may come as text ("3", "true", "on"); tags as an array of text, or
 * one text split at commas and white space, a leading # dropped.
 */
MUST_CHECK bool input_member_text(
    const json_t *input, const char *name, const char **ret, struct error *err);
/* The same in a merge patch, where null takes the member away: "". */
MUST_CHECK bool input_patch_text(
    const json_t *input, const char *name, const char **ret, struct error *err);
MUST_CHECK bool input_member_int(
    const json_t *input, const char *name, int64_t *ret, struct error *err);
MUST_CHECK bool input_member_bool(
    const json_t *input, const char *name, bool *ret, struct error *err);
/* hands: 0 is not given, what was given as 0 is wrong. */
MUST_CHECK bool
input_member_hands(const json_t *input, int64_t *ret, struct error *err);
struct words {
	const char **words;
	size_t n;
	bool given; /* the member was there */
};
MUST_CHECK bool input_member_words(void *owner, const json_t *input,
    const char *name, struct words *ret, struct error *err);

/*
 * A form cannot say PATCH, PUT or DELETE: it POSTs with action "edit" or
 * "delete"; anything else is wrong.
 */
enum form_action { ACTION_EDIT, ACTION_DELETE };
MUST_CHECK bool
input_action(const json_t *input, enum form_action *ret, struct error *err);

/*
 * If-Match of a write on a thing whose last change was changed: fails as
 * request_may_change; *if_changed is what desk/ is to compare inside of its
 * transaction, 0 if nothing was asked.
 */
MUST_CHECK bool input_if_changed(const struct request *request, int64_t changed,
    bool required, int64_t *if_changed, struct error *err);

/* --- answers */

/* A JSON document, with the ETag "N" (changed 0: a hash, of a GET). */
void answer_json(struct request *request, struct answer *answer,
    const json_t *value, int64_t changed);

/* 201 with Location and the thing as JSON. */
void answer_created(struct request *request, struct answer *answer,
    const char *location, const json_t *value, int64_t changed);

/*
 * A page: model has the page's own members; "page" (templates/MODEL.md) is put
 * in here. title NULL: the front door.
 */
struct page_head {
	const char *title;
	const char *at; /* "incidents", ... or NULL */
	json_t *feeds; /* [{href, type, title}], or NULL */
	const char *canonical;
	const char *notice; /* what was just done, or NULL */
	bool noindex;
};
MUST_CHECK bool
answer_page(struct request *request, struct answer *answer, const char *name,
    json_t *model, const struct page_head *head, struct error *err);

/*
 * The sign-in form in place of a page that needs a person; answer->status and
 * headers are set. In signin.c.
 */
bool signin_page(
    struct request *request, struct answer *answer, const struct error *err);

/*
 * [{name, value}] of what was typed in a form that failed, so that nobody types
 * it again; no password is among it.
 */
json_t *site_kept(const struct request *request);

/* The path of the page that the form of this write stands on. */
const char *site_page_of(const struct request *request);

/* 303 to a path of ours. */
void answer_see_path(struct request *request, struct answer *answer,
    const char *path, ...) PRINTF(3, 4);

#endif
