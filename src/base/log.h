/* SPDX-License-Identifier: ISC */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/*
 * The log: one event is one line, as logfmt ("time=... event=... key=value")
 * or as a JSON object, on standard error or at the end of a file. Only cli/,
 * http/, web/ and push/ log; layers below return errors, but for the desk's
 * clerk, who works in the background and has nobody to return them to. Secrets
 * go in as their first six characters after the prefix, by log_secret.
 *
 * Once started, lines gather in memory and a thread of its own writes many at
 * once, a few milliseconds later: nobody who logs ever waits for a disk or for
 * a pipe that is not read. Where the reader is so slow that the memory (1 MiB)
 * is full, lines are dropped, and a line "event=lost" says how many. What a
 * process that is killed has not written yet is lost.
 */

#include "base/error.h"

/* What is logged, and where. */
struct log_settings {
	const char *file; /* "" is standard error */
	bool requests; /* see log_has_requests */
	bool json;
};

/*
 * Opens the file and starts to log so, or, if it was started already, changes
 * to these settings; the file is opened anew, for it may have been moved away.
 * When it fails nothing is changed.
 */
MUST_CHECK bool
log_start(const struct log_settings *settings, struct error *err);

/* Writes what has gathered, for a second at most, and ends. */
void log_end(void);

/* False if the lines of requests are not wanted. */
bool log_has_requests(void);

/*
 * log_event("request", "#status", "200", "path", path, NULL): names and values
 * in pairs, each value escaped and cut after 256 bytes, so that no text from
 * outside can forge a line. A name with # in front says that the value is a
 * number.
 */
void log_event(const char *what, ...) __attribute__((sentinel));

/* What may be shown of a secret: "brn_abcdef..." . out has 16 bytes. */
const char *log_secret(const char *secret, char out[16]);

#endif
