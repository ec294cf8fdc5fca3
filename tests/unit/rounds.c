/* SPDX-License-Identifier: ISC */
#include "rounds.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

int
rounds(int usual)
{
	const char *most = getenv("BARNRAISE_ROUNDS");
	int n = most == NULL ? usual : atoi(most);

	assert_true(n > 0);
	return n < usual ? n : usual;
}

static void
find(char *path, size_t room)
{
	const char *folder = getenv("BARNRAISE_DATA");
	const char *source = getenv("top_srcdir");
	int length;

	if (folder != NULL)
		length = snprintf(path, room, "%s/attacks.tar.xz", folder);
	else
		length = snprintf(path, room,
		    "%s/../shared/data/attacks.tar.xz",
		    source == NULL ? "." : source);
	assert_in_range(length, 1, room - 1);
}

void
attacks_try(void (*try)(const char *line, size_t length))
{
	char path[PATH_MAX], command[PATH_MAX + 200], *line = NULL;
	int n = 0, most = rounds(INT_MAX);
	size_t room = 0;
	ssize_t length;
	FILE *lines;

	find(path, sizeof path);
	if (access(path, R_OK) != 0) {
		print_message("no %s: its attacks are not tried\n", path);
		skip();
	}
	(void)snprintf(command, sizeof command,
	    "tar -xJOf '%s' attacks/blns/blns.txt"
	    " attacks/xss-payloads/Intruder/xss-payload-list.txt"
	    " attacks/dompurify/test/fixtures/expect.mjs",
	    path);
	lines = popen(command, "r");
	assert_non_null(lines);
	while ((length = getline(&line, &room, lines)) > 0) {
		line[length - 1] = '\0';
		if (n++ < most)
			try(line, (size_t)length - 1);
	}
	free(line);
	assert_int_equal(pclose(lines), 0);
	assert_true(n > 1000);
}
