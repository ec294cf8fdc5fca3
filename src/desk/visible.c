/* SPDX-License-Identifier: ISC */
#include "desk/visible.h"

#include <stdint.h>

bool
may_see_incident(enum viewer viewer, const struct incident *incident)
{
	if (incident->withdrawn != 0)
		return false;
	if (viewer == VIEWER_PUBLIC)
		return false;
	return true;
}

bool
may_see_post(enum viewer viewer, const struct post *post)
{
	if (post->withdrawn || viewer == VIEWER_PUBLIC)
		return false;
	return post->kind != POST_NOTE || viewer == VIEWER_PERSON;
}

bool
may_see_event(enum viewer viewer, const struct event *event)
{
	if (event->kind == JOURNAL_NOTE)
		return viewer == VIEWER_PERSON;
	if (viewer == VIEWER_CUSTOMER)
		return event->kind != JOURNAL_PULL;
	return viewer != VIEWER_PUBLIC;
}

bool
may_see_article(enum viewer viewer, const struct article *article)
{
	if (viewer == VIEWER_PUBLIC || viewer == VIEWER_CUSTOMER)
		return article_is_public(article);
	return true;
}

bool
may_see_customer_email(enum viewer viewer)
{
	return viewer == VIEWER_PERSON;
}

bool
visible_incident(const struct incident *incident, struct error *err)
{
	if (incident->withdrawn == 0)
		return true;
	return error_set(err, ERROR_GONE, "incident %jd was withdrawn",
	    (intmax_t)incident->number);
}
