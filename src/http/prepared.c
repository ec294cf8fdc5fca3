/* SPDX-License-Identifier: ISC */
#include "http/prepared.h"

#include "base/check.h"
#include "base/mem.h"
#include "http/engine.h"

#include <stdlib.h>

enum { BYTES_MAGIC = 0x1f7ac093, PREPARED_MAGIC = 0x62d80e4b };

static struct bytes *
bytes_of(void *memory, struct span span)
{
	struct bytes *bytes = mem_new(memory, struct bytes);

	bytes->magic = BYTES_MAGIC;
	bytes->holds = 1;
	bytes->memory = memory;
	bytes->span = span;
	return bytes;
}

struct bytes *
bytes_new(struct span text)
{
	void *memory = mem_root("bytes of a response");

	return bytes_of(memory,
	    (struct span){
		mem_copy_n(memory, text.text, text.length), text.length });
}

struct bytes *
bytes_coded(const struct bytes *plain, enum encoding encoding)
{
	void *memory = mem_root("bytes of a response");

	return bytes_of(memory, encoding_made(memory, encoding, plain->span));
}

struct bytes *
bytes_hold(struct bytes *bytes)
{
	CHECK_MAGIC(bytes, BYTES_MAGIC);
	(void)atomic_fetch_add(&bytes->holds, 1);
	return bytes;
}

void
bytes_drop(struct bytes *bytes)
{
	CHECK_MAGIC(bytes, BYTES_MAGIC);
	if (atomic_fetch_sub(&bytes->holds, 1) > 1)
		return;
	bytes->magic = 0;
	talloc_free(bytes->memory);
}

/* libmicrohttpd itself keeps a response as long as it sends it. */
static void
response_ended(void *closure)
{
	bytes_drop(closure);
}

static struct MHD_Response *
response_of(struct bytes *bytes)
{
	struct MHD_Response *response;

	if (bytes == NULL)
		mem_insist((response = MHD_create_response_from_buffer(0,
				(void *)(uintptr_t) "",
				MHD_RESPMEM_PERSISTENT)) != NULL);
	else
		mem_insist(
		    (response =
			    MHD_create_response_from_buffer_with_free_callback_cls(
				bytes->span.length,
				(void *)(uintptr_t)bytes->span.text,
				response_ended, bytes)) != NULL);
	if (bytes != NULL)
		(void)bytes_hold(bytes);
	return response;
}

struct prepared *
prepared_new(const struct answer *answer, struct bytes *bytes)
{
	struct prepared *prepared = mem_take_zero(1, sizeof *prepared);
	void *memory = mem_root("headers of a response");

	prepared->magic = PREPARED_MAGIC;
	prepared->holds = 1;
	prepared->status = answer->status;
	prepared->length = bytes == NULL ? 0 : bytes->span.length;
	prepared->modified = answer->modified;
	prepared->response = response_of(bytes);
	response_headers(prepared->response, memory, answer);
	talloc_free(memory);
	return prepared;
}

struct prepared *
prepared_hold(struct prepared *prepared)
{
	CHECK_MAGIC(prepared, PREPARED_MAGIC);
	(void)atomic_fetch_add_explicit(
	    &prepared->holds, 1, memory_order_relaxed);
	return prepared;
}

void
prepared_drop(struct prepared *prepared)
{
	CHECK_MAGIC(prepared, PREPARED_MAGIC);
	if (atomic_fetch_sub(&prepared->holds, 1) > 1)
		return;
	MHD_destroy_response(prepared->response);
	prepared->magic = 0;
	free(prepared);
}
