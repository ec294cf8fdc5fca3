/* SPDX-License-Identifier: ISC */
#include "http/encoding.h"

#include "base/check.h"
#include "base/mem.h"
#include "http/fields.h"
#include "http/negotiate.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

/*
 * Levels were measured on a personal feed of 165 KB, which may well be sent
 * only once: gzip 4 takes 0.9 ms for 20.1 KB (6: 1.6 ms for 18.8), brotli 5
 * 1.0 ms for 16.8 (9: 12 ms for 16.4), zstd 4 0.4 ms for 17.7 (9: 1.0 ms for
 * 17.1).
 */
enum { GZIP_LEVEL = 4, BR_LEVEL = 5, ZSTD_LEVEL = 4 };

/* zlib takes its memory from us; brotli and zstd do not, but can be asked
 * again.
 */
static voidpf
memory_take(voidpf nobody, uInt n, uInt size)
{
	(void)nobody;
	return mem_take((size_t)n * size);
}

static void
memory_free(voidpf nobody, voidpf memory)
{
	(void)nobody;
	free(memory);
}

static size_t
gzip_made(struct span plain, char *out, size_t room)
{
	enum { WINDOW_WITH_GZIP_HEADER = 15 + 16, MEMORY = 9 };
	z_stream stream = { .zalloc = memory_take, .zfree = memory_free };
	size_t length;

	CHECK(deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED,
		  WINDOW_WITH_GZIP_HEADER, MEMORY, Z_DEFAULT_STRATEGY) == Z_OK);
	stream.next_in = (Bytef *)(uintptr_t)plain.text;
	stream.avail_in = (uInt)plain.length;
	stream.next_out = (Bytef *)out;
	stream.avail_out = (uInt)room;
	CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
	length = stream.total_out;
	(void)deflateEnd(&stream);
	return length;
}

static size_t
gzip_room(size_t length)
{
	enum { GZIP_HEADER = 18 };

	return compressBound(length) + GZIP_HEADER;
}

static bool
br_try(struct span plain, char *out, size_t room, size_t *length)
{
	*length = room;
	return BrotliEncoderCompress(BR_LEVEL, BROTLI_DEFAULT_WINDOW,
		   BROTLI_MODE_TEXT, plain.length, (const uint8_t *)plain.text,
		   length, (uint8_t *)out) == BROTLI_TRUE;
}

static size_t
br_made(struct span plain, char *out, size_t room)
{
	size_t length;

	mem_insist(br_try(plain, out, room, &length));
	return length;
}

static bool
zstd_try(struct span plain, char *out, size_t room, size_t *length)
{
	*length = ZSTD_compress(
	    out, room, plain.text, plain.length, ZSTD_LEVEL);
	return ZSTD_isError(*length) == 0;
}

static size_t
zstd_made(struct span plain, char *out, size_t room)
{
	size_t length;

	mem_insist(zstd_try(plain, out, room, &length));
	return length;
}

/* rank: among those that a client likes equally. */
static const struct coding {
	const char *name;
	const char *old_name; /* RFC 9110 section 8.4.1.3 */
	int rank; /* where it was named */
	int rank_of_any; /* where only * takes it: what everybody can read */
	size_t (*room)(size_t length);
	size_t (*make)(struct span plain, char *out, size_t room);
} codings[ENCODINGS] = {
	[ENCODING_IDENTITY] = { "identity", NULL, 1, 1, NULL, NULL },
	[ENCODING_GZIP] = { "gzip", "x-gzip", 5, 4, gzip_room, gzip_made },
	[ENCODING_BR] = { "br", NULL, 6, 3, BrotliEncoderMaxCompressedSize,
	    br_made },
	[ENCODING_ZSTD] = { "zstd", NULL, 7, 2, ZSTD_compressBound, zstd_made },
};

enum { RANKS = 8 };

static bool
is_named(const struct coding *coding, struct span name)
{
	return field_is(name, coding->name) ||
	    (coding->old_name != NULL && field_is(name, coding->old_name));
}

/*
 * Identity is acceptable unless the header says otherwise, but then liked
 * least of all.
 */
struct encoding_liking
encoding_liking_of(const char *accept)
{
	enum { NOT_SAID = -1 };
	int quality[ENCODINGS], any = NOT_SAID;
	struct encoding_liking liking = { .takes_all = accept == NULL };
	struct span element;

	for (int i = 0; i < ENCODINGS; i++)
		quality[i] = NOT_SAID;
	while (accept != NULL && field_next(&accept, ',', &element)) {
		struct span name = negotiate_name(element);
		int given = negotiate_quality(element);

		if (field_is(name, "*"))
			any = given;
		for (int i = 0; i < ENCODINGS; i++)
			if (is_named(&codings[i], name))
				quality[i] = given;
	}
	for (int i = 0; i < ENCODINGS; i++) {
		bool is_said = quality[i] != NOT_SAID;
		int q = is_said ? quality[i] : any;
		int rank = is_said ? codings[i].rank : codings[i].rank_of_any;

		if (q > 0)
			liking.likes[i] = q * RANKS + rank;
	}
	if (quality[ENCODING_IDENTITY] == NOT_SAID && any != 0)
		liking.likes[ENCODING_IDENTITY] = 1;
	return liking;
}

bool
encoding_is_taken(const struct encoding_liking *liking, enum encoding encoding)
{
	return liking->takes_all || liking->likes[encoding] > 0;
}

bool
encoding_choose(
    const struct encoding_liking *liking, bool is_worth, enum encoding *ret)
{
	enum encoding best = ENCODING_IDENTITY;

	if (is_worth || liking->likes[ENCODING_IDENTITY] == 0)
		for (int i = 0; i < ENCODINGS; i++)
			if (liking->likes[i] > liking->likes[best])
				best = i;
	if (liking->likes[best] == 0)
		return false;
	*ret = best;
	return true;
}

const char *
encoding_name(enum encoding encoding)
{
	return encoding == ENCODING_IDENTITY ? NULL : codings[encoding].name;
}

enum encoding
encoding_find(struct span name)
{
	for (int i = 0; i < ENCODINGS; i++)
		if (span_is(name, codings[i].name))
			return i;
	return ENCODING_IDENTITY;
}

bool
encoding_helps(const char *type)
{
	static const char *const texts[] = { "text/", "application/json",
		"application/xml", "application/javascript", "image/svg+xml" };
	const char *plus;

	if (type == NULL)
		return false;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (strncasecmp(type, texts[i], strlen(texts[i])) == 0)
			return true;
	plus = strchr(type, '+');
	return plus != NULL &&
	    (strncasecmp(plus, "+xml", 4) == 0 ||
		strncasecmp(plus, "+json", 5) == 0);
}

struct span
encoding_made(void *owner, enum encoding encoding, struct span plain)
{
	const struct coding *coding = &codings[encoding];
	struct span made;
	char *out;
	size_t room;

	if (coding->make == NULL)
		return plain;
	CHECK(plain.length < UINT32_MAX / 2); /* zlib counts so far */
	room = coding->room(plain.length);
	out = mem_array(owner, char, room);
	made.length = coding->make(plain, out, room);
	/* the room was for the worst; most of it is given back */
	made.text = mem_sized(owner, out, made.length);
	return made;
}

const char *
encoding_etag(void *owner, enum encoding encoding, const char *etag)
{
	if (etag == NULL || encoding == ENCODING_IDENTITY)
		return etag;
	return mem_printf(owner, "%.*s-%s\"", (int)strlen(etag) - 1, etag,
	    codings[encoding].name);
}
