/* SPDX-License-Identifier: ISC */
#ifndef WEB_LIMITS_H
#define WEB_LIMITS_H

/*
 * For web/ only: how often somebody may do something (limit.* of the
 * configuration). Reading is never counted.
 */

#include "base/settings.h"
#include "http/server.h"

enum limit {
	LIMIT_REPORTS, /* an address, on the public forms */
	LIMIT_SIGNIN, /* failures, an address */
	LIMIT_WRITES, /* a token or session */
	LIMITS
};

struct limits;

/* Whoever was counted by others begins anew. */
struct limits *limits_new(void *owner, const struct settings *settings);

/*
 * Takes one of the client's address. ERROR_RATE with retry_after if there is
 * none left. An IPv6 address counts as its network of 64 bits, of which one
 * customer has all.
 */
MUST_CHECK bool
limit_address(struct request *request, enum limit limit, struct error *err);
/* Gives it back: what was counted was no failure. */
void limit_address_back(struct request *request, enum limit limit);

/* Takes one for any other key. */
MUST_CHECK bool limit_key(struct request *request, enum limit limit,
    const char *key, struct error *err);

#endif
