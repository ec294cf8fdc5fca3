/* SPDX-License-Identifier: ISC */
#include "desk/parts.h"
#include "desk/tag.h"

/* Spam, or what should never have been written: gone but for the journal. */

#include "base/json.h"
#include "base/mem.h"

struct withdrawal {
	char *reason;
	int64_t if_changed;
};

static bool
withdraw_step(struct change *change, void *arg, struct error *err)
{
	const struct withdrawal *how = arg;
	struct incident *incident = change->incident;
	json_t *detail;

	if (how->if_changed != 0 && how->if_changed != incident->changed)
		return error_set(err, ERROR_PRECONDITION,
		    "incident %jd was changed meanwhile",
		    (intmax_t)incident->number);
	/* known before the event, which makes nothing true of it any more */
	if (!change_next(change, &incident->withdrawn, err) ||
	    !tag_count(
		change->db, NULL, 0, incident->tags, incident->n_tags, err))
		return false;
	detail = mem_made(json_object());
	json_put_text(detail, "reason", how->reason);
	if (incident->status == STATUS_CLOSED)
		return change_event(
		    change, JOURNAL_WITHDRAW, detail, RAISE_NONE, err);
	return change_close(change, JOURNAL_WITHDRAW, detail, err);
}

bool
desk_withdraw(struct desk *desk, const struct actor *actor, int64_t incident,
    const char *reason, int64_t if_changed, struct error *err)
{
	struct withdrawal how = { .if_changed = if_changed };
	void *memory = mem_root("withdraw");
	bool ok;

	ok = actor_may_write(actor, err) &&
	    input_words(memory, "reason", reason, POST_MAX, &how.reason, err) &&
	    desk_change(desk, actor, incident, CHANGE_DUPLICATES, withdraw_step,
		&how, err);
	talloc_free(memory);
	return ok;
}
