/* SPDX-License-Identifier: ISC */
#ifndef CLI_STORE_H
#define CLI_STORE_H

/* How commands open the store: --store, BARNRAISE_STORE, the configuration. */

#include "cli/line.h"
#include "desk/desk.h"

/* What the desk needs of the settings; authority NULL: as base-url says. */
void store_settings(const struct settings *settings, const char *authority,
    struct desk_settings *ret);

/* Opens it; desk_end() comes before the line's memory goes. */
MUST_CHECK bool store_open(
    struct line *line, enum desk_use use, struct desk **ret, struct error *err);

/* Opens the store, runs act on it, ends the desk. */
typedef bool store_act(struct line *line, struct desk *desk, struct error *err);
MUST_CHECK bool
store_with(struct line *line, store_act *act, struct error *err);

/* The operator at the command line may do all. */
extern const struct actor store_operator;

#endif
