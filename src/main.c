/* SPDX-License-Identifier: ISC */
#include "base/secret.h"
#include "cli/commands.h"

int
main(int argc, char **argv)
{
	secret_init();
	return line_run(commands, argc, argv);
}
