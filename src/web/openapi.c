/* SPDX-License-Identifier: ISC */
#include "web/resources.h"

/*
 * The resources as OpenAPI 3.1, made from the route table, so that it tells of
 * nothing that is not there. What a route cannot say of itself stands in the
 * table below; of the objects design section 6 is the reference.
 */

#include "base/json.h"
#include "base/mem.h"
#include "web/public.h"
#include "web/shared.h"

#include <ctype.h>
#include <string.h>

/* query and body: names divided by spaces, ! before one that is needed */
static const struct about {
	const char *method, *path;
	const char *summary;
	const char *query;
	const char *body;
} abouts[] = {
	{ "GET", "/", "The front door", NULL, NULL },
	{ "GET", "/report", "The form for a report", "title", NULL },
	{ "POST", "/report", "Report a problem, without an account", NULL,
	    "title body tried environment severity tags name email key" },
	{ "GET", "/status/{secret}", "What a customer sees of her report", NULL,
	    NULL },
	{ "POST", "/status/{secret}/replies", "A customer's reply", NULL,
	    "!text" },
	{ "POST", "/status/{secret}/confirm", "A customer says: it is solved",
	    NULL, "rating comment" },
	{ "POST", "/status/{secret}/reopen",
	    "A customer says: it is not solved", NULL, "text" },
	{ "GET", "/kb",
	    "Public articles, newest first, sort=reused or a search",
	    "q search sort before limit", NULL },
	{ "GET", "/kb/{id}", "One public article", NULL, NULL },
	{ "GET", "/kb/{id}/{slug}", "One public article, as a page", NULL,
	    NULL },
	{ "POST", "/kb/{id}/helped", "This article solved it", NULL, NULL },
	{ "GET", "/feeds/{secret}", "A personal feed", "limit", NULL },
	{ "GET", "/feeds/{secret}/{id}", "The feed of one subscription",
	    "limit", NULL },
	{ "GET", "/static/{file}", "A file of the pages", NULL, NULL },
	{ "GET", "/favicon.ico", "The icon", NULL, NULL },
	{ "GET", "/robots.txt", "What search engines may read", NULL, NULL },
	{ "GET", "/sitemap.xml",
	    "The addresses of all public articles, in parts", "part", NULL },
	{ "GET", "/opensearch.xml", "How to search the knowledge base", NULL,
	    NULL },
	{ "GET", "/healthz", "The server runs", NULL, NULL },
	{ "GET", "/readyz", "The server can answer", NULL, NULL },
	{ "GET", "/metrics", "What the server counts, as OpenMetrics", NULL,
	    NULL },
	{ "GET", "/openapi.json", "This document", NULL, NULL },
	{ "GET", "/signin", "The form to sign in", "next", NULL },
	{ "POST", "/signin", "Begin a session", NULL,
	    "!handle !password next" },
	{ "POST", "/signout", "End a session", NULL, "everywhere" },
	{ "GET", "/incidents", "Incidents, latest raise first",
	    "q before limit", NULL },
	{ "POST", "/incidents", "Report an incident", NULL,
	    "title body environment tags severity hands customer key" },
	{ "GET", "/incidents/{n}", "An incident and its thread", NULL, NULL },
	{ "PATCH", "/incidents/{n}", "Edit an incident", NULL,
	    "title body environment tags severity hands promised host" },
	{ "POST", "/incidents/{n}", "Edit or withdraw, by a form", NULL,
	    "!action title body environment tags severity hands promised host "
	    "reason" },
	{ "DELETE", "/incidents/{n}", "Withdraw an incident", NULL, "!reason" },
	{ "POST", "/incidents/{n}/join", "Join the swarm", NULL, "role" },
	{ "POST", "/incidents/{n}/leave", "Leave the swarm", NULL, NULL },
	{ "GET", "/incidents/{n}/posts", "The thread as a feed", NULL, NULL },
	{ "POST", "/incidents/{n}/posts", "A reply or a note", NULL,
	    "kind !text host" },
	{ "GET", "/incidents/{n}/posts/{id}", "A post", NULL, NULL },
	{ "PATCH", "/incidents/{n}/posts/{id}", "Edit a post", NULL, "!text" },
	{ "POST", "/incidents/{n}/posts/{id}",
	    "Edit or withdraw a post, by a form", NULL, "!action text" },
	{ "DELETE", "/incidents/{n}/posts/{id}", "Withdraw a post", NULL,
	    NULL },
	{ "POST", "/incidents/{n}/fix", "Write the fix", NULL,
	    "!resolution cause environment title issue publish" },
	{ "POST", "/incidents/{n}/answer", "Answer with an article", NULL,
	    "!article text" },
	{ "POST", "/incidents/{n}/pull", "Ask people in", NULL,
	    "people tags note" },
	{ "POST", "/incidents/{n}/reopen", "Reopen", NULL, "text" },
	{ "POST", "/incidents/{n}/close", "Close", NULL, "reason" },
	{ "POST", "/incidents/{n}/duplicate", "The same as another", NULL,
	    "!of" },
	{ "POST", "/incidents/{n}/link", "The customer's status link", NULL,
	    "renew" },
	{ "GET", "/articles", "All articles", "q search before limit", NULL },
	{ "POST", "/articles", "Write an article", NULL,
	    "!title !resolution issue environment cause tags confidence "
	    "audience" },
	{ "GET", "/articles/{id}", "One article", NULL, NULL },
	{ "PATCH", "/articles/{id}", "Edit an article", NULL,
	    "title issue environment resolution cause tags confidence "
	    "audience" },
	{ "POST", "/articles/{id}", "Edit an article, by a form", NULL,
	    "!action title issue environment resolution cause tags confidence "
	    "audience" },
	{ "GET", "/people", "Who is here", "knows", NULL },
	{ "GET", "/people/{handle}", "One person", NULL, NULL },
	{ "GET", "/completions", "Tags and people, for who is typing one", NULL,
	    NULL },
	{ "GET", "/me", "My profile", NULL, NULL },
	{ "PATCH", "/me", "Edit my profile", NULL,
	    "name email skills interests availability hours" },
	{ "POST", "/me", "Edit my profile, by a form", NULL,
	    "!action name email skills interests availability hours" },
	{ "GET", "/me/password", "The form to change my password", NULL, NULL },
	{ "POST", "/me/password", "Change my password", NULL, "!old !new" },
	{ "GET", "/me/subscriptions", "My subscriptions", NULL, NULL },
	{ "POST", "/me/subscriptions", "Subscribe", NULL, "!name !filter" },
	{ "GET", "/me/subscriptions/preview", "What a filter would have caught",
	    "filter", NULL },
	{ "GET", "/me/subscriptions/{id}", "A subscription", NULL, NULL },
	{ "PUT", "/me/subscriptions/{id}", "Change a subscription", NULL,
	    "!name !filter" },
	{ "DELETE", "/me/subscriptions/{id}", "Unsubscribe", NULL, NULL },
	{ "POST", "/me/subscriptions/{id}",
	    "Change a subscription or unsubscribe, by a form", NULL,
	    "!action name filter" },
	{ "GET", "/me/feeds", "My feed links", NULL, NULL },
	{ "POST", "/me/feeds", "Make a feed link", NULL, "label" },
	{ "GET", "/me/feeds/{id}", "A feed link", NULL, NULL },
	{ "DELETE", "/me/feeds/{id}", "Revoke a feed link", NULL, NULL },
	{ "POST", "/me/feeds/{id}", "Revoke a feed link, by a form", NULL,
	    "!action" },
	{ "GET", "/me/tokens", "My tokens", NULL, NULL },
	{ "POST", "/me/tokens", "Make a token", NULL, "label scope" },
	{ "GET", "/me/tokens/{id}", "A token", NULL, NULL },
	{ "DELETE", "/me/tokens/{id}", "Revoke a token", NULL, NULL },
	{ "POST", "/me/tokens/{id}", "Revoke a token, by a form", NULL,
	    "!action" },
	{ "GET", "/admin", "Paused filters, and what happened last", NULL,
	    NULL },
	{ "GET", "/admin/people", "Everybody, by handle", "from", NULL },
	{ "POST", "/admin/people", "Add a person; shows her first password",
	    NULL, "!handle name email skills admin bot" },
	{ "GET", "/admin/people/{handle}", "One person, for admins", NULL,
	    NULL },
	{ "PATCH", "/admin/people/{handle}",
	    "Make her an admin or a bot, or disable her", NULL,
	    "admin bot disabled" },
	{ "POST", "/admin/people/{handle}",
	    "Make her an admin or a bot, or disable her, by a form", NULL,
	    "!action admin bot disabled" },
	{ "POST", "/admin/people/{handle}/password",
	    "Make a new first password and show it", NULL, NULL },
	{ "GET", "/admin/tokens", "Everybody's tokens", "before", NULL },
	{ "POST", "/admin/tokens/{id}", "Revoke a token, by a form", NULL,
	    "!action" },
	{ "DELETE", "/admin/tokens/{id}", "Revoke a token", NULL, NULL },
	{ "GET", "/admin/feeds", "Everybody's feed links", "before", NULL },
	{ "POST", "/admin/feeds/{id}", "Revoke a feed link, by a form", NULL,
	    "!action" },
	{ "DELETE", "/admin/feeds/{id}", "Revoke a feed link", NULL, NULL },
	{ "GET", "/admin/tags", "All tags, and how often each is used", "from",
	    NULL },
	{ "POST", "/admin/tags/merge", "Make two tags one", NULL,
	    "!tag !into" },
	{ "POST", "/admin/tags/rename", "Give a tag another name", NULL,
	    "!tag !into" },
	{ "GET", "/admin/journal", "What happened, newest first",
	    "incident person kind before limit", NULL },
	{ "POST", "/admin/filters/{id}/resume", "Let a paused filter run again",
	    NULL, NULL },
};

static const struct {
	unsigned form;
	const char *type;
} types[] = {
	{ HTTP_HTML, "text/html" },
	{ HTTP_JSON, "application/json" },
	{ HTTP_ATOM, "application/atom+xml" },
	{ HTTP_RSS, "application/rss+xml" },
	{ HTTP_OPML, "text/x-opml" },
};

static void
put_taken(json_t *object, const char *name, json_t *value)
{
	json_put(object, name, mem_made(value));
	json_decref(value);
}

static const struct about *
about_of(const struct route *route)
{
	for (size_t i = 0; i < sizeof abouts / sizeof *abouts; i++)
		if (strcmp(abouts[i].method, route->method) == 0 &&
		    strcmp(abouts[i].path, route->path) == 0)
			return &abouts[i];
	return NULL;
}

/* The next of names, NULL at the end. */
static const char *
name_next(void *owner, const char **names, bool *is_needed)
{
	const char *begin = *names;
	size_t length;

	if (begin == NULL || *begin == '\0')
		return NULL;
	*is_needed = *begin == '!';
	begin += *is_needed ? 1 : 0;
	length = strcspn(begin, " ");
	*names = begin + length + (begin[length] == ' ' ? 1 : 0);
	return mem_copy_n(owner, begin, length);
}

static void
add_parameter(json_t *list, const char *name, const char *in, bool is_needed)
{
	json_t *parameter = json_object(), *schema = json_object();

	json_put_text(parameter, "name", name);
	json_put_text(parameter, "in", in);
	json_put_bool(parameter, "required", is_needed);
	json_put_text(schema, "type", "string");
	put_taken(parameter, "schema", schema);
	(void)json_array_append_new(list, parameter);
}

static json_t *
parameters_of(void *owner, const struct route *route, const struct about *about)
{
	json_t *list = json_array();
	const char *names = about == NULL ? NULL : about->query, *name;
	const char *at = route->path;
	bool is_needed;

	while ((at = strchr(at, '{')) != NULL) {
		size_t length = strcspn(++at, "}");

		add_parameter(
		    list, mem_copy_n(owner, at, length), "path", true);
	}
	while ((name = name_next(owner, &names, &is_needed)) != NULL)
		add_parameter(list, name, "query", is_needed);
	return list;
}

static json_t *
schema_of_body(void *owner, const char *names)
{
	json_t *schema = json_object(), *members = json_object();
	json_t *needed = json_array();
	const char *name;
	bool is_needed;

	while ((name = name_next(owner, &names, &is_needed)) != NULL) {
		put_taken(members, name, json_object());
		if (is_needed)
			(void)json_array_append_new(needed, json_string(name));
	}
	json_put_text(schema, "type", "object");
	put_taken(schema, "properties", members);
	if (json_array_size(needed) > 0)
		json_put(schema, "required", needed);
	json_decref(needed);
	return schema;
}

/*
 * A write takes JSON; a POST also takes a form, and one with an action, which
 * stands for another method, only that.
 */
static json_t *
body_of(void *owner, const struct route *route, const struct about *about)
{
	json_t *body = json_object(), *content = json_object();
	json_t *media = json_object();

	put_taken(media, "schema", schema_of_body(owner, about->body));
	if (strncmp(about->body, "!action", 7) != 0)
		json_put(content, "application/json", media);
	if (strcmp(route->method, "POST") == 0)
		json_put(content, "application/x-www-form-urlencoded", media);
	json_decref(media);
	put_taken(body, "content", content);
	return body;
}

static json_t *
responses_of(const struct route *route)
{
	json_t *responses = json_object(), *problem = json_object();
	json_t *good = json_object(), *content = json_object();

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if ((route->forms & types[i].form) != 0)
			put_taken(content, types[i].type, json_object());
	json_put_text(good, "description", "Done");
	if (json_object_size(content) > 0)
		json_put(good, "content", content);
	json_decref(content);
	put_taken(responses, "2XX", good);
	content = json_object();
	put_taken(content, "application/problem+json", json_object());
	json_put_text(problem, "description", "Problem (RFC 9457)");
	put_taken(problem, "content", content);
	put_taken(responses, "default", problem);
	return responses;
}

static json_t *
security_of(const struct route *route)
{
	static const char *const schemes[] = { "bearer", "basic" };
	json_t *list = json_array();

	if (route->who != PERSON && route->who != ADMIN)
		return list;
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		json_t *each = json_object();

		put_taken(each, schemes[i], json_array());
		(void)json_array_append_new(list, each);
	}
	return list;
}

static json_t *
operation_of(void *owner, const struct route *route)
{
	const struct about *about = about_of(route);
	json_t *operation = json_object();

	if (about != NULL)
		json_put_text(operation, "summary", about->summary);
	put_taken(operation, "parameters", parameters_of(owner, route, about));
	if (about != NULL && about->body != NULL)
		put_taken(
		    operation, "requestBody", body_of(owner, route, about));
	put_taken(operation, "responses", responses_of(route));
	put_taken(operation, "security", security_of(route));
	return operation;
}

static json_t *
paths_of(void *owner)
{
	json_t *paths = json_object();

	for (size_t i = 0; i < site_n_routes; i++) {
		const struct route *route = &site_routes[i];
		json_t *path = json_object_get(paths, route->path);
		char *method = mem_copy(owner, route->method);

		for (char *c = method; *c != '\0'; c++)
			*c = (char)tolower((unsigned char)*c);
		if (path == NULL) {
			put_taken(paths, route->path, json_object());
			path = json_object_get(paths, route->path);
		}
		put_taken(path, method, operation_of(owner, route));
	}
	return paths;
}

static json_t *
schemes_of(void)
{
	static const char *const schemes[] = { "bearer", "basic" };
	json_t *components = json_object(), *all = json_object();

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		json_t *each = json_object();

		json_put_text(each, "type", "http");
		json_put_text(each, "scheme", schemes[i]);
		put_taken(all, schemes[i], each);
	}
	put_taken(components, "securitySchemes", all);
	return components;
}

static bool
make_openapi(struct request *request, struct answer *answer, struct error *err)
{
	const struct site *site = visit_of(request)->site;
	json_t *document = json_owned(request->memory, json_object());
	json_t *info = json_object(), *servers = json_array();
	json_t *server = json_object();

	(void)err;
	json_put_text(info, "title", site->settings->name);
	json_put_text(info, "version", PACKAGE_VERSION);
	json_put_text(server, "url", site->settings->base_url);
	(void)json_array_append_new(servers, server);
	json_put_text(document, "openapi", "3.1.0");
	put_taken(document, "info", info);
	put_taken(document, "servers", servers);
	put_taken(document, "paths", paths_of(request->memory));
	put_taken(document, "components", schemes_of());
	answer_json(request, answer, document, 0);
	answer->cache_control = "public, max-age=3600";
	answer_etag_of_body(request, answer, 0);
	return true;
}

bool
openapi_get(struct request *request, struct answer *answer, struct error *err)
{
	return answer_shared(
	    request, answer, SHARED_TILL_RELOAD, "openapi", make_openapi, err);
}
