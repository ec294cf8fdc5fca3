/* SPDX-License-Identifier: ISC */
#ifndef DESK_SCHEMA_H
#define DESK_SCHEMA_H

#include "store/db.h"

/* Brings a store to the tables of this program; see db_migrate. */
MUST_CHECK bool
schema_migrate(struct db *db, int64_t *from, int64_t *to, struct error *err);

#endif
