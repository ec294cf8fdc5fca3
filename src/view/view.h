/* SPDX-License-Identifier: ISC */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

/*
 * What somebody sees. A view says who looks, and with which read connection;
 * desk/visible.h decides what that viewer may see. It knows no request.
 */

#include "desk/desk.h"
#include "desk/visible.h"

struct view {
	struct desk *desk;
	struct db *db; /* of desk_reader() */
	const char *base_url; /* without a slash at the end */
	const char *name; /* the desk's */
	enum viewer viewer;
	int64_t person; /* who reads; 0: nobody we know */
	const char *handle; /* hers, or NULL */
};

/* Absolute addresses: view_url(owner, view, "/incidents/%jd", n). */
char *view_url(void *owner, const struct view *view, const char *format, ...)
    PRINTF(3, 4);

/* "tag:{authority},{year}:" and the rest: the ids of design section 7. */
char *view_id(void *owner, const struct view *view, const char *format, ...)
    PRINTF(3, 4);

#endif
