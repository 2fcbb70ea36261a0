/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that the caller of a program asked for: it appears whole, by rename,
 * or not at all, and what stood there before stays until then. Only a regular
 * file is ever replaced: a rename would take /dev/stdout away from everybody.
 * A lock on the temporary file keeps a second writer of the same name out; it
 * ends with its writer, however that ends.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

struct output {
	int fd;		  /* to write to */
	int directory;	  /* that holds the file */
	const char *name; /* in it; part of the path */
};

/*
 * Opens the temporary file, with the mode that the umask leaves. 0, or -1
 * with errno; EEXIST: something stands there that is no regular file, EBUSY:
 * somebody else is writing it. The path must outlive the output.
 */
int output_open(struct output *output, const char *path);

/* What to say after "cannot create ...: " for the errno of output_open. */
const char *output_error(int error);

/* The end of it, whichever: 0 or -1 with errno, then discarded. */
int output_publish(struct output *output);
void output_discard(struct output *output);

#endif
