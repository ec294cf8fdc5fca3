/* SPDX-License-Identifier: ISC */
#include "web/limits.h"

#include "base/mem.h"
#include "web/metrics.h"
#include "web/site.h"

#include <arpa/inet.h>
#include <string.h>

struct limits {
	struct quota *quotas[LIMITS];
};

struct limits *
limits_new(void *owner, const struct settings *settings)
{
	const struct rate rates[LIMITS] = {
		[LIMIT_REPORTS] = settings->reports,
		[LIMIT_SIGNIN] = settings->signin,
		[LIMIT_WRITES] = settings->writes,
	};
	struct limits *limits = mem_new(owner, struct limits);

	for (int i = 0; i < LIMITS; i++)
		limits->quotas[i] = quota_new(
		    limits, rates[i].most, rates[i].window);
	return limits;
}

static struct quota *
quota_of(const struct request *request, enum limit limit)
{
	const struct limits *limits = visit_of(request)->site->limits;

	return limits->quotas[limit];
}

bool
limit_key(struct request *request, enum limit limit, const char *key,
    struct error *err)
{
	if (quota_take(quota_of(request, limit), key, err))
		return true;
	metrics_add(visit_of(request)->site->metrics, WEB_LIMITED, limit, 1);
	return false;
}

/* The address, of IPv6 its first 64 bits. */
static const char *
network_of(const char *address, char text[INET6_ADDRSTRLEN])
{
	struct in6_addr six;

	if (inet_pton(AF_INET6, address, &six) != 1)
		return address;
	memset(six.s6_addr + 8, 0, 8);
	return inet_ntop(AF_INET6, &six, text, INET6_ADDRSTRLEN);
}

bool
limit_address(struct request *request, enum limit limit, struct error *err)
{
	char text[INET6_ADDRSTRLEN];

	return limit_key(
	    request, limit, network_of(request->address, text), err);
}

void
limit_address_back(struct request *request, enum limit limit)
{
	char text[INET6_ADDRSTRLEN];

	quota_return(
	    quota_of(request, limit), network_of(request->address, text));
}
