/* SPDX-License-Identifier: ISC */
/* Whatever is read from a head, each reader given the same text. */
#include "http/address.h"
#include "http/condition.h"
#include "http/fields.h"
#include "http/guard.h"
#include "http/negotiate.h"
#include "http/route.h"

#include "base/check.h"
#include "base/mem.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct route routes[] = {
	{ "GET", "/a/{b}", HTTP_JSON | HTTP_ATOM | HTTP_HTML, HTTP_HTML, 0, 0,
	    NULL, false },
	{ "GET", "/a/{b}/{c}/{d}", HTTP_RSS, HTTP_RSS, 0, 0, NULL, false },
};

static void
read_conditions(const struct request *request)
{
	struct answer answer = {
		.status = 200, .etag = "\"a\"", .modified = 1
	};
	enum encoding encoding = ENCODING_BR;
	enum condition condition = condition_of(request, &answer, &encoding);
	struct error err = { 0 };

	CHECK(condition <= CONDITION_FAILED);
	if (!request_may_change(request, 1, false, &err))
		CHECK(err.kind == ERROR_PRECONDITION);
}

static void
read_client(const struct request *request)
{
	struct credentials credentials = request_credentials(request);
	struct networks *networks;
	struct error err = { 0 };

	if (credentials.scheme == CREDENTIALS_BASIC)
		CHECK(credentials.user != NULL && credentials.secret != NULL);
	(void)request_cookie(request, "a");
	(void)request_is_browser(request);
	(void)request_wants_html(request);
	CHECK(networks_parse(request->memory, "10.0.0.0/8", &networks, &err));
	CHECK(address_of_client(networks, "10.0.0.1", request)[0] != '\0');
	if (networks_parse(request->memory, request->query, &networks, &err))
		(void)networks_have(networks, "10.0.0.1");
}

static void
read_target(struct request *request)
{
	const char *allow;
	struct error err = { 0 };

	(void)request_query(request, "a");
	(void)negotiate_form(request->query, HTTP_HTML | HTTP_JSON, HTTP_HTML);
	(void)field_parameter(request->memory, request->query, "a");
	if (route_find(routes, 2, request, "GET", &allow, &err))
		CHECK(request->parts[0] != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "Accept", "If-None-Match",
		"If-Match", "If-Modified-Since", "Authorization", "Cookie",
		"Forwarded", "X-Forwarded-For", "Content-Type", "Host" };
	enum { N = sizeof names / sizeof *names };
	void *owner = mem_root("fuzz");
	const char *text = mem_copy_n(owner, (const char *)data, size);
	struct form_field headers[N];
	struct request request = { .memory = owner,
		.path = text,
		.query = text,
		.ending = "",
		.headers = headers,
		.n_headers = N };
	struct head head = { text, text, "HTTP/1.1", headers, N };
	struct body_framing framing;
	struct error err = { 0 };

	for (size_t i = 0; i < N; i++)
		headers[i] = (struct form_field){ names[i], text };
	read_conditions(&request);
	read_client(&request);
	read_target(&request);
	if (!guard_check(&head, &framing, &err))
		CHECK(err.kind == ERROR_MALFORMED);
	talloc_free(owner);
	return 0;
}
