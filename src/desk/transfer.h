/* SPDX-License-Identifier: ISC */
#ifndef DESK_TRANSFER_H
#define DESK_TRANSFER_H

/* Import and export as JSON Lines: design section 8. */

#include "desk/desk.h"

#include <stdio.h>

enum transfer_kind {
	TRANSFER_INCIDENTS,
	TRANSFER_PEOPLE,
	TRANSFER_SUBSCRIPTIONS,
	TRANSFER_PUBLIC, /* export only: public articles */
};

struct import {
	enum transfer_kind kind;
	bool publish; /* incidents: make articles public */
	/* a bad line, or a warning about one; may be NULL */
	void (*complain)(void *arg, int64_t line, bool fatal, const char *what);
	/* after each batch; may be NULL */
	void (*progress)(void *arg, int64_t lines, int64_t bytes);
	void *arg;
};

struct imported {
	int64_t lines; /* read, without empty ones */
	int64_t added, changed, bad;
};

/*
 * Streams in batches of 500 lines, each one transaction, then a pause as long
 * as the batch took. A bad line is complained about and skipped. False only if
 * the store or the file fails.
 */
MUST_CHECK bool
desk_import(struct desk *desk, const struct actor *actor, FILE *in,
    const struct import *how, struct imported *ret, struct error *err);

/* Writes the form that import reads. */
MUST_CHECK bool desk_export(
    struct desk *desk, enum transfer_kind kind, FILE *out, struct error *err);

#endif
