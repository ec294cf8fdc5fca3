/* SPDX-License-Identifier: ISC */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

/*
 * The HTTP server: libmicrohttpd in front, a pool of worker threads behind.
 * Event threads read and check requests, and send; a request is suspended
 * while a worker runs its handler. It knows no resource: the application gives
 * a table of routes and a few hooks.
 */

#include "base/metric.h"
#include "http/answer.h"

#include <stdint.h>

/* Fills answer, or returns false with err (shown as problem, RFC 9457). */
typedef bool
http_handler(struct request *request, struct answer *answer, struct error *err);

/* Where admit and handle run. */
enum http_where {
	HTTP_WORKER, /* on a worker thread, where they may wait */
	/*
	 * On the event thread, which is several times cheaper than waking a
	 * worker: they only touch memory and never wait.
	 */
	HTTP_QUICK,
	/*
	 * On the event thread; but if they come to where they have to wait,
	 * request_must_wait() says so and they give up with any error. Then a
	 * worker runs them again from the start.
	 */
	HTTP_TRIED,
};

/*
 * One row a method and path. In path, {name} is one segment; the last segment
 * may take an ending of forms ("/incidents/{n}" with HTTP_JSON takes
 * "/incidents/42.json"). Rows of one path stand together. who is the
 * application's; body_limit in bytes, 0: no body is taken.
 */
struct route {
	const char *method; /* "GET", which serves HEAD too, "POST", ... */
	const char *path;
	unsigned forms; /* enum http_form bits of the answer */
	/* chosen where there is no ending and Accept is missing or has any */
	enum http_form usual;
	int who;
	size_t body_limit;
	http_handler *handle;
	enum http_where where;
};

struct response_cache;

struct http_hooks {
	/* On the worker, before the handler: who is it, may she? May be NULL */
	bool (*admit)(
	    struct request *request, struct answer *answer, struct error *err);
	/*
	 * Makes the page of an error, for a client that wants HTML; answer has
	 * the status. NULL or false: problem+json is sent. Where no route was
	 * found or the body is too large it runs on an event thread, without
	 * admit and finished, and request->route may be NULL.
	 */
	bool (*error_page)(struct request *request, struct answer *answer,
	    const struct error *err);
	/* After the answer is made; request->user can be let go. May be NULL */
	void (*finished)(struct request *request, const struct answer *answer);
	struct response_cache *cache; /* or NULL */
	void *context; /* http_context(request) */
};

struct http_settings {
	const char *listen; /* "127.0.0.1:8080", "[::1]:0", ":8080" */
	/*
	 * A socket that listens already, in place of listen, or 0. It is left
	 * open at the end, and whoever comes from when the server is told to
	 * stop waits there for the next one.
	 */
	int socket;
	bool tls; /* with the certificate that was loaded */
	unsigned connections; /* in all; 0: 12,000 */
	unsigned connections_per_address; /* 0: no limit */
	const char *trusted_proxies; /* addresses or CIDR, by commas; "" none */
	const char *person_header; /* request->proxied; NULL or "" none */
	/* who read, and as many who write; 0: a sensible number of each */
	unsigned workers;
	/*
	 * Deadlines in microseconds, 0 for the usual ones: 10 s for all of a
	 * request's headers; 30 s for its body and 60 s for taking the answer,
	 * and a second more for each KiB. Of body and answer half a KiB has to
	 * move within half of headers_within, again and again. A connection
	 * that waits for its next request is closed after 15 s.
	 */
	int64_t headers_within;
	int64_t body_within;
	int64_t answer_within;
};

struct http_server;

/*
 * Starts serving. *port is the port really used (listen may say 0). routes
 * live as long as the server. The server belongs to owner; http_server_stop
 * comes first.
 */
MUST_CHECK bool
http_server_start(void *owner, const struct http_settings *settings,
    const struct route *routes, size_t n_routes, const struct http_hooks *hooks,
    struct http_server **ret, uint16_t *port, struct error *err);

/*
 * Takes no more connections, answers what it has, ends. Clients that are slow
 * to take their answer and requests that no worker has begun are given up
 * after 10 s; a handler that runs is always waited for.
 */
void http_server_stop(struct http_server *server);

/*
 * The certificate, with those between it and the root, and its key, two files
 * in PEM: of this process, at first or anew. On failure the old one stays.
 */
MUST_CHECK bool http_certificate_load(
    const char *certificate, const char *key, struct error *err);

/* When no server is left that has TLS. */
void http_certificate_forget(void);

/* What the server has counted since it started. Any thread. */
void http_server_print_metrics(struct http_server *server, struct buf *buf);

void *http_context(const struct request *request);

/* HTTP status of an error kind. */
unsigned http_status_of(enum error_kind kind);

/* --- quotas */

struct quota;

/* At most most takings within a window of microseconds; most 0 is no limit. */
struct quota *quota_new(void *owner, unsigned most, int64_t window);

/*
 * Takes one for key (an address, a token). False with ERROR_RATE and
 * retry_after if there is none left. Any thread.
 */
MUST_CHECK bool
quota_take(struct quota *quota, const char *key, struct error *err);

/* Gives back what was taken a moment ago. */
void quota_return(struct quota *quota, const char *key);

#endif
