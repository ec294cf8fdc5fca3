/* SPDX-License-Identifier: ISC */
#ifndef DESK_SUBSCRIPTION_H
#define DESK_SUBSCRIPTION_H

/*
 * Subscriptions: a person's named filters. Each is a list of stretches (a
 * filter, a journal number from, one to); see design section 4.
 */

#include "desk/desk.h"
#include "filter/filter.h"

struct subscription {
	int64_t id;
	int64_t person;
	char *handle;
	char *name;
	int64_t filter_id;
	char *filter; /* canonical */
	bool follows_skills;
	int64_t paused; /* time, 0: it runs */
	char *paused_why; /* or NULL */
	int64_t created;
	int64_t changed; /* seq */
	int64_t removed; /* seq, 0: it is there */
};

/*
 * Hers, or everybody's (person 0), that are not removed, by number. Removed
 * ones too where with_removed.
 */
MUST_CHECK bool subscription_list(void *owner, struct db *db, int64_t person,
    bool with_removed, struct subscription **ret, size_t *n, struct error *err);

/* Removed ones too; ERROR_NOT_FOUND if there is none or it is another's. */
MUST_CHECK bool subscription_read(void *owner, struct db *db, int64_t person,
    int64_t id, struct subscription **ret, struct error *err);

/*
 * Those whose filter is paused, of people who are not disabled, latest pause
 * first; at most limit.
 */
MUST_CHECK bool subscription_paused(void *owner, struct db *db, size_t limit,
    struct subscription **ret, size_t *n, struct error *err);

/* What the author of a filter should know; each a sentence without full stop.
 */
struct warnings {
	char *all[4];
	size_t n;
};

/*
 * A new one, or a change, as the two functions below, and what is to be said of
 * its filter.
 */
struct saving {
	int64_t person, id; /* id 0: a new one; after that it has its number */
	const char *name, *filter;
	int64_t if_changed;
	void *owner; /* of the warnings; NULL: none are wanted */
	struct warnings warnings;
};
MUST_CHECK bool desk_subscription_save(struct desk *desk,
    const struct actor *actor, struct saving *saving, struct error *err);

/*
 * A new one of that person, whose handle "me" stands for. ERROR_INVALID with
 * the field "filter" and its column (also for `age`), or "name";
 * ERROR_CONFLICT if she has the name.
 */
MUST_CHECK bool
desk_subscribe(struct desk *desk, const struct actor *actor, int64_t person,
    const char *name, const char *filter, int64_t *ret, struct error *err);

/* NULL name or filter leaves it. Saving it again resumes a paused filter. */
MUST_CHECK bool desk_subscription_edit(struct desk *desk,
    const struct actor *actor, int64_t person, int64_t id, const char *name,
    const char *filter, int64_t if_changed, struct error *err);
MUST_CHECK bool desk_unsubscribe(struct desk *desk, const struct actor *actor,
    int64_t person, int64_t id, struct error *err);

/*
 * An import: many at once, in one transaction and with one pass over the past.
 * A name she has already changes its filter. each[i].failed says what was
 * wrong with one; the others go in.
 */
struct subscription_order {
	const char *handle, *name, *filter;
	bool failed;
	struct error error;
};
MUST_CHECK bool
desk_subscribe_many(struct desk *desk, const struct actor *actor,
    struct subscription_order *each, size_t n, struct error *err);

/* What a filter would have caught of the last 10,000 incidents. */
struct preview {
	char *filter; /* canonical */
	int64_t matches, of;
	double per_week;
	int64_t newest[20];
	const char *why[20]; /* of each: the terms that hold, by ", " */
	size_t n_newest;
	struct warnings warnings;
};
MUST_CHECK bool
subscription_preview(void *owner, struct desk *desk, struct db *db,
    const char *me, const char *filter, struct preview *ret, struct error *err);

/*
 * Admins: lets a paused filter run again. Who uses it gets what it missed, as
 * the past of new stretches. ERROR_NOT_FOUND if there is no such filter.
 */
MUST_CHECK bool desk_resume(struct desk *desk, const struct actor *actor,
    int64_t filter, struct error *err);

/* --- the filter of a list or a search, by whoever asks */

MUST_CHECK bool desk_filter(void *owner, const char *text, const char *me,
    bool articles, struct filter **ret, struct error *err);

#endif
