/* SPDX-License-Identifier: ISC */
/* The first line is the Content-Type, the rest the body. */
#include "http/request.h"

#include "base/check.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = memchr(data, '\n', size);
	size_t length = line == NULL ? size : (size_t)(line - (char *)data);
	void *owner = mem_root("fuzz");
	struct form_field header = { "Content-Type",
		mem_copy_n(owner, (const char *)data, length) };
	struct request request = { .memory = owner,
		.headers = &header,
		.n_headers = 1,
		.body = line == NULL ? "" : line + 1,
		.body_length = line == NULL ? 0 : size - length - 1 };
	struct error err = { 0 };
	struct form form;

	if (request_form(&request, &form, &err)) {
		CHECK(form.n <= 200);
		for (size_t i = 0; i < form.n; i++) {
			const char *value = form.fields[i].value;

			CHECK(utf8_is_valid(value, strlen(value)));
			CHECK(form_value(&form, form.fields[i].name) != NULL);
		}
	} else {
		CHECK(err.kind == ERROR_MALFORMED ||
		    err.kind == ERROR_UNSUPPORTED);
	}
	talloc_free(owner);
	return 0;
}
