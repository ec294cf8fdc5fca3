/* SPDX-License-Identifier: ISC */
#ifndef HTTP_FLIGHT_H
#define HTTP_FLIGHT_H

/*
 * For http/ only: one request makes an answer, others wait for it without a
 * thread. Not for two threads at once: the response cache has a lock.
 */

#include "http/request.h"

struct flight;
struct map;

/*
 * True if request is to make the answer of key now (request->makes is set);
 * false if another is at it (request->waits_for is set).
 */
bool
flight_begin(struct map *flights, struct request *request, const char *key);

/* The answer is there: those that wait need not make one themselves. */
void flight_succeeded(struct request *request);

/* True if the request is one of those that wait now, false if it is over. */
bool flight_wait(struct request *request);

/* Ends it, if the request began one; gives those that wait. */
struct request *flight_land(struct map *flights, struct request *request);

#endif
