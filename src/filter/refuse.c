/* SPDX-License-Identifier: ISC */
#include "filter/refuse.h"

#include "filter/regex.h"

#include <string.h>

/*
 * Walks a pattern exactly as PCRE2's own parser does where it decides what is
 * a construct and what is text: \Q...\E, comments, classes, and the x option
 * with its scope. (pcre2_compile.c, parse_regex and check_posix_syntax.)
 */
struct walk {
	const char *text;
	size_t length;
	size_t at;
	bool extended; /* x is on here */
	bool more; /* xx is on here */
	size_t depth;
	unsigned char outer[REGEX_MAX]; /* the two, for each open group */
};

static const struct refused {
	const char *begins; /* '0' stands for any digit */
	const char *what;
} refused[] = {
	{ "(*", "verbs are not allowed; write \\( for a parenthesis" },
	{ "(?R", "recursion is not allowed" },
	{ "(?0", "recursion is not allowed" },
	{ "(?+0", "recursion is not allowed" },
	{ "(?-0", "recursion is not allowed" },
	{ "(?&", "recursion is not allowed" },
	{ "(?P>", "recursion is not allowed" },
	{ "(?P=", "back-references are not allowed" },
	{ "(?(", "conditions are not allowed" },
	{ "(?C", "callouts are not allowed" },
	{ "\\g", "back-references are not allowed" },
	{ "\\k", "back-references are not allowed" },
	{ "\\C", "\\C is not allowed; write . with the flag s" },
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
begins(const struct walk *walk, const char *with)
{
	size_t left = walk->length - walk->at;

	for (size_t i = 0; with[i] != '\0'; i++) {
		char c = i < left ? walk->text[walk->at + i] : '\0';

		if (with[i] == '0' ? !is_digit(c) : c != with[i])
			return false;
	}
	return true;
}

static const char *
refused_here(const struct walk *walk)
{
	if (!begins(walk, "(") && !begins(walk, "\\"))
		return NULL;
	/* \0 is an octal number, \1 to \9 are back-references */
	if (begins(walk, "\\0") && walk->text[walk->at + 1] != '0')
		return "back-references are not allowed";
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		if (begins(walk, refused[i].begins))
			return refused[i].what;
	}
	return NULL;
}

/* Puts at behind the next text from here on, or at the end. */
static void
skip_past(struct walk *walk, const char *text)
{
	size_t n = strlen(text);

	while (walk->at < walk->length && !begins(walk, text))
		walk->at++;
	walk->at = walk->at < walk->length ? walk->at + n : walk->length;
}

size_t
posix_end(struct span pattern, size_t at)
{
	char mark;

	if (pattern.length - at < 4)
		return 0;
	mark = pattern.text[at + 1];
	if (mark != ':' && mark != '.' && mark != '=')
		return 0;
	for (at += 2; at + 2 <= pattern.length; at++) {
		char c = pattern.text[at], next = pattern.text[at + 1];

		if (c == '\\' && (next == ']' || next == '\\'))
			at++;
		else if ((c == '[' && next == mark) || c == ']')
			return 0;
		else if (c == mark && next == ']')
			return at + 2;
	}
	return 0;
}

/* At the first thing in a class that may be a member: "^" and \E are none. */
static void
class_begin(struct walk *walk)
{
	bool negated = false;

	walk->at++;
	for (;;) {
		if (begins(walk, "\\E"))
			walk->at += 2;
		else if (begins(walk, "\\Q\\E"))
			walk->at += 4;
		else if (walk->more &&
		    (begins(walk, " ") || begins(walk, "\t")))
			walk->at++;
		else if (!negated && begins(walk, "^")) {
			negated = true;
			walk->at++;
		} else
			return;
	}
}

/* \c takes the character behind it, also a backslash. */
static void
skip_escape(struct walk *walk)
{
	walk->at += begins(walk, "\\c") ? 3 : 2;
}

static void
class_member(struct walk *walk)
{
	size_t posix;

	if (begins(walk, "\\Q")) {
		walk->at += 2;
		skip_past(walk, "\\E");
	} else if (begins(walk, "\\"))
		skip_escape(walk);
	else if (begins(walk, "[") &&
	    (posix = posix_end(
		 (struct span){ walk->text, walk->length }, walk->at)) > 0)
		walk->at = posix;
	else
		walk->at++;
}

/* "]" is a member when it comes first; blanks with xx are none. */
static void
skip_class(struct walk *walk)
{
	class_begin(walk);
	class_member(walk);
	while (walk->at < walk->length && !begins(walk, "]"))
		class_member(walk);
	walk->at++;
}

static void
open_group(struct walk *walk)
{
	if (walk->depth < sizeof walk->outer)
		walk->outer[walk->depth] = (unsigned char)(walk->extended |
		    (unsigned)walk->more << 1);
	walk->depth++;
}

static void
close_group(struct walk *walk)
{
	if (walk->depth == 0)
		return;
	walk->depth--;
	if (walk->depth < sizeof walk->outer) {
		walk->extended = (walk->outer[walk->depth] & 1) != 0;
		walk->more = (walk->outer[walk->depth] & 2) != 0;
	}
}

/* Behind "(?": options, as in (?ix-s) and (?x:...); the group is open. */
static void
read_options(struct walk *walk)
{
	bool set = true, extended = walk->extended, more = walk->more;
	size_t at = walk->at;

	for (; at < walk->length && walk->text[at] != '\0' &&
	     strchr("imnsxJUaDSWPTr^-", walk->text[at]) != NULL;
	     at++) {
		char c = walk->text[at];

		if (c == '-')
			set = false;
		else if (c == '^')
			extended = more = false;
		else if (c == 'x') {
			more = set && at + 1 < walk->length &&
			    walk->text[at + 1] == 'x';
			extended = set;
			at += at + 1 < walk->length &&
			    walk->text[at + 1] == 'x';
		}
	}
	if (at == walk->length ||
	    (walk->text[at] != ')' && walk->text[at] != ':'))
		return;
	if (walk->text[at] == ')')
		walk->depth--; /* it holds for the group around it */
	walk->extended = extended;
	walk->more = more;
	walk->at = at + 1;
}

static void
walk_on(struct walk *walk)
{
	if (begins(walk, "\\Q")) {
		walk->at += 2;
		skip_past(walk, "\\E");
	} else if (begins(walk, "\\"))
		skip_escape(walk);
	else if (begins(walk, "(?#"))
		skip_past(walk, ")");
	else if (walk->extended && begins(walk, "#"))
		skip_past(walk, "\n");
	else if (begins(walk, "["))
		skip_class(walk);
	else if (begins(walk, "(")) {
		open_group(walk);
		walk->at++;
		if (begins(walk, "?")) {
			walk->at++;
			read_options(walk);
		}
	} else {
		if (begins(walk, ")"))
			close_group(walk);
		walk->at++;
	}
}

const char *
pattern_refused(struct span pattern, bool extended, size_t *at)
{
	struct walk walk = { .text = pattern.text,
		.length = pattern.length,
		.extended = extended };

	while (walk.at < walk.length) {
		const char *what = NULL;

		/* text in quotes and comments is skipped as a whole */
		if (!(walk.extended && begins(&walk, "#")))
			what = refused_here(&walk);
		if (what != NULL) {
			*at = walk.at;
			return what;
		}
		walk_on(&walk);
	}
	return NULL;
}

void
pattern_anchor(char *pattern, size_t length, bool extended)
{
	struct walk walk = {
		.text = pattern, .length = length, .extended = extended
	};

	while (walk.at < walk.length) {
		if (begins(&walk, "\\G"))
			pattern[walk.at + 1] = 'A';
		walk_on(&walk);
	}
}
