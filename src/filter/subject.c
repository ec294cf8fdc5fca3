/* SPDX-License-Identifier: ISC */
#include "filter/subject.h"

#include <string.h>

const char *const filter_severity_names[SEVERITY_COUNT] = {
	[SEVERITY_LOW] = "low",
	[SEVERITY_NORMAL] = "normal",
	[SEVERITY_HIGH] = "high",
	[SEVERITY_CRITICAL] = "critical",
};

const char *const filter_status_names[STATUS_COUNT] = {
	[STATUS_OPEN] = "open",
	[STATUS_SWARMING] = "swarming",
	[STATUS_RESOLVED] = "resolved",
	[STATUS_CLOSED] = "closed",
};

bool
filter_severity_find(const char *name, enum filter_severity *ret)
{
	for (unsigned i = 0; i < SEVERITY_COUNT; i++) {
		if (strcmp(filter_severity_names[i], name) == 0) {
			*ret = (enum filter_severity)i;
			return true;
		}
	}
	return false;
}

bool
filter_status_find(const char *name, enum filter_status *ret)
{
	for (unsigned i = 0; i < STATUS_COUNT; i++) {
		if (strcmp(filter_status_names[i], name) == 0) {
			*ret = (enum filter_status)i;
			return true;
		}
	}
	return false;
}
