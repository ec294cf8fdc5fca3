/* SPDX-License-Identifier: ISC */
/*
 * Stands in for libFuzzer's main where a target is built without it: runs the
 * target over every file of a corpus, so that `make check` replays what was
 * found. The corpus is tests/fuzz/corpus/NAME for the program fuzz_NAME; files
 * and folders given as arguments come instead of it.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned
replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t size = 0, n;

	if (file == NULL) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	do {
		data = realloc(data, size + 65536);
		if (data == NULL)
			exit(EXIT_FAILURE);
		n = fread(data + size, 1, 65536, file);
		size += n;
	} while (n > 0);
	(void)fclose(file);
	/* exactly as long as the input, so that one byte beyond is seen */
	uint8_t *exact = malloc(size > 0 ? size : 1);
	if (exact == NULL)
		exit(EXIT_FAILURE);
	memcpy(exact, data, size);
	(void)LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	free(data);
	return 1;
}

static unsigned
replay_folder(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	unsigned n = 0;

	if (folder == NULL)
		return replay_file(path);
	while ((entry = readdir(folder)) != NULL) {
		char name[4096];

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		n += replay_folder(name);
	}
	(void)closedir(folder);
	return n;
}

int
main(int argc, char **argv)
{
	const char *source = getenv("top_srcdir");
	const char *name = strstr(argv[0], "fuzz_");
	char corpus[4096];
	unsigned n = 0;

	for (int i = 1; i < argc; i++)
		n += replay_folder(argv[i]);
	if (argc < 2 && name != NULL) {
		(void)snprintf(corpus, sizeof corpus, "%s/tests/fuzz/corpus/%s",
		    source != NULL ? source : ".", name + strlen("fuzz_"));
		n = replay_folder(corpus);
	}
	printf("%u inputs\n", n);
	return n > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
