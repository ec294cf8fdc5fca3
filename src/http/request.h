/* SPDX-License-Identifier: ISC */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

/*
 * One request, as a handler sees it: complete (its body is read), checked by
 * the guard, its route found, its representation chosen. Everything belongs to
 * request->memory, which goes when the answer was sent.
 */

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum http_method {
	HTTP_GET, /* HEAD too: see head */
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_METHODS
};

/* Representations: bits, so that a route can say which it has. */
enum http_form {
	HTTP_HTML = 1 << 0,
	HTTP_JSON = 1 << 1,
	HTTP_ATOM = 1 << 2,
	HTTP_RSS = 1 << 3,
	HTTP_OPML = 1 << 4,
	HTTP_OTHER = 1 << 5, /* one fixed type: text, an image, XML */
};

enum { HTTP_PARTS = 3 };

struct flight;
struct route;
struct http_server;

/* A name and its value: of a form, of a list of headers. */
struct form_field {
	const char *name;
	const char *value;
};

struct request {
	unsigned magic;
	void *memory;
	enum http_method method;
	bool head; /* a HEAD: answered as GET, body left out by the server */
	const struct route *route;
	const char *path; /* as sent, not decoded, without query */
	const char *query; /* as sent, not decoded, "" if none */
	const char *parts[HTTP_PARTS]; /* {..} of the route's path, decoded */
	/*
	 * What the answer is to be: from the ending, else from Accept and the
	 * route. Never more than one bit. ending is "" or "json" ...
	 */
	enum http_form form;
	const char *ending;
	const char *address; /* the client's, also behind a trusted proxy */
	/* whom a trusted proxy names in http_settings.person_header, or NULL */
	const char *proxied;
	const char *body;
	size_t body_length;
	bool has_body; /* Content-Length > 0 or chunked */
	void *user; /* the application's own state of this request */
	const struct form_field *headers; /* as sent, in their order */
	size_t n_headers;
	void *context; /* the application's, see http_context() */
	struct http_server *server;
	/*
	 * Set by the application: the answer is not to be compressed, since
	 * a stranger could make somebody's browser send this request with
	 * words of his own and learn from the size what else is in the answer
	 * (the attack called BREACH).
	 */
	bool is_plain;
	/*
	 * Set by the application: a page of ours asks, by its script. Told of
	 * Basic, a browser would put its password box before that page.
	 */
	bool is_of_page;
	/* the server's own, see request_must_wait() */
	bool is_tried; /* on the event thread, for a route that is HTTP_TRIED */
	bool put_off;
	/* the server's own, for the response cache */
	bool closes; /* the answer ends the connection */
	bool is_alone; /* waited for another request, which failed */
	struct flight *makes, *waits_for;
	struct request *next_waiting;
	uint64_t cleared; /* the cache, when it was asked */
	int64_t oldest; /* version of the answer that does, 0: not yet asked */
	const char *shown; /* the path as it may be logged; NULL: not made */
};

/*
 * To be asked before waiting for anything: whether the handler has to give up
 * (with ERROR_BUSY, say) because only a worker may wait. See HTTP_TRIED.
 */
bool request_must_wait(struct request *request);

/* A header by its name without case, or NULL; several are joined by ", ". */
const char *request_header(const struct request *request, const char *name);

/* The first value of a query parameter, decoded UTF-8, or NULL. */
const char *request_query(const struct request *request, const char *name);

/*
 * True if Accept is a browser's: it names text/html and application/xhtml+xml,
 * or text/html alone.
 */
bool request_is_browser(const struct request *request);

/*
 * True if an error is to be shown as a page, false if as problem+json. By the
 * representation where it was settled, else by ending, body and Accept.
 */
bool request_wants_html(const struct request *request);

/* Media type of the body in lower case without parameters, "" if none. */
const char *request_type(const struct request *request);

/*
 * The fields of a form body (application/x-www-form-urlencoded or
 * multipart/form-data), decoded. MALFORMED if it is not UTF-8, has U+0000, is
 * cut, or has over 200 fields; UNSUPPORTED if it is another type.
 */
struct form {
	struct form_field *fields;
	size_t n;
};
MUST_CHECK bool request_form(
    const struct request *request, struct form *ret, struct error *err);
const char *form_value(const struct form *form, const char *name);

/* A cookie's value, or NULL; NULL too if it was sent twice. */
const char *request_cookie(const struct request *request, const char *name);

/* Credentials of the Authorization header (RFC 7235; schemes without case). */
struct credentials {
	enum {
		CREDENTIALS_NONE,
		CREDENTIALS_BEARER,
		CREDENTIALS_BASIC,
		CREDENTIALS_OTHER
	} scheme;
	const char *user; /* Basic */
	const char *secret; /* Basic: the password; Bearer: the token */
};
struct credentials request_credentials(const struct request *request);

#endif
