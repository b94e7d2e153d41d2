// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// Preloaded into a program that runs under valgrind: some versions of it (3.19) correct the mask of sigsuspend(2) in place, and end with
// a fault where the mask is constant, as libdispatch's is on which the main thread of a Swift program waits.

#define _GNU_SOURCE
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

int sigsuspend(const sigset_t *mask) {
    sigset_t copy = *mask;
    return (int)syscall(SYS_rt_sigsuspend, &copy, _NSIG / 8);
}
