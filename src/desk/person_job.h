/* SPDX-License-Identifier: ISC */
#ifndef DESK_PERSON_JOB_H
#define DESK_PERSON_JOB_H

/* For desk/ only: what changes of a person share. */

#include "desk/desk.h"
#include "desk/journal.h"

/* The fact's journal row; step: "add", "edit", "passwd", "duty", "disable". */
MUST_CHECK bool person_journal(struct db *db, const struct actor *actor,
    void *memory, const char *handle, const char *step, struct event *event,
    struct error *err);

#endif
