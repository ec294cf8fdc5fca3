/* SPDX-License-Identifier: ISC */
#ifndef TESTS_BENCH_FIGURES_H
#define TESTS_BENCH_FIGURES_H

/* Figures and the lines that show them. */

#include "base/error.h"

/* A line on standard output: what, and its value in a column of its own. */
void figure_say(const char *what, const char *format, ...) PRINTF(2, 3);

/* "yes" or "NO". */
const char *figure_aim(bool reached);

/* What a line of such a file in /proc says, in bytes; 0 if there is none. */
size_t figure_memory(const char *path, const char *name);

/* Bytes of this process that are in memory now, freed ones given back. */
size_t figure_resident(void);

/* That part of the n values is below it; sorts them. 0 if there is none. */
double figure_quantile(double *values, size_t n, double part);

#endif
