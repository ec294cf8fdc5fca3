/* SPDX-License-Identifier: ISC */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

/* All commands: one row each, in the order of barnraise(1). */

#include "cli/line.h"

extern const struct command commands[];

/* filter.c */
command_function filter_check, filter_match;

/* remote.c: they ask a server */
command_function remote_post, remote_list, remote_show, remote_join,
    remote_leave, remote_reply, remote_fix;

#endif
