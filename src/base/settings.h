/* SPDX-License-Identifier: ISC */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

/*
 * What an operator may set: barnraise.conf(5). Each key stands in one table,
 * with its type, its default, its bounds and a sentence that says what it is.
 * The command line counts more than the environment (BARNRAISE_ and the key in
 * capitals, '-' and '.' as '_'), the environment more than the file.
 */

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* At most most times within window microseconds; most 0 is no limit. */
struct rate {
	unsigned most;
	int64_t window;
};

/* All of it as values: times in microseconds, text never NULL. */
struct settings {
	const char *listen; /* "ADDR:PORT" */
	const char *base_url; /* no slash at the end; "" until completed */
	const char *store;
	const char *name;
	int64_t orphan_after;
	int64_t close_after;
	int64_t regex_budget;
	const char *templates_dir; /* "" is none */
	const char *trusted_proxies; /* "a,b/24"; "" is none */
	const char *person_header; /* in which such a proxy names her; "" */
	unsigned connections;
	unsigned connections_per_address; /* 0 is no limit */
	struct rate reports;
	struct rate signin;
	struct rate writes;
	const char *tls_certificate; /* files; "" is none */
	const char *tls_key;
	/*
	 * No key: a socket that listens already, handed over by whoever
	 * started the server, at the address that listen then says. 0 is none.
	 */
	int socket;
	const char *log_file; /* "" is standard error */
	unsigned log_format; /* enum log_format */
	unsigned log_requests; /* 0 or 1 */
};

/* In the order of the words in the table. */
enum log_format { LOG_LOGFMT, LOG_JSON };

enum setting_type {
	SETTING_TEXT,
	SETTING_LISTEN,
	SETTING_URL, /* http or https, a slash at its end is dropped */
	SETTING_STORE,
	SETTING_DURATION,
	SETTING_COUNT,
	SETTING_RATE, /* "30 in 10m"; 0 is none */
	SETTING_ADDRESSES, /* with or without "/bits", by commas, or none */
	SETTING_CHOICE, /* one of words, as its place in them */
	SETTING_TYPES
};

struct setting {
	const char *key;
	enum setting_type type;
	const char *fallback;
	int64_t least, most; /* of a duration in microseconds, of a count */
	size_t offset; /* in struct settings */
	const char *text; /* one sentence for the operator */
	bool is_fixed; /* a server that runs keeps what it began with */
	const char *const *words; /* of a choice, NULL at the end */
};

/* The table; walk it until a key of NULL. */
extern const struct setting settings_table[];

/* What the command line says; a value of NULL says nothing. */
struct setting_given {
	const char *key;
	const char *value;
};

/*
 * Reads them all. The file is the one named (config, or the environment's
 * BARNRAISE_CONFIG), which must be there, or else SYSCONFDIR/barnraise.conf
 * if that is there. The error names what is wrong: "FILE:LINE: key: why",
 * "BARNRAISE_KEY: why" or "--key: why". *ret belongs to owner.
 */
MUST_CHECK bool settings_read(void *owner, const char *config,
    const struct setting_given *given, size_t n, struct settings **ret,
    struct error *err);

/*
 * Gives base_url its default, once the port is known, unless it was set:
 * http://localhost:PORT, or http://ADDR:PORT where listen names an address
 * that is neither loopback nor any; https where there is a certificate. The
 * text belongs to owner.
 */
void settings_complete(void *owner, struct settings *settings, uint16_t port);

/*
 * The keys that are fixed and differ, by ", "; NULL if there is none. The text
 * belongs to owner.
 */
const char *settings_kept(
    void *owner, const struct settings *running, const struct settings *now);

/* Name of the environment's twin of key. */
char *settings_variable(void *owner, const char *key);

#endif
