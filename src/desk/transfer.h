/* SPDX-License-Identifier: ISC */
#ifndef DESK_TRANSFER_H
#define DESK_TRANSFER_H

/* Import and export as JSON Lines (https://jsonlines.org): design section 8. */

#include "desk/desk.h"

#include <stdio.h>

#include <jansson.h>

enum transfer_kind {
	TRANSFER_INCIDENTS,
	TRANSFER_PEOPLE,
	TRANSFER_SUBSCRIPTIONS,
	TRANSFER_PUBLIC, /* export only: public articles */
};

struct imported {
	int64_t lines; /* read, without empty ones */
	int64_t added, changed, bad;
	int64_t bytes;
};

struct import {
	enum transfer_kind kind;
	bool publish; /* incidents: make articles public */
	/* a bad line, or (not bad) a warning about one */
	void (*complain)(void *arg, int64_t line, bool bad, const char *what);
	/* after each batch */
	void (*progress)(void *arg, const struct imported *so_far);
	void *arg;
};

/*
 * Streams in batches of 500 lines, each one transaction, then a pause as long
 * as that took. A bad line is complained about and skipped. False only if the
 * store or the file fails.
 */
MUST_CHECK bool desk_import(struct desk *desk, FILE *in,
    const struct import *how, struct imported *ret, struct error *err);

/* Writes the form that import reads. */
MUST_CHECK bool desk_export(
    struct desk *desk, enum transfer_kind kind, FILE *out, struct error *err);

/* --- for desk/ only */

struct import_line {
	int64_t number; /* from 1 */
	json_t *object;
	const char *key; /* an incident's, or NULL */
};

/*
 * One import on its way. A batch is made of lines of one kind, and run by the
 * function of that kind (import_incidents, ...), which counts into done.
 */
struct importing {
	struct desk *desk;
	const struct import *how;
	struct actor actor;
	struct imported done;
	void *memory; /* of this batch */
	struct import_line *lines;
	size_t n;
	struct map *keys; /* keys of this batch's lines */
};

void
import_bad(struct importing *importing, int64_t line, const struct error *why);
/* Waits as long as the transaction took that began then, at most 1 s. */
void import_pause(int64_t began);

MUST_CHECK bool
import_incidents(struct importing *importing, struct error *err);
MUST_CHECK bool import_people(struct importing *importing, struct error *err);
MUST_CHECK bool
import_subscriptions(struct importing *importing, struct error *err);

/* An array of text, each without a leading #. */
MUST_CHECK bool import_words(void *owner, const json_t *object,
    const char *name, const char ***ret, size_t *n, struct error *err);

#endif
