/* SPDX-License-Identifier: ISC */
#include "http/route.h"

#include "base/mem.h"
#include "base/span.h"
#include "http/fields.h"
#include "http/negotiate.h"

#include <string.h>

/*
 * The table is short, so it is walked for each request: most rows part from
 * the path within a few characters. Among rows that fit path and method the
 * one that is literal for longer wins ("/me/subscriptions/preview" before
 * "/me/subscriptions/{id}"), whatever their order.
 */
struct match {
	const struct route *route;
	struct span parts[HTTP_PARTS];
	size_t n_parts;
	size_t literal; /* characters before the first part */
	bool has_ending; /* it was taken off the path */
};

/* The path, and what its ending would be if the route has that form. */
struct target {
	const char *path;
	size_t length;
	size_t length_without_ending;
	enum http_form ending; /* 0: none */
};

static struct target
target_of(const char *path)
{
	struct target target = { path, strlen(path), strlen(path), 0 };
	const char *dot = strrchr(path, '.');

	if (dot != NULL && dot > path && dot[-1] != '/' &&
	    strchr(dot, '/') == NULL) {
		target.ending = negotiate_ending(span_of(dot + 1));
		target.length_without_ending = (size_t)(dot - path);
	}
	return target;
}

/* One path of the table against one path of a request. */
static bool
path_fits(
    const char *pattern, const char *path, size_t length, struct match *match)
{
	const char *start = pattern, *end = path + length;

	match->n_parts = 0;
	match->literal = strlen(pattern);
	while (*pattern != '\0') {
		const char *segment = path;

		if (*pattern != '{') {
			if (path == end || *path++ != *pattern++)
				return false;
			continue;
		}
		if (match->n_parts == 0)
			match->literal = (size_t)(pattern - start);
		while (path < end && *path != '/')
			path++;
		if (path == segment || match->n_parts == HTTP_PARTS)
			return false;
		match->parts[match->n_parts++] = (struct span){ segment,
			(size_t)(path - segment) };
		pattern = strchr(pattern, '}') + 1;
	}
	return path == end;
}

static bool
route_fits(
    const struct route *route, const struct target *target, struct match *match)
{
	match->route = route;
	match->has_ending = target->ending != 0 &&
	    (route->forms & target->ending) != 0 &&
	    path_fits(route->path, target->path, target->length_without_ending,
		match);
	return match->has_ending ||
	    path_fits(route->path, target->path, target->length, match);
}

/* HEAD is served by the row of GET. */
static bool
serves(const struct route *route, const char *method)
{
	return strcmp(route->method, method) == 0 ||
	    (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0);
}

static void
allow_add(struct buf *allow, const char *method)
{
	if (strstr(allow->text, method) != NULL)
		return;
	if (allow->length > 0)
		buf_text(allow, ", ");
	buf_text(allow, method);
	if (strcmp(method, "GET") == 0)
		buf_text(allow, ", HEAD");
}

/* True, and a match, if there is one; else allow has what the path takes. */
static bool
match_find(const struct route *routes, size_t n_routes,
    const struct target *target, const char *method, struct match *ret,
    struct buf *allow)
{
	bool found = false;

	for (size_t i = 0; i < n_routes; i++) {
		struct match match;

		if (!route_fits(&routes[i], target, &match))
			continue;
		if (!serves(&routes[i], method)) {
			if (!found)
				allow_add(allow, routes[i].method);
			continue;
		}
		if (!found || match.literal > ret->literal)
			*ret = match;
		found = true;
	}
	return found;
}

/*
 * What a write answers: JSON to a JSON body and to none at all (which is {}),
 * Atom to an Atom entry, else what Accept says. A page that sends a form
 * always gives a Content-Type.
 */
static unsigned
form_of_body(const struct request *request)
{
	const char *type = request_type(request);

	if (request->method == HTTP_GET)
		return 0;
	if (type[0] == '\0' || negotiate_is_json(type))
		return HTTP_JSON;
	return strcmp(type, "application/atom+xml") == 0 ? HTTP_ATOM : 0;
}

static bool
form_choose(struct request *request, const struct target *target,
    bool has_ending, struct error *err)
{
	const struct route *route = request->route;
	unsigned by_body = form_of_body(request) & route->forms;

	if (has_ending) {
		request->form = target->ending;
		request->ending = request->path +
		    target->length_without_ending + 1;
		return true;
	}
	request->form = by_body != 0 ? by_body : route->usual;
	if (by_body != 0 || route->forms == 0)
		return true;
	request->form = negotiate_form(
	    request_header(request, "Accept"), route->forms, route->usual);
	return request->form != 0 ||
	    error_set(err, ERROR_NOT_ACCEPTABLE,
		"there is no representation here that Accept takes");
}

bool
route_find(const struct route *routes, size_t n_routes, struct request *request,
    const char *method, const char **allow, struct error *err)
{
	struct buf *allowed = buf_new(request->memory);
	struct target target = target_of(request->path);
	struct match match = { 0 };

	if (field_decoded(request->memory, span_of(request->path), false) ==
	    NULL)
		return error_set(err, ERROR_MALFORMED,
		    "the address has a broken escape or is not UTF-8");
	if (!match_find(routes, n_routes, &target, method, &match, allowed)) {
		*allow = allowed->text;
		return allowed->length == 0
		    ? error_set(err, ERROR_NOT_FOUND, "nothing is here")
		    : error_set(
			  err, ERROR_METHOD, "%.20s is not for this", method);
	}
	request->route = match.route;
	for (size_t i = 0; i < match.n_parts; i++)
		request->parts[i] = field_decoded(
		    request->memory, match.parts[i], false);
	return form_choose(request, &target, match.has_ending, err);
}
