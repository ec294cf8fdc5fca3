/* SPDX-License-Identifier: ISC */
#ifndef HTTP_ADDRESS_H
#define HTTP_ADDRESS_H

/* Whose address counts: that of the peer, or what a trusted proxy says. */

#include "http/request.h"

#include <sys/socket.h>

enum { ADDRESS_TEXT = 46 };

struct networks;

/*
 * Reads addresses and CIDR blocks divided by commas; "" or NULL is none.
 * MALFORMED if one cannot be read.
 */
MUST_CHECK bool networks_parse(
    void *owner, const char *text, struct networks **ret, struct error *err);

bool networks_have(const struct networks *networks, const char *address);

/* The address of a socket as text; IPv4 mapped into IPv6 as IPv4. */
void address_text(const struct sockaddr *peer, char text[ADDRESS_TEXT]);

/*
 * The client's address: peer, or, if that is a trusted proxy, the last address
 * that no trusted proxy has in X-Forwarded-For or, where that is missing, in
 * Forwarded (RFC 7239). A proxy appends to the first and passes the other on
 * unread, so only one of them counts.
 */
const char *address_of_client(const struct networks *trusted, const char *peer,
    const struct request *request);

#endif
