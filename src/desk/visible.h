/* SPDX-License-Identifier: ISC */
#ifndef DESK_VISIBLE_H
#define DESK_VISIBLE_H

/*
 * Who may see what: the one rule, for page, JSON, feed, search and push alike.
 */

#include "desk/article.h"
#include "desk/incident.h"

enum viewer {
	VIEWER_PUBLIC, /* anybody: public articles, nothing else */
	VIEWER_CUSTOMER, /* of this incident: no notes, people by name */
	VIEWER_LINK, /* a person's feed by its link: no mail, no notes */
	VIEWER_PERSON,
};

bool may_see_incident(enum viewer viewer, const struct incident *incident);
bool may_see_post(enum viewer viewer, const struct post *post);
bool may_see_event(enum viewer viewer, const struct event *event);
bool may_see_article(enum viewer viewer, const struct article *article);
bool may_see_customer_email(enum viewer viewer);

/*
 * ERROR_GONE for a withdrawn incident, which nobody sees but in the journal.
 */
MUST_CHECK bool
visible_incident(const struct incident *incident, struct error *err);

#endif
