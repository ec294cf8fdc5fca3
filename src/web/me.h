/* SPDX-License-Identifier: ISC */
#ifndef WEB_ME_H
#define WEB_ME_H

/* For web/ only: what the resources under /me share. */

#include "web/site.h"

/*
 * After a form on the page of hers has failed with err: the page again, with
 * the error and, where typed is not NULL, the new subscription as typed.
 * Errors that no form can mend stay errors.
 */
MUST_CHECK bool me_again(struct request *request, struct answer *answer,
    json_t *typed, struct error *err);

/* A JSON list that is no feed and has no further page. */
void me_list(struct request *request, struct answer *answer, json_t *items);

/* Hers, as JSON: subscriptions.c and tokens.c. */
MUST_CHECK bool me_subscriptions(struct request *request,
    const struct view *view, json_t **ret, struct error *err);
MUST_CHECK bool me_credentials(struct request *request, const struct view *view,
    int kind, json_t **ret, struct error *err);

#endif
