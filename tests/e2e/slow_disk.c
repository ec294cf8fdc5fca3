/* SPDX-License-Identifier: ISC */
/*
 * A slow disk, for LD_PRELOAD: as long as the file that SLOW_DISK names is
 * there, each sync takes as many milliseconds more as it has bytes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void
wait_for_disk(void)
{
	const char *path = getenv("SLOW_DISK");
	struct stat st;

	if (path != NULL && stat(path, &st) == 0)
		(void)usleep((useconds_t)st.st_size * 1000);
}

int
fdatasync(int fd)
{
	int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");

	wait_for_disk();
	return next(fd);
}

int
fsync(int fd)
{
	int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");

	wait_for_disk();
	return next(fd);
}
