/* SPDX-License-Identifier: ISC */
#include "base/json.h"
#include "base/secret.h"
#include "cli/commands.h"

int
main(int argc, char **argv)
{
	json_init();
	secret_init();
	return line_run(commands, argc, argv);
}
