/* SPDX-License-Identifier: ISC */
#include "rival.h"

#include "base/check.h"
#include "base/mem.h"

#ifdef HAVE_LIBHS

#include <hs.h>
#include <stdlib.h>

/*
 * Prefilter mode takes most of what it cannot match exactly, as something
 * wider; all hits are confirmed with PCRE2.
 */
enum {
	FLAGS = HS_FLAG_UTF8 | HS_FLAG_UCP | HS_FLAG_PREFILTER |
	    HS_FLAG_ALLOWEMPTY | HS_FLAG_SINGLEMATCH,
};

/* What a database is made of. */
struct expressions {
	const char **texts;
	unsigned *flags, *ids;
	size_t n;
};

struct engine {
	struct rival_vectorscan public; /* first: it is what the caller holds */
	hs_database_t *database;
	hs_scratch_t *scratch;
	unsigned char *is_hit; /* a regex */
};

static int
engine_free(struct engine *engine)
{
	(void)hs_free_scratch(engine->scratch);
	(void)hs_free_database(engine->database);
	return 0;
}

static bool
is_taken(const char *text, unsigned flags)
{
	hs_expr_info_t *info = NULL;
	hs_compile_error_t *failed = NULL;
	bool taken = hs_expression_info(text, flags, &info, &failed) ==
	    HS_SUCCESS;

	if (failed != NULL)
		(void)hs_free_compile_error(failed);
	free(info);
	return taken;
}

static void
expression_add(
    void *owner, struct expressions *to, const char *filter, size_t id)
{
	const char *letters, *text;
	struct span pattern = rival_pattern(filter, &letters);
	unsigned flags = FLAGS;
	size_t n = to->n;

	flags |= strchr(letters, 'i') != NULL ? HS_FLAG_CASELESS : 0;
	flags |= strchr(letters, 'm') != NULL ? HS_FLAG_MULTILINE : 0;
	flags |= strchr(letters, 's') != NULL ? HS_FLAG_DOTALL : 0;
	text = mem_printf(owner, "%s%.*s",
	    strchr(letters, 'x') != NULL ? "(?x)" : "", (int)pattern.length,
	    pattern.text);
	if (!is_taken(text, flags))
		return;
	to->texts[n] = text;
	to->flags[n] = flags;
	to->ids[n] = (unsigned)id;
	to->n++;
}

static void
expression_drop(struct expressions *from, size_t at)
{
	from->n--;
	for (size_t i = at; i < from->n; i++) {
		from->texts[i] = from->texts[i + 1];
		from->flags[i] = from->flags[i + 1];
		from->ids[i] = from->ids[i + 1];
	}
}

/* One that is refused only now is left out, and all begins again. */
static void
engine_build(struct engine *engine, struct expressions *from)
{
	for (;;) {
		hs_compile_error_t *failed = NULL;
		double began = rival_seconds();
		hs_error_t rc = hs_compile_multi(from->texts, from->flags,
		    from->ids, (unsigned)from->n, HS_MODE_BLOCK, NULL,
		    &engine->database, &failed);

		engine->public.seconds = rival_seconds() - began;
		if (rc == HS_SUCCESS)
			return;
		CHECK(failed != NULL && failed->expression >= 0);
		expression_drop(from, (size_t)failed->expression);
		(void)hs_free_compile_error(failed);
	}
}

struct rival_vectorscan *
rival_vectorscan_new(void *owner, const char *const *filters, size_t n)
{
	struct engine *engine = mem_new(owner, struct engine);
	void *here = mem_root("expressions");
	struct expressions from = { mem_array(here, const char *, n),
		mem_array(here, unsigned, n), mem_array(here, unsigned, n), 0 };

	for (size_t i = 0; i < n; i++)
		expression_add(here, &from, filters[i], i);
	engine_build(engine, &from);
	engine->public.refused = n - from.n;
	engine->public.hits = mem_array(engine, size_t, n);
	engine->is_hit = mem_array(engine, unsigned char, n);
	CHECK(hs_database_size(engine->database, &engine->public.bytes) ==
	    HS_SUCCESS);
	CHECK(
	    hs_alloc_scratch(engine->database, &engine->scratch) == HS_SUCCESS);
	talloc_set_destructor(engine, engine_free);
	talloc_free(here);
	return &engine->public;
}

static int
hit_take(unsigned id, unsigned long long from, unsigned long long to,
    unsigned flags, void *closure)
{
	struct engine *engine = closure;

	(void)from;
	(void)to;
	(void)flags;
	if (!engine->is_hit[id]) {
		engine->is_hit[id] = 1;
		engine->public.hits[engine->public.n_hits++] = id;
	}
	return 0;
}

void
rival_vectorscan_scan(
    struct rival_vectorscan *vectorscan, const struct filter_document *document)
{
	struct engine *engine = (struct engine *)vectorscan;

	vectorscan->n_hits = 0;
	for (size_t i = 0; i < document->n_texts; i++) {
		const struct filter_text *text = &document->texts[i];

		CHECK(hs_scan(engine->database, text->text,
			  (unsigned)text->length, 0, engine->scratch, hit_take,
			  engine) == HS_SUCCESS);
	}
	for (size_t i = 0; i < vectorscan->n_hits; i++)
		engine->is_hit[vectorscan->hits[i]] = 0;
}

#else

struct rival_vectorscan *
rival_vectorscan_new(void *owner, const char *const *filters, size_t n)
{
	(void)owner;
	(void)filters;
	(void)n;
	return NULL;
}

void
rival_vectorscan_scan(
    struct rival_vectorscan *vectorscan, const struct filter_document *document)
{
	(void)vectorscan;
	(void)document;
	CHECK(!"built without Vectorscan");
}

#endif
