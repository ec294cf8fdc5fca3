/* SPDX-License-Identifier: ISC */
#include "desk/strike.h"

#include "base/check.h"
#include "base/map.h"
#include "base/mem.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { STRIKE_WINDOW = 1000 }; /* incident numbers */

struct strike {
	int64_t incident;
	char *address; /* of a public report, or NULL */
};

struct struck {
	struct strike strikes[STRIKES]; /* in the order they came */
	size_t n;
};

struct strikes {
	pthread_mutex_t lock; /* guards the maps */
	struct map *by_id[STRIKE_KINDS];
};

static int
end_strikes(struct strikes *strikes)
{
	pthread_mutex_destroy(&strikes->lock);
	return 0;
}

struct strikes *
strikes_new(void *owner)
{
	struct strikes *strikes = mem_new(owner, struct strikes);

	CHECK(pthread_mutex_init(&strikes->lock, NULL) == 0);
	talloc_set_destructor(strikes, end_strikes);
	for (size_t i = 0; i < STRIKE_KINDS; i++)
		strikes->by_id[i] = map_new(strikes);
	return strikes;
}

static void
forget_far(struct struck *struck, int64_t incident)
{
	size_t n = 0;

	for (size_t i = 0; i < struck->n; i++) {
		struct strike *strike = &struck->strikes[i];

		if (llabs(incident - strike->incident) >= STRIKE_WINDOW)
			TALLOC_FREE(strike->address);
		else
			struck->strikes[n++] = *strike;
	}
	struck->n = n;
}

/* Whether this one counts, and there are enough. */
static bool
strike(struct struck *struck, int64_t incident, const char *address)
{
	forget_far(struck, incident);
	if (struck->n == STRIKES)
		return true;
	for (size_t i = 0; i < struck->n; i++) {
		const char *other = struck->strikes[i].address;

		if (struck->strikes[i].incident == incident ||
		    (address != NULL && other != NULL &&
			strcmp(address, other) == 0))
			return false;
	}
	struck->strikes[struck->n++] = (struct strike){
		.incident = incident,
		.address = address == NULL ? NULL : mem_copy(struck, address),
	};
	return struck->n == STRIKES;
}

bool
strikes_add(struct strikes *strikes, enum strike_of of, int64_t id,
    int64_t incident, const char *address, int64_t ret[STRIKES])
{
	struct struck *struck;
	bool out;

	pthread_mutex_lock(&strikes->lock);
	struck = map_get(strikes->by_id[of], id);
	if (struck == NULL) {
		struck = mem_new(strikes, struct struck);
		map_set(strikes->by_id[of], id, struck);
	}
	out = strike(struck, incident, address);
	for (size_t i = 0; i < STRIKES; i++)
		ret[i] = struck->strikes[i].incident;
	pthread_mutex_unlock(&strikes->lock);
	return out;
}

void
strikes_forget(struct strikes *strikes, enum strike_of of, int64_t id)
{
	pthread_mutex_lock(&strikes->lock);
	talloc_free(map_get(strikes->by_id[of], id));
	map_set(strikes->by_id[of], id, NULL);
	pthread_mutex_unlock(&strikes->lock);
}
