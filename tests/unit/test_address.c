/* SPDX-License-Identifier: ISC */
#include "http/address.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void
networks_hold_their_addresses(void **state)
{
	static const struct {
		const char *networks, *address;
		bool has;
	} cases[] = {
		{ "10.0.0.0/8", "10.255.0.1", true },
		{ "10.0.0.0/8", "11.0.0.1", false },
		{ "10.0.0.0/8", "::ffff:10.0.0.1", true },
		{ "192.168.4.0/23", "192.168.5.255", true },
		{ "192.168.4.0/23", "192.168.6.0", false },
		{ "127.0.0.1, ::1", "::1", true },
		{ "127.0.0.1, ::1", "127.0.0.2", false },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
		{ "0.0.0.0/0", "1.2.3.4", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "::/0", "1.2.3.4", true },
		{ "", "127.0.0.1", false },
		{ "127.0.0.1", "", false },
	};
	void *owner = mem_root("test");

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct networks *networks;
		struct error err = { 0 };

		assert_true(
		    networks_parse(owner, cases[i].networks, &networks, &err));
		if (networks_have(networks, cases[i].address) != cases[i].has)
			fail_msg(
			    "%s in %s", cases[i].address, cases[i].networks);
	}
	talloc_free(owner);
}

static void
wrong_networks_are_refused(void **state)
{
	static const char *const wrong[] = { "a", "1.2.3", "10.0.0.0/33",
		"::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x",
		"10.0.0.0/99999999999999999999999", "10.0.0.1:80" };
	void *owner = mem_root("test");

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct networks *networks;
		struct error err = { 0 };

		if (networks_parse(owner, wrong[i], &networks, &err))
			fail_msg("%s", wrong[i]);
	}
	talloc_free(owner);
}

static void
client_is_the_last_that_no_trusted_proxy_is(void **state)
{
	static const struct {
		const char *peer, *name, *value, *client;
	} cases[] = {
		{ "1.1.1.1", "X-Forwarded-For", "6.6.6.6", "1.1.1.1" },
		{ "10.0.0.1", "X-Forwarded-For", "6.6.6.6", "6.6.6.6" },
		{ "10.0.0.1", "X-Forwarded-For", "6.6.6.6, 2.2.2.2, 10.0.0.2",
		    "2.2.2.2" },
		{ "10.0.0.1", "X-Forwarded-For", "10.0.0.3, 10.0.0.2",
		    "10.0.0.3" },
		{ "10.0.0.1", "X-Forwarded-For", "6.6.6.6, unknown",
		    "10.0.0.1" },
		{ "10.0.0.1", "X-Forwarded-For", "2.2.2.2:4711", "2.2.2.2" },
		{ "10.0.0.1", "X-Forwarded-For", "[2001:db8::1]:4711",
		    "2001:db8::1" },
		{ "10.0.0.1", "X-Forwarded-For", "2001:DB8::0:1",
		    "2001:db8::1" },
		{ "10.0.0.1", "X-Forwarded-For", "::ffff:2.2.2.2", "2.2.2.2" },
		{ "10.0.0.1", "X-Forwarded-For", "", "10.0.0.1" },
		{ "10.0.0.1", "Forwarded",
		    "for=6.6.6.6, by=x; For=\"[2001:db8::1]:80\"; proto=https",
		    "2001:db8::1" },
		{ "10.0.0.1", "Forwarded", "for=6.6.6.6, by=10.0.0.9",
		    "10.0.0.1" },
		{ "10.0.0.1", "Forwarded", "for=_hidden", "10.0.0.1" },
		{ "10.0.0.1", "Forwarded", "for=\"", "10.0.0.1" },
	};
	void *owner = mem_root("test");
	struct networks *trusted;
	struct error err = { 0 };

	(void)state;
	assert_true(networks_parse(owner, "10.0.0.0/8", &trusted, &err));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct form_field header = { cases[i].name, cases[i].value };
		struct request request = {
			.memory = owner, .headers = &header, .n_headers = 1
		};

		assert_string_equal(
		    address_of_client(trusted, cases[i].peer, &request),
		    cases[i].client);
	}
	talloc_free(owner);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_hold_their_addresses),
		cmocka_unit_test(wrong_networks_are_refused),
		cmocka_unit_test(client_is_the_last_that_no_trusted_proxy_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
