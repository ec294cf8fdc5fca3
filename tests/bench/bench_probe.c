/* SPDX-License-Identifier: ISC */
/*
 * How long a poll takes that is asked so many times a second, on one
 * connection, or with "each" on one of its own, which counts from before it is
 * made: bench_probe PORT PATH ETAG A_SECOND SECONDS [each]. Prints the median
 * and the 99th of 100, in microseconds. Each must be answered 304.
 */
#include "base/clock.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
fail(const char *what)
{
	fprintf(stderr, "bench_probe: %s\n", what);
	exit(EXIT_FAILURE);
}

static int
connection(unsigned short port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

	if (fd == -1 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
		fail("cannot connect");
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	return fd;
}

static void
poll_once(int fd, const char *request)
{
	size_t length = strlen(request), got = 0;
	char answer[8192];

	if (write(fd, request, length) != (ssize_t)length)
		fail("cannot send");
	do {
		ssize_t n = read(fd, answer + got, sizeof answer - 1 - got);

		if (n <= 0)
			fail("no answer");
		got += (size_t)n;
		answer[got] = '\0';
	} while (strstr(answer, "\r\n\r\n") == NULL);
	if (strncmp(answer, "HTTP/1.1 304 ", 13) != 0)
		fail("not answered 304");
}

int
main(int argc, char **argv)
{
	void *here = mem_root("probe");
	int64_t pause, begin, *took;
	bool has_each = argc == 7 && strcmp(argv[6], "each") == 0;
	size_t n, i;
	char *request;
	int fd = -1;

	if (argc < 6 || atof(argv[4]) < 1 || !(argc == 6 || has_each))
		fail("usage: bench_probe PORT PATH ETAG A_SECOND SECONDS "
		     "[each]");
	pause = (int64_t)(SECOND / atof(argv[4]));
	n = (size_t)(atof(argv[4]) * atof(argv[5])) + 1;
	took = mem_array(here, int64_t, n);
	request = mem_printf(here,
	    "GET %s HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: %s\r\n%s\r\n",
	    argv[2], argv[3], has_each ? "Connection: close\r\n" : "");
	if (!has_each)
		fd = connection((unsigned short)atoi(argv[1]));
	begin = clock_monotonic();
	for (i = 0; i < n; i++) {
		int64_t due = begin + (int64_t)i * pause;
		int64_t now = clock_monotonic();

		if (now < due)
			(void)usleep((useconds_t)(due - now));
		now = clock_monotonic();
		if (has_each)
			fd = connection((unsigned short)atoi(argv[1]));
		poll_once(fd, request);
		took[i] = clock_monotonic() - now;
		if (has_each)
			(void)close(fd);
	}
	qsort(took, n, sizeof *took, compare);
	printf(
	    "%jd %jd\n", (intmax_t)took[n / 2], (intmax_t)took[n * 99 / 100]);
	if (!has_each)
		(void)close(fd);
	talloc_free(here);
	return EXIT_SUCCESS;
}
