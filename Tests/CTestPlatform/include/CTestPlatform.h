// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#ifndef WASM_SERVER_CTESTPLATFORM_H
#define WASM_SERVER_CTESTPLATFORM_H

#include <sys/types.h>

/// Starts a program: posix_spawnp(3). It has three descriptors and no signal blocked or ignored.
///
/// `command` and `environment` end with NULL; `files` are the paths of what it reads, writes, and writes errors to. A process id, or
/// -errno.
pid_t test_spawn(char *const command[], char *const environment[], const char *const files[3]);

/// Waits until a child has ended, and leaves its id to it: waitid(2), WNOWAIT. 0 or -errno.
int test_await(pid_t id);

/// Lets go of a child that has ended. Its exit code, minus the signal that ended it, or -errno below -128.
int test_reap(pid_t id);

#endif
