/* SPDX-License-Identifier: Apache-2.0 */
/* What each answer of the database means for claim_queue.c: the next step. */
#ifndef CLAIM_QUEUE_ANSWER_H
#define CLAIM_QUEUE_ANSWER_H

#include "queue.h"

/* The answer to the statement of queue->step; CLAIM_NOT_YET: go on. */
enum claim_queue_result claim_queue_judge(
    struct claim_queue *queue, const PGresult *result, struct claim *claim);

/* Tells the error (result NULL: errno) and is CLAIM_REFUSED. */
enum claim_queue_result claim_queue_refuse(
    struct claim_queue *queue, const PGresult *result);

#endif
