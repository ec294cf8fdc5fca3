/* SPDX-License-Identifier: ISC */
#include "filter/literal.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "filter/regex.h"
#include "../fuzz/grow.h"
#include "needs_hold.h"
#include "rounds.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* needs: "a,b & c", "" if nothing is known, "always". */
static const struct {
	const char *pattern;
	const char *needs;
	unsigned flags;
} patterns[] = {
	/* letters and what they are written as */
	{ "\\d+(?#a)?bcd", "bcd", 0 },
	{ "[[:<:]]*", "", 0 },
	{ "foo", "foo", 0 },
	{ "FoO", "foo", 0 },
	{ "FoO", "foo", REGEX_I },
	{ "ſtraẞe", "straße", 0 },
	{ "\xe2\x84\xaa"
	  "elvin",
	    "kelvin", REGEX_I },
	{ "ΣΑΣ", "σασ", 0 },
	{ "a.b", "b", 0 },
	{ "foo.bar", "bar & foo", 0 },
	{ "foo\\.bar", "foo.bar", 0 },
	{ "foo\\/bar", "foo/bar", 0 },
	{ "f\\x6fo\\x{6F}\\x{1F600}", "fooo😀", 0 },
	{ "f\\0157x", "f 7x", 0 },
	{ "f\\o{157}o", "foo", 0 },
	{ "f\\N{U+6f}o", "foo", 0 },
	{ "foo\\Nbar", "bar & foo", 0 },
	{ "foo\\N{3}bar", "bar & foo", 0 },
	{ "a\\cIfoo\\c[\\c\\x", "a foo\x1b\x1cx", 0 },
	{ "\\a\\e\\x7f", "\a\x1b\x7f", 0 },
	{ "foo\\_\\-\\@\\ö", "foo_-@ö", 0 },
	{ "foo\\pLbar\\p{Greek}baz\\P{^Lu}qux", "qux & baz & bar & foo", 0 },
	{ "foo\\Xbar", "bar & foo", 0 },
	{ "foo\\Kbar", "foobar", 0 },
	{ "foo\\dbar\\w+baz", "baz & bar & foo", 0 },
	{ "foo]}bar", "foo]}bar", 0 },
	{ "foo{bar", "foo{bar", 0 },
	{ "foo{}bar", "foo{}bar", 0 },
	{ "foo{a}bar", "foo{a}bar", 0 },
	{ "foo{1,a}bar", "foo{1,a}bar", 0 },
	/* white space is one space */
	{ "foo bar", "foo bar", 0 },
	{ "foo  \t\n bar", "foo bar", 0 },
	{ "foo\\s+bar", "foo bar", 0 },
	{ "foo\\s*bar", "foobar,foo bar", 0 },
	{ "foo\\s{2,9}bar", "foo bar", 0 },
	{ "foo\\h\\v\\R\xc2\xa0"
	  "bar",
	    "foo bar", 0 },
	{ "foo[ \\t]+bar", "foo bar", 0 },
	{ "foo[[:space:]]+bar", "foo bar", 0 },
	{ "foo[^\\S\\n]+bar", "foo bar", 0 },
	{ "foo[\\s-]bar", "foo bar,foo-bar", 0 },
	{ "foo( \\s|\\s)bar", "foo bar", 0 },
	{ "\\s+", "", 0 },
	{ "foo\\S+bar", "bar & foo", 0 },
	{ "foo(\\s|\\s*-)bar", "foo bar,foo-bar,foo -bar", 0 },
	/* \Q...\E, comments, x */
	{ "foo\\Q.b|r(\\E.baz", "foo.b|r( & baz", 0 },
	{ "foo\\Q[a\\\\b", "foo[a\\\\b", 0 },
	{ "\\Qfoo\\E+bar", "obar & foo", 0 },
	{ "fo\\Q\\E?bar", "fbar,fobar", 0 },
	{ "fo\\E?bar", "fbar,fobar", 0 },
	{ "fo(?#|)?bar", "fbar,fobar", 0 },
	{ "foo(?#b(a)r", "foor", 0 },
	{ "(?x) f o o # bar", "foo", 0 },
	{ "f o o # (bar\n b\\ a\\#r", "foob a#r", REGEX_X },
	{ "f o ?\xc2\x85 b", "fb,fob", REGEX_X },
	{ "f o ? b", "f o b", 0 },
	{ "(?x: f o o )b a r", "foob a r", 0 },
	{ "((?x) f o o )b a r", "foob a r", 0 },
	{ "a(?x) b | c d", "ab,cd", 0 },
	{ "(a (?x)b | c d) e", "a b e,cd e", 0 },
	{ "f o(?-x) b", "fo b", REGEX_X },
	{ "f o(?^) b", "fo b", REGEX_X },
	{ "(?xx) f [o a]b", "f & b", 0 },
	{ "(?x) f[o ]b", "fob,f b", 0 },
	{ "(?x)\\Q f o\\E b", " f ob", 0 },
	{ "(?x-i: b a) c", "ba c", 0 },
	/* classes */
	{ "ba[rz]", "bar,baz", 0 },
	{ "foo[rz]", "foor,fooz", 0 },
	{ "a[]b]cd", "a]cd,abcd", 0 },
	{ "foo[^]b]bar", "bar & foo", 0 },
	{ "foo[^a]bar", "bar & foo", 0 },
	{ "foo[a-z]bar", "bar & foo", 0 },
	{ "foo[[:alpha:]x]bar", "bar & foo", 0 },
	{ "foo[[:^space:]x]bar", "bar & foo", 0 },
	{ "foo[[:x]bar", "foo[bar,foo:bar,fooxbar", 0 },
	{ "foo[[:<:]]bar", "", 0 },
	{ "foo[\\dx]bar", "bar & foo", 0 },
	{ "foo[Aa]bar", "fooabar", 0 },
	{ "foo[\\x41\\x{61}\\141]bar", "fooabar", 0 },
	{ "foo[\\b\\]]bar", "foo\bbar,foo]bar", 0 },
	{ "foo[a\\-c]bar", "fooabar,foo-bar,foocbar", 0 },
	{ "foo[a-c-]bar", "fooabar,foobbar,foocbar,foo-bar", 0 },
	{ "foo[-a]bar", "foo-bar,fooabar", 0 },
	{ "foo[a-c]bar", "fooabar,foobbar,foocbar", 0 },
	{ "foo[\\Qa-c]\\E]bar", "bar & foo", 0 },
	{ "foo[\\E^a]bar", "bar & foo", 0 },
	{ "(?i)foo[kK]bar", "fookbar", 0 },
	{ "foo[\\c]]bar",
	    "foo\x1d"
	    "bar",
	    0 },
	{ "foo[\\1]bar",
	    "foo\x01"
	    "bar",
	    0 },
	{ "foo[\\p{Lu}]bar", "bar & foo", 0 },
	{ "foo[J-L]bar", "foojbar,fookbar,foolbar", REGEX_I },
	{ "foo[(]bar", "foo(bar", 0 },
	{ "foo[|)]bar", "foo|bar,foo)bar", 0 },
	/* quantifiers */
	{ "foo?bar", "fobar,foobar", 0 },
	{ "fo+bar", "obar & fo", 0 },
	{ "foo*bar", "bar & fo", 0 },
	{ "(foo)+bar", "foobar", 0 },
	{ "(?:foo)*bar", "bar", 0 },
	{ "(?:foo){2}bar", "foofoobar", 0 },
	{ "(?:foo){2,}bar", "foofoobar", 0 },
	{ "(?:foo){0}bar", "bar", 0 },
	{ "(?:foo){0,0}bar", "bar", 0 },
	{ "foox{0}bar", "foobar", 0 },
	{ "foox{,3}bar", "bar & foo", 0 },
	{ "foox{ 1, 3 }bar", "bar & foo", 0 },
	{ "foox{,}bar", "foox{,}bar", 0 },
	{ "fox{1,2}bar", "foxbar,foxxbar", 0 },
	{ "fox{1,2}+bar", "foxbar,foxxbar", 0 },
	{ "fox{1,2}?bar", "foxbar,foxxbar", 0 },
	{ "foox??bar", "foobar,fooxbar", 0 },
	{ "foox?+bar", "foobar,fooxbar", 0 },
	{ "foo(?:bar.*)?baz", "baz & foo", 0 },
	{ "foo(?:bar.*)+baz", "foobar & baz", 0 },
	{ "a{40}", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0 },
	{ "(?:ab{2}){2}", "abbabb", 0 },
	{ "x{65535}foo", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx & foo", 0 },
	/* groups and choices */
	{ "foo|bar", "foo,bar", 0 },
	{ "foo|", "always", 0 },
	{ "foo|.", "", 0 },
	{ "foo|\\d", "", 0 },
	{ "foo.*bar|baz", "bar,baz & foo,baz", 0 },
	{ "x(foo|bar)y", "xfooy,xbary", 0 },
	{ "x(foo|)y", "xfooy,xy", 0 },
	{ "xx(foo|)yy", "xxfooyy,xxyy", 0 },
	{ "(?<n>foo)(?'m'bar)(?P<o>baz)", "foobarbaz", 0 },
	{ "(?|foo|bar)baz", "foobaz,barbaz", 0 },
	{ "(?>foo|bar)baz", "foobaz,barbaz", 0 },
	{ "time(d)?[ -]?out",
	    "timeout,time out,time-out,timedout,timed out,timed-out", 0 },
	{ "foo(?i)bar|baz", "foobar,baz", 0 },
	{ "(?i:foo)(?-i)bar", "foobar", 0 },
	{ "(?^)(?n)(?sm-i)(?U)(?J)foo()", "foo", 0 },
	{ "foo(bar|baz|x.y)+", "foobar,foobaz,foox", 0 },
	{ "(foo(bar(baz|)qux|))", "foo", 0 },
	/* what has no width */
	{ "^foo$", "foo", 0 },
	{ "\\bfoo\\b|\\Abar\\z|\\Gbaz\\Z", "foo,bar,baz", 0 },
	{ "foo(?=bar)", "bar & foo", 0 },
	{ "(?=foo)fo..", "foo", 0 },
	{ "(?=foo)(?=.*bar)", "bar & foo", 0 },
	{ "(?<=foo)bar", "bar & foo", 0 },
	{ "(?<!foo)bar", "bar", 0 },
	{ "(?!foo|qux\\()bar", "bar", 0 },
	{ "(?*foo)x", "", 0 },
	{ "(?<*foo)x>", "", 0 },
	{ "(?:(?=foo))?bar", "bar", 0 },
	{ "(?:(?=foo))+bar", "bar & foo", 0 },
	{ "fo(?=bar)?o", "foo", 0 },
	/* in every text */
	{ "", "always", 0 },
	{ "(foo)?", "always", 0 },
	{ "a*", "always", 0 },
	{ ".*x?", "always", 0 },
	{ "|a", "always", 0 },
	{ "a*+(?>b|)", "always", 0 },
	{ "(?:a*){3,}\\K", "always", 0 },
	{ "^", "always", 0 },
	{ "^.*", "always", 0 },
	{ "\\s*$", "always", 0 },
	{ "foo{0}|x", "fo,x", 0 },
	{ "^$", "", 0 },
	{ "^.*$", "", 0 },
	{ ".*^", "", 0 },
	{ "\\b", "", 0 },
	{ "(?!foo)", "", 0 },
	{ "(?>x|^){2}", "", 0 },
	{ ".", "", 0 },
	{ ".+", "", 0 },
	{ "[^a]*", "always", 0 },
	/* of no use */
	{ "e", "", 0 },
	{ "[0-9]+", "", 0 },
	{ "\\d{3}", "", 0 },
	{ "@", "@", 0 },
	{ "\\S+@\\S+", "@", 0 },
	/* not understood, or refused */
	{ "(*UTF)foo", "", 0 },
	{ "(?R)foo", "", 0 },
	{ "(a)(?1)foo", "", 0 },
	{ "(?(1)foo|bar)", "", 0 },
	{ "\\1foo", "", 0 },
	{ "\\g{1}foo", "", 0 },
	{ "\\k<n>foo", "", 0 },
	{ "(?P=n)foo", "", 0 },
	{ "(?P>n)foo", "", 0 },
	{ "(?C1)foo", "", 0 },
	{ "foo\\L", "", 0 },
	{ "foo\\", "", 0 },
	{ "foo(", "", 0 },
	{ "foo)", "", 0 },
	{ "foo[", "", 0 },
	{ "foo[]", "", 0 },
	{ "*foo", "", 0 },
	{ "foo\xff", "", 0 },
	{ "foo\\x{", "", 0 },
	{ "foo\\xg", "foo", 0 },
};

static void
a_pattern_needs_what_all_its_matches_hold(void **state)
{
	void *here = mem_root("test");

	(void)state;
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		struct needs *needs = regex_needs(
		    here, span_of(patterns[i].pattern), patterns[i].flags);
		const char *got = needs_print(here, needs, GRAIN_FOLDED);

		assert_true(needs_are_sound(needs));
		if (strcmp(got, patterns[i].needs) != 0)
			fail_msg("%s: \"%s\" for \"%s\"", patterns[i].pattern,
			    got, patterns[i].needs);
	}
	talloc_free(here);
}

/* Of the coarser grains only what the folded text does not say. */
static const struct {
	const char *pattern;
	enum grain grain;
	const char *needs;
	unsigned flags;
} grained[] = {
	{ "\\bfoo\\b", GRAIN_WORDS, " foo ", 0 },
	{ "\\bfoo", GRAIN_WORDS, " foo", 0 },
	{ "\\Bfoo", GRAIN_WORDS, "", 0 },
	{ "foobar", GRAIN_WORDS, "", 0 },
	{ "\\bit", GRAIN_WORDS, "", 0 },
	{ "^foo$", GRAIN_WORDS, " foo ", 0 },
	{ "^foo$", GRAIN_WORDS, " foo ", REGEX_M },
	{ "\\Afoo\\z", GRAIN_WORDS, " foo ", 0 },
	{ "\\Gfoo\\Z", GRAIN_WORDS, "foo ", 0 },
	{ "you\\W+can", GRAIN_WORDS, "you can", 0 },
	{ "you\\W*can", GRAIN_WORDS, "", 0 },
	{ "you[- ]can", GRAIN_WORDS, "you can", 0 },
	{ "you[\\W_]{1,9}can", GRAIN_WORDS, "you can", 0 },
	{ "you[^\\w]+can", GRAIN_WORDS, "you can", 0 },
	{ "you[^a-z]+can", GRAIN_WORDS, "", 0 },
	{ "you\\w+can", GRAIN_WORDS, "", 0 },
	{ "you_can", GRAIN_WORDS, "you can", 0 },
	{ "foo\\b-bar", GRAIN_WORDS, "foo bar", 0 },
	{ "\\b(?:jan(?:uary)?|may)\\b", GRAIN_WORDS, " jan , january , may ",
	    0 },
	{ "\\bfoo(ed|ing|s)?\\b", GRAIN_WORDS, " foo , fooed , fooing , foos ",
	    0 },
	{ "\\bφοιω\\b", GRAIN_WORDS, " φο", 0 },
	{ "(?<=\\bfoo) bar", GRAIN_WORDS, " bar &  foo", 0 },
	{ "(?!\\bfoo)bar", GRAIN_WORDS, "", 0 },
	{ "\\d{3}-\\d{4}", GRAIN_SHAPE, "000-0000", 0 },
	{ "\\bv?\\d{2,5}\\.\\d+\\.\\d{3}\\b", GRAIN_SHAPE, "0.000 & 00.0", 0 },
	{ "[A-Z]{3}-?[0-9]{2}", GRAIN_SHAPE, "aaa00,aaa-00", 0 },
	{ "[A-Z]{8,}-?\\d{2,9}", GRAIN_SHAPE, "aaaaaaaa00,aaaaaaaa-00",
	    REGEX_I },
	{ "[a-f0-9]\\d{4}", GRAIN_SHAPE, "a0000,00000", 0 },
	{ "\\w\\d{4}", GRAIN_SHAPE, "0000", 0 },
	{ "[\\d.]\\d{3}", GRAIN_SHAPE, "0000,.000", 0 },
	{ "\\D\\d{4}", GRAIN_SHAPE, "0000", 0 },
	{ "error \\d{3}", GRAIN_SHAPE, "aaaaa 000", 0 },
	{ "foobar", GRAIN_SHAPE, "", 0 },
	{ "\\d{3}", GRAIN_SHAPE, "", 0 },
};

static void
in_a_coarser_grain_it_needs_what_is_left_open_otherwise(void **state)
{
	void *here = mem_root("test");

	(void)state;
	for (size_t i = 0; i < sizeof grained / sizeof *grained; i++) {
		struct needs *needs = regex_needs(
		    here, span_of(grained[i].pattern), grained[i].flags);
		const char *got = needs_print(here, needs, grained[i].grain);

		assert_true(needs_are_sound(needs));
		if (strcmp(got, grained[i].needs) != 0)
			fail_msg("%s: \"%s\" for \"%s\"", grained[i].pattern,
			    got, grained[i].needs);
	}
	talloc_free(here);
}

static void
of_a_choice_each_branch_has_its_own_needs(void **state)
{
	void *here = mem_root("test");
	struct needs *needs = regex_needs(
	    here, span_of("(?:deadlock|\\d{3}|[0-9a-z]{8}-)"), 0);

	(void)state;
	assert_int_equal(needs->n_branches, 3);
	assert_string_equal(
	    needs_print(here, needs->branches[0], GRAIN_FOLDED), "deadlock");
	assert_int_equal(needs->branches[1]->n, 0);
	assert_true(!runs_are_none(needs->branches[1]->runs));
	assert_string_equal(
	    needs_print(here, needs->branches[2], GRAIN_FOLDED), "-");
	assert_int_equal(
	    regex_needs(here, span_of("(a|b)c"), 0)->n_branches, 0);
	assert_int_equal(regex_needs(here, span_of("ab"), 0)->n_branches, 0);
	talloc_free(here);
}

/* Patterns that make as many and as long sets as they can. */
static void
work_is_bounded_whatever_the_pattern(void **state)
{
	static const char *const pieces[] = { "[a-p]", "(a|b|)", "(a|(b|(c|",
		"[ab]?", "(?:[a-h]{1,8}){1,8}", "(x{1,8}|y){8}", "a|", "(",
		"()", "((((((", "a.", "[a-d]+", "(?=[ab]x)", "\\Q",
		"(?:a{8}){8}", "\xc3\xa4[\xc3\xa4\xc3\xb6\xc3\xbc]",
		"(abcdefgh|ijklmnop|.)" };
	void *here = mem_root("test");
	int64_t most = 0;

	(void)state;
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		struct buf *buf = buf_new(here);
		int64_t began = clock_thread_cpu();

		while (buf->length + strlen(pieces[i]) <= REGEX_MAX)
			buf_text(buf, pieces[i]);
		for (int close = 0; close < 2; close++) {
			size_t open = 0;

			for (size_t at = 0; at < buf->length; at++)
				open += buf->text[at] == '(';
			assert_true(needs_are_sound(
			    regex_needs(here, span_of(buf->text), 0)));
			buf->length -= buf->length / 3;
			buf->text[buf->length] = '\0';
			for (; open > 0 && buf->length < REGEX_MAX; open--)
				buf_char(buf, ')');
		}
		began = clock_thread_cpu() - began;
		most = began > most ? began : most;
	}
	/* two patterns each; much more under a tool, which makes all slow */
	if (most > 200000)
		fail_msg("%jd us", (intmax_t)most);
	talloc_free(here);
}

/*
 * All regular expressions there are against texts that people wrote: where one
 * is found, all that it needs is there.
 */
struct sample {
	size_t n;
	char **lines;
};

static bool
sample_read(void *owner, const char *name, bool shared, struct sample *ret)
{
	const char *folder = getenv("BARNRAISE_DATA");
	const char *source = getenv("top_srcdir");
	char *path, *line = NULL;
	size_t room = 0;
	ssize_t length;
	FILE *file;

	if (source == NULL)
		source = ".";
	if (!shared)
		path = mem_printf(owner, "%s/tests/data/%s", source, name);
	else if (folder != NULL)
		path = mem_printf(owner, "%s/%s", folder, name);
	else
		path = mem_printf(owner, "%s/../shared/data/%s", source, name);
	file = fopen(path, "r");
	if (file == NULL)
		return false;
	while ((length = getline(&line, &room, file)) > 0) {
		if (line[length - 1] == '\n')
			length--;
		*mem_push(owner, &ret->lines, &ret->n) = mem_copy_n(
		    owner, line, (size_t)length);
	}
	free(line);
	(void)fclose(file);
	return true;
}

/* The text of an incident, as a field that is searched. */
static const char *
body_of(void *owner, const char *line)
{
	struct error err = { 0 };
	json_t *incident;
	const char *body;

	assert_true(json_parse(owner, line, strlen(line), &incident, &err));
	body = json_string_value(json_object_get(incident, "body"));
	return body == NULL ? "" : body;
}

struct look {
	struct regex_runner *runner;
	struct grained text;
	unsigned found;
};

static void
look_at(struct regex *regex, const struct needs *needs, const char *pattern,
    const char *text, struct look *look)
{
	bool in;

	regex_budget_begin(look->runner);
	in = regex_is_in(regex, text, strlen(text), look->runner);
	if (!in && needs->always && !regex_budget_is_over(look->runner))
		fail_msg("%s is not always found: %s", pattern, text);
	look->found += in;
	if (in && !needs_hold(needs, &look->text))
		fail_msg("%s: %s; %s; %s; but found in %s", pattern,
		    needs_print(look->runner, needs, GRAIN_FOLDED),
		    needs_print(look->runner, needs, GRAIN_WORDS),
		    needs_print(look->runner, needs, GRAIN_SHAPE), text);
}

static void
what_a_regex_needs_is_where_it_is_found(void **state)
{
	enum { PATTERNS = 64 }; /* compiled at a time */
	void *here = mem_root("test");
	struct sample patterns_of = { 0 }, texts = { 0 };
	struct look *look = mem_new(here, struct look);
	unsigned seed = 1, tries = (unsigned)rounds(2000);

	(void)state;
	if (!sample_read(here, "regexes.txt", true, &patterns_of) ||
	    !sample_read(here, "incidents.jsonl", true, &texts)) {
		print_message("no shared/data: tried on a small sample\n");
		patterns_of.n = texts.n = 0;
		assert_true(
		    sample_read(here, "regexes.txt", false, &patterns_of));
		assert_true(
		    sample_read(here, "incidents.jsonl", false, &texts));
	}
	look->runner = regex_runner_new(here, 20000);
	for (unsigned i = 0; i < tries; i++) {
		void *now = talloc_new(here);
		struct regex_fault fault;
		size_t at = (size_t)rand_r(&seed) % patterns_of.n;
		struct span pattern = span_of(patterns_of.lines[at]);
		struct regex *regex;
		struct needs *needs;

		if (!regex_check(pattern, 0, &fault)) {
			talloc_free(now);
			continue;
		}
		regex = regex_new(now, pattern, 0);
		needs = regex_needs(now, pattern, 0);
		assert_true(needs_are_sound(needs));
		for (int j = 0; j < PATTERNS; j++) {
			const char *text = body_of(
			    now, texts.lines[(size_t)rand_r(&seed) % texts.n]);

			grained_set(here, &look->text, text, strlen(text));
			look_at(regex, needs, pattern.text, text, look);
		}
		talloc_free(now);
	}
	assert_true(look->found > 0 || tries < 100);
	talloc_free(here);
}

/*
 * Patterns made up from random bytes, each with a text that it matches as the
 * manual of PCRE2 has it.
 */
static void
what_made_up_patterns_need_is_in_what_they_match(void **state)
{
	void *here = mem_root("test");
	struct look *look = mem_new(here, struct look);
	unsigned seed = 5, tries = (unsigned)rounds(30000), taken = 0;

	(void)state;
	look->runner = regex_runner_new(here, 20000);
	for (unsigned i = 0; i < tries; i++) {
		void *now = talloc_new(here);
		struct buf *pattern = buf_new(now), *text = buf_new(now);
		unsigned flags = (unsigned)rand_r(&seed) & 15;
		uint8_t bytes[120];
		struct choices choices = { bytes, sizeof bytes, 0 };
		struct regex_fault fault;

		for (size_t j = 0; j < sizeof bytes; j++)
			bytes[j] = (uint8_t)(rand_r(&seed) >> 8);
		grow_pattern(&choices, flags, pattern, text);
		if (regex_check(span_of(pattern->text), flags, &fault)) {
			struct needs *needs = regex_needs(
			    now, span_of(pattern->text), flags);

			assert_true(needs_are_sound(needs));
			grained_set(
			    here, &look->text, text->text, text->length);
			look_at(regex_new(now, span_of(pattern->text), flags),
			    needs, pattern->text, text->text, look);
			taken++;
		}
		talloc_free(now);
	}
	/* so that it is worth something */
	assert_true(taken >= tries / 3 && look->found >= tries / 6);
	talloc_free(here);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pattern_needs_what_all_its_matches_hold),
		cmocka_unit_test(
		    in_a_coarser_grain_it_needs_what_is_left_open_otherwise),
		cmocka_unit_test(of_a_choice_each_branch_has_its_own_needs),
		cmocka_unit_test(work_is_bounded_whatever_the_pattern),
		cmocka_unit_test(
		    what_made_up_patterns_need_is_in_what_they_match),
		cmocka_unit_test(what_a_regex_needs_is_where_it_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
