/* SPDX-License-Identifier: ISC */
#ifndef WEB_METRICS_H
#define WEB_METRICS_H

/* For web/ only: what the resources count, in site->metrics. */

#include "base/metric.h"

enum web_metric {
	WEB_LOOKUPS, /* by enum web_lookup */
	WEB_LIMITED, /* by enum limit */
	WEB_BUILD,
	WEB_STARTED,
	WEB_CPU,
	WEB_RESIDENT,
	WEB_ALLOCATED,
	WEB_SHORT,
	WEB_SHORTAGES,
	WEB_FILES,
	WEB_COUNTS
};

enum web_lookup { LOOKUP_HIT, LOOKUP_MISS, LOOKUPS };

struct metrics *web_metrics_new(void *owner);

#endif
