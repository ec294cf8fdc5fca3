/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

/* --- options, a table a command that has some of its own */

static const struct option post_options[] = {
	{ "tags", "A,B", "tags, separated by commas" },
	{ "severity", "S", "low, normal, high or critical" },
	{ "environment", "E", "what it runs on" },
	{ 0 },
};

static const struct option json_options[] = {
	{ "json", NULL, "print JSON" },
	{ 0 },
};

static const struct option join_options[] = {
	{ "shadow", NULL, "to watch and learn, not as a helper" },
	{ 0 },
};

static const struct option reply_options[] = {
	{ "note", NULL, "for staff only: the customer does not see it" },
	{ 0 },
};

static const struct option fix_options[] = {
	{ "cause", "C", "what the cause was" },
	{ "publish", NULL, "make the article public" },
	{ 0 },
};

/* --- the commands */

#define SERVER line_server_options

const struct command commands[] = {
	{ "filter", "check", "EXPR", 1, 1,
	    "Print the canonical form of a filter", NULL, NULL, filter_check },
	{ "filter", "match", "EXPR [FILE|-]", 1, 2,
	    "Print the incidents, as JSON Lines, that match a filter", NULL,
	    NULL, filter_match },

	{ "post", NULL, "TITLE", 1, 1,
	    "Report an incident, its body on standard input", post_options,
	    SERVER, remote_post },
	{ "list", NULL, "[FILTER]", 0, 1, "List incidents, newest first",
	    json_options, SERVER, remote_list },
	{ "show", NULL, "N", 1, 1, "Show an incident and its thread",
	    json_options, SERVER, remote_show },
	{ "join", NULL, "N", 1, 1, "Join the swarm of an incident",
	    join_options, SERVER, remote_join },
	{ "leave", NULL, "N", 1, 1, "Leave the swarm of an incident", NULL,
	    SERVER, remote_leave },
	{ "reply", NULL, "N [TEXT]", 1, 2,
	    "Reply to the customer; without TEXT from standard input",
	    reply_options, SERVER, remote_reply },
	{ "fix", NULL, "N [RESOLUTION]", 1, 2,
	    "Write the fix; without RESOLUTION from standard input",
	    fix_options, SERVER, remote_fix },
	{ 0 },
};
