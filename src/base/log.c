/* SPDX-License-Identifier: ISC */
#include "base/log.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/thread.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	ROOM = 1024 * 1024, /* bytes that wait */
	GATHER = 10000000, /* ns from the first line to the write */
	LINE_ROOM = 1024, /* of most lines; others take memory */
	VALUE_MOST = 256,
	TIME_ROOM = 48,
	KEY_ROOM = 64, /* names are ours, and shorter */
	FRACTION = 7, /* the point and six digits */
};

/* The one log of the process. */
static struct {
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t filled; /* there is a line, or ending */
	pthread_cond_t ended; /* the thread has */
	char *waiting, *writing; /* two of ROOM: one fills, one is written */
	size_t length; /* of waiting */
	int64_t lost;
	int fd, new_fd; /* new_fd: to go on with, -1 if there is none */
	bool running, ending;
} log_state = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.filled = PTHREAD_COND_INITIALIZER,
	.fd = STDERR_FILENO,
	.new_fd = -1,
};

static atomic_bool is_json;
static atomic_bool has_requests = true;

/* --- the thread */

/* What cannot be written is lost: there is nobody left to tell. */
static void
write_all(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, text, length);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN) {
			/* somebody else's descriptor: it does not wait */
			(void)nanosleep(&(struct timespec){ 0, GATHER }, NULL);
			continue;
		}
		if (n <= 0)
			return;
		text += n;
		length -= (size_t)n;
	}
}

static void line_of_lost(struct buf *line, int64_t lost);

static void
write_lost(int64_t lost)
{
	char room[LINE_ROOM];
	struct buf line;

	if (lost == 0)
		return;
	buf_begin(&line, room, sizeof room);
	line_of_lost(&line, lost);
	write_all(log_state.fd, line.text, line.length);
	buf_end(&line);
}

/* One turn; the lock is held, and let go while writing. */
static void
write_waiting(void)
{
	char *text = log_state.waiting;
	size_t length = log_state.length;
	int64_t lost = log_state.lost;

	log_state.waiting = log_state.writing;
	log_state.writing = text;
	log_state.length = 0;
	log_state.lost = 0;
	if (log_state.new_fd != -1) {
		if (log_state.fd != STDERR_FILENO)
			(void)close(log_state.fd);
		log_state.fd = log_state.new_fd;
		log_state.new_fd = -1;
	}
	pthread_mutex_unlock(&log_state.lock);
	write_all(log_state.fd, text, length);
	write_lost(lost);
	pthread_mutex_lock(&log_state.lock);
}

static void *
log_thread(void *arg)
{
	const struct timespec gather = { 0, GATHER };

	pthread_mutex_lock(&log_state.lock);
	for (;;) {
		while (log_state.length == 0 && log_state.new_fd == -1 &&
		    !log_state.ending)
			pthread_cond_wait(&log_state.filled, &log_state.lock);
		if (log_state.length == 0 && log_state.new_fd == -1)
			break;
		if (!log_state.ending) {
			pthread_mutex_unlock(&log_state.lock);
			(void)nanosleep(&gather, NULL);
			pthread_mutex_lock(&log_state.lock);
		}
		write_waiting();
	}
	log_state.running = false;
	pthread_cond_broadcast(&log_state.ended);
	pthread_mutex_unlock(&log_state.lock);
	return arg;
}

/* --- from outside */

static bool
file_open(const char *path, int *ret, struct error *err)
{
	if (*path == '\0') {
		*ret = STDERR_FILENO;
		return true;
	}
	*ret = open(
	    path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
	return *ret != -1 ||
	    error_set(err, ERROR_SYSTEM, "log.file: %s: %m", path);
}

static void
state_make(void)
{
	pthread_condattr_t monotonic;

	CHECK(pthread_condattr_init(&monotonic) == 0);
	CHECK(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
	CHECK(pthread_cond_init(&log_state.ended, &monotonic) == 0);
	(void)pthread_condattr_destroy(&monotonic);
	log_state.waiting = mem_take(ROOM);
	log_state.writing = mem_take(ROOM);
}

/* With the lock held. */
static bool
thread_begin(struct error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_t thread;

	CHECK(pthread_once(&once, state_make) == 0);
	if (!thread_start(&thread, "log", log_thread, NULL, err))
		return false;
	(void)pthread_detach(thread);
	log_state.running = true;
	log_state.ending = false;
	return true;
}

bool
log_start(const struct log_settings *settings, struct error *err)
{
	bool ok;
	int fd;

	if (!file_open(settings->file, &fd, err))
		return false;
	pthread_mutex_lock(&log_state.lock);
	ok = log_state.running || thread_begin(err);
	if (ok) {
		if (log_state.new_fd != -1 && log_state.new_fd != STDERR_FILENO)
			(void)close(log_state.new_fd);
		log_state.new_fd = fd;
		pthread_cond_signal(&log_state.filled);
		is_json = settings->json;
		has_requests = settings->requests;
	}
	pthread_mutex_unlock(&log_state.lock);
	if (!ok && fd != STDERR_FILENO)
		(void)close(fd);
	return ok;
}

/* A thread that hangs in its write goes with the process. */
void
log_end(void)
{
	struct timespec until;
	int timeout = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	pthread_mutex_lock(&log_state.lock);
	log_state.ending = true;
	pthread_cond_signal(&log_state.filled);
	while (log_state.running && timeout != ETIMEDOUT)
		timeout = pthread_cond_timedwait(
		    &log_state.ended, &log_state.lock, &until);
	pthread_mutex_unlock(&log_state.lock);
}

bool
log_has_requests(void)
{
	return atomic_load_explicit(&has_requests, memory_order_relaxed);
}

/* --- lines */

static void
line_out(const char *text, size_t length)
{
	pthread_mutex_lock(&log_state.lock);
	if (!log_state.running) {
		pthread_mutex_unlock(&log_state.lock);
		/* one write a line, so that two threads' lines do not mix */
		(void)!write(STDERR_FILENO, text, length);
		return;
	}
	if (log_state.length + length > ROOM)
		log_state.lost++;
	else {
		memcpy(log_state.waiting + log_state.length, text, length);
		if (log_state.length == 0)
			pthread_cond_signal(&log_state.filled);
		log_state.length += length;
	}
	pthread_mutex_unlock(&log_state.lock);
}

static void
pair_logfmt(struct buf *line, const char *name, const char *value)
{
	char key[KEY_ROOM];
	size_t length = 0;

	if (line->length > 0)
		key[length++] = ' ';
	for (const char *c = name + (*name == '#');
	     *c != '\0' && length < KEY_ROOM - 1; c++)
		key[length++] = *c;
	key[length++] = '=';
	buf_add(line, key, length);
	if (*name == '#' && value != NULL)
		buf_text(line, value);
	else
		buf_log(line, value);
}

static void
pair_json(struct buf *line, const char *name, const char *value)
{
	char *whole;

	buf_char(line, line->length == 0 ? '{' : ',');
	buf_json(line, name + (*name == '#'));
	buf_char(line, ':');
	if (value == NULL) {
		buf_text(line, "null");
	} else if (*name == '#') {
		buf_text(line, value);
	} else {
		whole = utf8_repaired(
		    NULL, value, strnlen(value, VALUE_MOST), NULL);
		buf_json(line, whole);
		talloc_free(whole);
	}
}

/* RFC 3339, with what is the same for a second kept by each thread. */
static const char *
time_text(void)
{
	static _Thread_local int64_t second = -1;
	static _Thread_local char kept[TIME_ROOM];
	static _Thread_local size_t length; /* to behind the last digit */
	int64_t now = clock_now();
	unsigned rest = (unsigned)(now % SECOND);

	if (now / SECOND != second) {
		char *whole = date_rfc3339(NULL, now / SECOND * SECOND);

		second = now / SECOND;
		length = strlen(whole) - 1 + FRACTION; /* without the Z */
		(void)snprintf(kept, sizeof kept, "%.*s.000000Z",
		    (int)strlen(whole) - 1, whole);
		talloc_free(whole);
	}
	for (size_t i = 1; i < FRACTION; i++, rest /= 10)
		kept[length - i] = (char)('0' + rest % 10);
	return kept;
}

/* Time and event come first, the pairs after them. */
static void
line_begin(struct buf *line, bool json, const char *what)
{
	(json ? pair_json : pair_logfmt)(line, "time", time_text());
	(json ? pair_json : pair_logfmt)(line, "event", what);
}

static void
line_of_lost(struct buf *line, int64_t lost)
{
	bool json = is_json;
	char n[24];

	(void)snprintf(n, sizeof n, "%jd", (intmax_t)lost);
	line_begin(line, json, "lost");
	(json ? pair_json : pair_logfmt)(line, "#lines", n);
	buf_text(line, json ? "}\n" : "\n");
}

void
log_event(const char *what, ...)
{
	char room[LINE_ROOM];
	struct buf line;
	bool json = atomic_load_explicit(&is_json, memory_order_relaxed);
	const char *name;
	va_list args;

	buf_begin(&line, room, sizeof room);
	line_begin(&line, json, what);
	va_start(args, what);
	while ((name = va_arg(args, const char *)) != NULL) {
		const char *value = va_arg(args, const char *);

		(json ? pair_json : pair_logfmt)(&line, name, value);
	}
	va_end(args);
	buf_text(&line, json ? "}\n" : "\n");
	line_out(line.text, line.length);
	buf_end(&line);
}

const char *
log_secret(const char *secret, char out[16])
{
	size_t prefix = sizeof SECRET_PREFIX - 1;

	if (strncmp(secret, SECRET_PREFIX, prefix) != 0)
		return "(not a secret of ours)";
	(void)snprintf(out, 16, "%.10s...", secret);
	return out;
}
