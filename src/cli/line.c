/* SPDX-License-Identifier: ISC */
#include "cli/line.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cli/usage.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2 };

const struct option line_store_options[] = {
	{ "store", "URL", "the store, as sqlite:PATH" },
	{ "config", "FILE", "the configuration file" },
	{ 0 },
};

const struct option line_server_options[] = {
	{ "url", "URL", "the server, else BARNRAISE_URL" },
	{ "token", "TOKEN", "who asks, else BARNRAISE_TOKEN" },
	{ 0 },
};

struct given {
	const struct option *option;
	const char *value;
};

struct line {
	void *memory;
	const struct command *command;
	const char **arguments;
	size_t n_arguments;
	struct given *given;
	size_t n_given;
	bool wrong; /* the usage was */
	bool help, version;
};

/* --- saying what is wrong, one line each */

static void
complain(const char *who, const char *what)
{
	void *root = mem_root("complaint");
	struct buf *text = buf_new(root);

	buf_text(text, "barnraise: ");
	if (who != NULL)
		buf_printf(text, "%s: ", who);
	buf_terminal(text, what, false);
	(void)fprintf(stderr, "%s\n", text->text);
	talloc_free(root);
}

bool
line_wrong(struct line *line, struct error *err, const char *format, ...)
{
	char text[sizeof err->message];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	line->wrong = true;
	return error_set(err, ERROR_INVALID, "%s", text);
}

void
line_warn(struct line *line, const char *format, ...)
{
	char text[sizeof((struct error *)0)->message];
	char *warning;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	warning = mem_printf(line->memory, "warning: %s", text);
	complain(line->command->name, warning);
}

void
line_print(struct line *line, const char *format, ...)
{
	struct buf *shown = buf_new(line->memory);
	va_list args;
	char *text;

	va_start(args, format);
	text = mem_vprintf(line->memory, format, args);
	va_end(args);
	buf_terminal(shown, text, false);
	(void)puts(shown->text);
}

/* --- reading the line */

static const struct option *
find_in(const struct option *options, const char *name, size_t length)
{
	for (const struct option *o = options; o != NULL && o->name != NULL;
	     o++)
		if (strlen(o->name) == length &&
		    memcmp(o->name, name, length) == 0)
			return o;
	return NULL;
}

static const struct option *
find_option(const struct command *command, const char *name, size_t length)
{
	const struct option *found = find_in(usage_options, name, length);

	if (found == NULL && command != NULL)
		found = find_in(command->options, name, length);
	if (found == NULL && command != NULL)
		found = find_in(command->shared, name, length);
	return found;
}

/* Takes the option at word, and its value from the next word if need be. */
static bool
take_option(struct line *line, char ***word, struct error *err)
{
	const char *name = **word + strlen("--");
	size_t length = strcspn(name, "=");
	const char *value = name[length] == '=' ? name + length + 1 : NULL;
	const struct option *option = NULL;

	if (strncmp(**word, "--", 2) == 0)
		option = find_option(line->command, name, length);
	if (option == NULL)
		return line_wrong(line, err, "unknown option %.*s",
		    (int)strcspn(**word, "="), **word);
	if (option->value == NULL && value != NULL)
		return line_wrong(
		    line, err, "option --%s takes no value", option->name);
	if (option->value != NULL && value == NULL) {
		value = *++*word;
		if (value == NULL)
			return line_wrong(line, err,
			    "option --%s needs a value, %s", option->name,
			    option->value);
	}
	*mem_push(line->memory, &line->given,
	    &line->n_given) = (struct given){ option, value };
	line->help = line->help || option == &usage_options[0];
	line->version = line->version || option == &usage_options[1];
	return true;
}

static bool
take_words(struct line *line, char **word, struct error *err)
{
	bool ended = false;

	for (; *word != NULL; word++)
		if (!ended && strcmp(*word, "--") == 0)
			ended = true;
		else if (ended || **word != '-' || (*word)[1] == '\0')
			*mem_push(line->memory, &line->arguments,
			    &line->n_arguments) = *word;
		else if (!take_option(line, &word, err))
			return false;
		else if (*word == NULL)
			break;
	return true;
}

static bool
check_count(struct line *line, struct error *err)
{
	const struct command *command = line->command;

	if (line->n_arguments < command->least)
		return line_wrong(line, err, "needs %s", command->arguments);
	if (line->n_arguments > command->most)
		return line_wrong(line, err, "unexpected argument: %s",
		    line->arguments[command->most]);
	return true;
}

/* --- finding the command */

/* The row for the words, which moves over them; else NULL. */
static const struct command *
find_command(const struct command *commands, char ***words)
{
	const char *name = (*words)[0];

	for (const struct command *c = commands; c->name != NULL; c++) {
		if (strcmp(c->name, name) != 0)
			continue;
		if (c->verb == NULL) {
			*words += 1;
			return c;
		}
		if ((*words)[1] != NULL && strcmp(c->verb, (*words)[1]) == 0) {
			*words += 2;
			return c;
		}
	}
	return NULL;
}

static bool
has_name(const struct command *commands, const char *name)
{
	for (const struct command *c = commands; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return true;
	return false;
}

static int
print(const struct buf *text)
{
	if (fwrite(text->text, 1, text->length, stdout) != text->length ||
	    fflush(stdout) != 0) {
		complain("standard output", strerror(errno));
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

static int
print_version(void *memory)
{
	struct buf *text = buf_new(memory);

	buf_text(text, PACKAGE_NAME " " PACKAGE_VERSION "\n");
	return print(text);
}

/* No command was found: the program's own options, or what is wrong. */
static int
run_none(void *memory, const struct command *commands, char **words)
{
	const char *first = words[0], *second = first == NULL ? NULL : words[1];
	struct buf *text = buf_new(memory);

	if (first != NULL && strcmp(first, "--version") == 0)
		return print_version(memory);
	if (first != NULL && strcmp(first, "--help") == 0) {
		usage_all(text, commands);
		return print(text);
	}
	if (first == NULL)
		complain(NULL, "no command: see barnraise --help");
	else if (*first == '-')
		complain(NULL, mem_printf(memory, "unknown option %s", first));
	else if (!has_name(commands, first))
		complain(first, "unknown command: see barnraise --help");
	else if (second != NULL && strcmp(second, "--version") == 0)
		return print_version(memory);
	else if (second != NULL && strcmp(second, "--help") == 0) {
		usage_named(text, commands, first);
		return print(text);
	} else
		complain(first,
		    second == NULL ? "needs a second word: see --help"
				   : mem_printf(memory,
					 "unknown command %s %s: see --help",
					 first, second));
	return EXIT_USAGE;
}

static int
run_command(struct line *line, char **words)
{
	struct buf *text = buf_new(line->memory);
	struct error err = { 0 };
	char message[ERROR_TEXT];
	bool ok = take_words(line, words, &err);

	if (ok && line->help) {
		usage_command(text, line->command);
		return print(text);
	}
	if (ok && line->version)
		return print_version(line->memory);
	ok = ok && check_count(line, &err) && line->command->run(line, &err);
	if (!ok)
		complain(line->command->name, error_text(&err, message));
	if (print(text) != EXIT_SUCCESS || !ok)
		return line->wrong ? EXIT_USAGE : EXIT_FAILURE;
	return EXIT_SUCCESS;
}

int
line_run(const struct command *commands, int argc, char **argv)
{
	void *memory = mem_root("command");
	struct line line = { .memory = memory };
	char **words = argv + (argc > 0);
	int status;

	if (*words != NULL)
		line.command = find_command(commands, &words);
	status = line.command == NULL ? run_none(memory, commands, words)
				      : run_command(&line, words);
	talloc_free(memory);
	return status;
}

/* --- for commands */

void *
line_memory(struct line *line)
{
	return line->memory;
}

size_t
line_arguments(const struct line *line)
{
	return line->n_arguments;
}

const char *
line_path(const struct line *line, size_t argument)
{
	return argument < line->n_arguments ? line->arguments[argument] : NULL;
}

static const char *
as_text(struct line *line, const char *bytes, const char *what)
{
	bool broken;
	char *text;

	if (bytes == NULL)
		return NULL;
	text = utf8_repaired(line->memory, bytes, strlen(bytes), &broken);
	if (broken)
		line_warn(line, "%s is not UTF-8, repaired", what);
	return text;
}

const char *
line_text(struct line *line, size_t argument)
{
	return as_text(line, line_path(line, argument), "an argument");
}

bool
line_number(struct line *line, size_t argument, const char *what, int64_t *ret,
    struct error *err)
{
	const char *text = line_path(line, argument);
	char *end;
	long long number;

	CHECK(text != NULL);
	errno = 0;
	number = strtoll(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 ||
	    number < 1)
		return line_wrong(
		    line, err, "%s must be a number, not %s", what, text);
	*ret = number;
	return true;
}

static const char *
option_bytes(const struct line *line, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < line->n_given; i++)
		if (strcmp(line->given[i].option->name, name) == 0)
			value = line->given[i].value;
	return value;
}

const char *
line_option(struct line *line, const char *name)
{
	CHECK(find_option(line->command, name, strlen(name)) != NULL);
	return as_text(line, option_bytes(line, name), "an option");
}

bool
line_has(const struct line *line, const char *name)
{
	CHECK(find_option(line->command, name, strlen(name)) != NULL);
	for (size_t i = 0; i < line->n_given; i++)
		if (strcmp(line->given[i].option->name, name) == 0)
			return true;
	return false;
}

bool
line_settings(struct line *line, struct settings **ret, struct error *err)
{
	struct setting_given *given = NULL;
	size_t n = 0;

	for (const struct setting *s = settings_table; s->key != NULL; s++)
		*mem_push(line->memory, &given, &n) = (struct setting_given){
			s->key, option_bytes(line, s->key)
		};
	return settings_read(
	    line->memory, option_bytes(line, "config"), given, n, ret, err);
}
