/* SPDX-License-Identifier: ISC */
#include "desk/search.h"

#include "base/mem.h"
#include "desk/known.h"

#include <string.h>

/*
 * Related articles: the full text gives a few that have a rare word of the
 * title or the tags; which of them are near is judged by what they share.
 */

enum {
	TITLE_WORDS = 12,
	WORDS = 24,
	CANDIDATES = 16,
	SHORTEST = 3, /* word that says anything */
};

struct near {
	struct article *article;
	size_t points;
};

static size_t
count_shared(char *const *a, size_t n_a, char *const *b, size_t n_b)
{
	size_t shared = 0;

	for (size_t i = 0; i < n_a; i++)
		for (size_t j = 0; j < n_b; j++)
			shared += strcmp(a[i], b[j]) == 0;
	return shared;
}

/* A word of the title says more than a tag: tags are often everybody's. */
static size_t
points_of(void *owner, const struct article *article,
    const struct article *other, char *const *words, size_t n_words)
{
	char *others[TITLE_WORDS];
	size_t n = 0;

	search_words(owner, other->title, SHORTEST, others, &n, TITLE_WORDS);
	return 2 * count_shared(words, n_words, others, n) +
	    count_shared(
		article->tags, article->n_tags, other->tags, other->n_tags);
}

/* Best first, of equals the one that was found first. */
static void
put_near(struct near *all, size_t *n, struct near new)
{
	size_t at = *n < RELATED_MAX ? (*n)++ : RELATED_MAX;

	for (; at > 0 && all[at - 1].points < new.points; at--)
		if (at < RELATED_MAX)
			all[at] = all[at - 1];
	if (at < RELATED_MAX)
		all[at] = new;
}

bool
search_related(void *owner, struct desk *desk, struct db *db,
    const struct article *article, struct article_list *ret, struct error *err)
{
	enum { POINTS_LEAST = 2 };
	struct near all[RELATED_MAX];
	char *words[WORDS];
	struct text_query query = { .words = words,
		.any = true,
		.least = GROUP_PUBLIC,
		.limit = CANDIDATES };
	struct text_found found;
	size_t n = 0, n_title = 0;

	*ret = (struct article_list){ 0 };
	search_words(
	    owner, article->title, SHORTEST, words, &n_title, TITLE_WORDS);
	query.n_words = n_title;
	for (size_t i = 0; i < article->n_tags; i++)
		search_words(owner, article->tags[i], SHORTEST, words,
		    &query.n_words, WORDS);
	/* what only itself has leads nowhere */
	if (!search_candidates(owner, desk, &query, 1, &found, err))
		return false;
	for (size_t i = 0; i < found.n; i++) {
		struct near near;

		if (!article_find(
			owner, db, found.numbers[i], true, &near.article, err))
			return false;
		if (near.article == NULL ||
		    near.article->number == article->number)
			continue;
		near.points = points_of(
		    owner, article, near.article, words, n_title);
		if (near.points >= POINTS_LEAST)
			put_near(all, &n, near);
	}
	for (size_t i = 0; i < n; i++)
		*mem_push(owner, &ret->articles, &ret->n) = all[i].article;
	return true;
}
