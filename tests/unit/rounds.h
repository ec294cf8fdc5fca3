/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_ROUNDS_H
#define TESTS_UNIT_ROUNDS_H

#include <stddef.h>

/*
 * How often a test tries what it makes up: usual, or less if BARNRAISE_ROUNDS
 * says so, for runs under a tool that makes each round slow.
 */
int rounds(int usual);

/*
 * Gives each line of a data set of real attacks to try, without its line end;
 * as many as rounds() has. The set lies beside the source, or where
 * BARNRAISE_DATA says; without it the test is skipped, which is printed.
 */
void attacks_try(void (*try)(const char *line, size_t length));

#endif
