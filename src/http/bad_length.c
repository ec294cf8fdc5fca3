/* SPDX-License-Identifier: ISC */
#include "http/engine.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"

#include <string.h>
#include <sys/socket.h>

/*
 * libmicrohttpd 0.9.75 answers a wrong Content-Length by itself, before it asks
 * us, and sends the head of that answer twice. All that we get is a message for
 * the log, from the thread of the connection and not naming it. So the thread
 * looks at those of its connections whose head is being read, answers those
 * whose length is wrong, and leaves libmicrohttpd nothing to send to.
 */

bool
bad_length_is_told(const char *message)
{
	return strstr(message, "Content-Length") != NULL;
}

/* At its end: whether libmicrohttpd refuses it, and as too large. */
static bool
length_is_bad(struct MHD_Connection *connection, bool *is_large)
{
	const char *length = MHD_lookup_connection_value(
	    connection, MHD_HEADER_KIND, "Content-Length");
	size_t digits = length == NULL ? 0 : strspn(length, "0123456789");

	if (length == NULL ||
	    MHD_lookup_connection_value(
		connection, MHD_HEADER_KIND, "Transfer-Encoding") != NULL)
		return false;
	*is_large = digits > 18;
	return *is_large || digits == 0 || length[digits] != '\0';
}

static void
answer(const struct link *link, bool is_large)
{
	void *memory = mem_root("answer");
	const char *title = is_large ? "Content Too Large" : "Bad Request";
	unsigned status = is_large ? 413 : 400;
	const char *body = mem_printf(memory,
	    "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,"
	    "\"detail\":\"Content-Length is %s\"}",
	    title, status, is_large ? "too large" : "not a number");
	const char *text = mem_printf(memory,
	    "HTTP/1.1 %u %s\r\nDate: %s\r\nConnection: close\r\n"
	    "Cache-Control: no-store\r\n"
	    "Content-Type: application/problem+json\r\n"
	    "Content-Length: %zu\r\n\r\n%s",
	    status, title, date_http(memory, clock_now()), strlen(body), body);

	(void)!send(link->fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
	talloc_free(memory);
}

void
bad_length_answer(struct http_server *server)
{
	pthread_t here = pthread_self();
	bool is_large;

	pthread_mutex_lock(&server->lock);
	for (struct link *link = server->links; link != NULL;
	     link = link->next) {
		if (!pthread_equal(link->thread, here) ||
		    link->exchange == NULL ||
		    link->exchange->stage != STAGE_HEAD ||
		    !length_is_bad(link->exchange->connection, &is_large))
			continue;
		if (!server->has_tls)
			answer(link, is_large);
		(void)shutdown(link->fd, SHUT_RDWR);
	}
	pthread_mutex_unlock(&server->lock);
}
