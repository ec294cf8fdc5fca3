/* SPDX-License-Identifier: ISC */
/*
 * The yardstick for polls: bare libmicrohttpd, which looks at If-None-Match
 * and queues one 304 made at the start: bench_http ETAG. Prints where it
 * listens; ends with its standard input.
 */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *etag;
static struct MHD_Response *not_modified, *wrong;

static enum MHD_Result
answer(void *closure, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *body, size_t *length,
    void **state)
{
	const char *has;

	(void)closure, (void)url, (void)method, (void)version, (void)body;
	(void)length;
	/* queued at the first call, the connection would close */
	if (*state == NULL) {
		*state = not_modified;
		return MHD_YES;
	}
	has = MHD_lookup_connection_value(
	    connection, MHD_HEADER_KIND, "If-None-Match");
	if (has != NULL && strcmp(has, etag) == 0)
		return MHD_queue_response(connection, 304, not_modified);
	return MHD_queue_response(connection, 412, wrong);
}

int
main(int argc, char **argv)
{
	struct MHD_Daemon *daemon;
	const union MHD_DaemonInfo *info;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	char byte;

	if (argc != 2) {
		fprintf(stderr, "usage: bench_http ETAG\n");
		return 2;
	}
	etag = argv[1];
	not_modified = MHD_create_response_from_buffer(
	    0, NULL, MHD_RESPMEM_PERSISTENT);
	wrong = MHD_create_response_from_buffer(
	    0, NULL, MHD_RESPMEM_PERSISTENT);
	MHD_add_response_header(not_modified, "ETag", etag);
	MHD_add_response_header(
	    not_modified, "Cache-Control", "private, no-cache");
	daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL,
	    answer, NULL, MHD_OPTION_THREAD_POOL_SIZE,
	    (unsigned)(cores > 1 ? cores : 0), MHD_OPTION_END);
	if (daemon == NULL) {
		fprintf(stderr, "bench_http: cannot start\n");
		return EXIT_FAILURE;
	}
	info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
	printf("listening on http://127.0.0.1:%u\n", info->port);
	(void)fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	MHD_stop_daemon(daemon);
	MHD_destroy_response(not_modified);
	MHD_destroy_response(wrong);
	return EXIT_SUCCESS;
}
