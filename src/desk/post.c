/* SPDX-License-Identifier: ISC */
#include "desk/parts.h"

/* Posts: written under the number of the event that made them. */

#include "base/check.h"
#include "base/json.h"
#include "base/mem.h"

#include <string.h>

static const struct db_statement add_post = {
	"add a post",
	"INSERT INTO post"
	" (id, incident, kind, author, created, changed, text)"
	" VALUES (?, ?, ?, ?, ?, ?, ?)",
};

bool
change_post(struct change *change, enum post_kind kind, int64_t author,
    const char *text, struct error *err)
{
	return db_run(change->db, &add_post,
	    DB_VALUES(db_int(change->seq), db_int(change->incident->number),
		db_int(kind), db_some(author), db_int(change->at),
		db_int(change->seq), db_text(text)),
	    err);
}

bool
change_say(struct change *change, enum post_kind kind, const char *text,
    struct error *err)
{
	enum journal_kind event = kind == POST_NOTE ? JOURNAL_NOTE
						    : JOURNAL_REPLY;
	json_t *detail;
	int64_t post;

	if (!change_next(change, &post, err))
		return false;
	detail = mem_made(json_object());
	json_put_int(detail, "post", post);
	if (!change_event(change, event, detail, RAISE_NONE, err))
		return false;
	CHECK(change->seq == post);
	return change_post(change, kind, change->actor->person, text, err);
}

/* --- notes */

struct note {
	char *text;
	int64_t post;
};

static bool
note_step(struct change *change, void *arg, struct error *err)
{
	struct note *note = arg;

	if (!change_say(change, POST_NOTE, note->text, err))
		return false;
	note->post = change->seq;
	return true;
}

bool
desk_note(struct desk *desk, const struct actor *actor, int64_t incident,
    const char *text, int64_t *ret, struct error *err)
{
	struct note note = { 0 };
	void *memory = mem_root("note");
	bool ok;

	ok = actor_may_write(actor, err) &&
	    input_words(memory, "text", text, POST_MAX, &note.text, err) &&
	    desk_change(desk, actor, incident, CHANGE_DUPLICATES, note_step,
		&note, err);
	talloc_free(memory);
	if (ok)
		*ret = note.post;
	return ok;
}

/* --- edited and withdrawn, by their author or an admin */

struct post_edit {
	int64_t post;
	int64_t if_changed;
	char *text; /* NULL: withdraws it */
};

static bool
find_post(struct change *change, const struct post_edit *edit,
    struct post **ret, struct error *err)
{
	const struct actor *actor = change->actor;
	struct post *post;

	if (!post_read(change->memory, change->db, change->incident->number,
		edit->post, &post, err))
		return false;
	if (post->withdrawn)
		return error_set(err, ERROR_GONE, "post %jd was withdrawn",
		    (intmax_t)post->id);
	if (actor->scope < SCOPE_ADMIN &&
	    (post->author == 0 || post->author != actor->person))
		return error_set(err, ERROR_FORBIDDEN,
		    "post %jd is %s: only its author or an admin changes it",
		    (intmax_t)post->id,
		    post->author == 0 ? "the customer's" : post->handle);
	if (edit->if_changed != 0 && edit->if_changed != post->changed)
		return error_set(err, ERROR_PRECONDITION,
		    "post %jd was changed meanwhile", (intmax_t)post->id);
	*ret = post;
	return true;
}

static bool
post_event(struct change *change, enum journal_kind kind,
    const struct post *post, struct error *err)
{
	json_t *detail = mem_made(json_object());

	json_put_int(detail, "post", post->id);
	change->fix_moves = post->kind == POST_FIX;
	return change_event(change, kind, detail, RAISE_NONE, err);
}

static const struct db_statement edit_post = {
	"edit a post",
	"UPDATE post SET text = ?, edited = ?, changed = ? WHERE id = ?",
};
static const struct db_statement withdraw_post = {
	"withdraw a post",
	"UPDATE post SET withdrawn = 1, changed = ? WHERE id = ?",
};

static bool
edit_step(struct change *change, void *arg, struct error *err)
{
	const struct post_edit *edit = arg;
	struct post *post;

	if (!find_post(change, edit, &post, err))
		return false;
	if (strcmp(post->text, edit->text) == 0)
		return true;
	return post_event(change, JOURNAL_EDIT, post, err) &&
	    db_run(change->db, &edit_post,
		DB_VALUES(db_text(edit->text), db_int(change->at),
		    db_int(change->seq), db_int(post->id)),
		err);
}

static bool
withdraw_step(struct change *change, void *arg, struct error *err)
{
	const struct post_edit *edit = arg;
	struct post *post;

	return find_post(change, edit, &post, err) &&
	    post_event(change, JOURNAL_WITHDRAW, post, err) &&
	    db_run(change->db, &withdraw_post,
		DB_VALUES(db_int(change->seq), db_int(post->id)), err);
}

bool
desk_post_edit(struct desk *desk, const struct actor *actor, int64_t incident,
    int64_t post, const char *text, int64_t if_changed, struct error *err)
{
	struct post_edit edit = { .post = post, .if_changed = if_changed };
	void *memory = mem_root("post edit");
	bool ok;

	ok = actor_may_write(actor, err) &&
	    input_words(memory, "text", text, POST_MAX, &edit.text, err) &&
	    desk_change(desk, actor, incident, CHANGE_DUPLICATES, edit_step,
		&edit, err);
	talloc_free(memory);
	return ok;
}

bool
desk_post_withdraw(struct desk *desk, const struct actor *actor,
    int64_t incident, int64_t post, int64_t if_changed, struct error *err)
{
	struct post_edit edit = { .post = post, .if_changed = if_changed };

	return actor_may_write(actor, err) &&
	    desk_change(desk, actor, incident, CHANGE_DUPLICATES, withdraw_step,
		&edit, err);
}
