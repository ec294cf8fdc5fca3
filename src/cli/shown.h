/* SPDX-License-Identifier: ISC */
#ifndef CLI_SHOWN_H
#define CLI_SHOWN_H

/*
 * Incidents as plain text for a terminal, made from their JSON (the form that
 * GET /incidents/{n}.json has). Nothing in it can play with the terminal.
 */

#include "base/buf.h"
#include "base/json.h"

/*
 * One line an incident, aligned: number, severity, status, helpers/hands, tags,
 * title. incidents is an array; what is no object in it is left out.
 */
void shown_list(struct buf *buf, const json_t *incidents);

/* One incident with its thread. */
void shown_incident(struct buf *buf, const json_t *incident);

#endif
