/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/reserve.h"
#include "base/service.h"
#include "cli/store.h"
#include "filter/filter.h"
#include "web/web.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

enum { LARGE = 1 << 20 };

/* What was begun has ended by then; and the log is not filled with it. */
#define SHORT_LEAST (5 * SECOND)

/* The signals that the server waits for; its threads have them blocked. */
static void
block_signals(sigset_t *signals)
{
	(void)signal(SIGPIPE, SIG_IGN);
	/* a write beyond the limit of a file's size is to fail, as any other */
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)sigemptyset(signals);
	(void)sigaddset(signals, SIGTERM);
	(void)sigaddset(signals, SIGINT);
	(void)sigaddset(signals, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, signals, NULL);
}

/* A connection is an open file: all that the system grants. */
static void
raise_open_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return;
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
}

static void
print_address(const struct settings *settings, uint16_t port)
{
	const char *scheme = *settings->tls_certificate == '\0' ? "http"
								: "https";
	const char *colon = strrchr(settings->listen, ':');
	int length = colon == NULL ? 0 : (int)(colon - settings->listen);

	if (length == 0)
		printf("listening on %s://0.0.0.0:%u\n", scheme, port);
	else
		printf("listening on %s://%.*s:%u\n", scheme, length,
		    settings->listen, port);
	(void)fflush(stdout);
}

static bool
start_log(const struct settings *settings, struct error *err)
{
	const struct log_settings log = {
		.file = settings->log_file,
		.requests = settings->log_requests != 0,
		.json = settings->log_format == LOG_JSON,
	};

	return log_start(&log, err);
}

struct serving {
	struct line *line;
	struct desk *desk;
	struct web *web;
	const struct settings *began; /* with these */
	int64_t short_since; /* of memory; 0: it is not */
};

/* A socket that was handed over stays where it is. */
static void
keep_socket(struct settings *settings, const struct settings *began)
{
	settings->socket = began->socket;
	if (settings->socket != 0)
		settings->listen = began->listen;
}

static bool
reload(struct serving *serving, struct error *err)
{
	struct desk_settings desk_settings;
	struct settings *settings;
	const char *kept;

	if (!line_settings(serving->line, &settings, err))
		return false;
	keep_socket(settings, serving->began);
	if (!start_log(settings, err) ||
	    !web_reload(serving->web, settings, err))
		return false;
	store_settings(settings, NULL, &desk_settings);
	desk_set(serving->desk, &desk_settings);
	kept = settings_kept(settings, serving->began, settings);
	log_event("reloaded", kept == NULL ? NULL : "from-the-next-start", kept,
	    (char *)NULL);
	return true;
}

static void
reload_and_tell(struct serving *serving)
{
	struct error err = { 0 };
	char text[ERROR_TEXT];

	service_tell_reloading();
	if (!reload(serving, &err))
		log_event("reload-failed", "why", error_text(&err, text),
		    (char *)NULL);
	service_tell("READY=1");
}

static void
tell_shortage(bool is_short)
{
	char times[24];

	(void)snprintf(
	    times, sizeof times, "%jd", (intmax_t)reserve_shortages());
	log_event(is_short ? "memory-short" : "memory-enough", "times", times,
	    (char *)NULL);
}

/* What to do about a shortage, and whether it is over. */
static void
look_at_memory(struct serving *serving)
{
	if (!memory_is_short())
		return;
	if (serving->short_since == 0) {
		serving->short_since = clock_monotonic();
		tell_shortage(true);
		filter_give_back();
	} else if (clock_monotonic() - serving->short_since > SHORT_LEAST &&
	    reserve_renew()) {
		serving->short_since = 0;
		tell_shortage(false);
		return;
	}
	web_give_back(serving->web);
	(void)malloc_trim(0);
}

static void
serve_until_told(struct serving *serving, const sigset_t *signals)
{
	static const struct timespec look = { 0, 500000000 };

	for (;;) {
		int number = sigtimedwait(signals, NULL, &look);

		look_at_memory(serving);
		if (number == SIGHUP)
			reload_and_tell(serving);
		else if (number != -1)
			break;
	}
}

/* The settings, and the socket that was handed over, if one was. */
static bool
begin(struct line *line, struct settings **ret, struct error *err)
{
	const char *address;

	if (!line_settings(line, ret, err) ||
	    !service_socket(*ret, &(*ret)->socket, &address, err))
		return false;
	if (address != NULL)
		(*ret)->listen = address;
	if (!filter_has_jit())
		line_warn(line,
		    "regular expressions run without machine code, "
		    "4 to 9 times slower");
	return true;
}

static bool
serve_with(struct line *line, struct settings *settings, struct error *err)
{
	void *memory = line_memory(line);
	struct serving serving = { .line = line, .began = settings };
	struct desk_settings desk_settings;
	sigset_t signals;
	uint16_t port;

	block_signals(&signals);
	/* what is large goes back to the system at once */
	(void)mallopt(M_MMAP_THRESHOLD, LARGE);
	raise_open_files();
	store_settings(settings, NULL, &desk_settings);
	if (!reserve_keep(RESERVE_USUAL))
		return error_set(err, ERROR_SYSTEM,
		    "out of memory: %d MiB are kept in reserve",
		    RESERVE_USUAL >> 20);
	if (!desk_open(memory, DESK_SERVE, &desk_settings, &serving.desk, err))
		return false;
	if (!web_start(
		memory, serving.desk, settings, &serving.web, &port, err)) {
		desk_end(serving.desk);
		return false;
	}
	print_address(settings, port);
	service_tell("READY=1");
	serve_until_told(&serving, &signals);
	service_tell("STOPPING=1");
	web_stop(serving.web);
	desk_end(serving.desk);
	return true;
}

bool
serve(struct line *line, struct error *err)
{
	struct settings *settings;
	bool ok;

	if (!begin(line, &settings, err) || !start_log(settings, err))
		return false;
	ok = serve_with(line, settings, err);
	log_end();
	return ok;
}
