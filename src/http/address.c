/* SPDX-License-Identifier: ISC */
#include "http/address.h"

#include "base/mem.h"
#include "http/fields.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* All addresses as IPv6, IPv4 mapped (RFC 4291 section 2.5.5.2). */
struct network {
	unsigned char bytes[16];
	unsigned bits;
};

struct networks {
	struct network *list;
	size_t n;
};

static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
	0xff };

static bool
bytes_parse(const char *text, unsigned char bytes[16], bool *is_v4)
{
	*is_v4 = inet_pton(AF_INET, text, bytes + 12) == 1;
	if (*is_v4)
		memcpy(bytes, mapped, sizeof mapped);
	return *is_v4 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* Each connection needs it, and inet_ntop() takes long to print it. */
static void
v4_text(const unsigned char bytes[4], char text[ADDRESS_TEXT])
{
	for (int i = 0; i < 4; i++) {
		if (bytes[i] >= 100)
			*text++ = (char)('0' + bytes[i] / 100);
		if (bytes[i] >= 10)
			*text++ = (char)('0' + bytes[i] / 10 % 10);
		*text++ = (char)('0' + bytes[i] % 10);
		*text++ = i < 3 ? '.' : '\0';
	}
}

static void
bytes_text(const unsigned char bytes[16], char text[ADDRESS_TEXT])
{
	if (memcmp(bytes, mapped, sizeof mapped) == 0)
		v4_text(bytes + 12, text);
	else if (inet_ntop(AF_INET6, bytes, text, ADDRESS_TEXT) == NULL)
		text[0] = '\0';
}

static bool
network_parse(char *text, struct network *ret, struct error *err)
{
	char *slash = strchr(text, '/');
	unsigned long bits, most;
	char *end = NULL;
	bool is_v4;

	if (slash != NULL)
		*slash++ = '\0';
	if (!bytes_parse(text, ret->bytes, &is_v4))
		return error_set(
		    err, ERROR_MALFORMED, "%.60s is no address", text);
	bits = most = is_v4 ? 32 : 128;
	if (slash != NULL && *slash >= '0' && *slash <= '9')
		bits = strtoul(slash, &end, 10);
	if (bits > most || (slash != NULL && (end == NULL || *end != '\0')))
		return error_set(err, ERROR_MALFORMED,
		    "/%.60s is no length of a prefix", slash);
	ret->bits = (unsigned)bits + 128 - (unsigned)most;
	return true;
}

bool
networks_parse(
    void *owner, const char *text, struct networks **ret, struct error *err)
{
	struct networks *networks = mem_new(owner, struct networks);
	struct span element;

	while (text != NULL && field_next(&text, ',', &element)) {
		struct network network;

		if (!network_parse(
			mem_copy_n(networks, element.text, element.length),
			&network, err))
			return false;
		*mem_push(networks, &networks->list, &networks->n) = network;
	}
	*ret = networks;
	return true;
}

static bool
network_has(const struct network *network, const unsigned char bytes[16])
{
	unsigned whole = network->bits / 8, rest = network->bits % 8;
	unsigned mask = 0xff00U >> rest & 0xff;

	return memcmp(network->bytes, bytes, whole) == 0 &&
	    (rest == 0 || ((network->bytes[whole] ^ bytes[whole]) & mask) == 0);
}

bool
networks_have(const struct networks *networks, const char *address)
{
	unsigned char bytes[16];
	bool is_v4;

	if (networks->n == 0 || !bytes_parse(address, bytes, &is_v4))
		return false;
	for (size_t i = 0; i < networks->n; i++)
		if (network_has(&networks->list[i], bytes))
			return true;
	return false;
}

void
address_text(const struct sockaddr *peer, char text[ADDRESS_TEXT])
{
	unsigned char bytes[16];

	text[0] = '\0';
	if (peer->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, peer, sizeof in);
		memcpy(bytes, mapped, sizeof mapped);
		memcpy(bytes + 12, &in.sin_addr, 4);
		bytes_text(bytes, text);
	} else if (peer->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, peer, sizeof in6);
		bytes_text(in6.sin6_addr.s6_addr, text);
	}
}

/* An address as proxies write it: "1.2.3.4", "1.2.3.4:80", "[::1]:80", "::1".*/
static const char *
address_parse(void *owner, struct span text)
{
	char *copy = mem_copy_n(owner, text.text, text.length);
	char *colon = strchr(copy, ':');
	char *made = mem_array(owner, char, ADDRESS_TEXT);
	unsigned char bytes[16];
	bool is_v4;

	if (copy[0] == '[') {
		copy++;
		copy[strcspn(copy, "]")] = '\0';
	} else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
		*colon = '\0';
	}
	if (!bytes_parse(copy, bytes, &is_v4))
		return NULL;
	bytes_text(bytes, made);
	return made;
}

/* The addresses that proxies wrote down, nearest last; n of them. */
static struct span *
hops_read(const struct request *request, size_t *n)
{
	const char *at = request_header(request, "X-Forwarded-For");
	const char *forwarded = request_header(request, "Forwarded");
	struct span *hops = NULL, element;
	bool by_name = at == NULL;

	*n = 0;
	at = by_name ? forwarded : at;
	while (at != NULL && field_next(&at, ',', &element)) {
		if (by_name) {
			const char *node = field_parameter(request->memory,
			    mem_copy_n(
				request->memory, element.text, element.length),
			    "for");

			element = span_of(node != NULL ? node : "unknown");
		}
		*mem_push(request->memory, &hops, n) = element;
	}
	return hops;
}

const char *
address_of_client(const struct networks *trusted, const char *peer,
    const struct request *request)
{
	const char *address = peer;
	struct span *hops;
	size_t n;

	if (!networks_have(trusted, peer))
		return peer;
	hops = hops_read(request, &n);
	while (n > 0 && networks_have(trusted, address)) {
		const char *before = address_parse(request->memory, hops[--n]);

		if (before == NULL)
			break;
		address = before;
	}
	return address;
}
