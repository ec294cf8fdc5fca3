/* SPDX-License-Identifier: ISC */
/*
 * The mix, by the shapes of the table below: one filter in four asks for tags
 * alone (also prefixes, severity and status beside them), one in four for words
 * and phrases, one in ten each for a tag with words, a tag with a regex, a
 * regex alone; the rest are alternatives, negations, fields, and the state of a
 * case. One in two hundred says nothing that has to be there (-#tag, a state).
 *
 * Tags are drawn by the root of how often they occur, words as word_drawn()
 * says, phrases as they stand in some incident, regexes half from the real ones
 * and half derived (regex_crowd.c). There are only so many tags and words, so
 * the larger the crowd, the more of its filters have several terms: a shape
 * that gives what was there already is drawn again.
 *
 * A crowd of regexes alone takes the real ones first, in random order, and
 * derives the rest.
 */
#include "filter_crowd.h"

#include "base/buf.h"
#include "base/mem.h"
#include "filter/filter.h"
#include "regex_crowd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * T tag, P the beginning of a tag, W word, 2 and 3 phrases of so many words,
 * R regex, S severity, I status or is:, H helpers or host; else as it stands.
 */
static const struct {
	unsigned weight;
	const char *shape;
} shapes[] = {
	{ 60, "T" },
	{ 60, "T T" },
	{ 30, "T T T" },
	{ 25, "T -T" },
	{ 20, "T or T" },
	{ 15, "P" },
	{ 15, "P T" },
	{ 30, "T S" },
	{ 15, "T I" },
	{ 90, "W" },
	{ 80, "2" },
	{ 30, "3" },
	{ 50, "W W" },
	{ 40, "W or W" },
	{ 20, "W or W or 2" },
	{ 20, "title:W" },
	{ 10, "body:2" },
	{ 60, "T W" },
	{ 40, "T 2" },
	{ 20, "T (W or W)" },
	{ 80, "T R" },
	{ 10, "P R S" },
	{ 100, "R" },
	{ 10, "title:R" },
	{ 20, "R or W" },
	{ 20, "T or W" },
	{ 10, "T or 2 or R" },
	{ 15, "(T or T) (W or 2)" },
	{ 10, "T -W" },
	{ 10, "W -T" },
	{ 10, "T -(W or R)" },
	{ 10, "W -2 -R" },
	{ 10, "S W" },
	{ 10, "I W H" },
	{ 5, "T I H" },
	{ 5, "(S or I) T" },
	{ 2, "-T S" },
	{ 1, "-(T or W) I" },
	{ 1, "S I" },
	{ 1, "is:orphan or T" },
};

enum { SHAPES = sizeof shapes / sizeof *shapes, TRIES = 1000 };

struct crowd {
	const struct corpus *corpus;
	enum crowd_kind kind;
	struct dice dice;
	size_t *order; /* of the real regexes */
	size_t taken; /* of them */
	uint64_t *seen; /* hashes of canonical forms, 0: none */
	size_t n_seen, room; /* a power of two */
};

struct crowd *
crowd_new(void *owner, const struct corpus *corpus, enum crowd_kind kind,
    uint64_t seed)
{
	struct crowd *crowd = mem_new(owner, struct crowd);

	*crowd = (struct crowd){
		.corpus = corpus, .kind = kind, .dice = { seed }, .room = 1024
	};
	crowd->seen = mem_array(crowd, uint64_t, crowd->room);
	crowd->order = mem_array(crowd, size_t, corpus->n_regexes);
	for (size_t i = 0; i < corpus->n_regexes; i++) {
		size_t other = dice_below(&crowd->dice, i + 1);

		crowd->order[i] = crowd->order[other];
		crowd->order[other] = i;
	}
	return crowd;
}

static uint64_t
hash_text(const char *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return hash == 0 ? 1 : hash;
}

/* False if it was there. */
static bool
hash_put(uint64_t *table, size_t room, uint64_t hash)
{
	size_t at = (size_t)(hash ^ hash >> 32) & (room - 1);

	while (table[at] != 0 && table[at] != hash)
		at = (at + 1) & (room - 1);
	if (table[at] == hash)
		return false;
	table[at] = hash;
	return true;
}

static bool
is_new(struct crowd *crowd, const char *text)
{
	if (!hash_put(crowd->seen, crowd->room, hash_text(text)))
		return false;
	if (++crowd->n_seen * 2 > crowd->room) {
		uint64_t *larger = mem_array(crowd, uint64_t, crowd->room * 2);

		for (size_t i = 0; i < crowd->room; i++) {
			if (crowd->seen[i] != 0)
				(void)hash_put(
				    larger, crowd->room * 2, crowd->seen[i]);
		}
		talloc_free(crowd->seen);
		crowd->seen = larger;
		crowd->room *= 2;
	}
	return true;
}

static const char *
real_next(struct crowd *crowd)
{
	return crowd->corpus->regexes[crowd->order[crowd->taken++]];
}

static void
add_regex(struct buf *buf, struct crowd *crowd)
{
	bool real = crowd->kind == CROWD_REGEXES || dice_says(&crowd->dice, 50);

	if (real && crowd->taken < crowd->corpus->n_regexes)
		buf_printf(buf, "/%s/", real_next(crowd));
	else if (real && crowd->kind == CROWD_MIX)
		buf_printf(buf, "/%s/",
		    crowd->corpus->regexes[dice_below(
			&crowd->dice, crowd->corpus->n_regexes)]);
	else
		regex_derive(buf, crowd->corpus, &crowd->dice);
}

static void
add_phrase(struct buf *buf, struct crowd *crowd, unsigned n)
{
	struct span words = words_drawn(crowd->corpus, &crowd->dice, n);

	buf_char(buf, '"');
	for (size_t i = 0; i < words.length; i++) {
		if (words.text[i] == '"' || words.text[i] == '\\')
			buf_char(buf, '\\');
		buf_char(buf, words.text[i]);
	}
	buf_char(buf, '"');
}

static const char *
state_drawn(char of, struct dice *dice)
{
	static const char *const severities[] = { "severity>=high",
		"severity:critical", "severity>low", "severity<high" };
	static const char *const states[] = { "status:open", "is:open",
		"is:overdue", "is:wanted", "-is:known", "status:swarming" };
	static const char *const helpers[] = { "helpers:0", "helpers<2",
		"host:none", "-host:ana", "source:web", "by:bo" };

	return of == 'S' ? severities[dice_below(dice, 4)]
	    : of == 'I'	 ? states[dice_below(dice, 6)]
			 : helpers[dice_below(dice, 6)];
}

static void
add_tag(struct buf *buf, struct crowd *crowd, bool prefix)
{
	const char *tag = tag_drawn(crowd->corpus, &crowd->dice);
	size_t n = strlen(tag);

	buf_char(buf, '#');
	if (prefix && n > 4) {
		n = 3 + dice_below(&crowd->dice, n - 3);
		while ((tag[n] & 0xc0) == 0x80)
			n--;
	}
	buf_add(buf, tag, n);
	if (prefix)
		buf_char(buf, '*');
}

static void
shape_fill(struct buf *buf, struct crowd *crowd, const char *shape)
{
	for (const char *s = shape; *s != '\0'; s++) {
		/* the letters of "or", "title", "body", "is" are small */
		switch (*s) {
		case 'T':
		case 'P':
			add_tag(buf, crowd, *s == 'P');
			break;
		case 'W':
			buf_printf(buf, "\"%s\"",
			    word_drawn(crowd->corpus, &crowd->dice));
			break;
		case '2':
		case '3':
			add_phrase(buf, crowd, (unsigned)(*s - '0'));
			break;
		case 'R':
			add_regex(buf, crowd);
			break;
		case 'S':
		case 'I':
		case 'H':
			buf_text(buf, state_drawn(*s, &crowd->dice));
			break;
		default:
			buf_char(buf, *s);
		}
	}
}

static void
mix_draw(struct buf *buf, struct crowd *crowd)
{
	unsigned sum = 0;
	size_t at, i;

	for (i = 0; i < SHAPES; i++)
		sum += shapes[i].weight;
	at = dice_below(&crowd->dice, sum);
	for (i = 0; at >= shapes[i].weight; i++)
		at -= shapes[i].weight;
	shape_fill(buf, crowd, shapes[i].shape);
}

const char *
crowd_next(void *owner, struct crowd *crowd)
{
	const struct filter_context context = { 0 };

	for (int i = 0; i < TRIES; i++) {
		void *here = mem_root("filter");
		struct buf *buf = buf_new(here);
		struct filter *filter = NULL;
		struct error err = { 0 };
		const char *text = NULL;

		if (crowd->kind == CROWD_MIX)
			mix_draw(buf, crowd);
		else
			add_regex(buf, crowd);
		if (filter_parse(here, buf->text, &context, &filter, &err) &&
		    is_new(crowd, filter_text(filter)))
			text = mem_copy(owner, filter_text(filter));
		talloc_free(here);
		if (text != NULL)
			return text;
	}
	return NULL;
}

const char **
crowd_texts(void *owner, const struct corpus *corpus, enum crowd_kind kind,
    size_t n, uint64_t seed)
{
	const char **texts = mem_array(owner, const char *, n);
	struct crowd *crowd = crowd_new(owner, corpus, kind, seed);

	for (size_t i = 0; i < n; i++) {
		texts[i] = crowd_next(texts, crowd);
		if (texts[i] == NULL) {
			(void)fprintf(stderr,
			    "these texts give only %zu different filters\n", i);
			exit(EXIT_FAILURE);
		}
	}
	talloc_free(crowd);
	return texts;
}
