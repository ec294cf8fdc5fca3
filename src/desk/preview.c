/* SPDX-License-Identifier: ISC */
#include "desk/subscription.h"

#include "base/check.h"
#include "base/mem.h"
#include "desk/incident.h"
#include "desk/inside.h"
#include "desk/stretch.h"
#include "filter/why.h"

#define WEEK (7 * DAY)

/* --- what its author should know */

static void
warn(void *owner, struct warnings *warnings, const char *text)
{
	CHECK(warnings->n < sizeof warnings->all / sizeof *warnings->all);
	warnings->all[warnings->n++] = mem_copy(owner, text);
}

static void
warn_of_cost(void *owner, const struct desk *desk, const struct past_cost *cost,
    struct warnings *ret)
{
	enum { MS = 1000, TENTH = MS / 10 };

	if (cost->n_over > 0)
		warn(owner, ret,
		    "this filter takes too long on some texts, and would be "
		    "paused: make its regex simpler");
	else if (cost->n_dear > 0 && cost->usual >= desk->regex_budget / 8) {
		char *text = mem_printf(owner,
		    "this filter takes %jd.%jd ms on a usual incident: make "
		    "its regex simpler, or add a tag or a word",
		    (intmax_t)(cost->usual / MS),
		    (intmax_t)(cost->usual % MS / TENTH));

		warn(owner, ret, text);
		talloc_free(text);
	}
}

void
warnings_find(void *owner, const struct desk *desk, const struct filter *filter,
    const struct past_cost *cost, struct warnings *ret)
{
	const char *of_form = filter_warning(filter);

	ret->n = 0;
	warn_of_cost(owner, desk, cost, ret);
	if (!filter_is_topical(filter))
		warn(owner, ret,
		    "this filter is about no subject: "
		    "add a tag or a word, or much will come");
	if (of_form != NULL)
		warn(owner, ret, of_form);
}

/* --- what a filter would have caught */

static void
fill(struct preview *preview, const struct counted *counted)
{
	int64_t span;

	preview->matches = counted->matches;
	preview->of = counted->of;
	while (preview->n_newest < counted->n_newest &&
	    preview->n_newest < sizeof preview->newest / sizeof(int64_t)) {
		preview->newest[preview->n_newest] =
		    counted->newest[preview->n_newest].incident;
		preview->n_newest++;
	}
	/* less than a week is no rate: it is what came in this week */
	span = counted->oldest == 0 ? 0 : clock_now() - counted->oldest;
	preview->per_week = (double)counted->matches * (double)WEEK /
	    (double)(span > WEEK ? span : WEEK);
}

/* What of the filter holds now of each: it may have changed since. */
static bool
say_why(void *owner, struct desk *desk, struct db *db,
    const struct filter *filter, struct preview *preview, struct error *err)
{
	struct filter_why *why = filter_why_new(owner, filter);
	struct filter_scratch *scratch = desk_scratch(desk);

	for (size_t i = 0; i < preview->n_newest; i++) {
		struct filter_document document;
		struct filter_state state;
		struct incident *incident;

		if (!incident_read(
			owner, db, preview->newest[i], &incident, err))
			return false;
		incident_document(owner, incident, &document);
		incident_state(owner, incident, clock_now(), &state);
		preview->why[i] = filter_why(
		    owner, why, &document, &state, scratch);
	}
	return true;
}

bool
subscription_preview(void *owner, struct desk *desk, struct db *db,
    const char *me, const char *text, struct preview *ret, struct error *err)
{
	struct preview preview = { 0 };
	struct counted counted;
	struct filter *filter;

	if (!subscription_filter(owner, text, me, &filter, err))
		return false;
	preview.filter = mem_copy(owner, filter_text(filter));
	if (!past_count(desk, db, preview.filter, PAST_TIME_ONE, &counted, err))
		return false;
	fill(&preview, &counted);
	if (!say_why(owner, desk, db, filter, &preview, err))
		return false;
	warnings_find(owner, desk, filter, &counted.cost, &preview.warnings);
	if (counted.ran_out) {
		char *late = mem_printf(owner,
		    "looking back took too long: only the newest %jd "
		    "incidents were looked at",
		    (intmax_t)counted.of);

		warn(owner, &preview.warnings, late);
		talloc_free(late);
	}
	*ret = preview;
	return true;
}
