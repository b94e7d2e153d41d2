// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#define _GNU_SOURCE
#include "CPlatform.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void describe(const struct stat *status, struct platform_facts *facts) {
    facts->device = (uint64_t)status->st_dev;
    facts->inode = (uint64_t)status->st_ino;
    facts->size = (int64_t)status->st_size;
#if defined(__APPLE__)
    facts->modified_seconds = status->st_mtimespec.tv_sec;
    facts->modified_nanoseconds = status->st_mtimespec.tv_nsec;
    facts->changed_seconds = status->st_ctimespec.tv_sec;
    facts->changed_nanoseconds = status->st_ctimespec.tv_nsec;
#else
    facts->modified_seconds = status->st_mtim.tv_sec;
    facts->modified_nanoseconds = status->st_mtim.tv_nsec;
    facts->changed_seconds = status->st_ctim.tv_sec;
    facts->changed_nanoseconds = status->st_ctim.tv_nsec;
#endif
    facts->kind = S_ISREG(status->st_mode)   ? platform_regular
                  : S_ISDIR(status->st_mode) ? platform_directory
                                             : platform_other;
}

static int open_described(const char *path, int flags, struct platform_facts *facts) {
    int descriptor;
    do {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
    } while (descriptor < 0 && errno == EINTR);
    if (descriptor < 0) {
        return -errno;
    }
    int result = platform_fstat(descriptor, facts);
    if (result < 0) {
        close(descriptor);
        return result;
    }
    return descriptor;
}

int platform_open(const char *path, struct platform_facts *facts) {
    return open_described(path, O_NONBLOCK, facts);
}

int platform_open_waiting(const char *path, struct platform_facts *facts) {
    return open_described(path, 0, facts);
}

int platform_stat(const char *path, struct platform_facts *facts) {
    struct stat status;
    if (stat(path, &status) != 0) {
        return -errno;
    }
    describe(&status, facts);
    return 0;
}

int platform_fstat(int descriptor, struct platform_facts *facts) {
    struct stat status;
    if (fstat(descriptor, &status) != 0) {
        return -errno;
    }
    describe(&status, facts);
    return 0;
}

ssize_t platform_read(int descriptor, void *bytes, size_t length) {
    ssize_t count;
    do {
        count = read(descriptor, bytes, length);
    } while (count < 0 && errno == EINTR);
    return count >= 0 ? count : -errno;
}

int platform_list(const char *path, void *context, int (*entry)(void *context, const char *name)) {
    DIR *directory = opendir(path);
    if (directory == NULL) {
        return -errno;
    }
    struct dirent *next;
    while (errno = 0, (next = readdir(directory)) != NULL) {
        if (strcmp(next->d_name, ".") != 0 && strcmp(next->d_name, "..") != 0 && !entry(context, next->d_name)) {
            break;
        }
    }
    int result = next == NULL ? -errno : 0;
    closedir(directory);
    return result;
}

char *platform_resolve(const char *path, int *error) {
    char *resolved = realpath(path, NULL);
    if (resolved == NULL) {
        *error = errno;
    }
    return resolved;
}

int platform_write(int descriptor, const void *bytes, size_t length, size_t *written) {
    size_t sum = 0;
    int error = 0;
    while (sum < length && error == 0) {
        ssize_t count = write(descriptor, (const char *)bytes + sum, length - sum);
        if (count >= 0) {
            sum += (size_t)count;
            continue;
        }
        if (errno == EINTR) {
            continue;
        }
        if (errno == EAGAIN) {
            struct pollfd ready = {.fd = descriptor, .events = POLLOUT};
            if (poll(&ready, 1, -1) >= 0 || errno == EINTR) {
                continue;
            }
        }
        error = -errno;
    }
    if (written != NULL) {
        *written = sum;
    }
    return error;
}

int platform_spare_descriptor(void) {
    int descriptor = open("/", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    return descriptor >= 0 ? descriptor : -errno;
}

void platform_close(int descriptor) {
    close(descriptor);
}
