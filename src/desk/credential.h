/* SPDX-License-Identifier: ISC */
#ifndef DESK_CREDENTIAL_H
#define DESK_CREDENTIAL_H

/* For desk/ only: ending what lets a person in, inside of a transaction. */

#include "desk/desk.h"

/* Ends her sessions but that of the secret keep (NULL: all); *n were ended. */
MUST_CHECK bool sessions_end(struct desk *desk, struct db *db, int64_t person,
    const char *keep, int64_t *n, struct error *err);

/* Revokes her tokens, her links; *n were revoked. */
MUST_CHECK bool tokens_end(
    struct db *db, int64_t person, int64_t at, int64_t *n, struct error *err);
MUST_CHECK bool links_end(
    struct db *db, int64_t person, int64_t at, int64_t *n, struct error *err);

#endif
