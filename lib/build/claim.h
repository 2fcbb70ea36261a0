/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claim.json: what every program of the chain knows of the build it works
 * on. cc-claim writes it, before the directory's path is handed to anybody.
 */
#ifndef CLAIM_H
#define CLAIM_H

#include <jansson.h>

#include "base/uuid.h"

/* How a build comes back without a verdict: release.sql's $3. */
#define CLAIM_WAS_KILLED "was killed" /* the attempt counts */
#define CLAIM_WAS_GIVEN_BACK "was given back"
#define CLAIM_WAS_INTERRUPTED "was interrupted"

struct claim {
	char build_claim_id[UUID_TEXT]; /* workflow_packages.id */
	char claim_token[UUID_TEXT];	/* new for each claim */
	char compiler_instance_id[UUID_TEXT];
	char registry_id[UUID_TEXT];
	char *package_name;    /* hostile text */
	char *package_version; /* hostile text */
	char *storage_type;
	char *schema;		       /* --tenant-schema, NULL: none */
	int attempt;		       /* 1 for the first */
	long long started_boottime_ms; /* CLOCK_BOOTTIME, this host's */
};

/* A new JSON object, or NULL: no memory, or a text that is not UTF-8. */
json_t *claim_to_json(const struct claim *claim);

/* 0, or -1 with errno: as json_load_at; EBADMSG also for a missing member. */
int claim_load(int directory, struct claim *claim);
void claim_free(struct claim *claim);

#endif
