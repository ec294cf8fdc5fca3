/* SPDX-License-Identifier: ISC */
#include "http/guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { MOST = 4 };

struct guard_case {
	const char *method, *target, *version;
	struct form_field headers[MOST];
	bool passes;
};

#define HOST                \
	{                   \
		"Host", "a" \
	}

static const struct guard_case cases[] = {
	{ "GET", "/", "HTTP/1.1", { HOST }, true },
	{ "GET", "/", "HTTP/1.0", { { 0 } }, true },
	{ "GET", "/", "HTTP/1.1", { { "Host", "[::1]:80" } }, true },
	{ "GET", "/a?b=%20", "HTTP/1.1", { HOST, { "X", "a\tb \xc3\xa4" } },
	    true },
	{ "POST", "/", "HTTP/1.1", { HOST, { "Content-Length", "5" } }, true },
	{ "POST", "/", "HTTP/1.1", { HOST, { "Transfer-Encoding", "Chunked" } },
	    true },
	{ "GET", "/", "HTTP/1.1", { HOST, { "Content-Length", "0" } }, true },
	{ "BREW", "/", "HTTP/1.1", { HOST }, true },
	/* two readers could see two requests */
	{ "POST", "/", "HTTP/1.1",
	    { HOST, { "Content-Length", "5" },
		{ "Transfer-Encoding", "chunked" } },
	    false },
	{ "POST", "/", "HTTP/1.1",
	    { HOST, { "Content-Length", "5" }, { "content-length", "5" } },
	    false },
	{ "POST", "/", "HTTP/1.1",
	    { HOST, { "Transfer-Encoding", "chunked" },
		{ "Transfer-Encoding", "identity" } },
	    false },
	{ "POST", "/", "HTTP/1.1",
	    { HOST, { "Transfer-Encoding", "gzip, chunked" } }, false },
	{ "POST", "/", "HTTP/1.1",
	    { HOST, { "Transfer-Encoding", "xchunked" } }, false },
	{ "POST", "/", "HTTP/1.1", { HOST, { "Transfer-Encoding", "" } },
	    false },
	{ "POST", "/", "HTTP/1.0", { HOST, { "Transfer-Encoding", "chunked" } },
	    false },
	{ "POST", "/", "HTTP/1.1", { HOST, { "Content-Length", "+5" } },
	    false },
	{ "POST", "/", "HTTP/1.1", { HOST, { "Content-Length", "0x5" } },
	    false },
	{ "POST", "/", "HTTP/1.1", { HOST, { "Content-Length", "5, 5" } },
	    false },
	{ "POST", "/", "HTTP/1.1", { HOST, { "Content-Length", "" } }, false },
	{ "POST", "/", "HTTP/1.1",
	    { HOST, { "Content-Length", "99999999999999999999" } }, false },
	{ "POST", "/", "HTTP/1.1", { HOST, { "Content-Length ", "5" } },
	    false },
	{ "GET", "/", "HTTP/1.1", { HOST, { "Content-Length", "5" } }, false },
	{ "HEAD", "/", "HTTP/1.1", { HOST, { "Transfer-Encoding", "chunked" } },
	    false },
	/* names and values */
	{ "GET", "/", "HTTP/1.1", { HOST, { "", "a" } }, false },
	{ "GET", "/", "HTTP/1.1", { HOST, { "X Y", "a" } }, false },
	{ "GET", "/", "HTTP/1.1", { HOST, { " X", "a" } }, false },
	{ "GET", "/", "HTTP/1.1", { HOST, { "X\x80", "a" } }, false },
	{ "GET", "/", "HTTP/1.1", { HOST, { "X", "a\rb" } }, false },
	{ "GET", "/", "HTTP/1.1", { HOST, { "X", "a\nb" } }, false },
	{ "GET", "/", "HTTP/1.1", { HOST, { "X", "a\x7f" } }, false },
	/* whose host */
	{ "GET", "/", "HTTP/1.1", { { 0 } }, false },
	{ "GET", "/", "HTTP/1.1", { HOST, { "host", "b" } }, false },
	{ "GET", "/", "HTTP/1.1", { { "Host", "" } }, false },
	{ "GET", "/", "HTTP/1.1", { { "Host", "a b" } }, false },
	{ "GET", "/", "HTTP/1.1", { { "Host", "a, b" } }, false },
	{ "GET", "/", "HTTP/1.1", { { "Host", "u@a" } }, false },
	{ "GET", "/", "HTTP/1.1",
	    { HOST, { "Origin", "a" }, { "Origin", "b" } }, false },
	{ "GET", "/", "HTTP/1.1",
	    { HOST, { "Authorization", "a" }, { "Authorization", "b" } },
	    false },
	/* the first line */
	{ "G{}T", "/", "HTTP/1.1", { HOST }, false },
	{ "", "/", "HTTP/1.1", { HOST }, false },
	{ "GET", "", "HTTP/1.1", { HOST }, false },
	{ "GET", "http://a/", "HTTP/1.1", { HOST }, false },
	{ "OPTIONS", "*", "HTTP/1.1", { HOST }, false },
	{ "GET", "/a b", "HTTP/1.1", { HOST }, false },
	{ "GET", "/a#b", "HTTP/1.1", { HOST }, false },
	{ "GET", "/a\tb", "HTTP/1.1", { HOST }, false },
	{ "GET", "/", "HTTP/1.2", { HOST }, false },
	{ "GET", "/", "HTTP/2.0", { HOST }, false },
	{ "GET", "/", "", { HOST }, false },
};

static void
heads_pass_or_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct guard_case *c = &cases[i];
		struct head head = { c->method, c->target, c->version,
			c->headers, 0 };
		struct body_framing framing;
		struct error err = { 0 };

		while (head.n_headers < MOST &&
		    c->headers[head.n_headers].name != NULL)
			head.n_headers++;
		if (guard_check(&head, &framing, &err) != c->passes)
			fail_msg("case %zu: %s %s: %s", i, c->method, c->target,
			    err.message);
		assert_int_equal(
		    err.kind, c->passes ? ERROR_NONE : ERROR_MALFORMED);
	}
}

static void
framing_says_where_the_body_ends(void **state)
{
	struct form_field headers[] = { HOST, { "Content-Length", "007" } };
	struct head head = { "POST", "/", "HTTP/1.1", headers, 2 };
	struct body_framing framing;
	struct error err = { 0 };

	(void)state;
	assert_true(guard_check(&head, &framing, &err));
	assert_true(framing.has_body);
	assert_false(framing.chunked);
	assert_int_equal(framing.length, 7);
	headers[1] = (struct form_field){ "Transfer-Encoding", "chunked" };
	assert_true(guard_check(&head, &framing, &err));
	assert_true(framing.has_body);
	assert_true(framing.chunked);
	head.n_headers = 1;
	assert_true(guard_check(&head, &framing, &err));
	assert_false(framing.has_body);
}

/*
 * What libmicrohttpd 0.9.75 makes of a head: ends of words and lines become
 * NUL, so here a NUL ends each text and "\\0\\0" is CR LF. A field is told by
 * where its name and its value begin.
 */
static const struct bytes_case {
	const char *bytes; /* "GET\\0/\\0HTTP/1.1\\0\\0" and so on */
	size_t length;
	size_t target, version;
	size_t fields[2][2];
	bool passes;
} bytes_cases[] = {
#define HEAD "GET\0/\0HTTP/1.1\0\0"
#define BYTES(text) text, sizeof text - 1
	{ BYTES(HEAD "\0\0"), 4, 6, { { 0 } }, true },
	{ BYTES(HEAD "A\0b\0\0"
		     "\0\0"),
	    4, 6, { { 16, 18 } }, true },
	{ BYTES(HEAD "A\0 \tb\0\0"
		     "\0\0"),
	    4, 6, { { 16, 20 } }, true },
	{ BYTES(HEAD "A\0b\0\0"
		     "C\0d\0\0"
		     "\0\0"),
	    4, 6, { { 16, 18 }, { 21, 23 } }, true },
	/* a line ended in LF alone: after the first, a field, the last */
	{ BYTES("GET\0/\0HTTP/1.1\0"
		"A\0b\0\0"
		"\0\0"),
	    4, 6, { { 15, 17 } }, false },
	{ BYTES(HEAD "A\0b\0"
		     "C\0d\0\0"
		     "\0\0"),
	    4, 6, { { 16, 18 }, { 20, 22 } }, false },
	{ BYTES(HEAD "A\0b\0"
		     "\0\0"),
	    4, 6, { { 16, 18 } }, false },
	{ BYTES(HEAD "A\0b\0\0"
		     "\0"),
	    4, 6, { { 16, 18 } }, false },
	{ BYTES(HEAD "\0"), 4, 6, { { 0 } }, false },
	/* a NUL cut a text */
	{ BYTES("GET\0x/\0HTTP/1.1\0\0"
		"\0\0"),
	    5, 7, { { 0 } }, false },
	{ BYTES("GET\0/\0x\0HTTP/1.1\0\0"
		"\0\0"),
	    4, 8, { { 0 } }, false },
	{ BYTES(HEAD "A\0b\0x\0\0"
		     "\0\0"),
	    4, 6, { { 16, 18 } }, false },
	{ BYTES(HEAD "A\0\0x\0\0"
		     "\0\0"),
	    4, 6, { { 16, 18 } }, false },
	{ BYTES(HEAD "A\0b\0x\0\0"
		     "C\0d\0\0"
		     "\0\0"),
	    4, 6, { { 16, 18 }, { 23, 25 } }, false },
	/* two spaces in the first line */
	{ BYTES("GET\0 /\0HTTP/1.1\0\0"
		"\0\0"),
	    5, 7, { { 0 } }, false },
	/* a field that was put together elsewhere, here before its place */
	{ BYTES(HEAD "A\0b\0\0"
		     "C\0d\0\0"
		     "\0\0"),
	    4, 6, { { 21, 23 }, { 16, 18 } }, false },
	{ BYTES(HEAD "A\0b\0\0"
		     "C\0d\0\0"
		     "\0\0"),
	    4, 6, { { 16, 18 }, { 21, 18 } }, false },
};

static void
bytes_between_the_texts_are_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bytes_cases / sizeof *bytes_cases; i++) {
		const struct bytes_case *c = &bytes_cases[i];
		struct form_field headers[2];
		struct head head = { c->bytes, c->bytes + c->target,
			c->bytes + c->version, headers, 0 };
		struct error err = { 0 };

		for (; head.n_headers < 2 && c->fields[head.n_headers][0] > 0;
		     head.n_headers++)
			headers[head.n_headers] = (struct form_field){
				c->bytes + c->fields[head.n_headers][0],
				c->bytes + c->fields[head.n_headers][1]
			};
		if (guard_check_bytes(&head, head.target, c->length, &err) !=
		    c->passes)
			fail_msg("case %zu: %s", i, err.message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_pass_or_are_refused),
		cmocka_unit_test(framing_says_where_the_body_ends),
		cmocka_unit_test(bytes_between_the_texts_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
