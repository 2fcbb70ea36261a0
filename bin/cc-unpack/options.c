/* SPDX-License-Identifier: Apache-2.0 */

#include <stdint.h>

#include "base/cli.h"
#include "database/database_most.h"
#include "options.h"

enum { ARCHIVE = 1, DEPTH, ENTRIES, PATH, RATIO, SANDBOX, UNPACKED };

static const struct cli_option option_table[] = {
    {"archive-max", "SIZE", NULL, "largest archive (256M)", ARCHIVE},
    {"depth-max", "COUNT", NULL, "levels below the top directory (64)", DEPTH},
    {"entries-max", "COUNT", NULL, "files and directories (10000)", ENTRIES},
    {"path-max", "COUNT", NULL, "bytes of a path (1024)", PATH},
    {"ratio-max", "COUNT", NULL,
	"unpacked to packed bytes, after the first 16M (100)", RATIO},
    {"sandbox", "MODE", NULL, "required (default), preferred or off", SANDBOX},
    {"unpacked-max", "SIZE", NULL,
	"bytes of the archive without compression (500M)", UNPACKED},
    {0},
};

static void
take_option(struct unpack_options *o, const struct cli *cli, int option)
{
	switch (option) {
	case ARCHIVE:
		o->sizes.packed = cli_size(cli, 1, DATABASE_VALUE_MOST);
		break;
	case DEPTH:
		o->paths.depth = cli_count(cli, 1, 1000);
		break;
	case ENTRIES:
		o->entries_max = cli_count(cli, 1, 10000000);
		break;
	case PATH:
		o->paths.path = cli_count(cli, 1, 4000);
		break;
	case RATIO:
		o->sizes.ratio = cli_count(cli, 1, 1000000);
		break;
	case SANDBOX:
		o->mode = sandbox_mode_read();
		break;
	default:
		o->sizes.unpacked = cli_size(cli, 1, INT64_MAX);
	}
}

void
unpack_options_parse(struct unpack_options *o, int argc, char **argv)
{
	struct cli cli = {.synopsis = "cc-unpack [options] dir [file]",
	    .purpose = "unpacks an untrusted source archive and writes down "
		       "what it found",
	    .options = option_table};
	int option;

	*o = (struct unpack_options){
	    .sizes = {ARCHIVE_PACKED_MAX, ARCHIVE_UNPACKED_MAX,
		ARCHIVE_RATIO_MAX},
	    .paths = {ENTRY_PATH_MAX, ENTRY_DEPTH_MAX},
	    .entries_max = ARCHIVE_ENTRIES_MAX};
	while ((option = cli_next(&cli, argc, argv)) != -1)
		take_option(o, &cli, option);
	if (argc - optind != 1 && argc - optind != 2)
		cli_usage(&cli);
	o->directory = argv[optind];
	o->archive = argc - optind == 2 ? argv[optind + 1] : NULL;
}
