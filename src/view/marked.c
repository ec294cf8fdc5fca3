/* SPDX-License-Identifier: ISC */
#include "view/marked.h"

#include "base/escape.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "view/markdown.h"

#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"

/* --- one word */

static bool
is_ascii(struct span word)
{
	for (size_t i = 0; i < word.length; i++)
		if ((unsigned char)word.text[i] >= 0x80)
			return false;
	return true;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
begins_with(struct span word, const char *begin)
{
	size_t i = 0;

	while (i < word.length && begin[i] != '\0' &&
	    lower(word.text[i]) == begin[i])
		i++;
	return begin[i] == '\0';
}

/* Terms as full text compares them, ready to look for. */
struct wanted {
	size_t n;
	struct {
		const char *text;
		bool whole; /* the word itself, not what begins with it */
	} terms[SEARCH_TERMS];
};

static void
make_wanted(void *owner, const struct search_terms *terms, struct wanted *ret)
{
	ret->n = terms->n;
	for (size_t i = 0; i < terms->n; i++) {
		const char *begin = terms->begins[i];

		ret->terms[i].whole = begin == NULL;
		ret->terms[i].text = utf8_bare(
		    owner, begin == NULL ? terms->words[i] : begin);
	}
}

enum { NOT_WANTED = SEARCH_TERMS };

/* Which term a word is found by. */
static size_t
find_term(const struct wanted *wanted, struct span word)
{
	char *bare = NULL;
	size_t i;

	/* most words are ASCII: they are compared as they stand */
	if (!is_ascii(word)) {
		bare = mem_copy_n(NULL, word.text, word.length);
		word = span_of(utf8_bare(bare, bare));
	}
	for (i = 0; i < wanted->n; i++)
		if (begins_with(word, wanted->terms[i].text) &&
		    (!wanted->terms[i].whole ||
			word.length == strlen(wanted->terms[i].text)))
			break;
	talloc_free(bare);
	return i < wanted->n ? i : NOT_WANTED;
}

/* --- marked */

static void
add_html(struct buf *out, struct span text)
{
	char *copy = mem_copy_n(out, text.text, text.length);

	buf_html(out, copy);
	talloc_free(copy);
}

void
buf_marked(struct buf *out, const char *text, const struct search_terms *terms)
{
	void *memory = mem_root("marked");
	const char *at = text, *done = text;
	struct wanted wanted;
	struct span word;

	make_wanted(memory, terms, &wanted);
	while (utf8_word_next(&at, &word)) {
		if (find_term(&wanted, word) == NOT_WANTED)
			continue;
		add_html(
		    out, (struct span){ done, (size_t)(word.text - done) });
		buf_text(out, "<mark>");
		add_html(out, word);
		buf_text(out, "</mark>");
		done = at;
	}
	buf_html(out, done);
	talloc_free(memory);
}

/* --- the passage */

enum { LOOKED_AT = 8 * 1024, HITS = 64 };

struct hit {
	size_t at;
	size_t term;
};

static size_t
find_hits(const struct wanted *wanted, const char *text, struct hit *hits)
{
	const char *at = text;
	struct span word;
	size_t n = 0;

	while (n < HITS && utf8_word_next(&at, &word)) {
		size_t term = find_term(wanted, word);

		if (term != NOT_WANTED)
			hits[n++] = (struct hit){ (size_t)(word.text - text),
				term };
	}
	return n;
}

/* How many different terms there are from the first of hits on. */
static size_t
count_terms(const struct hit *hits, size_t n, size_t most)
{
	bool seen[SEARCH_TERMS] = { false };
	size_t count = 0;

	for (size_t i = 0; i < n && hits[i].at - hits[0].at <= most; i++) {
		count += !seen[hits[i].term];
		seen[hits[i].term] = true;
	}
	return count;
}

/* Where the passage begins: some words before the hit, after a space. */
static size_t
begin_before(const char *line, size_t hit)
{
	enum { BEFORE = 40 };
	size_t at = hit > BEFORE ? hit - BEFORE : 0;

	if (at == 0)
		return 0;
	while (at < hit && line[at - 1] != ' ')
		at++;
	return at;
}

char *
text_passage(void *owner, const char *text, const struct search_terms *terms,
    size_t most, size_t *n)
{
	char *part = mem_copy_n(
	    owner, text, utf8_cut(text, strlen(text), LOOKED_AT));
	char *line = utf8_one_line(part, part), *passage;
	size_t begin = 0, n_hits;
	struct hit hits[HITS];
	struct wanted wanted;

	make_wanted(part, terms, &wanted);
	n_hits = find_hits(&wanted, line, hits);
	*n = 0;
	for (size_t i = 0; i < n_hits; i++) {
		size_t count = count_terms(&hits[i], n_hits - i, most * 3 / 4);

		if (count > *n) {
			*n = count;
			begin = hits[i].at;
		}
	}
	/* no cut where the beginning shows it too */
	begin = begin < most / 2 ? 0 : begin_before(line, begin);
	passage = text_summary(part, line + begin, most);
	passage = mem_printf(
	    owner, "%s%s", begin > 0 ? ELLIPSIS " " : "", passage);
	talloc_free(part);
	return passage;
}
