/* SPDX-License-Identifier: ISC */
#include "base/log.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/secret.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void
log_event(const char *what, ...)
{
	void *root = mem_root("log line");
	struct buf *line = buf_new(root);
	const char *name;
	va_list args;

	buf_printf(line, "%s %s", date_rfc3339(root, clock_now()), what);
	va_start(args, what);
	while ((name = va_arg(args, const char *)) != NULL) {
		buf_printf(line, " %s=", name);
		buf_log(line, va_arg(args, const char *));
	}
	va_end(args);
	buf_char(line, '\n');
	/* one write a line, so that two threads' lines do not mix */
	(void)!write(STDERR_FILENO, line->text, line->length);
	talloc_free(root);
}

const char *
log_secret(const char *secret, char out[16])
{
	size_t prefix = sizeof SECRET_PREFIX - 1;

	if (strncmp(secret, SECRET_PREFIX, prefix) != 0)
		return "(not a secret of ours)";
	(void)snprintf(out, 16, "%.10s...", secret);
	return out;
}
