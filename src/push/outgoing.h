/* SPDX-License-Identifier: ISC */
#ifndef PUSH_OUTGOING_H
#define PUSH_OUTGOING_H

/*
 * One HTTP request to somebody else's server, and the whole answer. Only http
 * and https, no redirects, certificates are checked.
 */

#include "base/error.h"

#include <stddef.h>

enum {
	OUTGOING_MOST = 16 * 1024 * 1024, /* bytes of an answer */
	OUTGOING_SECONDS = 60, /* from connecting to the last byte */
};

struct outgoing {
	const char *method; /* "GET", "POST", ... */
	const char *url;
	const char *accept; /* media type, or NULL */
	const char *bearer; /* token for Authorization, or NULL */
	const char *content_type; /* with a body; NULL: no body */
	const char *body;
	size_t length;
};

struct outgoing_answer {
	unsigned status;
	const char *content_type; /* "" if it had none */
	const char *body; /* NUL at the end, may hold NUL */
	size_t length;
};

/*
 * Sends it and waits. Any answer is a success, whatever its status; *ret
 * belongs to owner. The error is ERROR_SYSTEM: no connection, no answer in
 * time, too large.
 */
MUST_CHECK bool outgoing_send(void *owner, const struct outgoing *request,
    struct outgoing_answer *ret, struct error *err);

/* Once, before threads: prepares libcurl; ends the process if it fails. */
void outgoing_init(void);

#endif
