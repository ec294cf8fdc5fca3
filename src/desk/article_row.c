/* SPDX-License-Identifier: ISC */
#include "desk/article_row.h"

/* Articles as rows: read, listed, written. */

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "desk/incident.h"
#include "desk/tag_names.h"
#include "desk/journal.h"
#include "desk/search.h"
#include "filter/filter.h"

#include <assert.h>
#include <string.h>

const char *const confidence_names[] = {
	[CONFIDENCE_WIP] = "wip",
	[CONFIDENCE_UNVALIDATED] = "unvalidated",
	[CONFIDENCE_VALIDATED] = "validated",
	[CONFIDENCE_ARCHIVED] = "archived",
};
static_assert(
    sizeof confidence_names / sizeof *confidence_names == CONFIDENCE_COUNT,
    "a confidence without a name");

const char *const audience_names[] = {
	[AUDIENCE_STAFF] = "staff",
	[AUDIENCE_PUBLIC] = "public",
};
static_assert(sizeof audience_names / sizeof *audience_names == AUDIENCE_COUNT,
    "an audience without a name");

bool
article_is_public(const struct article *article)
{
	return article->audience == AUDIENCE_PUBLIC && !article->withdrawn;
}

/* --- read */

#define ARTICLE_COLUMNS                                             \
	"id, title, issue, environment, resolution, cause, tags, "  \
	"confidence, audience, incident, reuse, created, updated, " \
	"published, changed, withdrawn"

static struct article *
article_of_row(void *owner, struct db_row *row, const struct tag_names *names)
{
	struct article *article = mem_new(owner, struct article);
	char *tags;

	article->number = db_next_int(row);
	article->title = db_next_text(row, article);
	article->issue = db_next_text(row, article);
	article->environment = db_next_text(row, article);
	article->resolution = db_next_text(row, article);
	article->cause = db_next_text(row, article);
	tags = db_next_text(row, article);
	article->tags = words_split(article, tags, &article->n_tags);
	article->names = names;
	tags_now(article, names, &article->tags, &article->n_tags);
	article->confidence = (enum confidence)db_next_int(row);
	article->audience = (enum audience)db_next_int(row);
	article->incident = db_next_int(row);
	article->reuse = db_next_int(row);
	article->created = db_next_int(row);
	article->updated = db_next_int(row);
	article->published = db_next_int(row);
	article->changed = db_next_int(row);
	article->withdrawn = db_next_bool(row);
	db_end_of_row(row);
	return article;
}

static const struct db_statement by_number = {
	"article by number",
	"SELECT " ARTICLE_COLUMNS " FROM article WHERE id = ?",
};

bool
article_read(void *owner, struct db *db, int64_t number, struct article **ret,
    struct error *err)
{
	struct db_query *query = db_query(
	    db, &by_number, DB_VALUES(db_int(number)));
	struct db_row *row = db_next(query);
	struct article *article = row == NULL
	    ? NULL
	    : article_of_row(owner, row, tag_names_of(db));

	if (!db_done(query, err))
		return false;
	if (article == NULL)
		return error_set(
		    err, ERROR_NOT_FOUND, "no article %jd", (intmax_t)number);
	*ret = article;
	return true;
}

/* --- listed */

enum { LOOKED_AT_MAX = 20000 };

void
article_document(
    void *owner, const struct article *article, struct filter_document *ret)
{
	const struct filter_text texts[] = {
		{ FIELD_TITLE, article->title, strlen(article->title) },
		{ FIELD_BODY, article->issue, strlen(article->issue) },
		{ FIELD_BODY, article->resolution,
		    strlen(article->resolution) },
		{ FIELD_BODY, article->cause, strlen(article->cause) },
		{ FIELD_ENVIRONMENT, article->environment,
		    strlen(article->environment) },
	};
	struct filter_text *copy = memcpy(
	    mem_size(owner, sizeof texts), texts, sizeof texts);

	*ret = (struct filter_document){
		.texts = copy,
		.n_texts = sizeof texts / sizeof *texts,
	};
	tags_ever(owner, article->names, article->tags, article->n_tags,
	    &ret->tags, &ret->n_tags);
}

static const struct db_statement newest_public = {
	"public articles, newest first",
	"SELECT " ARTICLE_COLUMNS " FROM article"
	" WHERE audience = 1 AND withdrawn = 0 AND published < ?"
	" AND ' ' || tags || ' ' LIKE ? ESCAPE '!'"
	" ORDER BY published DESC LIMIT ?",
};
static const struct db_statement newest = {
	"articles, newest first",
	"SELECT " ARTICLE_COLUMNS " FROM article"
	" WHERE withdrawn = 0 AND id < ? ORDER BY id DESC LIMIT ?",
};

static const struct db_statement most_used = {
	"public articles, used most often first",
	"SELECT " ARTICLE_COLUMNS " FROM article"
	" WHERE audience = 1 AND withdrawn = 0"
	" AND (reuse, published) < (?, ?)"
	" AND ' ' || tags || ' ' LIKE ? ESCAPE '!'"
	" ORDER BY reuse DESC, published DESC LIMIT ?",
};

static bool
is_in(const struct article *article, const struct article_query *query,
    struct filter_scratch *scratch)
{
	int64_t since = article->published != 0 ? article->published
						: article->created;
	struct filter_state state = { .age = clock_now() - since };
	struct filter_document document;
	void *memory;
	bool matches;

	if (query->filter == NULL)
		return true;
	memory = mem_root("article document");
	article_document(memory, article, &document);
	matches = filter_matches(query->filter, &document, &state, scratch);
	talloc_free(memory);
	return matches;
}

/* Takes rows until the list is full, and sets where to go on. */
static void
gather(void *owner, struct db_query *rows, const struct article_query *query,
    struct filter_scratch *scratch, const struct tag_names *names,
    struct article_list *list)
{
	struct db_row *row;
	size_t looked = 0;
	int64_t last = 0;

	while ((row = db_next(rows)) != NULL) {
		struct article *article = article_of_row(owner, row, names);

		if (list->n == query->limit || looked == LOOKED_AT_MAX) {
			list->next = last;
			talloc_free(article);
			return;
		}
		looked++;
		last = query->public_only && !query->by_reuse
		    ? article->published
		    : article->number;
		if (is_in(article, query, scratch))
			*mem_push(owner, &list->articles, &list->n) = article;
		else
			talloc_free(article);
	}
}

/*
 * A pattern of the tags of whatever may be in the list: where the filter is
 * nothing but a tag that never had another name, its articles are found without
 * looking at the others.
 */
static char *
tags_pattern(
    void *owner, const struct filter *filter, const struct tag_names *names)
{
	const char *text = filter == NULL ? "" : filter_text(filter);
	struct buf *pattern;

	if (text[0] != '#' || strpbrk(text, " *()\"") != NULL ||
	    tag_was_renamed(names, text + 1))
		return mem_copy(owner, "%");
	pattern = buf_new(owner);
	buf_text(pattern, "% ");
	for (const char *c = text + 1; *c != '\0'; c++) {
		if (strchr("%_!", *c) != NULL)
			buf_char(pattern, '!');
		buf_char(pattern, *c);
	}
	buf_text(pattern, " %");
	return pattern->text;
}

/* Where the list goes on: at the article's place as it is now. */
static bool
begin_by_reuse(void *owner, struct db *db, const struct article_query *query,
    struct db_query **ret, struct error *err)
{
	int64_t reuse = INT64_MAX, published = INT64_MAX;
	struct article *last;

	if (query->before != 0) {
		if (!article_read(owner, db, query->before, &last, err))
			return false;
		reuse = last->reuse;
		published = last->published;
		talloc_free(last);
	}
	*ret = db_query(db, &most_used,
	    DB_VALUES(db_int(reuse), db_int(published),
		db_text(tags_pattern(owner, query->filter, tag_names_of(db))),
		db_int(LOOKED_AT_MAX + 1)));
	return true;
}

static bool
begin_list(void *owner, struct db *db, const struct article_query *query,
    struct db_query **ret, struct error *err)
{
	struct db_value before = db_int(
	    query->before == 0 ? INT64_MAX : query->before);
	struct db_value most = db_int(LOOKED_AT_MAX + 1);

	if (query->by_reuse)
		return begin_by_reuse(owner, db, query, ret, err);
	*ret = query->public_only
	    ? db_query(db, &newest_public,
		  DB_VALUES(before,
		      db_text(
			  tags_pattern(owner, query->filter, tag_names_of(db))),
		      most))
	    : db_query(db, &newest, DB_VALUES(before, most));
	return true;
}

bool
article_list(void *owner, struct db *db, const struct article_query *query,
    struct article_list *ret, struct error *err)
{
	struct filter_scratch *scratch = filter_scratch_new(
	    owner, query->regex_budget);
	struct article_list list = { 0 };
	struct db_query *rows;

	if (!begin_list(owner, db, query, &rows, err))
		return false;
	gather(owner, rows, query, scratch, tag_names_of(db), &list);
	if (!db_done(rows, err))
		return false;
	*ret = list;
	return true;
}

static bool
may_be_found(const struct article *article, bool public_only)
{
	return public_only ? article_is_public(article) : !article->withdrawn;
}

bool
article_find(void *owner, struct db *db, int64_t number, bool public_only,
    struct article **ret, struct error *err)
{
	struct error tried = { 0 };
	struct article *article;

	*ret = NULL;
	if (article_read(owner, db, number, &article, &tried)) {
		if (may_be_found(article, public_only))
			*ret = article;
		return true;
	}
	if (tried.kind == ERROR_NOT_FOUND)
		return true;
	*err = tried;
	return false;
}

bool
article_search(void *owner, struct desk *desk, struct db *db, const char *words,
    const struct article_query *query, struct article_list *ret,
    struct error *err)
{
	enum { FILTERED_MAX = 1000 }; /* of the best, that a filter looks at */
	struct filter_scratch *scratch = filter_scratch_new(
	    owner, query->regex_budget);
	struct article_list list = { 0 };
	int64_t *numbers;
	size_t n;

	if (!search_articles(owner, desk, words, query->public_only,
		query->filter == NULL ? query->limit : FILTERED_MAX, &numbers,
		&n, err))
		return false;
	for (size_t i = 0; i < n && list.n < query->limit; i++) {
		struct article *article;

		if (!article_find(owner, db, numbers[i], query->public_only,
			&article, err))
			return false;
		if (article != NULL && is_in(article, query, scratch))
			*mem_push(owner, &list.articles, &list.n) = article;
	}
	*ret = list;
	return true;
}

/* --- written */

bool
article_event(struct db *db, const struct actor *actor,
    const struct article *article, int kind, int64_t *seq, int64_t *at,
    struct error *err)
{
	void *memory = mem_root("article event");
	json_t *detail = json_owned(memory, json_object());
	struct event event = {
		.kind = (enum journal_kind)kind,
		.article = article->number,
		.person = actor->person,
		.detail = detail,
	};
	bool ok;

	json_put_text(detail, "title", article->title);
	if (article->created == 0)
		json_put_bool(detail, "new", true);
	ok = journal_add(db, &event, actor->address, err);
	talloc_free(memory);
	if (ok) {
		*seq = event.seq;
		*at = event.at;
	}
	return ok;
}

static const struct db_statement last_number = {
	"last article",
	"SELECT max(id) FROM article",
};
static const struct db_statement add_row = {
	"add an article",
	"INSERT INTO article (" ARTICLE_COLUMNS ")"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
};
static const struct db_statement keep_row = {
	"keep an article",
	"UPDATE article SET title = ?, issue = ?, environment = ?,"
	" resolution = ?, cause = ?, tags = ?, confidence = ?, audience = ?,"
	" updated = ?, published = ?, changed = ?, withdrawn = ?"
	" WHERE id = ?",
};
static const struct db_statement add_revision = {
	"add a revision of an article",
	"INSERT INTO article_revision"
	" (article, seq, title, issue, environment, resolution, cause, tags)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
};

static bool
write_row(struct db *db, const struct article *a, const char *tags, bool is_new,
    struct error *err)
{
	if (is_new)
		return db_run(db, &add_row,
		    DB_VALUES(db_int(a->number), db_text(a->title),
			db_text(a->issue), db_text(a->environment),
			db_text(a->resolution), db_text(a->cause),
			db_text(tags), db_int(a->confidence),
			db_int(a->audience), db_some(a->incident),
			db_int(a->reuse), db_int(a->created),
			db_int(a->updated), db_some(a->published),
			db_int(a->changed), db_int(a->withdrawn)),
		    err);
	return db_run(db, &keep_row,
	    DB_VALUES(db_text(a->title), db_text(a->issue),
		db_text(a->environment), db_text(a->resolution),
		db_text(a->cause), db_text(tags), db_int(a->confidence),
		db_int(a->audience), db_int(a->updated), db_some(a->published),
		db_int(a->changed), db_int(a->withdrawn), db_int(a->number)),
	    err);
}

static bool
write_revision(struct db *db, const struct article *a, const char *tags,
    int64_t seq, struct error *err)
{
	return db_run(db, &add_revision,
	    DB_VALUES(db_int(a->number), db_int(seq), db_text(a->title),
		db_text(a->issue), db_text(a->environment),
		db_text(a->resolution), db_text(a->cause), db_text(tags)),
	    err);
}

/* The facts, in order; the revision has the number of the first. */
static bool
write_events(struct db *db, const struct actor *actor, struct article *article,
    unsigned what, int64_t *revision, struct error *err)
{
	int64_t created = 0;
	int kinds[3];
	size_t n = 0;

	if ((what & (ARTICLE_NEW | ARTICLE_PARTS | ARTICLE_CONFIDENCE)) != 0)
		kinds[n++] = JOURNAL_ARTICLE;
	if ((what & ARTICLE_AUDIENCE) != 0)
		kinds[n++] = article->audience == AUDIENCE_PUBLIC
		    ? JOURNAL_PUBLISH
		    : JOURNAL_UNPUBLISH;
	if ((what & ARTICLE_WITHDRAWN) != 0)
		kinds[n++] = JOURNAL_WITHDRAW;
	for (size_t i = 0; i < n; i++) {
		if (!article_event(db, actor, article, kinds[i],
			&article->changed, &article->updated, err))
			return false;
		if (i == 0)
			*revision = article->changed;
		if (i == 0)
			created = article->updated;
		if (kinds[i] == JOURNAL_PUBLISH && article->published == 0)
			article->published = article->updated;
	}
	if ((what & ARTICLE_NEW) != 0)
		article->created = created;
	return true;
}

bool
article_write(struct db *db, const struct actor *actor, struct article *article,
    unsigned what, struct error *err)
{
	char *tags = words_join(article, article->tags, article->n_tags);
	int64_t last = 0, revision = 0;

	if ((what & ARTICLE_NEW) != 0) {
		if (!db_number(db, &last_number, DB_NO_VALUES, &last, err))
			return false;
		article->number = last + 1;
	}
	if (!write_events(db, actor, article, what, &revision, err) ||
	    !write_row(db, article, tags, (what & ARTICLE_NEW) != 0, err))
		return false;
	return (what & (ARTICLE_NEW | ARTICLE_PARTS)) == 0 ||
	    write_revision(db, article, tags, revision, err);
}

static const struct db_statement count_reuse = {
	"an article was used again",
	"UPDATE article SET reuse = reuse + 1, confidence = ?, updated = ?,"
	" changed = ? WHERE id = ?",
};

bool
article_count_reuse(struct db *db, const struct article *article, int64_t seq,
    int64_t at, struct error *err)
{
	enum { PROVEN = 3 };
	bool proven = article->reuse + 1 >= PROVEN &&
	    article->confidence < CONFIDENCE_VALIDATED;

	return db_run(db, &count_reuse,
	    DB_VALUES(
		db_int(proven ? CONFIDENCE_VALIDATED : article->confidence),
		db_int(proven ? at : article->updated), db_int(seq),
		db_int(article->number)),
	    err);
}
