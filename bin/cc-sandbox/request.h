/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every level of the sandbox shares: the request, where the command
 * finds what it needs, and the process itself. The level decides only how
 * the command is wrapped.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arguments.h"
#include "cargo_home.h"
#include "confine/handshake.h"

enum sandbox_level { SANDBOX_NONE, SANDBOX_LANDLOCK, SANDBOX_BWRAP };

/* What is asked for. Paths are absolute, NULL where not given. */
struct sandbox_request {
	char *source;
	char *toolchain; /* holds bin/rustc */
	char *rustup_home;
	char *target_directory;	    /* instead of a new one */
	struct arguments readable;  /* further paths, --ro */
	struct arguments variables; /* NAME=VALUE, --setenv */
	struct arguments withheld;  /* none of which a --ro may show */
	struct cargo_home cargo;    /* zero: none */
	uint64_t target_size, tmp_size, shm_size;
	uint64_t processes; /* RLIMIT_NPROC, 0: as it is */
	bool source_is_writable;
	bool has_sockets; /* --allow-local-sockets */
	int output;	  /* descriptor for stdout and stderr, 0: as they are */
	char **command;
	/* Called, unless NULL, once every layer stands around the command. */
	void (*begun)(void *context);
	void *begun_context;
};

/* Where the command finds it. */
struct sandbox_view {
	const char *source; /* NULL: none */
	const char *target;
	const char *tmp;
	const char *cargo_home;
};

/* "none", "landlock" or "bwrap". */
const char *sandbox_level_name(enum sandbox_level level);

/*
 * Adds the request's command with {source} and {target} replaced by where
 * the view has them. 0, or -1 with errno EINVAL: a {source} without a source.
 */
int sandbox_add_command(struct arguments *list,
    const struct sandbox_request *request, const struct sandbox_view *view);

/* The whole environment of the command; nothing else is inherited. */
void sandbox_add_environment(struct arguments *list,
    const struct sandbox_request *request, const struct sandbox_view *view);

/* One attempt to run the command at a level. */
struct sandbox_result {
	bool has_begun;	 /* the command ran, with every layer in place */
	int status;	 /* wait status */
	int signal;	 /* that told us to stop, or 0 */
	int exec_errno;	 /* the layers stood, but the command cannot run */
	bool is_broken;	 /* it cannot be run or ended: try no other level */
	int target;	 /* descriptor of the target directory, or -1 */
	char error[400]; /* why it has not begun */
	bool is_refused; /* for good: what is asked for exceeds a limit */
};

/*
 * Runs the command at the level and waits until no process of it is left.
 * `scratch`: where the levels without a mount namespace write, made by the
 * caller; unused at level bwrap.
 */
void sandbox_try(enum sandbox_level level,
    const struct sandbox_request *request, const char *scratch,
    struct sandbox_result *result);

/* The program that a level starts, for sandbox_try. */
struct sandbox_process {
	struct arguments arguments;
	struct arguments environment;
	int socket;	/* the child's end of the handshake, close-on-exec */
	int passed[24]; /* descriptors that the program inherits */
	int passed_count;
	uint64_t processes; /* RLIMIT_NPROC, 0: as it is */
	bool is_command;    /* no wrapper: the program is the command */
	int output;	    /* stdout and stderr, 0: as they are */
};

/* What sandbox_run has to say. */
struct sandbox_end {
	int status; /* wait status */
	int signal; /* that told us to stop, or 0 */
};

/*
 * Runs the program in a session of its own with cwd / and waits until it and
 * every process that it started are gone; those that outlive it, or a signal
 * to us, are killed. Meanwhile heard(context) is called when there is
 * something to read from the socket. 0, or -1 with errno.
 */
int sandbox_run(struct sandbox_process *process, int socket,
    void (*heard)(void *context), void *context, struct sandbox_end *end);

#endif
