// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

// An allocation is one mapping: a page that holds its length, then the bytes. So it can be freed by its address alone,
// which is all that a buffer's deallocation function is told.

struct header {
    size_t mapped;
};

size_t platform_page_size(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

static void *reserve(size_t length) {
    size_t mapped = platform_page_size() + length;
    if (mapped < length) {
        return NULL;
    }
    char *base = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) {
        return NULL;
    }
    ((struct header *)base)->mapped = mapped;
    return base + platform_page_size();
}

static struct header *header_of(void *memory) {
    return (struct header *)((char *)memory - platform_page_size());
}

/// As `reserve`, with the bytes at a multiple of `alignment`, which is one of the size of a page.
static void *reserve_aligned(size_t length, size_t alignment) {
    size_t page = platform_page_size(), rounded = (length + page - 1) & ~(page - 1);
    char *bytes = rounded < length || rounded > SIZE_MAX - alignment ? NULL : reserve(rounded + alignment);
    if (bytes == NULL) {
        return NULL;
    }
    size_t before = -(uintptr_t)bytes & (alignment - 1);
    char *aligned = bytes + before;
    munmap(aligned + rounded, alignment - before);
    if (before > 0) {
        munmap(bytes - page, before);
    }
    header_of(aligned)->mapped = page + rounded;
    return aligned;
}

/// What modules leave: malloc(3) cannot fail in Swift without ending the process, so others must not be short of memory because of
/// them; nor connections and probes of descriptors.
enum { left_memory = 4 << 20, left_descriptors = 32, left_share = 4 };

int platform_has_room(size_t length) {
    if (length > SIZE_MAX - left_memory) {
        return 0;
    }
    void *memory = mmap(NULL, length + left_memory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return 0;
    }
    munmap(memory, length + left_memory);
    return 1;
}

#if defined(__linux__)
/// The descriptor, unless it is one of the last: the system gives the lowest one that is free.
static int unless_last(int descriptor) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return descriptor;
    }
    rlim_t share = limit.rlim_cur / left_share;
    rlim_t left = share < left_descriptors ? share : left_descriptors;
    if ((rlim_t)descriptor < limit.rlim_cur - left) {
        return descriptor;
    }
    close(descriptor);
    return -EMFILE;
}
#endif

int platform_memory_file(const char *name) {
#if defined(__linux__)
    // Linux 6.3 and later warn unless one says whether the file may be executed; earlier ones refuse the flag.
#ifdef MFD_NOEXEC_SEAL
    int sealed = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    if (sealed >= 0 || errno != EINVAL) {
        return sealed >= 0 ? unless_last(sealed) : -errno;
    }
#endif
    int descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return descriptor >= 0 ? unless_last(descriptor) : -errno;
#else
    (void)name;
    return -ENOSYS;
#endif
}

int platform_seal(int descriptor) {
#if defined(__linux__)
    int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    return fcntl(descriptor, F_ADD_SEALS, seals) == 0 ? 0 : -errno;
#else
    (void)descriptor;
    return -ENOSYS;
#endif
}

/// What one entry of a table of pages maps at the second level: 2 MiB where a page has 4 KiB.
static size_t huge_page_size(void) {
    size_t page = platform_page_size();
    return page / sizeof(void *) * page;
}

/// Has the whole huge pages of a mapping be such, if there are some to be had: then sendfile(2) looks up one where it would 512, and
/// hashing and copying miss the translation buffer less. It is as good without. Linux 6.1 and later, where huge pages of
/// shared memory are not denied.
static void make_pages_huge(void *memory, size_t length) {
#if defined(__linux__)
    enum { collapse = 25 }; // MADV_COLLAPSE, which Debian 12's headers lack
    size_t whole = length & ~(huge_page_size() - 1);
    if (whole > 0) {
        madvise(memory, whole, collapse);
    }
#else
    (void)memory;
    (void)length;
#endif
}

void *platform_map(int descriptor, size_t length, int *error) {
    // A huge page is only made of pages that are aligned as it is.
    void *memory = length >= huge_page_size() ? reserve_aligned(length, huge_page_size()) : NULL;
    if (memory == NULL) {
        memory = reserve(length);
    }
    if (memory == NULL) {
        *error = ENOMEM;
        return NULL;
    }
    if (length == 0) {
        return memory;
    }
    // Linux before 6.7 refuses a shared mapping of a write-sealed file even for reading; a private one is as good.
    void *mapped = mmap(memory, length, PROT_READ, MAP_SHARED | MAP_FIXED, descriptor, 0);
    if (mapped == MAP_FAILED && errno == EPERM) {
        mapped = mmap(memory, length, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 0);
    }
    if (mapped == MAP_FAILED) {
        *error = errno;
        platform_deallocate(memory);
        return NULL;
    }
    make_pages_huge(memory, length);
    return memory;
}

void *platform_allocate(size_t length) {
    return reserve(length);
}

void *platform_reallocate(void *memory, size_t old_length, size_t new_length) {
    void *grown = reserve(new_length);
    if (grown == NULL || memory == NULL) {
        return grown;
    }
    memcpy(grown, memory, old_length < new_length ? old_length : new_length);
    platform_deallocate(memory);
    return grown;
}

void platform_deallocate(void *memory) {
    struct header *header = header_of(memory);
    munmap(header, header->mapped);
}

void platform_copy(void *destination, const void *source, size_t length) {
    memcpy(destination, source, length);
}

int platform_protect(void *memory) {
    size_t length = header_of(memory)->mapped - platform_page_size();
    return length == 0 || mprotect(memory, length, PROT_READ) == 0 ? 0 : -errno;
}
