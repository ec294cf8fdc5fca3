/* SPDX-License-Identifier: ISC */
#include "cli/input.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
input_whole(struct line *line, const char **ret, struct error *err)
{
	void *memory = line_memory(line);
	struct buf *all = buf_new(memory);
	char part[8192];
	bool broken;
	size_t n;

	while ((n = fread(part, 1, sizeof part, stdin)) > 0) {
		if (n > INPUT_MOST - all->length)
			return error_set(err, ERROR_TOO_LARGE,
			    "standard input: more than %d bytes", INPUT_MOST);
		buf_add(all, part, n);
	}
	if (ferror(stdin))
		return error_set(
		    err, ERROR_SYSTEM, "standard input: %s", strerror(errno));
	*ret = utf8_unix_lines(
	    memory, utf8_repaired(memory, all->text, all->length, &broken));
	if (broken)
		line_warn(line, "standard input is not UTF-8, repaired");
	return true;
}

struct input {
	struct line *line;
	FILE *file;
	const char *name;
	size_t number;
	char *bytes; /* getline's */
	size_t room;
	void *memory; /* of the line at hand */
};

static int
input_close(struct input *input)
{
	free(input->bytes);
	if (input->file != NULL && input->file != stdin)
		(void)fclose(input->file);
	return 0;
}

bool
input_open(
    struct line *line, const char *path, struct input **ret, struct error *err)
{
	bool standard = path == NULL || strcmp(path, "-") == 0;
	struct input *input = mem_new(line_memory(line), struct input);

	talloc_set_destructor(input, input_close);
	input->line = line;
	input->name = standard ? "standard input" : path;
	input->file = standard ? stdin : fopen(path, "re");
	if (input->file == NULL)
		return error_set(
		    err, ERROR_SYSTEM, "%s: %s", path, strerror(errno));
	*ret = input;
	return true;
}

/* As getline, but never more than INPUT_MOST; false at the end or with err. */
static bool
read_line(struct input *input, size_t *length, struct error *err)
{
	size_t n = 0;
	int c = EOF;

	while (n <= INPUT_MOST && (c = getc_unlocked(input->file)) != EOF &&
	    c != '\n') {
		if (n + 1 >= input->room) {
			input->room = input->room == 0 ? 4096 : input->room * 2;
			input->bytes = mem_resize(input->bytes, input->room);
		}
		input->bytes[n++] = (char)c;
	}
	if (n > INPUT_MOST)
		return error_set(err, ERROR_TOO_LARGE,
		    "%s: line %zu: more than %d bytes", input->name,
		    input->number + 1, INPUT_MOST);
	if (c == EOF && ferror(input->file))
		return error_set(
		    err, ERROR_SYSTEM, "%s: %s", input->name, strerror(errno));
	if (n > 0)
		input->bytes[n] = '\0';
	*length = n;
	return c != EOF || n > 0;
}

bool
input_next(struct input *input, struct input_line *ret, struct error *err)
{
	size_t n = 0;
	bool broken;

	talloc_free(input->memory);
	input->memory = mem_size(input, 0);
	do {
		if (!read_line(input, &n, err))
			return false;
		input->number++;
	} while (n == 0 || strspn(input->bytes, " \t\r") >= n);
	*ret = (struct input_line){
		.number = input->number,
		.bytes = input->bytes,
		.length = n,
		.text = utf8_repaired(input->memory, input->bytes, n, &broken),
	};
	if (broken)
		line_warn(input->line, "line %zu is not UTF-8, repaired",
		    input->number);
	return true;
}
