/* SPDX-License-Identifier: ISC */
#include "desk/parts.h"

/* An answer: the article that solves it is there already. */

#include "base/json.h"
#include "base/mem.h"

struct answer {
	int64_t article;
	char *text; /* or NULL */
};

static bool
needs_article(
    struct change *change, const struct answer *answer, struct error *err)
{
	struct error tried = { 0 };
	struct article *article;

	if (article_read(
		change->memory, change->db, answer->article, &article, &tried))
		return true;
	if (tried.kind == ERROR_NOT_FOUND)
		return error_field(err, "article", 0, "there is no article %jd",
		    (intmax_t)answer->article);
	*err = tried;
	return false;
}

/* It is answered so already: saying it again counts nothing. */
static bool
is_so(const struct incident *incident, const struct answer *answer)
{
	return incident->status == STATUS_RESOLVED && incident->answered &&
	    incident->article == answer->article;
}

static bool
answer_step(struct change *change, void *arg, struct error *err)
{
	const struct answer *answer = arg;
	struct incident *incident = change->incident;
	json_t *detail;
	int64_t post = 0;

	if (!change_needs_status(change, NOT_CLOSED, err) ||
	    !needs_article(change, answer, err))
		return false;
	if (answer->text != NULL) {
		if (!change_reply(change, answer->text, 0, err))
			return false;
		post = change->seq;
	}
	if (is_so(incident, answer))
		return true;

	incident->status = STATUS_RESOLVED;
	incident->article = answer->article;
	incident->answered = true;
	detail = mem_made(json_object());
	json_put_int(detail, "article", answer->article);
	if (post != 0)
		json_put_int(detail, "post", post);
	return change_event(change, JOURNAL_ANSWER, detail, RAISE_NONE, err) &&
	    article_reused(change->db, answer->article, change->at, err) &&
	    change_resolved(change, err);
}

bool
desk_answer(struct desk *desk, const struct actor *actor, int64_t incident,
    int64_t article, const char *text, struct error *err)
{
	struct answer answer = { .article = article };
	void *memory = mem_root("answer");
	bool ok;

	ok = actor_may_write(actor, err) &&
	    text_taken(memory, text, "text", POST_MAX, &answer.text, err) &&
	    desk_change(desk, actor, incident, 0, answer_step, &answer, err);
	talloc_free(memory);
	return ok;
}
