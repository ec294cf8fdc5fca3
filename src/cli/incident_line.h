/* SPDX-License-Identifier: ISC */
#ifndef CLI_INCIDENT_LINE_H
#define CLI_INCIDENT_LINE_H

/* An incident as import takes it, as a subject of a filter. */

#include "base/error.h"
#include "filter/subject.h"

struct incident_line {
	struct filter_text texts[FIELD_COUNT];
	const char **tags;
	size_t n_tags;
	struct filter_state state;
};

/*
 * Reads one line of JSON; everything belongs to owner. Severity is normal
 * unless given, hands 1, nobody is in, the status resolved where there is a
 * resolution.
 */
MUST_CHECK bool incident_line_read(void *owner, const char *text,
    struct incident_line *ret, struct error *err);

#endif
