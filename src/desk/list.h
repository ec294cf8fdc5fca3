/* SPDX-License-Identifier: ISC */
#ifndef DESK_LIST_H
#define DESK_LIST_H

/*
 * A list asks about now: the incidents that match a filter, latest raise
 * first. It looks at 20,000 at most, or for 200 ms where timed.
 */

#include "desk/desk.h"
#include "filter/filter.h"

struct list_query {
	const struct filter *filter; /* NULL: all */
	int64_t before; /* raised < before; 0: from the newest */
	size_t limit; /* 1 to 200 */
	bool timed; /* a page; a feed is only bound by the number */
	int64_t regex_budget;
};

struct list {
	int64_t *incidents;
	size_t n;
	int64_t next; /* `before` for the rest; 0: there is no more */
	int64_t looked_back; /* raised time of the last one looked at */
	bool stopped; /* by a bound: there may be more that match */
};

MUST_CHECK bool list_incidents(void *owner, struct desk *desk, struct db *db,
    const struct list_query *query, struct list *ret, struct error *err);

#endif
