/* SPDX-License-Identifier: ISC */
#include "web/shared.h"

#include "base/check.h"
#include "base/clock.h"
#include "desk/access.h"
#include "desk/timeline.h"

/* The numbers of a recall. */
enum { BY, PERSON_OF, SUBSCRIPTION_OF, MAY_COME_IN, HOUR_OF };

struct recall
shared_recall(const struct request *request, enum shared_by by)
{
	const struct site *site = http_context(request);
	struct recall recall = { 0 };

	recall.numbers[BY] = by;
	recall.numbers[MAY_COME_IN] = access_generation(site->desk);
	recall.numbers[HOUR_OF] = clock_second() / HOUR;
	return recall;
}

void
shared_recall_person(
    struct recall *recall, int64_t person, int64_t subscription)
{
	recall->numbers[PERSON_OF] = person;
	recall->numbers[SUBSCRIPTION_OF] = subscription;
}

/*
 * A link's use is noted to the hour, so its handler is asked once an hour; and
 * whenever something changed about who may come in.
 */
static bool
is_link_good(const struct site *site, const struct recall *recall)
{
	return recall->numbers[MAY_COME_IN] == access_generation(site->desk) &&
	    recall->numbers[HOUR_OF] == clock_second() / HOUR;
}

int64_t
shared_version(void *context, const struct recall *recall)
{
	const struct site *site = context;

	switch ((enum shared_by)recall->numbers[BY]) {
	case SHARED_TILL_RELOAD:
		return 1;
	case SHARED_KB:
		return timeline_version_kb(site->desk);
	case SHARED_KB_TEXT:
		return timeline_version_kb_text(site->desk);
	case SHARED_PERSONAL:
		return !is_link_good(site, recall)
		    ? 0
		    : timeline_version_personal(
			  site->desk, recall->numbers[PERSON_OF]);
	case SHARED_SUBSCRIPTION:
		return !is_link_good(site, recall)
		    ? 0
		    : timeline_version_subscription(site->desk,
			  recall->numbers[PERSON_OF],
			  recall->numbers[SUBSCRIPTION_OF]);
	}
	CHECK(false);
	return 0;
}

bool
answer_shared(struct request *request, struct answer *answer, enum shared_by by,
    const char *key, http_handler *make, struct error *err)
{
	const struct visit *visit = visit_of(request);
	struct response_cache *cache = visit->site->cache;
	struct recall recall = shared_recall(request, by);
	int64_t version = shared_version(visit->site, &recall);

	if (visit->came_by != CAME_NOT)
		return make(request, answer, err);
	switch (response_cache_find(cache, request, answer, key, version)) {
	case CACHED:
		break;
	case CACHE_LATER:
		return error_set(err, ERROR_BUSY, "it is being made");
	case CACHE_MAKE:
		if (!make(request, answer, err))
			return false;
		if (answer->etag == NULL || answer->status != 0)
			return true;
		response_cache_put(cache, request, answer, key, version);
		break;
	}
	answer->is_recalled = true;
	answer->recall = recall;
	return true;
}
