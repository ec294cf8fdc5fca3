/* SPDX-License-Identifier: ISC */
#include "http/slot.h"

/*
 * The same request again: a client that polls sends the same bytes each time,
 * so what they lead to is noted, and route, credentials and key need not be
 * looked for.
 */

#include "base/mem.h"
#include "http/fields.h"

#include <string.h>
#include <strings.h>

static void
memo_end(struct response_cache *cache, struct memo *memo)
{
	map_set_text(cache->memos, memo->key, NULL);
	cache_count(cache, memo->slot, 0, MEMO_COST);
	talloc_free(memo);
}

void
slot_forget(struct response_cache *cache, struct slot *slot)
{
	while (slot->memos != NULL) {
		struct memo *memo = slot->memos;

		slot->memos = memo->next;
		memo_end(cache, memo);
	}
}

/* Address and Accept, which decide between them what is answered. */
static bool
memo_key(const struct request *request, const char *target, char *key)
{
	const char *accept = "";
	size_t length = strlen(target), n;

	if (request->proxied != NULL)
		return false;
	for (size_t i = 0; i < request->n_headers; i++) {
		const char *name = request->headers[i].name;

		if (field_is_named(name, "Cookie") ||
		    field_is_named(name, "Authorization"))
			return false;
		if (!field_is_named(name, "Accept"))
			continue;
		if (accept[0] != '\0')
			return false;
		accept = request->headers[i].value;
	}
	n = strlen(accept);
	if (length + n + 2 > MEMO_KEY)
		return false;
	memcpy(key, target, length + 1);
	key[length] = ' '; /* a target has none */
	memcpy(key + length + 1, accept, n + 1);
	return true;
}

/* Which of its memos goes if there is one too many: the oldest. */
static void
memo_take_last(struct response_cache *cache, struct slot *slot)
{
	struct memo **at = &slot->memos, *memo;
	unsigned n = 0;

	for (; *at != NULL && (*at)->next != NULL; n++)
		at = &(*at)->next;
	if (n + 1 < MEMOS_MOST || *at == NULL)
		return;
	memo = *at;
	*at = NULL;
	memo_end(cache, memo);
}

static void
memo_add(struct response_cache *cache, struct slot *slot, const char *key,
    const struct request *request, const struct recall *recall)
{
	struct memo *memo = mem_new(slot, struct memo);

	memo_take_last(cache, slot);
	memo->slot = slot;
	memo->key = mem_copy(memo, key);
	memo->shown = mem_copy(memo, request->shown);
	memo->recall = *recall;
	memo->route = request->route;
	memo->form = request->form;
	memo->next = slot->memos;
	slot->memos = memo;
	map_set_text(cache->memos, key, memo);
	cache_count(cache, slot, MEMO_COST, 0);
	cache_make_room(cache, slot);
}

void
response_cache_note(struct response_cache *cache, const struct request *request,
    const char *target, const struct answer *answer)
{
	char key[MEMO_KEY];
	struct memo *memo;
	struct slot *slot;

	if (!answer->is_recalled || answer->prepared == NULL ||
	    cache->version == NULL || !memo_key(request, target, key))
		return;
	cache_lock(cache);
	slot = map_get_text(cache->slots, answer->key);
	memo = map_get_text(cache->memos, key);
	if (memo != NULL && memo->slot == slot)
		memo->recall = answer->recall;
	else if (memo == NULL && slot != NULL)
		memo_add(cache, slot, key, request, &answer->recall);
	cache_unlock(cache);
}

static bool
answer_again(const struct response_cache *cache, const char *key,
    struct request *request, struct answer *answer)
{
	const struct memo *memo = map_get_text(cache->memos, key);
	struct prepared *ready;
	int64_t version;

	if (memo == NULL)
		return false;
	version = cache->version(request->context, &memo->recall);
	if (version == 0 || memo->slot->version != version)
		return false;
	ready = slot_ready(memo->slot, request);
	if (ready == NULL)
		return false;
	request->route = memo->route;
	request->form = memo->form;
	request->shown = mem_copy(request->memory, memo->shown);
	answer_prepare(answer, ready);
	return true;
}

bool
response_cache_again(struct response_cache *cache, struct request *request,
    const char *target, struct answer *answer)
{
	char key[MEMO_KEY];
	bool found;

	if (request->closes || !memo_key(request, target, key))
		return false;
	cache_lock_to_read(cache);
	found = answer_again(cache, key, request, answer);
	cache_unlock(cache);
	if (found)
		(void)atomic_fetch_add_explicit(
		    &cache->hits, 1, memory_order_relaxed);
	return found;
}
