/* SPDX-License-Identifier: ISC */
#include "desk/article.h"

/* What happens to articles: made by hand or by a fix, edited, used again. */

#include "base/clock.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "desk/article_row.h"
#include "desk/inside.h"
#include "desk/parts.h"

#include <string.h>

/* --- parts as they came in */

struct taken {
	struct article_parts parts; /* made ready */
	bool has_confidence, has_audience;
	enum confidence confidence;
	enum audience audience;
};

/* A part that may be empty: blank clears it. */
static bool
take_part(void *owner, const char *text, const char *field, size_t most,
    const char **ret, struct error *err)
{
	char *taken = NULL;

	if (text == NULL)
		return true;
	if (!text_taken(owner, text, field, most, &taken, err))
		return false;
	*ret = taken == NULL ? "" : taken;
	return true;
}

static bool
take_title(void *owner, const char *text, const char **ret, struct error *err)
{
	char *taken = NULL;

	if (text == NULL)
		return true;
	if (!title_taken(owner, text, &taken, err))
		return false;
	if (taken == NULL)
		return error_field(err, "title", 0, "is blank: write it");
	*ret = taken;
	return true;
}

static bool
take_resolution(
    void *owner, const char *text, const char **ret, struct error *err)
{
	char *taken = NULL;

	if (text == NULL)
		return true;
	if (!input_words(owner, "resolution", text, POST_MAX, &taken, err))
		return false;
	*ret = taken;
	return true;
}

static bool
take_tags(void *owner, const struct article_parts *parts,
    struct article_parts *ret, struct error *err)
{
	char **tags;

	ret->has_tags = parts->has_tags;
	if (!parts->has_tags)
		return true;
	if (!input_tags(owner, "tags", parts->tags, parts->n_tags, &tags,
		&ret->n_tags, err))
		return false;
	ret->tags = (const char *const *)tags;
	return true;
}

static bool
take_confidence(const char *name, struct taken *ret, struct error *err)
{
	if (name == NULL)
		return true;
	for (int i = 0; i < CONFIDENCE_COUNT; i++)
		if (strcmp(name, confidence_names[i]) == 0) {
			ret->has_confidence = true;
			ret->confidence = (enum confidence)i;
			return true;
		}
	return error_field(err, "confidence", 0,
	    "must be wip, unvalidated, validated or archived");
}

static bool
take_audience(const char *name, struct taken *ret, struct error *err)
{
	if (name == NULL)
		return true;
	for (int i = 0; i < AUDIENCE_COUNT; i++)
		if (strcmp(name, audience_names[i]) == 0) {
			ret->has_audience = true;
			ret->audience = (enum audience)i;
			return true;
		}
	return error_field(err, "audience", 0, "must be staff or public");
}

/* All that is wrong is said at once. */
static bool
take(void *owner, const struct article_parts *parts, struct taken *ret,
    struct error *err)
{
	struct article_parts *to = &ret->parts;
	bool ok;

	ok = take_title(owner, parts->title, &to->title, err);
	ok = take_part(
		 owner, parts->issue, "issue", POST_MAX, &to->issue, err) &&
	    ok;
	ok = take_part(owner, parts->environment, "environment",
		 ENVIRONMENT_MAX, &to->environment, err) &&
	    ok;
	ok = take_resolution(owner, parts->resolution, &to->resolution, err) &&
	    ok;
	ok = take_part(
		 owner, parts->cause, "cause", POST_MAX, &to->cause, err) &&
	    ok;
	ok = take_tags(owner, parts, to, err) && ok;
	ok = take_confidence(parts->confidence, ret, err) && ok;
	return take_audience(parts->audience, ret, err) && ok;
}

/* --- parts put together */

/* Of the text so much as a part may have, to a whole character. */
static char *
cut_part(void *owner, const char *text, size_t most)
{
	return mem_copy_n(owner, text, utf8_cut(text, strlen(text), most));
}

/* The same to a whole word: half an address is not known for one. */
static char *
cut_words(void *owner, const char *text, size_t most)
{
	char *cut = cut_part(owner, text, most);
	size_t length = strlen(cut);

	if (length == strlen(text))
		return cut;
	while (length > 0 && strchr(" \t\n", cut[length - 1]) == NULL)
		length--;
	cut[length] = '\0';
	return cut;
}

static char *
cut_title(void *owner, const char *text)
{
	char *title = mem_copy(owner, text);

	while (utf8_length(title) > TITLE_MAX)
		title[utf8_cut(title, strlen(title), strlen(title) - 1)] = '\0';
	return title;
}

/*
 * How an article becomes public: what was not shown, in our form, to whoever
 * publishes it is redacted. A form shows what it says; a program's request
 * shows nothing.
 */
struct publishing {
	bool now; /* it was not public before: what is kept counts too */
	bool unseen; /* it is public, and what the request says was not shown */
	const char *customer_name; /* or NULL */
};

static bool
came_by_form(const struct actor *actor)
{
	return strcmp(actor->source, "web") == 0;
}

static char *
part(struct article *article, const char *said, const char *kept, size_t most,
    const struct publishing *publishing)
{
	if (said != NULL && !publishing->unseen)
		return mem_copy(article, said);
	if (said != NULL)
		kept = said;
	if (publishing->now || said != NULL)
		kept = article_redacted(article, cut_words(article, kept, most),
		    publishing->customer_name);
	return cut_part(article, kept, most);
}

static void
put_parts(struct article *article, const struct article_parts *said,
    const struct publishing *publishing)
{
	article->title = cut_title(article,
	    part(article, said->title, article->title, SIZE_MAX, publishing));
	article->issue = part(
	    article, said->issue, article->issue, POST_MAX, publishing);
	article->environment = part(article, said->environment,
	    article->environment, ENVIRONMENT_MAX, publishing);
	article->resolution = part(article, said->resolution,
	    article->resolution, POST_MAX, publishing);
	article->cause = part(
	    article, said->cause, article->cause, POST_MAX, publishing);
	if (said->has_tags) {
		article->tags = NULL;
		article->n_tags = 0;
		for (size_t i = 0; i < said->n_tags; i++)
			*mem_push(article, &article->tags,
			    &article->n_tags) = mem_copy(article,
			    said->tags[i]);
	}
	if (said->has_tags ? publishing->unseen : publishing->now)
		article_redact_tags(article, publishing->customer_name);
}

/* --- by hand */

struct article_job {
	const struct actor *actor;
	struct desk *desk;
	void *memory;
	int64_t number; /* of the new one: written by the job */
	int64_t if_changed;
	struct taken taken;
};

static bool
add_job(struct db *db, void *arg, struct error *err)
{
	struct article_job *job = arg;
	const struct taken *taken = &job->taken;
	const struct publishing shown = { .now = false };
	struct article *article = mem_new(job->memory, struct article);
	unsigned what = ARTICLE_NEW;

	article->title = article->issue = article->environment =
	    article->resolution = article->cause = mem_copy(article, "");
	put_parts(article, &taken->parts, &shown);
	article->confidence = taken->has_confidence ? taken->confidence
						    : CONFIDENCE_UNVALIDATED;
	if (taken->has_audience)
		article->audience = taken->audience;
	if (article->audience == AUDIENCE_PUBLIC)
		what |= ARTICLE_AUDIENCE;
	if (!article_write(db, job->actor, article, what, err))
		return false;
	job->number = article->number;
	return true;
}

static bool
needs_title_and_resolution(const struct article_parts *parts, struct error *err)
{
	bool ok = true;

	if (parts->title == NULL)
		ok = error_field(err, "title", 0, "is needed");
	if (parts->resolution == NULL)
		ok = error_field(err, "resolution", 0, "is needed");
	return ok;
}

bool
desk_article(struct desk *desk, const struct actor *actor,
    const struct article_parts *parts, int64_t *ret, struct error *err)
{
	void *memory = mem_root("article");
	struct article_job job = { .actor = actor, .memory = memory };
	bool ok;

	ok = actor_may_write(actor, err) &&
	    needs_title_and_resolution(parts, err) &&
	    take(memory, parts, &job.taken, err) &&
	    desk_write(desk, add_job, &job, err);
	talloc_free(memory);
	if (ok)
		*ret = job.number;
	return ok;
}

static bool
find_to_change(struct db *db, const struct article_job *job,
    struct article **ret, struct error *err)
{
	struct article *article;

	if (!article_read(job->memory, db, job->number, &article, err))
		return false;
	if (article->withdrawn)
		return error_set(err, ERROR_GONE, "article %jd was withdrawn",
		    (intmax_t)article->number);
	if (job->if_changed != 0 && job->if_changed != article->changed)
		return error_set(err, ERROR_PRECONDITION,
		    "article %jd was changed meanwhile",
		    (intmax_t)article->number);
	*ret = article;
	return true;
}

static bool
same_tags(const struct article *a, const struct article *b)
{
	if (a->n_tags != b->n_tags)
		return false;
	for (size_t i = 0; i < a->n_tags; i++)
		if (strcmp(a->tags[i], b->tags[i]) != 0)
			return false;
	return true;
}

static unsigned
difference(const struct article *a, const struct article *b)
{
	unsigned what = 0;

	if (strcmp(a->title, b->title) != 0 ||
	    strcmp(a->issue, b->issue) != 0 ||
	    strcmp(a->environment, b->environment) != 0 ||
	    strcmp(a->resolution, b->resolution) != 0 ||
	    strcmp(a->cause, b->cause) != 0 || !same_tags(a, b))
		what |= ARTICLE_PARTS;
	if (a->confidence != b->confidence)
		what |= ARTICLE_CONFIDENCE;
	if (a->audience != b->audience)
		what |= ARTICLE_AUDIENCE;
	return what;
}

static const struct db_statement customer_of = {
	"the customer's name",
	"SELECT customer_name FROM incident_text WHERE id = ?",
};

/* The name of the customer whose incident it came from, or NULL. */
static bool
find_customer(
    struct db *db, const struct article *article, char **ret, struct error *err)
{
	struct db_query *query = db_query(
	    db, &customer_of, DB_VALUES(db_int(article->incident)));
	struct db_row *row = db_next(query);

	*ret = NULL;
	if (row != NULL) {
		*ret = db_next_text(row, NULL);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

static bool
edit_job(struct db *db, void *arg, struct error *err)
{
	struct article_job *job = arg;
	const struct taken *taken = &job->taken;
	struct publishing publishing = { .now = false };
	struct article *article, before;
	char *customer;
	unsigned what;

	if (!find_to_change(db, job, &article, err) ||
	    !find_customer(db, article, &customer, err))
		return false;
	before = *article;
	publishing.customer_name = customer;
	publishing.now = taken->has_audience &&
	    taken->audience == AUDIENCE_PUBLIC && !article_is_public(article);
	publishing.unseen = !came_by_form(job->actor) &&
	    (taken->has_audience ? taken->audience : article->audience) ==
		AUDIENCE_PUBLIC;
	put_parts(article, &taken->parts, &publishing);
	if (taken->has_confidence)
		article->confidence = taken->confidence;
	if (taken->has_audience)
		article->audience = taken->audience;
	talloc_free(customer);
	what = difference(&before, article);
	return what == 0 || article_write(db, job->actor, article, what, err);
}

bool
desk_article_edit(struct desk *desk, const struct actor *actor, int64_t article,
    const struct article_parts *parts, int64_t if_changed, struct error *err)
{
	void *memory = mem_root("article edit");
	struct article_job job = {
		.actor = actor,
		.memory = memory,
		.number = article,
		.if_changed = if_changed,
	};
	bool ok;

	ok = actor_may_write(actor, err) &&
	    take(memory, parts, &job.taken, err) &&
	    desk_write(desk, edit_job, &job, err);
	talloc_free(memory);
	return ok;
}

static bool
withdraw_job(struct db *db, void *arg, struct error *err)
{
	struct article_job *job = arg;
	struct article *article;

	if (!find_to_change(db, job, &article, err))
		return false;
	article->confidence = CONFIDENCE_ARCHIVED;
	article->audience = AUDIENCE_STAFF;
	article->withdrawn = true;
	return article_write(db, job->actor, article, ARTICLE_WITHDRAWN, err);
}

bool
desk_article_withdraw(struct desk *desk, const struct actor *actor,
    int64_t article, int64_t if_changed, struct error *err)
{
	void *memory = mem_root("article withdraw");
	struct article_job job = {
		.actor = actor,
		.memory = memory,
		.number = article,
		.if_changed = if_changed,
	};
	bool ok;

	ok = actor_may_write(actor, err) &&
	    desk_write(desk, withdraw_job, &job, err);
	talloc_free(memory);
	return ok;
}

/* --- by a fix */

/* The one that an earlier fix here made, or a new one of the incident. */
static bool
find_to_fix(struct change *change, struct article **ret, bool *is_new,
    struct error *err)
{
	struct incident *incident = change->incident;
	struct article *article;

	if (incident->article != 0 && !incident->answered) {
		if (!article_read(change->memory, change->db, incident->article,
			&article, err))
			return false;
		if (!article->withdrawn) {
			*ret = article;
			*is_new = false;
			return true;
		}
	}
	article = mem_new(change->memory, struct article);
	article->title = incident->title;
	article->issue = incident->body;
	article->environment = incident->environment;
	article->resolution = article->cause = mem_copy(article, "");
	for (size_t i = 0; i < incident->n_tags; i++)
		*mem_push(article, &article->tags,
		    &article->n_tags) = incident->tags[i];
	article->incident = incident->number;
	*ret = article;
	*is_new = true;
	return true;
}

bool
article_of_fix(struct change *change, const struct fix *fix, struct error *err)
{
	const struct article_parts said = {
		.title = fix->title,
		.issue = fix->issue,
		.environment = fix->environment,
		.resolution = fix->resolution,
		.cause = fix->cause,
	};
	struct publishing publishing = {
		.customer_name = change->incident->customer_name,
	};
	struct article *article;
	unsigned what;
	bool is_new;

	if (!find_to_fix(change, &article, &is_new, err))
		return false;
	what = is_new ? ARTICLE_NEW : ARTICLE_PARTS;
	publishing.now = fix->publish && !article_is_public(article);
	publishing.unseen = !came_by_form(change->actor) &&
	    (fix->publish || article_is_public(article));
	if (publishing.now)
		what |= ARTICLE_AUDIENCE;
	put_parts(article, &said, &publishing);
	article->confidence = CONFIDENCE_UNVALIDATED;
	if (publishing.now)
		article->audience = AUDIENCE_PUBLIC;
	if (!article_write(change->db, change->actor, article, what, err))
		return false;
	change->incident->article = article->number;
	change->incident->answered = false;
	return true;
}

/* --- used again */

static const struct db_statement last_event = {
	"number of the last event",
	"SELECT max(seq) FROM journal",
};

bool
article_reused(struct db *db, int64_t number, int64_t at, struct error *err)
{
	void *memory = mem_root("article reused");
	struct article *article;
	int64_t seq = 0;
	bool ok;

	ok = article_read(memory, db, number, &article, err) &&
	    db_number(db, &last_event, DB_NO_VALUES, &seq, err);
	if (ok && article->confidence == CONFIDENCE_ARCHIVED)
		ok = error_field(err, "article", 0,
		    "%jd is archived: choose another", (intmax_t)number);
	ok = ok && article_count_reuse(db, article, seq, at, err);
	talloc_free(memory);
	return ok;
}

static const struct db_statement add_helped = {
	"an article helped, once a day an address",
	"INSERT INTO helped (article, day, address) VALUES (?, ?, ?)"
	" ON CONFLICT DO NOTHING",
};

static bool
count_helped(struct db *db, const struct article_job *job,
    const struct article *article, struct error *err)
{
	const char *address = job->actor->address;
	unsigned char hash[SECRET_HASH];
	int64_t seq, at;

	secret_hash(desk_key(job->desk), address == NULL ? "" : address, hash);
	if (!db_run(db, &add_helped,
		DB_VALUES(db_int(article->number), db_int(clock_now() / DAY),
		    db_bytes(hash, sizeof hash)),
		err))
		return false;
	if (db_changed_rows(db) == 0)
		return true;
	return article_event(
		   db, job->actor, article, JOURNAL_HELPED, &seq, &at, err) &&
	    article_count_reuse(db, article, seq, at, err);
}

static bool
helped_job(struct db *db, void *arg, struct error *err)
{
	struct article_job *job = arg;
	struct article *article;

	if (!article_read(job->memory, db, job->number, &article, err))
		return false;
	if (!article_is_public(article))
		return error_set(err, ERROR_NOT_FOUND, "no article %jd",
		    (intmax_t)job->number);
	return count_helped(db, job, article, err);
}

bool
desk_helped(struct desk *desk, const struct actor *actor, int64_t article,
    struct error *err)
{
	void *memory = mem_root("helped");
	struct article_job job = {
		.actor = actor,
		.desk = desk,
		.memory = memory,
		.number = article,
	};
	bool ok = desk_write(desk, helped_job, &job, err);

	talloc_free(memory);
	return ok;
}
