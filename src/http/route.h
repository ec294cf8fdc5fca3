/* SPDX-License-Identifier: ISC */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

/* From method and path to the row of the table, its parts and its form. */

#include "http/server.h"

/*
 * Finds the route of request (path and headers are set) for a method as sent,
 * and sets route, parts, ending and form. Fails with NOT_FOUND, METHOD
 * (*allow is the Allow header's value then), MALFORMED (a broken escape) or
 * NOT_ACCEPTABLE (route is set then).
 */
MUST_CHECK bool
route_find(const struct route *routes, size_t n_routes, struct request *request,
    const char *method, const char **allow, struct error *err);

#endif
