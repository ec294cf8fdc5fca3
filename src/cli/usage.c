/* SPDX-License-Identifier: ISC */
#include "cli/usage.h"

#include "base/mem.h"

#include <string.h>

enum { WIDTH = 79, INDENT = 8, COLUMN = 24 };

const struct option usage_options[] = {
	{ "help", NULL, "print this" },
	{ "version", NULL, "print the version" },
	{ 0 },
};

/* A synopsis, broken between its words' groups; *at is the column. */
static void
add_group(struct buf *buf, size_t *at, const char *group)
{
	size_t length = strlen(group);

	if (*at + 1 + length > WIDTH) {
		buf_printf(buf, "\n%*s", INDENT, "");
		*at = INDENT;
	} else if (*at > 0) {
		buf_char(buf, ' ');
		*at += 1;
	}
	buf_text(buf, group);
	*at += length;
}

static void
add_synopsis(struct buf *buf, const struct command *command)
{
	size_t at = 0;

	add_group(buf, &at, "usage: barnraise");
	add_group(buf, &at, command->name);
	if (command->verb != NULL)
		add_group(buf, &at, command->verb);
	if (*command->arguments != '\0')
		add_group(buf, &at, command->arguments);
	for (const struct option *o = command->options;
	     o != NULL && o->name != NULL; o++) {
		char *group = mem_printf(buf, "[--%s%s%s]", o->name,
		    o->value == NULL ? "" : " ",
		    o->value == NULL ? "" : o->value);

		add_group(buf, &at, group);
	}
	buf_char(buf, '\n');
}

static void
add_row(struct buf *buf, const char *left, const char *text)
{
	if (strlen(left) + 2 < COLUMN)
		buf_printf(buf, "  %-*s%s\n", COLUMN - 2, left, text);
	else
		buf_printf(buf, "  %s\n%*s%s\n", left, COLUMN, "", text);
}

static void
add_options(struct buf *buf, const struct option *options)
{
	for (const struct option *o = options; o != NULL && o->name != NULL;
	     o++)
		add_row(buf,
		    mem_printf(buf, "--%s%s%s", o->name,
			o->value == NULL ? "" : " ",
			o->value == NULL ? "" : o->value),
		    o->text);
}

void
usage_command(struct buf *buf, const struct command *command)
{
	add_synopsis(buf, command);
	buf_printf(buf, "%s.\n\n", command->summary);
	add_options(buf, command->options);
	add_options(buf, command->shared);
	add_options(buf, usage_options);
}

void
usage_named(struct buf *buf, const struct command *commands, const char *name)
{
	for (const struct command *c = commands; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0) {
			if (buf->length > 0)
				buf_char(buf, '\n');
			usage_command(buf, c);
		}
}

void
usage_all(struct buf *buf, const struct command *commands)
{
	buf_text(buf, "usage: barnraise COMMAND [ARGUMENT ...]\n\n");
	for (const struct command *c = commands; c->name != NULL; c++)
		add_row(buf,
		    mem_printf(buf, "%s%s%s", c->name,
			c->verb == NULL ? "" : " ",
			c->verb == NULL ? "" : c->verb),
		    c->summary);
	buf_char(buf, '\n');
	add_options(buf, usage_options);
	buf_text(
	    buf, "\nbarnraise COMMAND --help and barnraise(1) say more.\n");
}
