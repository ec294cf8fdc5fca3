/* SPDX-License-Identifier: ISC */
#include "desk/parts.h"

/* Replies: what the customer reads, and what she answers. */

#include "base/mem.h"

bool
change_reply(
    struct change *change, const char *text, unsigned how, struct error *err)
{
	const struct incident *incident = change->incident;
	const struct actor *actor = change->actor;

	if ((how & REPLY_JOINS) != 0 && incident->host != actor->person &&
	    !change_join(change, ROLE_HELPER, err))
		return false;
	if (incident->host == 0 && !actor->bot &&
	    (how & REPLY_HOST_NONE) == 0 &&
	    !change_host(change, actor->person, RAISE_NONE, err))
		return false;
	return change_answer_pulls(change, actor->person, err) &&
	    change_promise_kept(change, err) &&
	    change_say(change, POST_REPLY, text, err);
}

struct reply {
	char *text;
	unsigned how;
	int64_t post;
};

static bool
reply_step(struct change *change, void *arg, struct error *err)
{
	struct reply *reply = arg;

	if (!change_needs_status(change, NOT_CLOSED, err) ||
	    !change_reply(change, reply->text, reply->how, err))
		return false;
	reply->post = change->seq;
	return true;
}

bool
desk_reply(struct desk *desk, const struct actor *actor, int64_t incident,
    const char *text, bool host_none, int64_t *ret, struct error *err)
{
	struct reply reply = {
		.how = REPLY_JOINS | (host_none ? REPLY_HOST_NONE : 0),
	};
	void *memory = mem_root("reply");
	bool ok;

	ok = actor_may_write(actor, err) &&
	    input_words(memory, "text", text, POST_MAX, &reply.text, err) &&
	    desk_change(desk, actor, incident, 0, reply_step, &reply, err);
	talloc_free(memory);
	if (ok)
		*ret = reply.post;
	return ok;
}

static bool
customer_reply_step(struct change *change, void *arg, struct error *err)
{
	struct change followed;
	int64_t *people;
	size_t n;

	if (!change_followed(change, &followed, err) ||
	    !change_needs_status(&followed, NOT_CLOSED, err))
		return false;
	change_concerned(&followed, &people, &n);
	return change_say(change, POST_REPLY, arg, err) &&
	    change_address_all(change, people, n, err);
}

bool
desk_customer_reply(struct desk *desk, const struct actor *actor,
    int64_t incident, const char *text, struct error *err)
{
	void *memory = mem_root("customer reply");
	char *taken;
	bool ok;

	ok = input_words(memory, "text", text, POST_MAX, &taken, err) &&
	    desk_change(desk, actor, incident, CHANGE_DUPLICATES,
		customer_reply_step, taken, err);
	talloc_free(memory);
	return ok;
}
