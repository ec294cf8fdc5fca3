/* SPDX-License-Identifier: ISC */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/*
 * The log: one event is one line on standard error, "time what key=value ...".
 * Only cli/, http/, web/ and push/ log; layers below return errors. Secrets go
 * in as their first six characters after the prefix, by log_secret.
 */

#include "base/error.h"

/*
 * log_event("request", "status", "200", "path", path, NULL): names and values
 * in pairs, each value escaped (buf_log), so that no text from outside can
 * forge a line.
 */
void log_event(const char *what, ...) __attribute__((sentinel));

/* What may be shown of a secret: "brn_abcdef..." . out has 16 bytes. */
const char *log_secret(const char *secret, char out[16]);

#endif
