/* SPDX-License-Identifier: ISC */
#include "desk/parts.h"

/* It was not solved after all. */

#include "base/json.h"
#include "base/mem.h"
#include "desk/inside.h"

struct reopening {
	char *text; /* or NULL */
	enum post_kind kind; /* of text: a person's is a note */
};

static const unsigned ended = IN(STATUS_RESOLVED) | IN(STATUS_CLOSED);

/* Nobody joined it ever: from now on it counts as waiting again. */
static bool
watch_again(struct change *change, struct error *err)
{
	const struct incident *incident = change->incident;
	int64_t after = change->desk->orphan_after;

	if (incident->status != STATUS_OPEN || incident->joined ||
	    incident->orphan || after == 0)
		return true;
	return change_timer(
	    change, TIMER_ORPHAN, incident->reported + after, err);
}

static bool
go_on(struct change *change, json_t *detail, struct error *err)
{
	struct incident *incident = change->incident;

	if (!change_promise_kept(change, err))
		return false;
	incident->promised = 0;
	incident->resolved = 0;
	incident->closed = 0;
	incident->status = incident_helpers(incident) > 0 ? STATUS_SWARMING
							  : STATUS_OPEN;
	return change_event(
		   change, JOURNAL_REOPEN, detail, RAISE_REOPENED, err) &&
	    watch_again(change, err);
}

static bool
reopen_and_tell(struct change *change, const struct reopening *how,
    const int64_t *people, size_t n, struct error *err)
{
	json_t *detail = json_owned(change->memory, json_object());

	if (how->text != NULL) {
		if (!change_say(change, how->kind, how->text, err))
			return false;
		json_put_int(detail, "post", change->seq);
		if (how->kind == POST_REPLY &&
		    !change_address_all(change, people, n, err))
			return false;
	}
	json_incref(detail); /* change_event takes it over */
	return (change->incident->duplicate_of != 0
		       ? change_event(
			     change, JOURNAL_REOPEN, detail, RAISE_NONE, err)
		       : go_on(change, detail, err)) &&
	    change_address_all(change, people, n, err);
}

static bool
reopen_step(struct change *change, void *arg, struct error *err)
{
	const struct reopening *how = arg;
	struct change followed;
	int64_t *people = NULL;
	size_t n = 0;

	if (!change_followed(change, &followed, err) ||
	    !change_needs_status(&followed, ended, err))
		return false;
	if (how->kind == POST_REPLY)
		change_concerned(&followed, &people, &n);
	return change_was_in(change, followed.incident, &people, &n, err) &&
	    reopen_and_tell(change, how, people, n, err);
}

bool
desk_reopen(struct desk *desk, const struct actor *actor, int64_t incident,
    const char *text, struct error *err)
{
	struct reopening how = { .kind = POST_NOTE };
	void *memory = mem_root("reopen");
	bool ok;

	ok = actor_may_write(actor, err) &&
	    text_taken(memory, text, "text", POST_MAX, &how.text, err) &&
	    desk_change(desk, actor, incident, 0, reopen_step, &how, err);
	talloc_free(memory);
	return ok;
}

bool
desk_customer_reopen(struct desk *desk, const struct actor *actor,
    int64_t incident, const char *text, struct error *err)
{
	struct reopening how = { .kind = POST_REPLY };
	void *memory = mem_root("customer reopen");
	bool ok;

	ok = text_taken(memory, text, "text", POST_MAX, &how.text, err) &&
	    desk_change(desk, actor, incident, CHANGE_DUPLICATES, reopen_step,
		&how, err);
	talloc_free(memory);
	return ok;
}
