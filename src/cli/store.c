/* SPDX-License-Identifier: ISC */
#include "cli/store.h"

#include "base/mem.h"
#include "cli/commands.h"
#include "desk/search.h"
#include "desk/verify.h"

#include <stdio.h>
#include <string.h>

const struct actor store_operator = {
	.scope = SCOPE_ADMIN,
	.source = "cli",
};

/*
 * The host of base-url names the ids if it is a name with a dot: an address or
 * "localhost" would be everybody's.
 */
static const char *
authority_of(const char *base_url)
{
	static char host[256];
	const char *from = strstr(base_url, "://");
	size_t length;

	if (from == NULL)
		return NULL;
	from += 3;
	length = strcspn(from, ":/");
	if (length == 0 || length >= sizeof host || from[0] == '[')
		return NULL;
	memcpy(host, from, length);
	host[length] = '\0';
	if (strchr(host, '.') == NULL || strspn(host, "0123456789.") == length)
		return NULL;
	return host;
}

void
store_settings(const struct settings *settings, const char *authority,
    struct desk_settings *ret)
{
	*ret = (struct desk_settings){
		.store = settings->store,
		.authority = authority != NULL
		    ? authority
		    : authority_of(settings->base_url),
		.orphan_after = settings->orphan_after,
		.close_after = settings->close_after,
		.regex_budget = settings->regex_budget,
	};
}

static bool
open_as(struct line *line, enum desk_use use, const char *authority,
    struct desk **ret, struct error *err)
{
	struct desk_settings desk_settings;
	struct settings *settings;

	if (!line_settings(line, &settings, err))
		return false;
	store_settings(settings, authority, &desk_settings);
	return desk_open(line_memory(line), use, &desk_settings, ret, err);
}

bool
store_open(
    struct line *line, enum desk_use use, struct desk **ret, struct error *err)
{
	return open_as(line, use, NULL, ret, err);
}

bool
store_with(struct line *line, store_act *act, struct error *err)
{
	struct desk *desk;
	bool ok;

	if (!store_open(line, DESK_COMMAND, &desk, err))
		return false;
	ok = act(line, desk, err);
	desk_end(desk);
	return ok;
}

bool
store_init(struct line *line, struct error *err)
{
	const char *authority = line_option(line, "authority");
	struct desk *desk;

	if (authority != NULL &&
	    (authority[0] == '\0' ||
		authority[strspn(authority,
		    "abcdefghijklmnopqrstuvwxyz0123456789.-")] != '\0'))
		return line_wrong(line, err,
		    "--authority: a name like support.example.org is needed");
	if (!open_as(line, DESK_INIT, authority, &desk, err))
		return false;
	desk_end(desk);
	return true;
}

static bool
verify(struct line *line, struct desk *desk, struct error *err)
{
	char *damage;

	if (!desk_verify(line_memory(line), desk, &damage, err))
		return false;
	if (damage == NULL) {
		(void)puts("ok");
		return true;
	}
	(void)fputs(damage, stdout);
	return error_set(err, ERROR_SYSTEM, "the store is damaged");
}

bool
store_verify(struct line *line, struct error *err)
{
	return store_with(line, verify, err);
}

/* Opening the store has migrated it; what is derived is made anew. */
static bool
migrate(struct line *line, struct desk *desk, struct error *err)
{
	(void)line;
	return desk_repair(desk, err) && search_follow(desk, true, err);
}

bool
store_migrate(struct line *line, struct error *err)
{
	return store_with(line, migrate, err);
}
