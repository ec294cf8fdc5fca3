/* SPDX-License-Identifier: ISC */
#include "desk/transfer.h"

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/store.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *option;
	enum transfer_kind kind;
} kinds[] = {
	{ "incidents", TRANSFER_INCIDENTS }, { "people", TRANSFER_PEOPLE },
	{ "subscriptions", TRANSFER_SUBSCRIPTIONS },
	{ "public", TRANSFER_PUBLIC }, /* export only: the last */
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/*
 * Incidents unless one of the first n options says otherwise; two at once are
 * wrong usage.
 */
static bool
find_kind(
    struct line *line, size_t n, enum transfer_kind *ret, struct error *err)
{
	size_t found = 0;

	*ret = TRANSFER_INCIDENTS;
	for (size_t i = 0; i < n; i++)
		if (line_has(line, kinds[i].option)) {
			*ret = kinds[i].kind;
			found++;
		}
	if (found > 1)
		return line_wrong(line, err, "one kind at a time");
	return true;
}

/* --- import */

struct showing {
	struct line *line;
	bool terminal;
	bool shown; /* the progress line stands there */
	int64_t size; /* of the file, 0 if it is not known */
	int64_t next; /* when it is shown again */
};

static void
clear(struct showing *showing)
{
	if (showing->shown)
		(void)fputs("\r\033[K", stderr);
	showing->shown = false;
}

static void
complain(void *arg, int64_t number, bool bad, const char *what)
{
	struct showing *showing = arg;

	clear(showing);
	line_warn(showing->line, "line %jd: %s%s", (intmax_t)number, what,
	    bad ? " (skipped)" : "");
}

static void
progress(void *arg, const struct imported *so_far)
{
	struct showing *showing = arg;
	int64_t now = clock_monotonic();

	if (!showing->terminal || now < showing->next)
		return;
	showing->next = now + SECOND / 5;
	clear(showing);
	if (showing->size > 0)
		fprintf(stderr, "%jd lines, %d %%", (intmax_t)so_far->lines,
		    (int)(100 * so_far->bytes / showing->size));
	else
		fprintf(stderr, "%jd lines", (intmax_t)so_far->lines);
	showing->shown = true;
	(void)fflush(stderr);
}

static bool
import_from(struct line *line, struct desk *desk, FILE *in, struct error *err)
{
	struct showing showing = {
		.line = line,
		.terminal = isatty(STDERR_FILENO) != 0,
	};
	struct import how = {
		.publish = line_has(line, "publish"),
		.complain = complain,
		.progress = progress,
		.arg = &showing,
	};
	struct imported done;
	struct stat stat;

	if (!find_kind(line, KINDS - 1, &how.kind, err))
		return false;
	if (fstat(fileno(in), &stat) == 0 && S_ISREG(stat.st_mode))
		showing.size = stat.st_size;
	if (!desk_import(desk, in, &how, &done, err)) {
		clear(&showing);
		return false;
	}
	clear(&showing);
	fprintf(stderr, "%jd lines: %jd added, %jd changed, %jd bad\n",
	    (intmax_t)done.lines, (intmax_t)done.added, (intmax_t)done.changed,
	    (intmax_t)done.bad);
	if (done.bad > 0)
		return error_set(err, ERROR_INVALID,
		    "%jd bad lines were skipped", (intmax_t)done.bad);
	return true;
}

static bool
import(struct line *line, struct desk *desk, struct error *err)
{
	const char *path = line_path(line, 0);
	FILE *in = stdin;
	bool ok;

	if (path != NULL && strcmp(path, "-") != 0)
		in = fopen(path, "rbe");
	if (in == NULL)
		return error_set(
		    err, ERROR_SYSTEM, "%s: %s", path, strerror(errno));
	ok = import_from(line, desk, in, err);
	if (in != stdin)
		(void)fclose(in);
	return ok;
}

bool
transfer_import(struct line *line, struct error *err)
{
	return store_with(line, import, err);
}

/* --- export */

static bool export(struct line *line, struct desk *desk, struct error *err)
{
	enum transfer_kind kind;

	return find_kind(line, KINDS, &kind, err) &&
	    desk_export(desk, kind, stdout, err);
}

bool
transfer_export(struct line *line, struct error *err)
{
	return store_with(line, export, err);
}
