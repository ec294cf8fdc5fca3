/* SPDX-License-Identifier: ISC */
#include "desk/parts.h"

/* The fix: what solved it, and the article that the next customer finds. */

#include "base/check.h"
#include "base/json.h"
#include "base/mem.h"
#include "desk/inside.h"

bool
change_resolved(struct change *change, struct error *err)
{
	int64_t after = change->desk->close_after;

	change->incident->resolved = change->at;
	return change_stamp(change, err) &&
	    (after == 0 ||
		change_timer(change, TIMER_CLOSE, change->at + after, err));
}

static const struct db_statement add_parts = {
	"cause and environment of a fix",
	"UPDATE post SET cause = ?, environment = ? WHERE id = ?",
};

static json_t *
fix_detail(const struct change *change, const struct fix *fix, int64_t post,
    bool imported)
{
	json_t *detail = mem_made(json_object());

	json_put_int(detail, "post", post);
	json_put_int(detail, "article", change->incident->article);
	json_put_bool(detail, "publish", fix->publish);
	if (imported)
		json_put_bool(detail, "imported", true);
	return detail;
}

/* The article, the event and the post; fix is made ready. */
static bool
say_fix(struct change *change, const struct fix *fix, bool imported,
    struct error *err)
{
	int64_t post;

	if (!article_of_fix(change, fix, err) ||
	    !change_next(change, &post, err))
		return false;
	change->incident->status = STATUS_RESOLVED;
	if (!change_event(change, JOURNAL_FIX,
		fix_detail(change, fix, post, imported), RAISE_NONE, err))
		return false;
	CHECK(change->seq == post);
	return change_post(change, POST_FIX, change->actor->person,
		   fix->resolution, err) &&
	    db_run(change->db, &add_parts,
		DB_VALUES(db_text(fix->cause), db_text(fix->environment),
		    db_int(post)),
		err) &&
	    change_resolved(change, err);
}

static bool
fix_step(struct change *change, void *arg, struct error *err)
{
	const struct incident *incident = change->incident;

	if (!change_needs_status(change, NOT_CLOSED, err))
		return false;
	if (incident->host != change->actor->person &&
	    !change_join(change, ROLE_HELPER, err))
		return false;
	return say_fix(change, arg, false, err);
}

/* What was written, made ready; all that is wrong with it is said at once. */
static bool
take_fix(void *owner, const struct fix *fix, struct fix *ret, struct error *err)
{
	char *resolution = NULL, *cause = NULL, *environment = NULL;
	char *title = NULL, *issue = NULL;
	bool ok;

	ok = input_words(
	    owner, "resolution", fix->resolution, POST_MAX, &resolution, err);
	ok = text_taken(owner, fix->cause, "cause", POST_MAX, &cause, err) &&
	    ok;
	ok = text_taken(owner, fix->environment, "environment", ENVIRONMENT_MAX,
		 &environment, err) &&
	    ok;
	ok = title_taken(owner, fix->title, &title, err) && ok;
	ok = text_taken(owner, fix->issue, "issue", POST_MAX, &issue, err) &&
	    ok;
	if (!ok)
		return false;
	*ret = (struct fix){
		.resolution = resolution,
		.cause = cause,
		.environment = environment,
		.title = title,
		.issue = issue,
		.publish = fix->publish,
	};
	return true;
}

bool
desk_fix(struct desk *desk, const struct actor *actor, int64_t incident,
    const struct fix *fix, struct error *err)
{
	void *memory = mem_root("fix");
	struct fix taken;
	bool ok;

	ok = actor_may_write(actor, err) &&
	    take_fix(memory, fix, &taken, err) &&
	    desk_change(desk, actor, incident, 0, fix_step, &taken, err);
	talloc_free(memory);
	return ok;
}

bool
fix_imported(struct change *change, const struct fix *fix, struct error *err)
{
	struct fix taken;

	return take_fix(change->memory, fix, &taken, err) &&
	    say_fix(change, &taken, true, err);
}
