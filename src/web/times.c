/* SPDX-License-Identifier: ISC */
#include "web/times.h"

#include "base/clock.h"
#include "base/date.h"
#include "base/json.h"

#include <stdio.h>
#include <string.h>

void
times_exact(void *owner, int64_t time, char shown[TIMES_SHOWN])
{
	/* Wed, 25 Nov 2026 01:26:40 GMT */
	const char *http = date_http(owner, time);

	(void)snprintf(
	    shown, TIMES_SHOWN, "%.11s, %.5s UTC", http + 5, http + 17);
}

/* Below most units of that size, rounded, it is said in them. */
static const struct {
	int64_t size;
	const char *name;
	int64_t most;
} units[] = {
	{ MINUTE, "minute", 60 },
	{ HOUR, "hour", 48 },
	{ DAY, "day", 31 },
};

void
times_said(void *owner, int64_t time, int64_t now, char shown[TIMES_SHOWN])
{
	bool is_past = time <= now;
	int64_t away = is_past ? now - time : time - now;

	if (away < 45 * SECOND) {
		(void)snprintf(shown, TIMES_SHOWN, "%s",
		    is_past ? "just now" : "in a moment");
		return;
	}
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		int64_t n = (away + units[i].size / 2) / units[i].size;

		if (n >= units[i].most)
			continue;
		(void)snprintf(shown, TIMES_SHOWN, "%s%jd %s%s%s",
		    is_past ? "" : "in ", (intmax_t)n, units[i].name,
		    n == 1 ? "" : "s", is_past ? " ago" : "");
		return;
	}
	(void)snprintf(shown, TIMES_SHOWN, "%.11s", date_http(owner, time) + 5);
}

static const char *const time_names[] = { "created", "updated", "edited",
	"resolved", "promised", "joined", "left", "used", "paused_since" };

static void
put(json_t *object, const char *name, const char *what, const char *shown)
{
	char key[32];

	(void)snprintf(key, sizeof key, "%s_%s", name, what);
	json_put_text(object, key, shown);
}

static void
add_time(void *owner, json_t *object, const char *name, int64_t now)
{
	const char *text = json_string_value(json_object_get(object, name));
	char shown[TIMES_SHOWN];
	int64_t time;

	if (text == NULL || !date_parse_rfc3339(text, &time))
		return;
	times_exact(owner, time, shown);
	put(object, name, "text", shown);
	times_said(owner, time, now, shown);
	put(object, name, "said", shown);
}

/* NOLINTBEGIN(misc-no-recursion): as deep as the model is */
static void
add_times(void *owner, json_t *model, int64_t now)
{
	for (void *at = json_object_iter(model); at != NULL;
	     at = json_object_iter_next(model, at))
		add_times(owner, json_object_iter_value(at), now);
	for (size_t i = 0; i < json_array_size(model); i++)
		add_times(owner, json_array_get(model, i), now);
	if (!json_is_object(model))
		return;
	for (size_t i = 0; i < sizeof time_names / sizeof time_names[0]; i++)
		add_time(owner, model, time_names[i], now);
}
/* NOLINTEND(misc-no-recursion) */

void
page_add_times(void *owner, json_t *model)
{
	add_times(owner, model, clock_now());
}
