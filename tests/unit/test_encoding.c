/* SPDX-License-Identifier: ISC */
#include "http/encoding.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <brotli/decode.h>
#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

enum { NONE = ENCODINGS };

#define IDENTITY ENCODING_IDENTITY
#define GZIP ENCODING_GZIP
#define BR ENCODING_BR
#define ZSTD ENCODING_ZSTD

static unsigned
chosen(const char *accept, bool is_worth)
{
	struct encoding_liking liking = encoding_liking_of(accept);
	enum encoding encoding;

	return encoding_choose(&liking, is_worth, &encoding) ? encoding : NONE;
}

struct liking {
	const char *accept;
	unsigned worth, not_worth; /* what is chosen if coding is worth it */
};

static void
choose_all(const struct liking *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned worth = chosen(cases[i].accept, true);
		unsigned not_worth = chosen(cases[i].accept, false);

		if (worth != cases[i].worth || not_worth != cases[i].not_worth)
			fail_msg(
			    "%s: %u and %u", cases[i].accept, worth, not_worth);
	}
}

static void
accept_encoding_chooses_the_coding(void **state)
{
	static const struct liking cases[] = {
		/* RFC 9110 section 12.5.3: anything goes, so does identity */
		{ NULL, IDENTITY, IDENTITY },
		{ "", IDENTITY, IDENTITY },
		{ " \t", IDENTITY, IDENTITY },
		{ "identity", IDENTITY, IDENTITY },
		{ "gzip", GZIP, IDENTITY },
		{ "GZip", GZIP, IDENTITY },
		{ "x-gzip", GZIP, IDENTITY },
		{ "br", BR, IDENTITY },
		{ "zstd", ZSTD, IDENTITY },
		{ "gzip, deflate", GZIP, IDENTITY },
		{ "deflate, compress, dcb, dcz", IDENTITY, IDENTITY },
		{ "gzip, deflate, br", BR, IDENTITY },
		{ "gzip, deflate, br, zstd", ZSTD, IDENTITY },
		{ "zstd,br,gzip", ZSTD, IDENTITY },
		{ "gzip;q=1.0, br;q=0.9, zstd;q=0.8", GZIP, IDENTITY },
		{ "gzip;q=0.8 , br ; q=0.9 , zstd;q=0.8", BR, IDENTITY },
		{ "gzip;q=0.001", GZIP, IDENTITY },
	};

	(void)state;
	choose_all(cases, sizeof cases / sizeof *cases);
}

static void
what_it_names_itself_is_more_liked_than_our_order(void **state)
{
	static const struct liking cases[] = {
		{ "identity;q=0.5, gzip;q=0.4", IDENTITY, IDENTITY },
		{ "identity;q=0.5, gzip;q=0.6", GZIP, IDENTITY },
		{ "identity, gzip", GZIP, IDENTITY },
		{ "gzip;q=0", IDENTITY, IDENTITY },
		{ "gzip;q=0.000, br;q=0", IDENTITY, IDENTITY },
		{ "gzip;q=0, *", BR, IDENTITY },
		{ "*", GZIP, IDENTITY },
		{ "*;q=0.1", GZIP, IDENTITY },
		{ "br, *;q=0.1", BR, IDENTITY },
		{ "*, br;q=0.5", GZIP, IDENTITY },
		{ "gzip, *;q=0", GZIP, GZIP },
		{ "identity;q=0, gzip", GZIP, GZIP },
		{ "identity;q=0, *", GZIP, GZIP },
		{ "identity;q=0, *;q=0.5, br;q=0.4", GZIP, GZIP },
		{ "*;q=0, identity", IDENTITY, IDENTITY },
		{ "*;q=0, identity;q=0.1, gzip", GZIP, IDENTITY },
		{ "*;q=0", NONE, NONE },
		{ "identity;q=0", NONE, NONE },
		{ "identity;q=0, deflate", NONE, NONE },
		{ "gzip;q=0, *;q=0", NONE, NONE },
	};

	(void)state;
	choose_all(cases, sizeof cases / sizeof *cases);
}

static void
what_cannot_be_read_is_no_reason_to_refuse(void **state)
{
	static const struct liking cases[] = {
		{ "gzip;q=", GZIP, IDENTITY },
		{ "gzip;q=x", GZIP, IDENTITY },
		{ "gzip;q=2", GZIP, IDENTITY },
		{ "gzip;level=9;q=0", IDENTITY, IDENTITY },
		{ ",,;;,\"gzip\",", IDENTITY, IDENTITY },
		{ "gzip gzip", IDENTITY, IDENTITY },
		{ "gzipped, gzi, brotli", IDENTITY, IDENTITY },
	};

	(void)state;
	choose_all(cases, sizeof cases / sizeof *cases);
}

static void
a_client_that_says_nothing_can_read_all(void **state)
{
	struct encoding_liking nothing = encoding_liking_of(NULL);
	struct encoding_liking one = encoding_liking_of("gzip");

	(void)state;
	assert_true(encoding_is_taken(&nothing, ENCODING_BR));
	assert_true(encoding_is_taken(&one, ENCODING_GZIP));
	assert_true(encoding_is_taken(&one, ENCODING_IDENTITY));
	assert_false(encoding_is_taken(&one, ENCODING_BR));
}

static size_t
gunzip(struct span coded, char *out, size_t room)
{
	z_stream stream = { .next_in = (Bytef *)(uintptr_t)coded.text,
		.avail_in = (uInt)coded.length,
		.next_out = (Bytef *)out,
		.avail_out = (uInt)room };

	assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	assert_int_equal(inflateEnd(&stream), Z_OK);
	return stream.total_out;
}

static size_t
decoded(enum encoding encoding, struct span coded, char *out, size_t room)
{
	size_t length = room;

	switch (encoding) {
	case ENCODING_GZIP:
		return gunzip(coded, out, room);
	case ENCODING_BR:
		assert_int_equal(
		    BrotliDecoderDecompress(coded.length,
			(const uint8_t *)coded.text, &length, (uint8_t *)out),
		    BROTLI_DECODER_RESULT_SUCCESS);
		return length;
	case ENCODING_ZSTD:
		return ZSTD_decompress(out, room, coded.text, coded.length);
	case ENCODING_IDENTITY:
	case ENCODINGS:
		break;
	}
	memcpy(out, coded.text, coded.length);
	return coded.length;
}

static void
what_is_coded_decodes_to_the_same(void **state)
{
	static const size_t lengths[] = { 0, 1, 1024, 100000, 3000000 };
	enum { MOST = 3000000 };
	void *owner = mem_root("test");
	char *text = mem_array(owner, char, MOST);
	char *back = mem_array(owner, char, MOST);

	(void)state;
	for (size_t i = 0; i < MOST; i++)
		text[i] = (char)(i * i / 7 % 251);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
		for (int each = 0; each < ENCODINGS; each++) {
			struct span plain = { text, lengths[i] };
			struct span coded = encoding_made(owner, each, plain);

			assert_int_equal(
			    decoded(each, coded, back, MOST), plain.length);
			assert_memory_equal(back, text, plain.length);
		}
	talloc_free(owner);
}

static void
each_coding_has_its_own_tag(void **state)
{
	void *owner = mem_root("test");

	(void)state;
	assert_string_equal(
	    encoding_etag(owner, ENCODING_IDENTITY, "\"7-a\""), "\"7-a\"");
	assert_string_equal(
	    encoding_etag(owner, ENCODING_GZIP, "\"7-a\""), "\"7-a-gzip\"");
	assert_string_equal(
	    encoding_etag(owner, ENCODING_BR, "\"7\""), "\"7-br\"");
	assert_null(encoding_etag(owner, ENCODING_ZSTD, NULL));
	talloc_free(owner);
}

static void
only_text_is_worth_coding(void **state)
{
	(void)state;
	assert_true(encoding_helps("text/html; charset=utf-8"));
	assert_true(encoding_helps("application/atom+xml; charset=utf-8"));
	assert_true(encoding_helps("application/problem+json"));
	assert_true(encoding_helps("application/json"));
	assert_true(encoding_helps("image/svg+xml"));
	assert_false(encoding_helps("image/png"));
	assert_false(encoding_helps("font/woff2"));
	assert_false(encoding_helps(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accept_encoding_chooses_the_coding),
		cmocka_unit_test(
		    what_it_names_itself_is_more_liked_than_our_order),
		cmocka_unit_test(what_cannot_be_read_is_no_reason_to_refuse),
		cmocka_unit_test(a_client_that_says_nothing_can_read_all),
		cmocka_unit_test(what_is_coded_decodes_to_the_same),
		cmocka_unit_test(each_coding_has_its_own_tag),
		cmocka_unit_test(only_text_is_worth_coding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
