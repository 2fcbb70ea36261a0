/* SPDX-License-Identifier: Apache-2.0 */
/* What it means that a command has ended as it did. */
#ifndef RUN_JUDGE_H
#define RUN_JUDGE_H

#include <stdint.h>
#include <sys/types.h>

#include "limit.h"
#include "run_result.h"

/*
 * The processor time in nanoseconds that RLIMIT_CPU was compared with: of this
 * process, not of its children. For a child that is not reaped; 0: unknown.
 */
uint64_t run_cpu_time(pid_t child);

/*
 * The outcome for a command that we did not kill; cpu as above, before. When
 * the limit of its cgroup had one of its processes killed, that is why it did
 * not succeed; when the machine ran out of memory, that is not its doing.
 */
enum run_outcome run_judge(const struct limit *cpu_limit,
    const struct run_result *result, uint64_t cpu);

#endif
