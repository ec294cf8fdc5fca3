/* SPDX-License-Identifier: ISC */
#ifndef WEB_RESOURCES_H
#define WEB_RESOURCES_H

/*
 * For web/ only: the handlers that the route table names, one group a file.
 * What each resource takes and answers is design section 6.
 */

#include "http/server.h"

/* home.c */
http_handler home_get;

/* static.c */
http_handler static_get;

/* sitemap.c */
http_handler robots_get, sitemap_get, opensearch_get;

/* health.c */
http_handler healthz_get, readyz_get, openmetrics_get;

/* openapi.c */
http_handler openapi_get;

/* report.c */
http_handler report_get, report_post;

/* status.c */
http_handler status_get, status_reply, status_confirm, status_reopen;

/* kb.c */
http_handler kb_get;

/* kb_article.c */
http_handler kb_article_get, kb_helped;

/* feeds.c */
http_handler feed_personal_get, feed_subscription_get;

/* signin.c */
http_handler signin_get, signin_post, signout_post;

/* incidents.c */
http_handler incidents_get, incidents_post;

/* incident.c */
http_handler incident_get, incident_patch, incident_post, incident_delete;

/* steps.c */
http_handler join_post, leave_post, pull_post, fix_post, answer_post,
    close_post, reopen_post, duplicate_post, link_post;

/* posts.c */
http_handler posts_get, posts_post;
http_handler post_get, post_patch, post_post, post_delete;

/* articles.c */
http_handler articles_get, articles_post;
http_handler article_get, article_patch, article_post;

/* people.c */
http_handler people_get, person_get;

/* completions.c */
http_handler completions_get;

/* me.c */
http_handler me_get, me_patch, me_post;
http_handler password_get, password_post;

/* subscriptions.c */
http_handler subscriptions_get, subscriptions_post, preview_get;
http_handler subscription_get, subscription_put, subscription_post,
    subscription_delete;

/* tokens.c */
http_handler feeds_get, feeds_post, feed_get, feed_post, feed_delete;
http_handler tokens_get, tokens_post, token_get, token_post, token_delete;

/* admin.c */
http_handler admin_get, admin_resume_post;

/* admin_people.c */
http_handler admin_people_get, admin_people_post;
http_handler admin_person_get, admin_person_patch, admin_person_post;
http_handler admin_password_post;

/* admin_tokens.c */
http_handler admin_tokens_get, admin_token_post, admin_token_delete;
http_handler admin_feeds_get, admin_feed_post, admin_feed_delete;

/* admin_tags.c */
http_handler admin_tags_get, admin_tag_merge_post, admin_tag_rename_post;

/* admin_journal.c */
http_handler admin_journal_get;

#endif
