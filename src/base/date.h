/* SPDX-License-Identifier: ISC */
#ifndef BASE_DATE_H
#define BASE_DATE_H

/*
 * Dates as text, in UTC and the English of the standards whatever the locale.
 * Times are microseconds since 1970 (base/clock.h).
 */

#include "base/error.h"

#include <stdint.h>

/* RFC 3339 "2026-11-25T01:26:40.123456Z"; the fraction is left out if 0. */
char *date_rfc3339(void *owner, int64_t time);

/* RFC 9110 IMF-fixdate and RFC 822 as RSS wants it: "Wed, 25 Nov 2026 ...". */
char *date_http(void *owner, int64_t time);
char *date_rss(void *owner, int64_t time);

/* RFC 3339 with any offset, up to microseconds; a leap second is the next. */
MUST_CHECK bool date_parse_rfc3339(const char *text, int64_t *ret);

/* All three forms of RFC 9110 section 5.6.7. */
MUST_CHECK bool date_parse_http(const char *text, int64_t *ret);

/*
 * A duration: digits and one of ms s m h d w, as in "30m"; 0 may stand alone.
 * *ret is in microseconds.
 */
MUST_CHECK bool date_parse_duration(const char *text, int64_t *ret);

#endif
