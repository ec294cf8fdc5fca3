/* SPDX-License-Identifier: ISC */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

/*
 * Secrets that are links and tokens, and what is kept of them. A token has 160
 * random bits; only its keyed hash (BLAKE2b, RFC 7693) is stored, so that a
 * look-up is constant-time by construction and a stolen store opens nothing.
 */

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

#define SECRET_PREFIX "brn_"

enum {
	SECRET_KEY = 32, /* bytes of the store's key */
	SECRET_HASH = 32, /* bytes of a keyed hash */
	SECRET_TOKEN = 4 + 32 + 1, /* "brn_", base32 of 160 bits, NUL */
};

/* Once, before anything else here; ends the process if it fails. */
void secret_init(void);

/* n random bytes. */
void secret_random(void *bytes, size_t n);

/* A new token: SECRET_PREFIX and 32 characters a-z 2-7. */
void secret_token(char token[SECRET_TOKEN]);

/* The keyed hash of text. */
void secret_hash(const unsigned char key[SECRET_KEY], const char *text,
    unsigned char hash[SECRET_HASH]);

/*
 * A token that can be made again from what it names: SECRET_PREFIX and 160
 * bits of the keyed hash of text.
 */
void secret_derived(const unsigned char key[SECRET_KEY], const char *text,
    char token[SECRET_TOKEN]);

/* True if the two have the same bytes, in time that depends on n only. */
bool secret_equal(const void *a, const void *b, size_t n);

/*
 * Password hashes: argon2id (RFC 9106), one at a time in this process. made
 * has room for SECRET_PASSWORD bytes. secret_password_is(NULL, ...) takes as
 * long as a wrong password and is not right. Each takes 64 MiB; ERROR_BUSY if
 * they cannot be had, or if too many wait for their turn.
 */
enum { SECRET_PASSWORD = 128 };
MUST_CHECK bool secret_password(
    const char *password, char made[SECRET_PASSWORD], struct error *err);
MUST_CHECK bool secret_password_is(
    const char *made, const char *password, bool *right, struct error *err);

/* A first password that can be read over the telephone. */
char *secret_first_password(void *owner);

#endif
