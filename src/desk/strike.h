/* SPDX-License-Identifier: ISC */
#ifndef DESK_STRIKE_H
#define DESK_STRIKE_H

/*
 * For desk/ only: what took too long gets a strike. Strikes are only in memory:
 * a pause, which is in the store, needs three of different incidents close
 * together, so that one odd text pauses nobody and a stranger at one address
 * cannot do it with three reports. Any thread may call.
 */

#include <stdbool.h>
#include <stdint.h>

enum { STRIKES = 3 };

/* What is struck: a filter on its own, or all that a person uses together. */
enum strike_of { STRIKE_FILTER, STRIKE_PERSON, STRIKE_KINDS };

struct strikes;

struct strikes *strikes_new(void *owner);

/*
 * Notes that it took too long on that incident's text. address: of a public
 * report, or NULL. True if there are three now: ret has their incidents, that
 * of the last strike last.
 */
bool strikes_add(struct strikes *strikes, enum strike_of of, int64_t id,
    int64_t incident, const char *address, int64_t ret[STRIKES]);

void strikes_forget(struct strikes *strikes, enum strike_of of, int64_t id);

#endif
