/* SPDX-License-Identifier: ISC */
#include "figures.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 46 /* columns */ };

void
figure_say(const char *what, const char *format, ...)
{
	va_list args;

	(void)printf("%-*s ", NAME, what);
	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	(void)putchar('\n');
	(void)fflush(stdout);
}

const char *
figure_aim(bool reached)
{
	return reached ? "yes" : "NO";
}

size_t
figure_memory(const char *path, const char *name)
{
	FILE *file = fopen(path, "r");
	char line[256];
	size_t kilobytes = 0;

	while (file != NULL && fgets(line, sizeof line, file) != NULL) {
		if (strncmp(line, name, strlen(name)) == 0)
			kilobytes = strtoul(line + strlen(name), NULL, 10);
	}
	if (file != NULL)
		(void)fclose(file);
	return kilobytes * 1024;
}

size_t
figure_resident(void)
{
	(void)malloc_trim(0);
	return figure_memory("/proc/self/status", "VmRSS:");
}

static int
compare_doubles(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

double
figure_quantile(double *values, size_t n, double part)
{
	size_t at = (size_t)((double)n * part);

	if (n == 0)
		return 0;
	qsort(values, n, sizeof *values, compare_doubles);
	return values[at < n ? at : n - 1];
}
