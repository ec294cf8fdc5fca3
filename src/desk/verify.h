/* SPDX-License-Identifier: ISC */
#ifndef DESK_VERIFY_H
#define DESK_VERIFY_H

#include "desk/desk.h"

/*
 * Looks whether the store is whole: the file (pages, indexes, references), and
 * what the desk keeps true. *damage is NULL, or a line for each thing that is
 * wrong, and belongs to owner.
 */
MUST_CHECK bool
desk_verify(void *owner, struct desk *desk, char **damage, struct error *err);

/* Makes lists anew that are derived from what matched, where they are wrong. */
MUST_CHECK bool desk_repair(struct desk *desk, struct error *err);

#endif
