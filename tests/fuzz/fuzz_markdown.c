/* SPDX-License-Identifier: ISC */
/* Whatever people write, only HTML that is allowed comes out. */
#include "view/markdown.h"

#include "base/check.h"
#include "base/mem.h"
#include "base/utf8.h"

#include "../unit/allowed_html.h"

#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must_be_allowed(const struct buf *html)
{
	const char *fault = html_fault(html->text);

	if (fault != NULL)
		(void)fprintf(stderr, "%s\n%s\n", fault, html->text);
	CHECK(fault == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *root = mem_root("fuzz");
	char *text = utf8_repaired(root, (const char *)data, size, NULL);
	struct buf *markdown = buf_new(root), *plain = buf_new(root);

	buf_markdown(markdown, text);
	must_be_allowed(markdown);
	buf_plain(plain, text);
	must_be_allowed(plain);
	CHECK(utf8_length(text_summary(root, text, 20)) <= 20);
	talloc_free(root);
	return 0;
}
