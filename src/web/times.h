/* SPDX-License-Identifier: ISC */
#ifndef WEB_TIMES_H
#define WEB_TIMES_H

/*
 * Times as pages show them: as people say them ("3 minutes ago"), and the
 * exact one beside.
 */

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

enum { TIMES_SHOWN = 40 };

/* "25 Nov 2026, 01:26 UTC". */
void times_exact(void *owner, int64_t time, char shown[TIMES_SHOWN]);

/*
 * "just now", "3 minutes ago", "in 2 hours", "4 days ago"; more than 30 days
 * away, the date: "25 Nov 2026". templates/times.js says it in the same words.
 */
void
times_said(void *owner, int64_t time, int64_t now, char shown[TIMES_SHOWN]);

/*
 * Puts beside each member of model, at any depth, that is a time by its name
 * (created, updated, promised, ...) the same for people to read: created_text,
 * exact, and created_said. owner gets what is needed on the way. What is kept
 * for long must not show what is said: it would be old words.
 */
void page_add_times(void *owner, json_t *model);

#endif
