/* SPDX-License-Identifier: ISC */
#include "web/web.h"

#include "base/mem.h"
#include "web/limits.h"
#include "web/metrics.h"
#include "web/shared.h"

#include <stdlib.h>
#include <string.h>

/* Answers ready to be sent, all together. */
enum {
	CACHE_BYTES = 64 * 1024 * 1024,
	CACHE_LEAST = CACHE_BYTES / 4, /* where memory is short */
};

struct web {
	struct site site;
	struct http_server *server;
	uint16_t port;
	bool has_tls;
	/* before the last reload: a request that began then may still use them
	 */
	struct pages *old_pages;
	struct limits *old_limits;
};

static const char *
or_null(const char *text)
{
	return text[0] == '\0' ? NULL : text;
}

/* Whoever was counted begins anew. */
static void
set_limits(struct web *web, const struct settings *settings)
{
	talloc_free(web->old_limits);
	web->old_limits = web->site.limits;
	web->site.limits = limits_new(web, settings);
}

static bool
start_server(
    struct web *web, const struct settings *settings, struct error *err)
{
	const struct http_settings http = {
		.listen = settings->listen,
		.socket = settings->socket,
		.tls = web->has_tls,
		.connections = settings->connections,
		.connections_per_address = settings->connections_per_address,
		.trusted_proxies = settings->trusted_proxies,
		.person_header = settings->person_header,
	};
	const struct http_hooks hooks = {
		.admit = site_admit,
		.error_page = site_error_page,
		.finished = site_finished,
		.cache = web->site.cache,
		.context = &web->site,
	};

	return http_server_start(web, &http, site_routes, site_n_routes, &hooks,
	    &web->server, &web->port, err);
}

static bool
load_certificate(const struct settings *settings, struct error *err)
{
	const char *certificate = settings->tls_certificate;
	const char *key = settings->tls_key;

	if ((*certificate == '\0') != (*key == '\0'))
		return error_set(err, ERROR_INVALID,
		    "tls.certificate and tls.key: one is missing");
	return *certificate == '\0' ||
	    http_certificate_load(certificate, key, err);
}

/* The port that listen names, 0 if any will do: a guess before it is bound. */
static uint16_t
port_of(const char *listen)
{
	const char *colon = strrchr(listen, ':');

	return colon == NULL ? 0 : (uint16_t)strtoul(colon + 1, NULL, 10);
}

bool
web_start(void *owner, struct desk *desk, struct settings *settings,
    struct web **ret, uint16_t *port, struct error *err)
{
	struct web *web = mem_new(owner, struct web);
	struct pages *pages;
	uint16_t asked = port_of(settings->listen);
	struct settings *complete;

	if (!pages_load(web, pages_folder(), or_null(settings->templates_dir),
		&pages, err))
		return false;
	if (!load_certificate(settings, err))
		return false;
	web->has_tls = *settings->tls_certificate != '\0';
	if (asked != 0)
		settings_complete(web, settings, asked);
	web->site.desk = desk;
	web->site.settings = settings;
	web->site.pages = pages;
	set_limits(web, settings);
	web->site.cache = response_cache_new(web, CACHE_BYTES, shared_version);
	web->site.metrics = web_metrics_new(web);
	if (!start_server(web, settings, err))
		return false;
	/* what a handler may be reading already never changes */
	complete = mem_new(web, struct settings);
	*complete = *settings;
	settings_complete(web, complete, web->port);
	web->site.settings = complete;
	*port = web->port;
	*ret = web;
	return true;
}

bool
web_reload(struct web *web, struct settings *settings, struct error *err)
{
	struct pages *pages;

	if (!pages_load(web, pages_folder(), or_null(settings->templates_dir),
		&pages, err))
		return false;
	if (web->has_tls != (*settings->tls_certificate != '\0'))
		return error_set(err, ERROR_INVALID,
		    "tls.certificate: TLS is on or off from the start");
	if (!load_certificate(settings, err))
		return false;
	settings_complete(web, settings, web->port);
	talloc_free(web->old_pages);
	web->old_pages = web->site.pages;
	web->site.pages = pages;
	web->site.settings = settings;
	set_limits(web, settings);
	response_cache_clear(web->site.cache);
	return true;
}

void
web_give_back(struct web *web)
{
	size_t bytes = response_cache_fill(web->site.cache).bytes / 4 * 3;

	response_cache_shrink(
	    web->site.cache, bytes > CACHE_LEAST ? bytes : CACHE_LEAST);
}

void
web_stop(struct web *web)
{
	http_server_stop(web->server);
	http_certificate_forget();
	talloc_free(web);
}
