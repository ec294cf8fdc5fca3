/* SPDX-License-Identifier: ISC */
#include "web/incident.h"

/* The page of an incident: its JSON and what templates/MODEL.md adds. */

#include "base/json.h"
#include "base/mem.h"
#include "desk/article.h"
#include "desk/person.h"
#include "desk/visible.h"
#include "view/shape.h"
#include "web/answer_feed.h"
#include "web/model.h"

#include <stdint.h>
#include <string.h>

/* --- what can be done: a form each */

#define OPEN ((1u << STATUS_OPEN) | (1u << STATUS_SWARMING))
#define ENDED ((1u << STATUS_RESOLVED) | (1u << STATUS_CLOSED))
#define NOT_CLOSED (OPEN | (1u << STATUS_RESOLVED))
#define ANY (OPEN | ENDED)

enum { NOT_HELPER = 1 << 0, NOT_SHADOW = 1 << 1, IS_IN = 1 << 2 };

static const struct {
	const char *name;
	unsigned statuses;
	bool of_duplicates;
	unsigned role;
} forms[] = {
	{ "join", NOT_CLOSED, false, NOT_HELPER },
	{ "shadow", NOT_CLOSED, false, NOT_SHADOW },
	{ "leave", NOT_CLOSED, false, IS_IN },
	{ "reply", NOT_CLOSED, false, 0 },
	{ "note", ANY, true, 0 },
	{ "fix", NOT_CLOSED, false, 0 },
	{ "answer", NOT_CLOSED, false, 0 },
	{ "pull", OPEN, false, 0 },
	{ "promise", OPEN, false, 0 },
	{ "reopen", ENDED, false, 0 },
	{ "close", NOT_CLOSED, false, 0 },
	{ "duplicate", NOT_CLOSED, false, 0 },
	{ "host", NOT_CLOSED, false, 0 },
	{ "edit", ANY, true, 0 },
	{ "link", ANY, true, 0 },
	{ "withdraw", ANY, true, 0 },
};

static void
put_can(json_t *model, const struct view *view, const struct incident *in,
    bool may_write)
{
	const struct stay *stay = incident_stay(in, view->person);
	unsigned role = NOT_HELPER | NOT_SHADOW;
	json_t *can = mem_made(json_object());

	if (stay != NULL)
		role = IS_IN |
		    (stay->role == ROLE_HELPER ? NOT_SHADOW : NOT_HELPER);
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		json_put_bool(can, forms[i].name,
		    may_write &&
			(forms[i].statuses & (1u << in->status)) != 0 &&
			(in->duplicate_of == 0 || forms[i].of_duplicates) &&
			(forms[i].role & role) == forms[i].role);
	model_put(model, "can", can);
	json_put_text(model, "my_role",
	    stay == NULL		    ? NULL
		: stay->role == ROLE_HELPER ? "helper"
					    : "shadow");
}

/* --- the swarm, and who could come */

static const char *
needed_text(void *owner, const struct incident *in)
{
	unsigned helpers = incident_helpers(in);
	unsigned missing = in->hands > helpers ? in->hands - helpers : 0;

	if (in->duplicate_of != 0)
		return "It goes on elsewhere";
	if (in->status == STATUS_CLOSED)
		return "It is closed";
	if (in->status == STATUS_RESOLVED)
		return "A fix is written";
	if (missing == 0)
		return "Enough hands are here";
	return mem_printf(owner, "%u %shand%s wanted", missing,
	    helpers > 0 ? "more " : "", missing == 1 ? " is" : "s are");
}

static void
put_swarm(json_t *model, const struct incident *in)
{
	const json_t *stays = json_object_get(model, "swarm");
	json_t *list = mem_made(json_array());

	for (size_t i = 0; i < in->n_stays; i++) {
		json_t *each;

		if (in->stays[i].left != 0)
			continue;
		each = mem_made(json_copy(json_array_get(stays, i)));
		json_put_text(each, "name", in->stays[i].name);
		model_push(list, each);
	}
	model_put(model, "swarm_now", list);
}

static bool
has_handle(const json_t *list, const char *handle)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(handle,
			json_string_value(json_object_get(
			    json_array_get(list, i), "handle"))) == 0)
			return true;
	return false;
}

enum { OF_A_TAG = 3, MIGHT_HELP = 6, TAGS_OF_FIXES = 2 };

struct helpers {
	void *owner;
	const struct view *view;
	const struct incident *in;
	json_t *list;
};

/* Those who are not in it, nor in the list: the first few. */
static void
add_helpers(
    struct helpers *helpers, struct person **people, size_t n, const char *why)
{
	const struct incident *in = helpers->in;

	for (size_t i = 0; i < n; i++) {
		const struct person *person = people[i];
		json_t *each;

		if (json_array_size(helpers->list) == MIGHT_HELP)
			return;
		if (person->id == helpers->view->person ||
		    person->id == in->host ||
		    incident_stay(in, person->id) != NULL ||
		    has_handle(helpers->list, person->handle))
			continue;
		each = mem_made(json_object());
		json_put_text(each, "handle", person->handle);
		json_put_text(each, "name", person->name);
		json_put_text(each, "why", why);
		model_push(helpers->list, each);
	}
}

/* Who is here and knows a tag of it, then who fixed something with one. */
static bool
find_helpers(struct helpers *helpers, struct error *err)
{
	const struct incident *in = helpers->in;
	struct db *db = helpers->view->db;
	void *owner = helpers->owner;
	struct person **people;
	size_t n;

	for (size_t i = 0;
	     i < in->n_tags && json_array_size(helpers->list) < MIGHT_HELP;
	     i++) {
		if (!person_who_knows(
			owner, db, in->tags[i], OF_A_TAG, &people, &n, err))
			return false;
		add_helpers(helpers, people, n,
		    mem_printf(owner, "knows #%s", in->tags[i]));
	}
	for (size_t i = 0; i < in->n_tags && i < TAGS_OF_FIXES &&
	     json_array_size(helpers->list) < MIGHT_HELP;
	     i++) {
		if (!person_who_fixed(
			owner, db, in->tags[i], OF_A_TAG, &people, &n, err))
			return false;
		add_helpers(helpers, people, n,
		    mem_printf(
			owner, "fixed something with #%s lately", in->tags[i]));
	}
	return true;
}

static bool
put_might_help(void *owner, json_t *model, const struct view *view,
    const struct incident *in, struct error *err)
{
	struct helpers helpers = { owner, view, in, mem_made(json_array()) };

	model_put(model, "might_help", helpers.list);
	if (!find_helpers(&helpers, err))
		return false;
	json_put_bool(
	    model, "has_might_help", json_array_size(helpers.list) > 0);
	return true;
}

/* --- the thread */

static const struct {
	const char *kind, *text;
} kinds[] = {
	{ "reply", "to the customer" },
	{ "note", "staff only" },
	{ "fix", "the fix" },
};

static const char *
text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void
add_to_post(json_t *post, const struct visit *visit, int64_t incident)
{
	const char *kind = text_of(post, "kind");
	const char *author = text_of(post, "author");
	bool is_fix = strcmp(kind, "fix") == 0;

	json_put_int(post, "incident", incident);
	json_put_bool(post, "is_fix", is_fix);
	json_put_bool(post, "can_edit",
	    !is_fix && author != NULL &&
		(strcmp(author, visit->identity.handle) == 0 ||
		    visit->actor.scope == SCOPE_ADMIN) &&
		visit->actor.scope >= SCOPE_WRITE);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			json_put_text(post, "kind_text",
			    author == NULL ? "customer" : kinds[i].text);
	json_put_text(post, "text_html", NULL);
	json_put_text(post, "resolution_html", NULL);
	json_put_text(post, "cause_html", NULL);
	json_put_text(post, "fix_environment_html", NULL);
	if (author == NULL)
		model_put_plain(post, "text_html", text_of(post, "text"));
	else
		model_put_markdown(post, "text_html", text_of(post, "text"));
	model_put_markdown(
	    post, "resolution_html", text_of(post, "resolution"));
	model_put_markdown(post, "cause_html", text_of(post, "cause"));
	model_put_markdown(
	    post, "fix_environment_html", text_of(post, "environment"));
}

/* --- the article, and the form of the fix */

/* To begin with: the incident's words, or what an earlier fix here wrote. */
static void
put_fix_form(
    json_t *model, const struct incident *in, const struct article *article)
{
	json_t *form = mem_made(json_object());

	if (article == NULL || in->answered) {
		json_put_text(form, "title", in->title);
		json_put_text(form, "issue", in->body);
		json_put_text(form, "environment", in->environment);
	} else {
		json_put_text(form, "title", article->title);
		json_put_text(form, "issue", article->issue);
		json_put_text(form, "environment", article->environment);
		json_put_text(form, "resolution", article->resolution);
		json_put_text(form, "cause", article->cause);
		json_put_bool(
		    form, "publish", article->audience == AUDIENCE_PUBLIC);
	}
	model_put(model, "fix_form", form);
}

static bool
put_article(void *owner, json_t *model, const struct view *view,
    const struct incident *in, struct error *err)
{
	struct article *article = NULL;

	if (in->article != 0 &&
	    !article_read(owner, view->db, in->article, &article, err))
		return false;
	json_put_text(
	    model, "article_title", article == NULL ? NULL : article->title);
	put_fix_form(model, in, article);
	return true;
}

/* --- all of it */

/* Known answers: the form beside each says of which incident it is. */
static void
put_known(json_t *model, const struct incident *in)
{
	const json_t *known = json_object_get(model, "known");

	for (size_t i = 0; i < json_array_size(known); i++)
		json_put_int(json_array_get(known, i), "incident", in->number);
	json_put_bool(model, "has_known", json_array_size(known) > 0);
}

/* A pull waits for its answer. */
static bool
somebody_was_asked(const struct incident *in)
{
	for (size_t i = 0; i < in->n_pulls; i++)
		if (in->pulls[i].open && incident_is_wanted(in))
			return true;
	return false;
}

static void
put_head(void *owner, json_t *model, const struct view *view,
    const struct incident *in)
{
	const json_t *tags = json_object_get(model, "tags");

	model_put_plain(model, "body_html", in->body);
	model_put_plain(model, "environment_html", in->environment);
	model_put(model, "tag_links", model_tag_links(tags, TAG_TO_INCIDENTS));
	json_put_text(model, "tags_text", model_tags_text(owner, tags));
	json_put_text(model, "host_name", in->host_name);
	json_put_text(model, "needed_text", needed_text(owner, in));
	json_put_bool(model, "is_host", in->host == view->person);
	json_put_bool(model, "is_overdue", in->overdue);
	json_put_bool(model, "is_wanted", somebody_was_asked(in));
	json_put_int(model, "changed", in->changed);
	json_put_bool(model, "needs_reason", in->status != STATUS_RESOLVED);
	json_put_bool(model, "has_matched",
	    json_array_size(json_object_get(model, "matched")) > 0);
	model_put(model, "severity_options",
	    model_options(filter_severity_names, SEVERITY_COUNT,
		filter_severity_names[in->severity]));
	put_swarm(model, in);
	put_known(model, in);
}

bool
incident_page(struct request *request, struct answer *answer,
    const struct view *view, const struct incident *in, struct error *err)
{
	const struct visit *visit = visit_of(request);
	void *memory = request->memory;
	struct page_head head = { .at = "incidents" };
	const json_t *posts;
	json_t *model;

	if (!shape_incident(memory, view, in, &model, err))
		return false;
	put_head(memory, model, view, in);
	put_can(model, view, in, visit->actor.scope >= SCOPE_WRITE);
	posts = json_object_get(model, "posts");
	for (size_t i = 0; i < json_array_size(posts); i++)
		add_to_post(json_array_get(posts, i), visit, in->number);
	if (!put_article(memory, model, view, in, err) ||
	    !put_might_help(memory, model, view, in, err))
		return false;
	head.title = mem_printf(
	    memory, "%jd %s", (intmax_t)in->number, in->title);
	head.feeds = feed_links(request,
	    mem_printf(memory, "/incidents/%jd", (intmax_t)in->number), "",
	    "This thread");
	return answer_page(request, answer, "incident", model, &head, err);
}
