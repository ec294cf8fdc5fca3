/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"
#include "cli/store.h"
#include "filter/filter.h"
#include "web/web.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* The signals that the server waits for; its threads have them blocked. */
static void
block_signals(sigset_t *signals)
{
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(signals);
	(void)sigaddset(signals, SIGTERM);
	(void)sigaddset(signals, SIGINT);
	(void)sigaddset(signals, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, signals, NULL);
}

static void
print_address(const struct settings *settings, uint16_t port)
{
	const char *colon = strrchr(settings->listen, ':');
	int length = colon == NULL ? 0 : (int)(colon - settings->listen);

	if (length == 0)
		printf("listening on http://0.0.0.0:%u\n", port);
	else
		printf("listening on http://%.*s:%u\n", length,
		    settings->listen, port);
	(void)fflush(stdout);
}

static void
reload(struct line *line, struct desk *desk, struct web *web)
{
	struct desk_settings desk_settings;
	struct settings *settings;
	struct error err = { 0 };
	char text[ERROR_TEXT];

	if (line_settings(line, &settings, &err) &&
	    web_reload(web, settings, &err)) {
		store_settings(settings, NULL, &desk_settings);
		desk_set(desk, &desk_settings);
		log_event("reloaded", NULL);
		return;
	}
	log_event("reload-failed", "why", error_text(&err, text), NULL);
}

static void
serve_until_told(struct line *line, struct desk *desk, struct web *web,
    const sigset_t *signals)
{
	for (;;) {
		int number = sigwaitinfo(signals, NULL);

		if (number == SIGHUP)
			reload(line, desk, web);
		else if (number != -1)
			break;
	}
}

bool
serve(struct line *line, struct error *err)
{
	void *memory = line_memory(line);
	struct desk_settings desk_settings;
	struct settings *settings;
	struct desk *desk;
	struct web *web;
	sigset_t signals;
	uint16_t port;

	if (!line_settings(line, &settings, err))
		return false;
	if (!filter_has_jit())
		line_warn(line,
		    "regular expressions run without machine code, "
		    "4 to 9 times slower");
	block_signals(&signals);
	store_settings(settings, NULL, &desk_settings);
	if (!desk_open(memory, DESK_SERVE, &desk_settings, &desk, err))
		return false;
	if (!web_start(memory, desk, settings, &web, &port, err)) {
		desk_end(desk);
		return false;
	}
	print_address(settings, port);
	serve_until_told(line, desk, web, &signals);
	web_stop(web);
	desk_end(desk);
	return true;
}
