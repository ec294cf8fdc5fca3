/* SPDX-License-Identifier: ISC */
#ifndef DESK_FIXES_H
#define DESK_FIXES_H

/* What somebody knows, as her fixes show it. Nobody is counted or ranked. */

#include "desk/person.h"

struct fixed {
	int64_t incident;
	char *title;
	int64_t created; /* time of the fix */
};

struct fixes {
	struct fixed *newest; /* one an incident, newest first, at most 10 */
	size_t n;
	const char **tags; /* of her last 50 fixes, each once, in order */
	size_t n_tags;
};

MUST_CHECK bool fixes_of(void *owner, struct db *db, int64_t person,
    struct fixes *ret, struct error *err);

#endif
