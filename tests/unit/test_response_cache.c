/* SPDX-License-Identifier: ISC */
#include "http/response_cache.h"

#include "base/mem.h"
#include "base/secret.h"
#include "cache_world.h"
#include "http/prepared.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void
a_document_is_found_by_its_key_and_version(void **state)
{
	struct world *world = *state;
	struct answer sent;

	assert_false(is_found(world, "key", 1));
	(void)put(world, 1, "one", NOON);
	sent = found(world, 1);
	assert_string_equal(sent.body, "one");
	assert_string_equal(sent.etag, "one");
	assert_int_equal(sent.length, 3);
	assert_false(is_found(world, "key", 2));
	assert_false(is_found(world, "other", 1));
}

static void
a_document_of_unknown_version_is_never_found(void **state)
{
	struct world *world = *state;

	(void)put(world, 0, "one", NOON);
	assert_false(is_found(world, "key", 0));
}

static void
an_older_version_does_not_take_the_place_of_a_newer_one(void **state)
{
	struct world *world = *state;

	(void)put(world, 5, "new", NOON);
	assert_string_equal(put(world, 4, "old", NOON).body, "new");
	assert_string_equal(found(world, 5).body, "new");
}

static void
what_was_used_least_recently_goes(void **state)
{
	struct world *world = *state;
	const char *text = long_text(world->memory);

	for (int i = 0; i <= MOST / (SIZE + 2048); i++) {
		char *key = mem_printf(world->memory, "%d", i);

		(void)put_text(world, key, 1, "\"x\"", text, NOON);
		assert_true(is_found(world, "0", 1));
	}
	assert_true(is_found(world, "0", 1));
	assert_false(is_found(world, "1", 1));
	assert_true(is_found(world, "2", 1));
}

static void
the_bytes_of_all_are_bounded_and_what_was_replaced_takes_none(void **state)
{
	struct world *world = *state;
	const char *text = long_text(world->memory);

	(void)put(world, 1, "kept", NOON);
	for (int i = 1; i <= 3 * MOST / SIZE; i++) {
		char *etag = mem_printf(world->memory, "\"%d\"", i);

		(void)put_text(world, "other", i, etag, text, NOON);
	}
	assert_true(is_found(world, "key", 1));
	assert_int_equal(response_cache_fill(world->cache).answers, 2);
	for (int i = 1; i <= 3 * MOST / SIZE; i++) {
		char *key = mem_printf(world->memory, "%d", i);

		(void)put_text(world, key, 1, "\"x\"", text, NOON);
		assert_true(response_cache_fill(world->cache).bytes <= MOST);
	}
	assert_false(is_found(world, "1", 1));
}

static void
a_change_of_settings_while_it_was_made_lets_it_not_be_found(void **state)
{
	struct world *world = *state;
	struct request request = request_of(world->memory, NULL, 0);
	struct answer answer = { 0 };

	assert_int_equal(
	    response_cache_find(world->cache, &request, &answer, "key", 1),
	    CACHE_MAKE);
	response_cache_clear(world->cache);
	answer_body(&answer, "text/plain", "old", 3);
	answer.etag = "\"old\"";
	response_cache_put(world->cache, &request, &answer, "key", 1);
	answer_reset(&answer);
	assert_null(response_cache_land(world->cache, &request));
	assert_false(is_found(world, "key", 1));
}

/* --- as it is sent */

static struct prepared *
sent_to(struct world *world, const char *name, const char *value,
    const char *accept, struct answer *answer)
{
	struct form_field headers[] = { { "Accept-Encoding", accept },
		{ name, value } };
	struct request request = request_of(
	    world->memory, headers, name == NULL ? 1 : 2);

	assert_int_equal(
	    response_cache_find(world->cache, &request, answer, "key", 1),
	    CACHED);
	assert_null(response_cache_land(world->cache, &request));
	assert_non_null(answer->prepared);
	return answer->prepared;
}

static void
each_coding_is_made_once_and_sent_to_many(void **state)
{
	struct world *world = *state;
	struct prepared *plain, *gzip;
	struct answer answer = { 0 };

	(void)put_text(
	    world, "key", 1, "\"x\"", long_text(world->memory), NOON);
	plain = sent_to(world, NULL, NULL, "", &answer);
	assert_int_equal(plain->length, SIZE);
	answer_reset(&answer);
	gzip = sent_to(world, NULL, NULL, "gzip", &answer);
	assert_ptr_not_equal(gzip, plain);
	assert_true(gzip->length < SIZE / 2);
	answer_reset(&answer);
	assert_ptr_equal(sent_to(world, NULL, NULL, "x-gzip", &answer), gzip);
	answer_reset(&answer);
	assert_ptr_equal(sent_to(world, NULL, NULL, "lzma", &answer), plain);
	answer_reset(&answer);
}

static void
the_tag_of_a_coding_that_was_never_made_here_is_current(void **state)
{
	struct world *world = *state;
	struct answer answer = { 0 };
	size_t before;

	(void)put_text(
	    world, "key", 1, "\"x\"", long_text(world->memory), NOON);
	before = response_cache_fill(world->cache).bytes;
	assert_int_equal(
	    sent_to(world, "If-None-Match", "\"x-br\"", "gzip, br", &answer)
		->status,
	    304);
	assert_int_equal(response_cache_fill(world->cache).bytes, before);
	answer_reset(&answer);
}

static void
what_gets_no_smaller_is_sent_plain(void **state)
{
	enum { NOISE = 4096 };
	struct world *world = *state;
	char *noise = mem_array(world->memory, char, NOISE + 1);
	struct answer answer = { 0 };

	secret_random(noise, NOISE);
	for (int i = 0; i < NOISE; i++)
		if (noise[i] == '\0')
			noise[i] = 'x';
	(void)put_text(world, "key", 1, "\"x\"", noise, NOON);
	assert_int_equal(
	    sent_to(world, NULL, NULL, "gzip", &answer)->length, NOISE);
	answer_reset(&answer);
	/* unless that is forbidden */
	assert_true(
	    sent_to(world, NULL, NULL, "gzip, identity;q=0", &answer)->length >
	    NOISE);
	answer_reset(&answer);
}

/* --- one at a time */

static void
while_one_makes_it_others_wait_and_then_find_it(void **state)
{
	struct world *world = *state;
	struct request first = request_of(world->memory, NULL, 0);
	struct request second = first, third = first;
	struct answer answer = { 0 };

	first.closes = second.closes = true;
	assert_int_equal(
	    response_cache_find(world->cache, &first, &answer, "key", 1),
	    CACHE_MAKE);
	assert_int_equal(
	    response_cache_find(world->cache, &second, &answer, "key", 1),
	    CACHE_LATER);
	assert_int_equal(
	    response_cache_find(world->cache, &third, &answer, "key", 1),
	    CACHE_LATER);
	assert_true(response_cache_wait(world->cache, &second));
	answer_body(&answer, "text/plain", "new", 3);
	answer.etag = "\"new\"";
	response_cache_put(world->cache, &first, &answer, "key", 1);
	assert_ptr_equal(response_cache_land(world->cache, &first), &second);
	assert_null(second.next_waiting);
	/* it came after the landing */
	assert_false(response_cache_wait(world->cache, &third));
	assert_int_equal(
	    response_cache_find(world->cache, &second, &answer, "key", 1),
	    CACHED);
	assert_string_equal(answer.body, "new");
}

static void
who_waited_takes_what_was_the_newest_when_she_came(void **state)
{
	struct world *world = *state;
	struct request first = request_of(world->memory, NULL, 0);
	struct request early = first, late = first;
	struct answer answer = { 0 };

	first.closes = early.closes = late.closes = true;
	(void)response_cache_find(world->cache, &first, &answer, "key", 2);
	assert_int_equal(
	    response_cache_find(world->cache, &early, &answer, "key", 2),
	    CACHE_LATER);
	assert_int_equal(
	    response_cache_find(world->cache, &late, &answer, "key", 3),
	    CACHE_LATER);
	assert_true(response_cache_wait(world->cache, &early));
	assert_true(response_cache_wait(world->cache, &late));
	answer_body(&answer, "text/plain", "of 2", 4);
	answer.etag = "\"2\"";
	response_cache_put(world->cache, &first, &answer, "key", 2);
	assert_non_null(response_cache_land(world->cache, &first));
	/* meanwhile all that both would see is version 4 */
	assert_int_equal(
	    response_cache_find(world->cache, &early, &answer, "key", 4),
	    CACHED);
	assert_string_equal(answer.body, "of 2");
	assert_int_equal(
	    response_cache_find(world->cache, &late, &answer, "key", 4),
	    CACHE_MAKE);
	assert_null(response_cache_land(world->cache, &late));
}

static void
who_waited_for_a_failure_does_not_wait_again(void **state)
{
	struct world *world = *state;
	struct request first = request_of(world->memory, NULL, 0);
	struct request second = first, third = first;
	struct answer answer = { 0 };

	(void)response_cache_find(world->cache, &first, &answer, "key", 1);
	(void)response_cache_find(world->cache, &second, &answer, "key", 1);
	(void)response_cache_find(world->cache, &third, &answer, "key", 1);
	assert_true(response_cache_wait(world->cache, &second));
	assert_true(response_cache_wait(world->cache, &third));
	assert_non_null(response_cache_land(world->cache, &first));
	assert_int_equal(
	    response_cache_find(world->cache, &second, &answer, "key", 1),
	    CACHE_MAKE);
	assert_int_equal(
	    response_cache_find(world->cache, &third, &answer, "key", 1),
	    CACHE_MAKE);
}

static void
on_the_event_thread_nothing_is_made(void **state)
{
	struct world *world = *state;
	struct request request = request_of(world->memory, NULL, 0);
	struct answer answer = { 0 };

	request.is_tried = true;
	assert_int_equal(
	    response_cache_find(world->cache, &request, &answer, "key", 1),
	    CACHE_LATER);
	assert_true(request.put_off);
	assert_null(request.waits_for);
}

/* --- the same request again */

static _Atomic int64_t version_of_all;

static int64_t
version_now_of(void *context, const struct recall *recall)
{
	(void)context;
	assert_int_equal(recall->numbers[2], 7);
	return version_of_all;
}

static bool
is_answered_again(struct response_cache *cache, void *memory,
    const struct form_field *headers, size_t n, const char *target)
{
	struct request request = request_of(memory, headers, n);
	struct answer answer = { 0 };
	bool is_answered = response_cache_again(
	    cache, &request, target, &answer);

	if (is_answered)
		assert_int_equal(answer.status, 200);
	answer_reset(&answer);
	return is_answered;
}

static void
a_request_is_answered_again_while_its_version_counts(void **state)
{
	struct world *world = *state;
	struct response_cache *cache = response_cache_new(
	    world->memory, MOST, version_now_of);
	struct form_field headers[] = { { "Accept", "text/*" },
		{ "Cookie", "a=b" } };
	struct request request = request_of(world->memory, headers, 1);
	struct answer answer = { 0 };

	(void)response_cache_find(cache, &request, &answer, "key", 1);
	answer_body(&answer, "text/plain", "new", 3);
	answer.etag = "\"new\"";
	response_cache_put(cache, &request, &answer, "key", 1);
	answer.is_recalled = true;
	answer.recall.numbers[2] = 7;
	response_cache_note(cache, &request, "/a?b", &answer);
	answer_reset(&answer);
	assert_null(response_cache_land(cache, &request));
	version_of_all = 1;
	assert_true(
	    is_answered_again(cache, world->memory, headers, 1, "/a?b"));
	assert_false(is_answered_again(cache, world->memory, headers, 1, "/a"));
	assert_false(
	    is_answered_again(cache, world->memory, headers, 2, "/a?b"));
	assert_false(is_answered_again(cache, world->memory, NULL, 0, "/a?b"));
	version_of_all = 2;
	assert_false(
	    is_answered_again(cache, world->memory, headers, 1, "/a?b"));
	version_of_all = 0;
	assert_false(
	    is_answered_again(cache, world->memory, headers, 1, "/a?b"));
	version_of_all = 1;
	response_cache_clear(cache);
	assert_false(
	    is_answered_again(cache, world->memory, headers, 1, "/a?b"));
}

/* --- many threads */

enum { THREADS = 4, TURNS = 3000, KEYS = 5 };

struct crowd {
	struct response_cache *cache;
	atomic_int making[KEYS]; /* at this moment */
};

static void
make_one(struct crowd *crowd, struct request *request, struct answer *answer,
    const char *key, int64_t version)
{
	char *text = mem_array(request->memory, char, SIZE + 1);

	(void)snprintf(text, SIZE + 1, "%*jd", SIZE, (intmax_t)version);
	answer_body(answer, "text/plain", text, SIZE);
	answer->etag = mem_printf(
	    request->memory, "\"%jd\"", (intmax_t)version);
	answer->is_recalled = true;
	response_cache_put(crowd->cache, request, answer, key, version);
}

/* What is sent is never older than the version that was asked for. */
static void
ask_once(struct crowd *crowd, int turn, const struct form_field *coding)
{
	void *memory = mem_root("request");
	struct request *request = mem_new(memory, struct request);
	struct answer answer = { 0 };
	int which = turn % KEYS;
	char *key = mem_printf(memory, "%d", which);
	int64_t version = version_of_all;
	enum cached found;

	*request = request_of(memory, coding, 1);
	if (response_cache_again(crowd->cache, request, key, &answer)) {
		answer_reset(&answer);
		talloc_free(memory);
		return;
	}
	request->closes = turn % 3 == 0;
	while ((found = response_cache_find(crowd->cache, request, &answer, key,
		    version)) == CACHE_LATER)
		if (response_cache_wait(crowd->cache, request))
			break;
	if (found == CACHE_MAKE) {
		assert_true(request->is_alone ||
		    atomic_fetch_add(&crowd->making[which], 1) == 0);
		make_one(crowd, request, &answer, key, version);
		answer.recall.numbers[2] = 7;
		answer.is_recalled = true;
		response_cache_note(crowd->cache, request, key, &answer);
		if (!request->is_alone)
			atomic_fetch_sub(&crowd->making[which], 1);
	}
	if (found != CACHE_LATER && request->closes)
		assert_true(strtoll(answer.body, NULL, 10) >= version);
	answer_reset(&answer);
	if (found == CACHE_LATER)
		return; /* its memory goes with who waits: see land */
	for (struct request *each = response_cache_land(crowd->cache, request),
			    *next;
	     each != NULL; each = next) {
		next = each->next_waiting;
		talloc_free(each->memory);
	}
	talloc_free(memory);
}

static void *
crowd_run(void *closure)
{
	static const struct form_field codings[] = {
		{ "Accept-Encoding", "gzip" },
		{ "Accept-Encoding", "br" },
		{ "Accept-Encoding", "zstd" },
		{ "Accept-Encoding", "" },
	};
	struct crowd *crowd = closure;

	for (int turn = 0; turn < TURNS; turn++) {
		if (turn % 50 == 0)
			version_of_all++;
		if (turn % 500 == 0)
			response_cache_clear(crowd->cache);
		ask_once(crowd, turn, &codings[turn % 4]);
	}
	return NULL;
}

static void
many_threads_never_get_an_older_version(void **state)
{
	struct world *world = *state;
	struct crowd crowd = {
		response_cache_new(world->memory, MOST, version_now_of), { 0 }
	};
	pthread_t threads[THREADS];

	clock_set(0);
	version_of_all = 1;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, crowd_run, &crowd), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_true(response_cache_fill(crowd.cache).bytes <= MOST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_document_is_found_by_its_key_and_version),
		TEST(a_document_of_unknown_version_is_never_found),
		TEST(an_older_version_does_not_take_the_place_of_a_newer_one),
		TEST(what_was_used_least_recently_goes),
		TEST(
		    the_bytes_of_all_are_bounded_and_what_was_replaced_takes_none),
		TEST(
		    a_change_of_settings_while_it_was_made_lets_it_not_be_found),
		TEST(each_coding_is_made_once_and_sent_to_many),
		TEST(the_tag_of_a_coding_that_was_never_made_here_is_current),
		TEST(what_gets_no_smaller_is_sent_plain),
		TEST(while_one_makes_it_others_wait_and_then_find_it),
		TEST(who_waited_takes_what_was_the_newest_when_she_came),
		TEST(who_waited_for_a_failure_does_not_wait_again),
		TEST(on_the_event_thread_nothing_is_made),
		TEST(a_request_is_answered_again_while_its_version_counts),
		TEST(many_threads_never_get_an_older_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
