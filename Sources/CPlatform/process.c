// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

int64_t platform_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return -errno;
    }
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return -errno;
    }
    return limit.rlim_cur > INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur;
}

void platform_ignore_broken_pipes(void) {
    signal(SIGPIPE, SIG_IGN);
}

void platform_end_by_broken_pipe(void) {
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    signal(SIGPIPE, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &broken_pipe, NULL);
    raise(SIGPIPE);
    // The first process of a container is spared signals of its own.
    _exit(128 + SIGPIPE);
}

void platform_sleep_milliseconds(uint32_t milliseconds) {
    struct timespec pause = {.tv_sec = milliseconds / 1000, .tv_nsec = (long)(milliseconds % 1000) * 1000000};
    nanosleep(&pause, NULL);
}

int64_t platform_seconds(void) { return platform_nanoseconds() / 1000000000; }

int64_t platform_exact_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int64_t platform_nanoseconds(void) {
    struct timespec now;
#if defined(CLOCK_REALTIME_COARSE)
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
#else
    clock_gettime(CLOCK_REALTIME, &now);
#endif
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t platform_uptime_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t platform_uptime_milliseconds(void) {
    struct timespec now;
#if defined(CLOCK_MONOTONIC_COARSE)
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
#else
    clock_gettime(CLOCK_MONOTONIC, &now);
#endif
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t platform_uptime_seconds(void) { return platform_uptime_milliseconds() / 1000; }

int64_t platform_thread_nanoseconds(void) {
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

int platform_is_terminal(int descriptor) {
    return isatty(descriptor);
}

int platform_terminal_columns(int descriptor) {
    struct winsize size = {0};
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

#if defined(__linux__)
/// Ends the process where /proc is not mounted, before anything of Swift runs: its runtime finds there where the program is (a static
/// binary aborts without) and what its arguments are (it would take them for none).
__attribute__((constructor(101))) static void require_proc(void) {
    static const char message[] =
        "wasm-server: /proc is not mounted, where Swift's runtime finds the program's arguments; mount it, as container runtimes do "
        "(mount -t proc proc /proc)\n";
    enum { system_error = 71 }; // EX_OSERR, sysexits.h
    char path[1];
    if (readlink("/proc/self/exe", path, sizeof path) > 0 && access("/proc/self/cmdline", R_OK) == 0) {
        return;
    }
    ssize_t ignored = write(STDERR_FILENO, message, sizeof message - 1);
    (void)ignored;
    _exit(system_error);
}
#endif

static void end_at_once(int number) {
    _exit(128 + number);
}

/// Has SIGTERM and SIGINT end the first process of a container, as they end every other: without a handler it would not get them
/// (pid_namespaces(7)). The server's own take their place.
__attribute__((constructor)) static void listen_as_first_process(void) {
    if (getpid() != 1) {
        return;
    }
    struct sigaction ending = {.sa_handler = end_at_once};
    sigaction(SIGTERM, &ending, NULL);
    sigaction(SIGINT, &ending, NULL);
}

#if defined(__GLIBC__)
/// Has threads take little of the address space, so that one can still be made when that is limited and nearly used up: who makes
/// one waits until it can be, be it an event loop.
///
/// By itself a thread takes 8 MiB for its stack, and malloc(3) 64 MiB for an arena of each; where there is none left for an arena, it
/// takes a page for each small thing. So threads share as many arenas as there are processors and two more, which are there early on,
/// and have stacks twice as large as other threads than the main one have on Darwin.
///
/// What is large goes back to the system when it is freed: by itself malloc(3) keeps up to 64 MiB once something large was freed.
__attribute__((constructor)) static void make_memory_small(void) {
    enum { stack_size = 1 << 20, more_arenas = 2, large = 128 << 10 };
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    mallopt(M_ARENA_MAX, (int)(processors > 0 ? processors : 1) + more_arenas);
    mallopt(M_MMAP_THRESHOLD, large);
    mallopt(M_TRIM_THRESHOLD, large);
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) == 0) {
        if (pthread_attr_setstacksize(&attributes, stack_size) == 0) {
            pthread_setattr_default_np(&attributes);
        }
        pthread_attr_destroy(&attributes);
    }
}
#endif
