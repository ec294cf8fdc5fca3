/* SPDX-License-Identifier: ISC */
#ifndef DESK_TIMELINE_H
#define DESK_TIMELINE_H

/*
 * What stands in a feed: the log of what matched, and of what is addressed to
 * its reader. An incident's own entry stands once, at the smallest journal
 * number among her filters; a notice at its own (design sections 4 and 7).
 */

#include "desk/desk.h"

enum item_kind {
	ITEM_INCIDENT, /* the incident's own entry */
	ITEM_EVENT, /* a notice, or what is addressed to her: seq's row */
	ITEM_PAUSE, /* a subscription's filter was paused: seq's row */
};

struct item {
	enum item_kind kind;
	int64_t seq; /* place in the log */
	int64_t incident; /* 0 for ITEM_PAUSE */
	int64_t subscription; /* ITEM_PAUSE: the subscription's number */
};

struct timeline {
	struct item *items; /* by place, newest first */
	size_t n;
};

/* The newest limit (1 to 200) items of a person's feed ... */
MUST_CHECK bool timeline_personal(void *owner, struct desk *desk, struct db *db,
    int64_t person, size_t limit, struct timeline *ret, struct error *err);

/* ... and of one of her subscriptions. */
MUST_CHECK bool timeline_subscription(void *owner, struct desk *desk,
    struct db *db, int64_t person, int64_t subscription, size_t limit,
    struct timeline *ret, struct error *err);

/*
 * A number that moves whenever one of these may have changed, without a look
 * at the store: the largest version of her filters, her own list, her edits.
 * 0: memory knows no such person or subscription.
 */
int64_t timeline_version_personal(struct desk *desk, int64_t person);
int64_t timeline_version_subscription(
    struct desk *desk, int64_t person, int64_t subscription);

/* The same for what everybody may read of the knowledge base. */
int64_t timeline_version_kb(struct desk *desk);
/* ... and for what is found in it, which moves again when full text has it. */
int64_t timeline_version_kb_text(struct desk *desk);

/* Which of her subscriptions, not removed or delivered earlier, matched it. */
struct matched_by {
	int64_t subscription;
	char *name;
	char *filter; /* the one that matched, canonical */
};
MUST_CHECK bool timeline_matched_by(void *owner, struct desk *desk,
    struct db *db, int64_t person, int64_t incident, struct matched_by **ret,
    size_t *n, struct error *err);

#endif
