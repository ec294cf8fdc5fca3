/* SPDX-License-Identifier: ISC */
#ifndef DESK_REPORT_H
#define DESK_REPORT_H

/*
 * For desk/ only: a report in two halves, so that an import can put many into
 * one transaction. The plan is made on the calling thread: checked, searched
 * for known answers, matched; the job runs in the writer's transaction.
 */

#include "desk/change.h"

/* What only an import says. */
struct report_more {
	int64_t created; /* 0: now */
	const char *resolution; /* NULL: none */
	const char *cause;
	bool publish;
	bool lenient; /* blank title and body: "(no title)" */
};

struct report_plan;

MUST_CHECK bool
report_plan_make(void *owner, struct desk *desk, const struct actor *actor,
    const struct report *report, const struct report_more *more,
    struct report_plan **ret, struct error *err);

/*
 * In the writer's transaction. If filters have become newer than the plan, it
 * is matched again here where match_inside, else *stale is set and it fails.
 */
MUST_CHECK bool report_plan_run(struct report_plan *plan, struct db *db,
    bool match_inside, bool *stale, struct reported *ret, struct error *err);

/* After the commit: filters that ran over. */
void report_plan_done(const struct report_plan *plan, int64_t incident);

#endif
