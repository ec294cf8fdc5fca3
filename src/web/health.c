/* SPDX-License-Identifier: ISC */
#include "web/resources.h"

/* For whoever watches the server. */

#include "desk/journal.h"
#include "web/site.h"

#include <string.h>

static void
answer_word(struct answer *answer, const char *word)
{
	answer_body(answer, "text/plain; charset=utf-8", word, strlen(word));
}

/* It runs. */
bool
healthz_get(struct request *request, struct answer *answer, struct error *err)
{
	(void)request;
	(void)err;
	answer_word(answer, "ok\n");
	return true;
}

/* It can answer: the store can be read. */
bool
readyz_get(struct request *request, struct answer *answer, struct error *err)
{
	struct db *db;
	int64_t last;

	if (!visit_db(request, &db, err) || !journal_last(db, &last, err)) {
		err->kind = ERROR_BUSY;
		return error_context(err, "the store cannot be read");
	}
	answer_word(answer, "ok\n");
	return true;
}
