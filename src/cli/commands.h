/* SPDX-License-Identifier: ISC */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

/* All commands: one row each, in the order of barnraise(1). */

#include "cli/line.h"

extern const struct command commands[];

/* filter.c */
command_function filter_check, filter_explain, filter_match;

/* serve.c, store.c, demo.c */
command_function serve, store_init, store_verify, store_migrate, demo_fill;

/* people.c */
command_function person_add, person_list_all, person_passwd, person_duty,
    person_disable, token_add, token_list, token_revoke, feed_add,
    feed_list_all, feed_revoke;

/* subscriptions.c */
command_function subscription_add, subscription_list_all, subscription_remove,
    subscription_resume;

/* tags.c */
command_function tag_list, tag_merge, tag_rename;

/* journal.c */
command_function journal_print;

/* transfer.c */
command_function transfer_import, transfer_export;

/* remote.c: they ask a server */
command_function remote_post, remote_list, remote_show, remote_join,
    remote_leave, remote_reply, remote_fix;

#endif
