/* SPDX-License-Identifier: Apache-2.0 */
/* What became of an artifact, as sandbox.json and people are told. */
#ifndef ARTIFACT_WORD_H
#define ARTIFACT_WORD_H

enum artifact_result {
	ARTIFACT_TAKEN,
	ARTIFACT_MISSING,     /* no such file */
	ARTIFACT_NOT_REGULAR, /* a symlink on the way, FIFO, device, ... */
	ARTIFACT_TOO_LARGE,
	ARTIFACT_NOT_LIBRARY, /* no ELF shared object of this machine */
	ARTIFACT_FAILED	      /* this host's fault: errno */
};

/* The word of a report whose command has not ended. */
#define ARTIFACT_PENDING "pending"
/* One whose command failed, or that was to leave nothing. */
#define ARTIFACT_NOT_ASKED "not_asked"

/* The word that reports use: taken, missing, not_regular, ... */
const char *artifact_word(enum artifact_result result);

/* A clause for people: "is larger than ...", never from the submission. */
const char *artifact_explain(enum artifact_result result);

#endif
