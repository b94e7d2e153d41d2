// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#define _GNU_SOURCE
#include "CPlatform.h"

#if defined(__linux__)

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void platform_usage_open(struct platform_usage_files *files) {
    files->memory = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    files->descriptors = open("/proc/self/fd", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
}

void platform_usage_close(struct platform_usage_files *files) {
    if (files->memory >= 0) {
        close(files->memory);
    }
    if (files->descriptors >= 0) {
        close(files->descriptors);
    }
}

/// The first two numbers of proc_pid_statm(5): virtual and resident memory, in pages.
static void read_memory(int descriptor, struct platform_usage *usage) {
    char text[128];
    ssize_t length = pread(descriptor, text, sizeof text - 1, 0);
    if (length <= 0) {
        return;
    }
    text[length] = 0;
    char *rest = text;
    int64_t page = sysconf(_SC_PAGESIZE);
    usage->virtual_bytes = strtoll(rest, &rest, 10) * page;
    usage->resident_bytes = strtoll(rest, &rest, 10) * page;
}

/// The entries of proc_pid_fd(5) but `.` and `..`; -1 if they cannot be listed.
static int64_t count_entries(int directory) {
    // readdir(3) would need a descriptor of its own for each count, or a DIR for this one.
    _Alignas(struct dirent64) char entries[4096];
    int64_t count = 0;
    if (lseek(directory, 0, SEEK_SET) != 0) {
        return -1;
    }
    for (;;) {
        long length = syscall(SYS_getdents64, directory, entries, sizeof entries);
        if (length < 0) {
            return -1;
        }
        if (length == 0) {
            return count;
        }
        for (long offset = 0; offset < length;) {
            const struct dirent64 *entry = (const struct dirent64 *)(entries + offset);
            count += entry->d_name[0] != '.';
            offset += entry->d_reclen;
        }
    }
}

void platform_usage_read(const struct platform_usage_files *files, struct platform_usage *usage) {
    *usage = (struct platform_usage){-1, -1, -1, -1, -1};
    read_memory(files->memory, usage);
    usage->open_descriptors = count_entries(files->descriptors);
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur <= INT64_MAX) {
        usage->descriptor_limit = (int64_t)limit.rlim_cur;
    }
    struct rusage used;
    if (getrusage(RUSAGE_SELF, &used) == 0) {
        usage->processor_microseconds = ((int64_t)used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
                                        used.ru_utime.tv_usec + used.ru_stime.tv_usec;
    }
}

int64_t platform_start_microseconds(void) {
    char text[1024];
    int descriptor = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return -1;
    }
    ssize_t length = read(descriptor, text, sizeof text - 1);
    close(descriptor);
    text[length > 0 ? length : 0] = 0;
    // The second field is the program's name in parentheses, which may hold anything; the 22nd is the start.
    const char *next = strrchr(text, ')');
    for (int field = 2; next != NULL && field < 22; field++) {
        next = strchr(next + 1, ' ');
    }
    struct timespec now, up;
    if (next == NULL || clock_gettime(CLOCK_REALTIME, &now) != 0 || clock_gettime(CLOCK_BOOTTIME, &up) != 0) {
        return -1;
    }
    int64_t since_boot = strtoll(next, NULL, 10) * 1000000 / sysconf(_SC_CLK_TCK);
    return ((int64_t)now.tv_sec - up.tv_sec) * 1000000 + (now.tv_nsec - up.tv_nsec) / 1000 + since_boot;
}

#else

void platform_usage_open(struct platform_usage_files *files) {
    *files = (struct platform_usage_files){-1, -1};
}

void platform_usage_close(struct platform_usage_files *files) {
    (void)files;
}

void platform_usage_read(const struct platform_usage_files *files, struct platform_usage *usage) {
    (void)files;
    *usage = (struct platform_usage){-1, -1, -1, -1, -1};
}

int64_t platform_start_microseconds(void) {
    return -1;
}

#endif
