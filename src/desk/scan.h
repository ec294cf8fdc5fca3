/* SPDX-License-Identifier: ISC */
#ifndef DESK_SCAN_H
#define DESK_SCAN_H

/* For desk/ only: reads many incidents as filters see them. */

#include "desk/incident.h"

struct scanned {
	void *memory; /* until the next one */
	const struct incident *incident; /* only what filters ask about */
	struct filter_document document;
	struct filter_state state;
};

/* False ends the scan, which is no failure. */
typedef bool scan_each(const struct scanned *seen, void *arg);

/*
 * Gives each incident with first <= number <= last, in ascending order, but
 * duplicates and withdrawn ones.
 */
MUST_CHECK bool scan_range(struct db *db, int64_t first, int64_t last,
    scan_each *each, void *arg, struct error *err);

/* The newest number, 0 if there is no incident. */
MUST_CHECK bool scan_newest(struct db *db, int64_t *ret, struct error *err);

#endif
