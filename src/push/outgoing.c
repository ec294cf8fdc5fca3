/* SPDX-License-Identifier: ISC */
#include "push/outgoing.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/mem.h"

#include <stdlib.h>

#include <curl/curl.h>

#define TRANSFER_MAGIC 0x71c0f9e4u

struct transfer {
	unsigned magic;
	struct buf *body;
	bool too_large;
};

static size_t
take(char *bytes, size_t size, size_t n, void *closure)
{
	struct transfer *transfer = closure;

	CHECK_MAGIC(transfer, TRANSFER_MAGIC);
	if (size * n > OUTGOING_MOST - transfer->body->length) {
		transfer->too_large = true;
		return 0;
	}
	buf_add(transfer->body, bytes, size * n);
	return size * n;
}

static void *
take_zero(size_t n, size_t size)
{
	return n == 0 || size == 0 ? mem_take(0) : mem_take_zero(n, size);
}

void
outgoing_init(void)
{
	CHECK(curl_global_init_mem(CURL_GLOBAL_DEFAULT, mem_take, free,
		  mem_resize, mem_take_copy, take_zero) == CURLE_OK);
}

static struct curl_slist *
with_header(struct curl_slist *list, const char *name, const char *value)
{
	char *line;

	if (value == NULL)
		return list;
	line = mem_printf(NULL, "%s: %s", name, value);
	list = mem_made(curl_slist_append(list, line));
	talloc_free(line);
	return list;
}

static struct curl_slist *
headers_of(const struct outgoing *request)
{
	struct curl_slist *list = NULL;
	char *bearer = request->bearer == NULL
	    ? NULL
	    : mem_printf(NULL, "Bearer %s", request->bearer);

	list = with_header(list, "Accept", request->accept);
	list = with_header(list, "Authorization", bearer);
	list = with_header(list, "Content-Type", request->content_type);
	/* libcurl would wait a second for a 100 Continue of a large body */
	list = with_header(list, "Expect", "");
	talloc_free(bearer);
	return list;
}

/* Errors of setting an option stick: only the last step is asked. */
static CURLcode
prepare(CURL *curl, const struct outgoing *request, struct curl_slist *headers,
    struct transfer *transfer)
{
	static const char agent[] = PACKAGE_NAME "/" PACKAGE_VERSION;
	CURLcode bad = CURLE_OK;

#define SET(option, value) \
	(bad = bad != CURLE_OK ? bad : curl_easy_setopt(curl, option, value))
	SET(CURLOPT_URL, request->url);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_TIMEOUT, (long)OUTGOING_SECONDS);
	SET(CURLOPT_USERAGENT, agent);
	SET(CURLOPT_HTTPHEADER, headers);
	SET(CURLOPT_WRITEFUNCTION, take);
	SET(CURLOPT_WRITEDATA, transfer);
	if (request->content_type != NULL) {
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->length);
		SET(CURLOPT_POSTFIELDS, request->body);
	}
	SET(CURLOPT_CUSTOMREQUEST, request->method);
#undef SET
	return bad;
}

static bool
perform(void *owner, CURL *curl, struct transfer *transfer,
    struct outgoing_answer *ret, struct error *err)
{
	CURLcode result = curl_easy_perform(curl);
	const char *type = NULL;
	long status = 0;

	if (transfer->too_large)
		return error_set(err, ERROR_SYSTEM,
		    "the answer has more than %d bytes", OUTGOING_MOST);
	if (result != CURLE_OK)
		return error_set(
		    err, ERROR_SYSTEM, "%s", curl_easy_strerror(result));
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
	*ret = (struct outgoing_answer){
		.status = (unsigned)status,
		.content_type = mem_copy(owner, type == NULL ? "" : type),
		.body = transfer->body->text,
		.length = transfer->body->length,
	};
	return true;
}

bool
outgoing_send(void *owner, const struct outgoing *request,
    struct outgoing_answer *ret, struct error *err)
{
	struct transfer transfer = { TRANSFER_MAGIC, buf_new(owner), false };
	struct curl_slist *headers = headers_of(request);
	CURL *curl = mem_made(curl_easy_init());
	CURLcode bad = prepare(curl, request, headers, &transfer);
	bool ok;

	if (bad != CURLE_OK)
		ok = error_set(
		    err, ERROR_SYSTEM, "%s", curl_easy_strerror(bad));
	else
		ok = perform(owner, curl, &transfer, ret, err);
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	return ok;
}
