/* SPDX-License-Identifier: ISC */
#ifndef BASE_SERVICE_H
#define BASE_SERVICE_H

/*
 * What a service manager hands over and wants to hear, by the environment:
 * sd_listen_fds(3) and sd_notify(3). Without one nothing happens.
 */

#include "base/error.h"

/*
 * The socket that the manager listens at for this process, 0 if there is none;
 * its address as "ADDR:PORT". Fails if there are several, or it is no TCP
 * socket that listens. To be asked once.
 */
MUST_CHECK bool
service_socket(void *owner, int *ret, const char **address, struct error *err);

/* "READY=1", "STOPPING=1". */
void service_tell(const char *state);

/* That the configuration is read anew; READY=1 ends it. */
void service_tell_reloading(void);

#endif
