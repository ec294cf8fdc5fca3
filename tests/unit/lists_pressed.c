/* SPDX-License-Identifier: ISC */

/*
 * Linked beside a test that reads feeds: memory keeps one number of a list,
 * and before each feed is read all is written and forgotten. So what the test
 * reads comes from chunks, and where its view of the store is older than they
 * are, from the journal.
 */

#include "base/check.h"
#include "desk/inside.h"
#include "desk/lists.h"
#include "desk/timeline.h"

bool __real_timeline_personal(void *owner, struct desk *desk, struct db *db,
    int64_t person, size_t limit, struct timeline *ret, struct error *err);
bool __wrap_timeline_personal(void *owner, struct desk *desk, struct db *db,
    int64_t person, size_t limit, struct timeline *ret, struct error *err);
bool __real_timeline_subscription(void *owner, struct desk *desk, struct db *db,
    int64_t person, int64_t subscription, size_t limit, struct timeline *ret,
    struct error *err);
bool __wrap_timeline_subscription(void *owner, struct desk *desk, struct db *db,
    int64_t person, int64_t subscription, size_t limit, struct timeline *ret,
    struct error *err);

__attribute__((constructor)) static void
press(void)
{
	lists_bounds.keep = 1;
}

static void
write_and_forget(struct desk *desk)
{
	struct error err = { 0 };

	CHECK(lists_follow(desk, true, &err));
	CHECK(lists_follow(desk, true, &err));
}

bool
__wrap_timeline_personal(void *owner, struct desk *desk, struct db *db,
    int64_t person, size_t limit, struct timeline *ret, struct error *err)
{
	write_and_forget(desk);
	return __real_timeline_personal(
	    owner, desk, db, person, limit, ret, err);
}

bool
__wrap_timeline_subscription(void *owner, struct desk *desk, struct db *db,
    int64_t person, int64_t subscription, size_t limit, struct timeline *ret,
    struct error *err)
{
	write_and_forget(desk);
	return __real_timeline_subscription(
	    owner, desk, db, person, subscription, limit, ret, err);
}
