/* SPDX-License-Identifier: ISC */
#include "http/flight.h"

#include "base/check.h"
#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { FLIGHT_MAGIC = 0x0d53be76 };

struct flight {
	unsigned magic;
	unsigned holds; /* of its maker, and of whoever is about to wait */
	char *key;
	bool has_landed, has_succeeded;
	struct request *waiting;
};

static void
drop(struct flight *flight)
{
	CHECK_MAGIC(flight, FLIGHT_MAGIC);
	if (--flight->holds > 0)
		return;
	CHECK(flight->waiting == NULL);
	flight->magic = 0;
	free(flight->key);
	free(flight);
}

bool
flight_begin(struct map *flights, struct request *request, const char *key)
{
	struct flight *flight = map_get_text(flights, key);

	CHECK(request->makes == NULL && request->waits_for == NULL);
	if (flight != NULL) {
		flight->holds++;
		request->waits_for = flight;
		return false;
	}
	flight = mem_take_zero(1, sizeof *flight);
	flight->magic = FLIGHT_MAGIC;
	flight->holds = 1;
	flight->key = mem_take_copy(key);
	map_set_text(flights, key, flight);
	request->makes = flight;
	return true;
}

void
flight_succeeded(struct request *request)
{
	if (request->makes != NULL)
		request->makes->has_succeeded = true;
}

bool
flight_wait(struct request *request)
{
	struct flight *flight = request->waits_for;

	CHECK_MAGIC(flight, FLIGHT_MAGIC);
	request->waits_for = NULL;
	if (flight->has_landed) {
		request->is_alone = !flight->has_succeeded;
		drop(flight);
		return false;
	}
	request->next_waiting = flight->waiting;
	flight->waiting = request;
	drop(flight); /* its maker still has it */
	return true;
}

struct request *
flight_land(struct map *flights, struct request *request)
{
	struct flight *flight = request->makes;
	struct request *waiting;

	if (flight == NULL)
		return NULL;
	CHECK_MAGIC(flight, FLIGHT_MAGIC);
	request->makes = NULL;
	map_set_text(flights, flight->key, NULL);
	flight->has_landed = true;
	waiting = flight->waiting;
	flight->waiting = NULL;
	for (struct request *each = waiting; each != NULL;
	     each = each->next_waiting)
		each->is_alone = !flight->has_succeeded;
	drop(flight);
	return waiting;
}
