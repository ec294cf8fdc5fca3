/* SPDX-License-Identifier: ISC */
#include "base/settings.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"
#include "base/span.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#define AT(member) .offset = offsetof(struct settings, member)

static const char *const log_formats[] = { "logfmt", "json", NULL };
static const char *const no_yes[] = { "no", "yes", NULL };

const struct setting settings_table[] = {
	{ "listen", SETTING_LISTEN, "127.0.0.1:8080", 0, 0, AT(listen),
	    "Address and port to take connections at; port 0 picks a free "
	    "one.",
	    true },
	{ "base-url", SETTING_URL, "", 0, 0, AT(base_url),
	    "The address that people reach the server at, in every link that "
	    "it makes." },
	{ "store", SETTING_STORE, "sqlite:barnraise.db", 0, 0, AT(store),
	    "Where everything is kept.", true },
	{ "name", SETTING_TEXT, "Barnraise", 1, 80, AT(name),
	    "The name of the desk, in titles of pages and feeds." },
	{ "orphan-after", SETTING_DURATION, "30m", MINUTE, 365 * DAY,
	    AT(orphan_after),
	    "An incident that nobody joined for so long is an orphan." },
	{ "close-after", SETTING_DURATION, "7d", MINUTE, 365 * DAY,
	    AT(close_after),
	    "A resolved incident is closed when the customer said nothing for "
	    "so long." },
	{ "regex-budget", SETTING_DURATION, "5ms", 0, SECOND, AT(regex_budget),
	    "CPU time that one filter may use on one text; 0 is no limit." },
	{ "templates.dir", SETTING_TEXT, "", 0, 4096, AT(templates_dir),
	    "A folder where page templates are looked for before ours." },
	{ "trusted-proxies", SETTING_ADDRESSES, "none", 0, 0,
	    AT(trusted_proxies),
	    "Addresses of proxies whose forwarding headers count.", true },
	{ "person-header", SETTING_TEXT, "", 0, 80, AT(person_header),
	    "The header in which a trusted proxy names who is signed in, by "
	    "her handle.",
	    true },
	{ "limit.connections", SETTING_COUNT, "12000", 1, 1000000,
	    AT(connections), "Connections at one time.", true },
	{ "limit.connections-per-address", SETTING_COUNT, "256", 0, 1000000,
	    AT(connections_per_address),
	    "Connections at one time from one address; 0 is no limit.", true },
	{ "limit.reports", SETTING_RATE, "30 in 10m", 0, 0, AT(reports),
	    "Reports from one address on the public forms; 0 is no limit." },
	{ "limit.signin", SETTING_RATE, "20 in 10m", 0, 0, AT(signin),
	    "Failures to sign in from one address; 0 is no limit." },
	{ "limit.writes", SETTING_RATE, "1200 in 1m", 0, 0, AT(writes),
	    "Writes with one token or session; 0 is no limit." },
	{ "tls.certificate", SETTING_TEXT, "", 0, 4096, AT(tls_certificate),
	    "A file with the server's certificate and those between it and "
	    "the root, in PEM." },
	{ "tls.key", SETTING_TEXT, "", 0, 4096, AT(tls_key),
	    "A file with the key of the certificate, in PEM." },
	{ "log.file", SETTING_TEXT, "", 0, 4096, AT(log_file),
	    "A file that the log goes to; none is standard error." },
	{ "log.format", SETTING_CHOICE, "logfmt", 0, 0, AT(log_format),
	    "How a line of the log looks: logfmt or json.", false,
	    log_formats },
	{ "log.requests", SETTING_CHOICE, "yes", 0, 0, AT(log_requests),
	    "Whether each request is a line of the log: yes or no.", false,
	    no_yes },
	{ 0 },
};

/* --- one value of each type, from its text to its place */

typedef bool value_reader(void *owner, const struct setting *setting,
    const char *text, void *place, struct error *err);

static bool
wrong(struct error *err, const char *what)
{
	return error_set(err, ERROR_INVALID, "%s", what);
}

static bool
read_text(void *owner, const struct setting *setting, const char *text,
    void *place, struct error *err)
{
	size_t length = strlen(text);

	if ((int64_t)length < setting->least)
		return wrong(err, "must not be empty");
	if (setting->most != 0 && (int64_t)length > setting->most)
		return error_set(err, ERROR_INVALID,
		    "must have at most %jd bytes", (intmax_t)setting->most);
	*(const char **)place = mem_copy(owner, text);
	return true;
}

static bool
read_number(const char *text, int64_t most, int64_t *ret)
{
	int64_t number = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		if (!isdigit((unsigned char)*text))
			return false;
		number = number * 10 + (*text - '0');
		if (number > most)
			return false;
	}
	*ret = number;
	return true;
}

static bool
read_listen(void *owner, const struct setting *setting, const char *text,
    void *place, struct error *err)
{
	const char *colon = strrchr(text, ':');
	int64_t port;

	if (colon == NULL || !read_number(colon + 1, 65535, &port))
		return wrong(err, "must be ADDR:PORT, as 127.0.0.1:8080");
	return read_text(owner, setting, text, place, err);
}

static bool
read_url(void *owner, const struct setting *setting, const char *text,
    void *place, struct error *err)
{
	size_t scheme = strncmp(text, "http://", 7) == 0 ? 7
	    : strncmp(text, "https://", 8) == 0		 ? 8
							 : 0;
	size_t length = strlen(text);

	(void)setting;
	while (length > scheme && text[length - 1] == '/')
		length--;
	if (*text != '\0' &&
	    (scheme == 0 || length == scheme ||
		memchr(text + scheme, '/', length - scheme) != NULL ||
		strpbrk(text, " ?#\"<>") != NULL))
		return wrong(err, "must be http://HOST or https://HOST");
	*(const char **)place = mem_copy_n(owner, text, length);
	return true;
}

static bool
read_store(void *owner, const struct setting *setting, const char *text,
    void *place, struct error *err)
{
	if (strncmp(text, "sqlite:", 7) != 0 || text[7] == '\0')
		return wrong(err, "must be sqlite:PATH");
	return read_text(owner, setting, text, place, err);
}

static bool
read_duration(void *owner, const struct setting *setting, const char *text,
    void *place, struct error *err)
{
	int64_t time;

	(void)owner;
	if (!date_parse_duration(text, &time))
		return wrong(err, "must be a duration, as 30m");
	if (time < setting->least || time > setting->most)
		return error_set(err, ERROR_INVALID,
		    "must be from %jd to %jd seconds",
		    (intmax_t)(setting->least / SECOND),
		    (intmax_t)(setting->most / SECOND));
	*(int64_t *)place = time;
	return true;
}

static bool
read_count(void *owner, const struct setting *setting, const char *text,
    void *place, struct error *err)
{
	int64_t number;

	(void)owner;
	if (!read_number(text, setting->most, &number) ||
	    number < setting->least)
		return error_set(err, ERROR_INVALID,
		    "must be a number from %jd to %jd",
		    (intmax_t)setting->least, (intmax_t)setting->most);
	*(unsigned *)place = (unsigned)number;
	return true;
}

static bool
read_rate(void *owner, const struct setting *setting, const char *text,
    void *place, struct error *err)
{
	const char *in = strstr(text, " in ");
	struct rate *rate = place;
	int64_t number, window;
	char *count;

	(void)setting;
	if (strcmp(text, "0") == 0) {
		*rate = (struct rate){ 0 };
		return true;
	}
	count = mem_copy_n(owner, text, in == NULL ? 0 : (size_t)(in - text));
	if (in == NULL || !read_number(count, 1000000000, &number) ||
	    !date_parse_duration(in + strlen(" in "), &window) ||
	    window < SECOND || window > DAY)
		return wrong(
		    err, "must be as 30 in 10m, within a day at most, or 0");
	*rate = (struct rate){ (unsigned)number, window };
	return true;
}

static bool
is_address(const char *text)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	char address[INET6_ADDRSTRLEN];
	size_t length = strcspn(text, "/");
	int64_t bits, most;

	if (length >= sizeof address)
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	if (inet_pton(AF_INET, address, bytes) == 1)
		most = 32;
	else if (inet_pton(AF_INET6, address, bytes) == 1)
		most = 128;
	else
		return false;
	return text[length] == '\0' ||
	    read_number(text + length + 1, most, &bits);
}

static bool
read_addresses(void *owner, const struct setting *setting, const char *text,
    void *place, struct error *err)
{
	static const char separators[] = ", \t";
	struct buf *list = buf_new(owner);

	(void)setting;
	if (strcmp(text, "none") == 0)
		text = "";
	while (*(text += strspn(text, separators)) != '\0') {
		size_t length = strcspn(text, separators);
		char *one = mem_copy_n(owner, text, length);

		if (!is_address(one))
			return error_set(err, ERROR_INVALID,
			    "%s is not an address, nor ADDR/BITS", one);
		if (list->length > 0)
			buf_char(list, ',');
		buf_text(list, one);
		text += length;
	}
	*(const char **)place = list->text;
	return true;
}

static bool
read_choice(void *owner, const struct setting *setting, const char *text,
    void *place, struct error *err)
{
	struct buf *words = buf_new(owner);

	for (unsigned i = 0; setting->words[i] != NULL; i++) {
		if (strcmp(text, setting->words[i]) == 0) {
			*(unsigned *)place = i;
			return true;
		}
		buf_printf(
		    words, "%s%s", i == 0 ? "" : " or ", setting->words[i]);
	}
	return error_set(err, ERROR_INVALID, "must be %s", words->text);
}

static value_reader *const readers[] = {
	[SETTING_TEXT] = read_text,
	[SETTING_LISTEN] = read_listen,
	[SETTING_URL] = read_url,
	[SETTING_STORE] = read_store,
	[SETTING_DURATION] = read_duration,
	[SETTING_COUNT] = read_count,
	[SETTING_RATE] = read_rate,
	[SETTING_ADDRESSES] = read_addresses,
	[SETTING_CHOICE] = read_choice,
};
static_assert(sizeof readers / sizeof *readers == SETTING_TYPES,
    "a new type: say how it is read");

static bool
set(struct settings *settings, const struct setting *setting, const char *text,
    struct error *err)
{
	return readers[setting->type](
	    settings, setting, text, (char *)settings + setting->offset, err);
}

/* --- the three places that values come from, least first */

static const struct setting *
find(const char *key)
{
	for (const struct setting *s = settings_table; s->key != NULL; s++)
		if (strcmp(s->key, key) == 0)
			return s;
	return NULL;
}

static void
read_fallbacks(struct settings *settings)
{
	struct error err = { 0 };

	for (const struct setting *s = settings_table; s->key != NULL; s++)
		CHECK(set(settings, s, s->fallback, &err));
}

/*
 * The file while inih reads it. Debian's inih does not tell its handler the
 * line, so the lines are given to it one by one and counted here.
 */
struct file {
	FILE *stream;
	const char *path;
	struct settings *settings;
	struct error *err;
	int line;
	bool failed;
};

static bool
file_wrong(struct file *file, struct error *err)
{
	if (!file->failed) {
		*file->err = *err;
		error_context(file->err, "%s:%d", file->path, file->line);
	}
	file->failed = true;
	return false;
}

/*
 * As fgets, but a line that has no room is an error and not two lines; and
 * without white space in front, which inih would take for more of the value
 * above.
 */
static char *
file_line(char *text, int room, void *closure)
{
	struct file *file = closure;
	struct error err = { 0 };
	size_t length, indent;

	if (file->failed || fgets(text, room, file->stream) == NULL)
		return NULL;
	file->line++;
	length = strlen(text);
	if ((length == 0 || text[length - 1] != '\n') && !feof(file->stream)) {
		error_set(&err, ERROR_INVALID,
		    "the line is too long or has a NUL byte");
		file_wrong(file, &err);
		return NULL;
	}
	indent = strspn(text, " \t");
	memmove(text, text + indent, length - indent + 1);
	return text;
}

static int
file_value(
    void *closure, const char *section, const char *name, const char *value)
{
	struct file *file = closure;
	const struct setting *setting;
	struct error err = { 0 };
	char *key;

	key = *section == '\0'
	    ? mem_copy(file->settings, name)
	    : mem_printf(file->settings, "%s.%s", section, name);
	setting = find(key);
	if (setting == NULL)
		error_set(&err, ERROR_INVALID, "unknown key %s", key);
	else if (set(file->settings, setting, value, &err))
		return 1;
	else
		error_context(&err, "%s", key);
	return file_wrong(file, &err);
}

static bool
file_parse(struct file *file)
{
	int line = ini_parse_stream(file_line, file, file_value, file);

	if (file->failed)
		return false;
	if (ferror(file->stream))
		return error_set(file->err, ERROR_SYSTEM, "%s: %s", file->path,
		    strerror(errno));
	if (line != 0)
		return error_set(file->err, ERROR_INVALID,
		    "%s:%d: neither key = value nor [section]", file->path,
		    line);
	return true;
}

static bool
read_file(struct settings *settings, const char *config, struct error *err)
{
	const char *named = config != NULL ? config
					   : getenv("BARNRAISE_CONFIG");
	struct file file = { .settings = settings, .err = err };
	bool ok;

	if (named != NULL && *named == '\0')
		named = NULL;
	file.path = named != NULL ? named : SYSCONFDIR "/barnraise.conf";
	file.stream = fopen(file.path, "re");
	if (file.stream == NULL) {
		if (named == NULL && errno == ENOENT)
			return true;
		return error_set(
		    err, ERROR_SYSTEM, "%s: %s", file.path, strerror(errno));
	}
	ok = file_parse(&file);
	(void)fclose(file.stream);
	return ok;
}

char *
settings_variable(void *owner, const char *key)
{
	char *name = mem_printf(owner, "BARNRAISE_%s", key);

	for (char *c = name; *c != '\0'; c++)
		*c = *c == '-' || *c == '.' ? '_'
					    : (char)toupper((unsigned char)*c);
	return name;
}

static bool
read_environment(struct settings *settings, struct error *err)
{
	for (const struct setting *s = settings_table; s->key != NULL; s++) {
		char *name = settings_variable(settings, s->key);
		const char *value = getenv(name);

		if (value != NULL && !set(settings, s, value, err))
			return error_context(err, "%s", name);
	}
	return true;
}

static bool
read_given(struct settings *settings, const struct setting_given *given,
    size_t n, struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct setting *setting = find(given[i].key);

		CHECK(setting != NULL);
		if (given[i].value != NULL &&
		    !set(settings, setting, given[i].value, err))
			return error_context(err, "--%s", setting->key);
	}
	return true;
}

bool
settings_read(void *owner, const char *config,
    const struct setting_given *given, size_t n, struct settings **ret,
    struct error *err)
{
	struct settings *settings = mem_new(owner, struct settings);

	read_fallbacks(settings);
	if (!read_file(settings, config, err) ||
	    !read_environment(settings, err) ||
	    !read_given(settings, given, n, err)) {
		talloc_free(settings);
		return false;
	}
	*ret = settings;
	return true;
}

/* --- the base URL */

static bool
is_loopback_or_any(const char *address)
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, address, &four) == 1)
		return four.s_addr == INADDR_ANY ||
		    ntohl(four.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, address, &six) == 1)
		return IN6_IS_ADDR_UNSPECIFIED(&six) ||
		    IN6_IS_ADDR_LOOPBACK(&six);
	return *address == '\0' || strcmp(address, "localhost") == 0;
}

void
settings_complete(void *owner, struct settings *settings, uint16_t port)
{
	const char *listen = settings->listen;
	const char *scheme = *settings->tls_certificate == '\0' ? "http"
								: "https";
	size_t length = (size_t)(strrchr(listen, ':') - listen);
	bool brackets = length > 1 && *listen == '[';
	char *address;

	if (*settings->base_url != '\0')
		return;
	address = brackets ? mem_copy_n(owner, listen + 1, length - 2)
			   : mem_copy_n(owner, listen, length);
	settings->base_url = is_loopback_or_any(address)
	    ? mem_printf(owner, "%s://localhost:%u", scheme, (unsigned)port)
	    : mem_printf(owner, "%s://%.*s:%u", scheme, (int)length, listen,
		  (unsigned)port);
}

/* --- what a reload leaves */

static bool
is_same(const struct setting *setting, const struct settings *a,
    const struct settings *b)
{
	const char *at = (const char *)a + setting->offset;
	const char *bt = (const char *)b + setting->offset;

	if (setting->type == SETTING_COUNT)
		return *(const unsigned *)(const void *)at ==
		    *(const unsigned *)(const void *)bt;
	return strcmp(*(const char *const *)(const void *)at,
		   *(const char *const *)(const void *)bt) == 0;
}

const char *
settings_kept(
    void *owner, const struct settings *running, const struct settings *now)
{
	struct buf *keys = buf_new(owner);

	for (const struct setting *s = settings_table; s->key != NULL; s++) {
		if (!s->is_fixed || is_same(s, running, now))
			continue;
		if (keys->length > 0)
			buf_text(keys, ", ");
		buf_text(keys, s->key);
	}
	return keys->length == 0 ? NULL : keys->text;
}
