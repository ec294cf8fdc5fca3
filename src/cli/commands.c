/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

/* --- options, a table a command that has some of its own */

static const struct option serve_options[] = {
	{ "listen", "ADDR:PORT", "where to listen; port 0 picks a free one" },
	{ "base-url", "URL", "the address that people use" },
	{ 0 },
};

static const struct option init_options[] = {
	{ "authority", "NAME", "the name in the ids of all that is published" },
	{ 0 },
};

static const struct option person_options[] = {
	{ "name", "N", "the name that people read" },
	{ "email", "E", "mail address" },
	{ "tags", "A,B", "skills, separated by commas" },
	{ "admin", NULL, "operates the server too" },
	{ "bot", NULL, "is a program" },
	{ 0 },
};

static const struct option duty_options[] = {
	{ "admin", "YES|NO", "whether she operates the server too" },
	{ "bot", "YES|NO", "whether it is a program" },
	{ 0 },
};

static const struct option journal_options[] = {
	{ "incident", "N", "what happened to that incident" },
	{ "person", "HANDLE", "what she did, and what was done to her" },
	{ "kind", "KIND", "rows of that kind, as report or signin" },
	{ "before", "N", "rows before that number" },
	{ "limit", "N", "at most so many rows, 50 unless given" },
	{ "json", NULL, "print JSON" },
	{ 0 },
};

static const struct option token_options[] = {
	{ "scope", "SCOPE", "read, write (the default) or admin" },
	{ "label", "L", "what it is for" },
	{ 0 },
};

static const struct option feed_options[] = {
	{ "label", "L", "what it is for" },
	{ 0 },
};

static const struct option import_options[] = {
	{ "incidents", NULL, "incidents (the default)" },
	{ "people", NULL, "people" },
	{ "subscriptions", NULL, "subscriptions" },
	{ "publish", NULL, "make the articles of resolutions public" },
	{ 0 },
};

static const struct option export_options[] = {
	{ "incidents", NULL, "incidents (the default)" },
	{ "people", NULL, "people" },
	{ "subscriptions", NULL, "subscriptions" },
	{ "public", NULL, "the public articles" },
	{ 0 },
};

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

#define STORE line_store_options
#define SERVER line_server_options

const struct command commands[] = {
	{ "serve", NULL, "", 0, 0, "Serve the desk over HTTP", serve_options,
	    STORE, serve },
	{ "init", NULL, "", 0, 0, "Make the store", init_options, STORE,
	    store_init },
	{ "demo", NULL, "", 0, 0, "Fill an empty store with a small example",
	    NULL, STORE, demo_fill },

	{ "person", "add", "HANDLE", 1, 1,
	    "Add a person and print her first password", person_options, STORE,
	    person_add },
	{ "person", "list", "", 0, 0, "List all people", json_options, STORE,
	    person_list_all },
	{ "person", "passwd", "HANDLE", 1, 1, "Print a new first password",
	    NULL, STORE, person_passwd },
	{ "person", "duty", "HANDLE", 1, 1,
	    "Say whether a person is an admin, and whether she is a bot",
	    duty_options, STORE, person_duty },
	{ "person", "disable", "HANDLE", 1, 1,
	    "End all that lets a person in, and all that she is in", NULL,
	    STORE, person_disable },

	{ "token", "add", "HANDLE", 1, 1, "Make a token and print it",
	    token_options, STORE, token_add },
	{ "token", "list", "[HANDLE]", 0, 1, "List tokens", json_options, STORE,
	    token_list },
	{ "token", "revoke", "ID", 1, 1, "Revoke a token", NULL, STORE,
	    token_revoke },

	{ "subscription", "add", "HANDLE NAME FILTER", 3, 3,
	    "Subscribe a person to a filter and print the number", NULL, STORE,
	    subscription_add },
	{ "subscription", "list", "[HANDLE]", 0, 1, "List subscriptions",
	    json_options, STORE, subscription_list_all },
	{ "subscription", "remove", "ID", 1, 1, "Remove a subscription", NULL,
	    STORE, subscription_remove },
	{ "subscription", "resume", "ID", 1, 1,
	    "Let a filter that was paused run again, for all who have it", NULL,
	    STORE, subscription_resume },

	{ "feed", "add", "HANDLE", 1, 1, "Make a feed link and print its path",
	    feed_options, STORE, feed_add },
	{ "feed", "list", "[HANDLE]", 0, 1, "List feed links", json_options,
	    STORE, feed_list_all },
	{ "feed", "revoke", "ID", 1, 1, "Revoke a feed link", NULL, STORE,
	    feed_revoke },

	{ "tag", "list", "", 0, 0, "List tags, and how often each is used",
	    json_options, STORE, tag_list },
	{ "tag", "merge", "TAG INTO", 2, 2, "Make two tags one", NULL, STORE,
	    tag_merge },
	{ "tag", "rename", "TAG NAME", 2, 2, "Give a tag another name", NULL,
	    STORE, tag_rename },

	{ "journal", NULL, "", 0, 0, "Print what happened, newest first",
	    journal_options, STORE, journal_print },

	{ "import", NULL, "[FILE|-]", 0, 1,
	    "Take in incidents, people or subscriptions as JSON Lines",
	    import_options, STORE, transfer_import },
	{ "export", NULL, "", 0, 0, "Print what import takes back",
	    export_options, STORE, transfer_export },

	{ "filter", "check", "EXPR", 1, 1,
	    "Print the canonical form of a filter", NULL, NULL, filter_check },
	{ "filter", "match", "EXPR [FILE|-]", 1, 2,
	    "Print the incidents, as JSON Lines, that match a filter", NULL,
	    NULL, filter_match },
	{ "filter", "explain", "EXPR [FILE|-]", 1, 2,
	    "Show how a filter is looked at, and what it costs", NULL, NULL,
	    filter_explain },

	{ "verify", NULL, "", 0, 0, "Look whether the store is whole", NULL,
	    STORE, store_verify },
	{ "migrate", NULL, "", 0, 0,
	    "Bring the store to this version, its full text made anew", NULL,
	    STORE, store_migrate },

	{ "post", NULL, "TITLE", 1, 1,
	    "Report an incident, its body on standard input", post_options,
	    SERVER, remote_post },
	{ "list", NULL, "[FILTER]", 0, 1, "List incidents, latest raise first",
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
