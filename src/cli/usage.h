/* SPDX-License-Identifier: ISC */
#ifndef CLI_USAGE_H
#define CLI_USAGE_H

/* What --help prints, from the rows of the table of commands. */

#include "base/buf.h"
#include "cli/line.h"

/* Options that every command has. */
extern const struct option usage_options[];

/* Of the whole program; of all commands with that name; of one. */
void usage_all(struct buf *buf, const struct command *commands);
void
usage_named(struct buf *buf, const struct command *commands, const char *name);
void usage_command(struct buf *buf, const struct command *command);

#endif
