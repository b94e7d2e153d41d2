// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#define _GNU_SOURCE
#include "CTestPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

static int prepare(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, const char *const files[3]) {
    int error = posix_spawn_file_actions_addopen(actions, 0, files[0], O_RDONLY, 0);
    for (int descriptor = 1; descriptor <= 2 && error == 0; descriptor++) {
        // Two that write to one file must not write over each other.
        error = posix_spawn_file_actions_addopen(actions, descriptor, files[descriptor], O_WRONLY | O_APPEND, 0);
    }

    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (error == 0) error = posix_spawnattr_setsigmask(attributes, &none);
    if (error == 0) error = posix_spawnattr_setsigdefault(attributes, &all);
#if defined(__APPLE__)
    flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#else
    if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(actions, 3);
#endif
    return error != 0 ? error : posix_spawnattr_setflags(attributes, flags);
}

pid_t test_spawn(char *const command[], char *const environment[], const char *const files[3]) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    pid_t id = 0;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) return -error;
    error = posix_spawnattr_init(&attributes);
    if (error == 0) {
        error = prepare(&actions, &attributes, files);
        if (error == 0) error = posix_spawnp(&id, command[0], &actions, &attributes, command, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error != 0 ? -error : id;
}

int test_await(pid_t id) {
    siginfo_t information;
    while (waitid(P_PID, (id_t)id, &information, WEXITED | WNOWAIT) != 0) {
        if (errno != EINTR) return -errno;
    }
    return 0;
}

int test_reap(pid_t id) {
    int status;
    while (waitpid(id, &status, 0) != id) {
        if (errno != EINTR) return -128 - errno;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
