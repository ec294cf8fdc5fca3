/* SPDX-License-Identifier: ISC */
#ifndef DESK_ARTICLE_H
#define DESK_ARTICLE_H

/* The knowledge base: articles, their revisions, who may read them. */

#include "desk/desk.h"
#include "filter/subject.h"

enum confidence {
	CONFIDENCE_WIP,
	CONFIDENCE_UNVALIDATED,
	CONFIDENCE_VALIDATED,
	CONFIDENCE_ARCHIVED,
	CONFIDENCE_COUNT
};
enum audience { AUDIENCE_STAFF, AUDIENCE_PUBLIC, AUDIENCE_COUNT };

extern const char *const confidence_names[CONFIDENCE_COUNT];
extern const char *const audience_names[AUDIENCE_COUNT];

struct tag_names;

struct article {
	int64_t number;
	char *title, *issue, *environment, *resolution, *cause; /* never NULL */
	char **tags;
	size_t n_tags;
	const struct tag_names *names; /* that tags were read by */
	enum confidence confidence;
	enum audience audience;
	int64_t incident; /* 0: none */
	int64_t reuse;
	int64_t created, updated;
	int64_t published; /* when it became public first; 0: never */
	int64_t changed; /* seq */
	bool withdrawn;
};

MUST_CHECK bool article_read(void *owner, struct db *db, int64_t number,
    struct article **ret, struct error *err);

/*
 * One that a search has found: NULL if it is not there (the full text may be
 * ahead of what this reader sees), withdrawn, or not public where that is
 * asked.
 */
MUST_CHECK bool article_find(void *owner, struct db *db, int64_t number,
    bool public_only, struct article **ret, struct error *err);

/* Public and not withdrawn: the one rule of what everybody may read. */
bool article_is_public(const struct article *article);

/*
 * Its page's last path segment: the ASCII letters and digits of the title,
 * which is all of the article that is looked at.
 */
char *article_slug(void *owner, const struct article *article);

/* What a filter sees; see incident_document. */
void article_document(
    void *owner, const struct article *article, struct filter_document *ret);

/*
 * Articles, newest first: by published where public_only, else by number.
 * before 0: from the newest; else those with published (number) < before.
 * by_reuse: the public ones, used most often first; before is the number of the
 * article that they come after. filter NULL: all. Looks at most at 20,000.
 */
struct article_query {
	bool public_only;
	bool by_reuse;
	const struct filter *filter;
	int64_t before;
	size_t limit;
	int64_t regex_budget;
};
struct article_list {
	struct article **articles;
	size_t n;
	int64_t next; /* before, for the rest; 0: no more */
};
MUST_CHECK bool
article_list(void *owner, struct db *db, const struct article_query *query,
    struct article_list *ret, struct error *err);

/*
 * Those of a full-text search (desk/search.h) that the query's filter matches
 * too, best first; before is not asked.
 */
MUST_CHECK bool article_search(void *owner, struct desk *desk, struct db *db,
    const char *words, const struct article_query *query,
    struct article_list *ret, struct error *err);

/* --- changes */

struct article_parts { /* NULL leaves it, or is empty for a new one */
	const char *title, *issue, *environment, *resolution, *cause;
	bool has_tags;
	const char *const *tags;
	size_t n_tags;
	const char *confidence, *audience;
};

/* A new one (title and resolution needed); *ret is its number. */
MUST_CHECK bool desk_article(struct desk *desk, const struct actor *actor,
    const struct article_parts *parts, int64_t *ret, struct error *err);

/* Parts make a revision; audience is journalled as publish or unpublish. */
MUST_CHECK bool
desk_article_edit(struct desk *desk, const struct actor *actor, int64_t article,
    const struct article_parts *parts, int64_t if_changed, struct error *err);

MUST_CHECK bool
desk_article_withdraw(struct desk *desk, const struct actor *actor,
    int64_t article, int64_t if_changed, struct error *err);

/* "This solved it": counts as reuse, once a day an address. */
MUST_CHECK bool desk_helped(struct desk *desk, const struct actor *actor,
    int64_t article, struct error *err);

/*
 * What is published without having been shown in the form (all of it, where a
 * program publishes the fix of an incident): mail addresses,
 * what looks like a telephone number and the customer's name (whole, or a word
 * of it of 3 letters or more) become "[removed]".
 */
char *
article_redacted(void *owner, const char *text, const char *customer_name);

/* --- for desk/ only: inside of the writer's transaction */

struct change;
struct fix;

/*
 * The article of a fix: made, or the next revision of the one that an earlier
 * fix of this incident made. Sets change->incident->article.
 */
MUST_CHECK bool
article_of_fix(struct change *change, const struct fix *fix, struct error *err);

/* Reuse + 1, and validated at the third; ERROR_INVALID if archived. */
MUST_CHECK bool
article_reused(struct db *db, int64_t article, int64_t at, struct error *err);

#endif
