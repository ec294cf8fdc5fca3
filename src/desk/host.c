/* SPDX-License-Identifier: ISC */
#include "desk/parts.h"

/* Who answers to the customer. */

#include "base/json.h"
#include "base/mem.h"

bool
change_host(struct change *change, int64_t person, enum desk_raise raise,
    struct error *err)
{
	struct incident *incident = change->incident;
	struct person *host = NULL;
	json_t *detail;

	if (!change_needs_status(change, NOT_CLOSED, err))
		return false;
	if (incident->host == person)
		return true;
	if (person != 0 &&
	    !person_by_id(change->memory, change->db, person, &host, err))
		return false;

	incident->host = person;
	incident->host_handle = host == NULL ? NULL : host->handle;
	incident->host_name = host == NULL ? NULL : host->name;
	detail = mem_made(json_object());
	json_put_text(detail, "host", incident->host_handle);
	return change_event(change, JOURNAL_HOST, detail, raise, err);
}
