/* SPDX-License-Identifier: ISC */
#ifndef DESK_ACCESS_H
#define DESK_ACCESS_H

/*
 * Who may come in with what: sessions, tokens, feed links, status links. Of
 * each only a keyed hash is stored. Look-ups are answered from memory and, for
 * what memory does not know, from the store.
 */

#include "desk/desk.h"

struct identity {
	int64_t person;
	char *handle, *name;
	bool bot, admin;
	bool password_is_first;
	enum scope scope;
	int64_t via; /* the token's or link's number, 0: a session */
};

enum { ACCESS_SESSION, ACCESS_TOKEN, ACCESS_LINK };

/*
 * The person behind a secret of that kind; false if it is unknown, revoked or
 * ended, or she is disabled. A session slides (12 h idle, 7 d in all).
 */
MUST_CHECK bool access_find(void *owner, struct desk *desk, int kind,
    const char *secret, struct identity *ret);

/*
 * The person of that handle, whom somebody else has let in, as in a session of
 * hers; false if there is none, or she is disabled.
 */
MUST_CHECK bool access_named(
    void *owner, struct desk *desk, const char *handle, struct identity *ret);

/*
 * A number that moves with every change of who may come in: while it is the
 * same, what access_find() said of a token or link still holds.
 */
int64_t access_generation(const struct desk *desk);

/* Notes a use (to the hour, in memory, written in the background). */
void access_used(struct desk *desk, int kind, int64_t id);

/* --- sessions; secret has room for SECRET_TOKEN bytes */

/*
 * ERROR_UNAUTHORIZED if handle and password are not right together, in the
 * same time whatever was wrong.
 */
MUST_CHECK bool desk_signin(struct desk *desk, const struct actor *actor,
    const char *handle, const char *password, char *secret, struct error *err);
MUST_CHECK bool desk_signout(struct desk *desk, const struct actor *actor,
    const char *secret, bool everywhere, struct error *err);

/* A form's token for that session: a keyed hash of it, SECRET_TOKEN bytes. */
void access_csrf(struct desk *desk, const char *session, char *ret);

/* --- tokens and feed links */

struct access_row {
	int64_t id;
	int64_t person;
	char *handle;
	char *label;
	enum scope scope;
	int64_t created, used, revoked;
};

/* scope admin needs an admin. *id and secret are written. label may be "". */
MUST_CHECK bool desk_token_add(struct desk *desk, const struct actor *actor,
    int64_t person, enum scope scope, const char *label, char *secret,
    int64_t *id, struct error *err);
MUST_CHECK bool
desk_link_add(struct desk *desk, const struct actor *actor, int64_t person,
    const char *label, char *secret, int64_t *id, struct error *err);

/* person 0: whoever it belongs to. ERROR_NOT_FOUND if it is not hers. */
MUST_CHECK bool desk_token_revoke(struct desk *desk, const struct actor *actor,
    int64_t person, int64_t id, struct error *err);
MUST_CHECK bool desk_link_revoke(struct desk *desk, const struct actor *actor,
    int64_t person, int64_t id, struct error *err);

/* Not revoked ones; person 0: everybody's. kind ACCESS_TOKEN, ACCESS_LINK */
MUST_CHECK bool access_list(void *owner, struct db *db, int kind,
    int64_t person, struct access_row **ret, size_t *n, struct error *err);

/* Everybody's, newest first, those before that number (0: all of them). */
MUST_CHECK bool
access_page(void *owner, struct db *db, int kind, int64_t before, size_t limit,
    struct access_row **ret, size_t *n, struct error *err);

/* --- status links */

/* The link's secret of an incident now, SECRET_TOKEN bytes. */
void access_status_secret(
    struct desk *desk, int64_t incident, int64_t generation, char *ret);

/*
 * The incident of a status secret; false if it is unknown or void. The hash of
 * each incident's secret stands in the store under its number and generation.
 */
MUST_CHECK bool access_status_find(
    struct desk *desk, struct db *db, const char *secret, int64_t *incident);

#endif
