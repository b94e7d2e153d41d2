// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors
//
// The few system calls that Swift's Glibc module does not offer, or offers only unsafely.
// Every function that can fail returns -errno, or sets *error to errno and returns NULL.

#ifndef WASM_SERVER_CPLATFORM_H
#define WASM_SERVER_CPLATFORM_H

// These are for Swift: the numbers of errors and signals, exit(3) and free(3). Elsewhere the C library is not imported, as its
// module has another name on each system.
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// MARK: Sealed memory (memory.c)

/// In how many bytes the system gives memory out: sysconf(3), _SC_PAGESIZE.
size_t platform_page_size(void);

/// A new anonymous file in memory that accepts seals: memfd_create(2). A descriptor, or -errno; EMFILE when only those are left that
/// connections may need.
int platform_memory_file(const char *name);

/// Whether `length` bytes can be had, and besides what threads and connections may need meanwhile: it takes them for a moment.
int platform_has_room(size_t length);

/// Forbids every further write, shrink, grow and seal on a memory file: fcntl(2), F_ADD_SEALS. 0 or -errno.
int platform_seal(int descriptor);

/// Maps `length` bytes of a sealed memory file, read-only. Free with platform_deallocate.
void *platform_map(int descriptor, size_t length, int *error);

/// Anonymous memory of `length` bytes, writable. NULL when there is none. Free with platform_deallocate.
void *platform_allocate(size_t length);

/// As realloc(3) for memory of platform_allocate.
void *platform_reallocate(void *memory, size_t old_length, size_t new_length);

/// Frees what platform_map, platform_allocate or platform_reallocate returned.
void platform_deallocate(void *memory);

/// As memcpy(3).
void platform_copy(void *destination, const void *source, size_t length);

/// Makes memory of platform_allocate read-only: mprotect(2). 0 or -errno.
int platform_protect(void *memory);

// MARK: Files (files.c)

enum platform_kind { platform_regular = 0, platform_directory = 1, platform_other = 2 };

/// What stat(2) says of a file, as far as it tells one state of its bytes from another.
struct platform_facts {
    uint64_t device;
    uint64_t inode;
    int64_t size;
    int64_t modified_seconds;
    int64_t modified_nanoseconds;
    int64_t changed_seconds;
    int64_t changed_nanoseconds;
    enum platform_kind kind;
};

/// Opens for reading without ever waiting (a FIFO, a device) and says what was opened. A descriptor, or -errno.
int platform_open(const char *path, struct platform_facts *facts);

/// What stat(2) says of a path, links followed. 0 or -errno.
int platform_stat(const char *path, struct platform_facts *facts);

/// Opens for reading as every program does: it waits for a FIFO's writer, and reads of it wait for bytes. A descriptor, or -errno.
int platform_open_waiting(const char *path, struct platform_facts *facts);

/// What fstat(2) says of an open file. 0 or -errno.
int platform_fstat(int descriptor, struct platform_facts *facts);

/// Reads up to `length` bytes at the descriptor's position. Their number (0 at the end), or -errno.
ssize_t platform_read(int descriptor, void *bytes, size_t length);

/// Writes all of `bytes`, waiting where the descriptor would not, and says how many were, unless `written` is NULL. 0 or -errno.
int platform_write(int descriptor, const void *bytes, size_t length, size_t *written);

/// A descriptor that is good for nothing but to be closed when another is needed. -errno.
int platform_spare_descriptor(void);

/// Closes a descriptor.
void platform_close(int descriptor);

/// Calls `entry` with the name of each entry of a directory but `.` and `..`, until it returns 0. 0 or -errno.
int platform_list(const char *path, void *context, int (*entry)(void *context, const char *name));

/// The absolute path of a file with every link resolved: realpath(3). Free with free(3). NULL, with *error set.
char *platform_resolve(const char *path, int *error);

// MARK: Sockets (sockets.c)

/// The option of TCP that bounds what the system takes beyond what it may send: TCP_NOTSENT_LOWAT of linux/tcp.h, and of XNU's
/// netinet/tcp.h.
#if defined(__linux__)
enum { platform_not_sent_low_water = 25 };
#else
enum { platform_not_sent_low_water = 0x201 };
#endif

/// How many bytes the peer of a TCP connection has acknowledged: getsockopt(2), TCP_INFO. -errno; -ENOTSUP where the
/// system does not tell.
int64_t platform_acknowledged(int descriptor);

/// How many bytes, sent or not, the peer of a TCP connection has not acknowledged yet; the FIN counts as one: ioctl(2), SIOCOUTQ.
/// -errno; -ENOTSUP where the system does not tell.
int platform_unacknowledged(int descriptor);

/// How many connections wait to be accepted at a listening socket: getsockopt(2), TCP_INFO. -errno; -ENOTSUP where the system
/// does not tell.
int platform_accept_queue(int descriptor);

/// Has close(2) reset a TCP connection and drop what is unsent: setsockopt(2), SO_LINGER. 0 or -errno.
int platform_reset_on_close(int descriptor);

// MARK: Event loop (reactor.c); Linux only
//
// Every descriptor that is made here is closed on exec(2), and waits for nothing.

/// What happened at a descriptor that is waited for.
struct platform_readiness {
    /// What was given with the descriptor.
    uint64_t key;
    int is_readable;
    int is_writable;
    /// What recv(2) gives may be less than there is room for, and still more be behind it: the peer has closed its side, or sent
    /// urgent data, at which recv(2) stops.
    int has_more;
    /// The connection is broken.
    int has_failed;
};

/// An address of IPv6, or one of IPv4 in the form that maps it (RFC 4291 §2.5.5.2), and a port.
struct platform_address {
    /// The first and the last eight bytes, as numbers.
    uint64_t network, interface;
    uint16_t port;
    /// Whether it is an address of either family.
    int is_known;
};

/// Bytes to be sent.
struct platform_piece {
    const void *bytes;
    size_t length;
};

/// epoll_create1(2). A descriptor, or -errno.
int platform_poll_create(void);

/// Waits for input and its end at a descriptor, and if so for room for output, as they are now and for each change (EPOLLET):
/// epoll_ctl(2). 0 or -errno.
int platform_poll_add(int poll, int descriptor, uint64_t key, int awaits_output);

/// Waits for room for output, too, from now on: epoll_ctl(2). 0 or -errno.
int platform_poll_await_output(int poll, int descriptor, uint64_t key);

/// Waits for input at a descriptor that others wait for too, of whom one is called (EPOLLEXCLUSIVE): epoll_ctl(2). 0 or -errno.
int platform_poll_shared(int poll, int descriptor, uint64_t key);

/// Waits for nothing at a descriptor any more: epoll_ctl(2). 0 or -errno.
int platform_poll_remove(int poll, int descriptor);

/// Why epoll_ctl(2) would not wait for anything at a descriptor: an errno, or 0 if it would or that is not known.
int platform_poll_error(int descriptor);

/// Waits until something happens, or so long; -1 for any time: epoll_wait(2). How many descriptors it is at, or -errno.
int platform_poll_wait(int poll, struct platform_readiness *readiness, int count, int milliseconds);

/// What one thread raises and another waits for: eventfd(2). A descriptor, or -errno.
int platform_signal_create(void);

/// Raises it.
void platform_signal_raise(int descriptor);

/// Lowers it.
void platform_signal_clear(int descriptor);

/// Opens a port at a socket address (`struct sockaddr`): socket(2), bind(2), listen(2). Its connections send everything at once
/// (TCP_NODELAY). A descriptor, or -errno.
int platform_listen(const void *address, uint32_t length, int backlog);

/// Accepts a connection: accept4(2). A descriptor, or -errno.
int platform_accept(int descriptor, struct platform_address *client);

/// Where a socket is bound: getsockname(2). 0 or -errno.
int platform_local_address(int descriptor, struct platform_address *address);

/// Receives up to `length` bytes: recv(2). Their number (0 at the end), or -errno.
ssize_t platform_receive(int descriptor, void *bytes, size_t length);

/// Sends pieces, as many as the socket takes: sendmsg(2). `something_follows` holds back what does not fill a packet (MSG_MORE). The
/// number of bytes, or -errno.
ssize_t platform_send(int descriptor, const struct platform_piece *pieces, int count, int something_follows);

/// Sends part of a file, as much as the socket takes: sendfile(2). The number of bytes, or -errno.
ssize_t platform_send_file(int descriptor, int file, int64_t offset, size_t length);

/// Closes the sending side of a connection: shutdown(2). 0 or -errno.
int platform_shut_output(int descriptor);

/// Limits what the system holds of a socket's output beyond what the other side's window lets it send, in bytes; 0: as the system has
/// it. Sockets inherit it that are accepted at this one. setsockopt(2), TCP_NOTSENT_LOWAT: 0 or -errno.
int platform_limit_unsent(int descriptor, int bytes);

/// Limits what the system holds of a socket's output: setsockopt(2), SO_SNDBUF. 0 or -errno.
int platform_limit_buffer(int descriptor, int bytes);

// MARK: Names (resolve.c)

/// Calls `address` with each IPv4 (4 bytes) and IPv6 (16 bytes) address of a host: getaddrinfo(3), which may wait long.
/// NULL, also if the name has none; otherwise why it is not known what it has, in the resolver's static words.
const char *platform_addresses(
    const char *host, void *context, void (*address)(void *context, const uint8_t *bytes, size_t length));

/// The bytes of an address, in the order of the network: 4 of IPv4, in four decimal numbers, or 16 of IPv6 (inet_pton(3)). How many,
/// or 0 if the text is neither.
int platform_parse_address(const char *text, uint8_t bytes[16]);

// MARK: Process (process.c)

/// Raises the limit of open descriptors to what the system allows: setrlimit(2). The new limit, or -errno.
int64_t platform_raise_descriptor_limit(void);

/// Ignores SIGPIPE: a peer or a log that goes away is an error of a write, not the end of the process.
void platform_ignore_broken_pipes(void);

/// Ends the process by SIGPIPE, whoever ignores that, as programs end whose reader has gone: signal(7).
_Noreturn void platform_end_by_broken_pipe(void);

/// Waits: nanosleep(2).
void platform_sleep_milliseconds(uint32_t milliseconds);

/// The wall clock, in seconds since 1970: clock_gettime(2), CLOCK_REALTIME_COARSE.
int64_t platform_seconds(void);

/// The clock that stamps files, in nanoseconds since 1970: clock_gettime(2), CLOCK_REALTIME_COARSE.
int64_t platform_nanoseconds(void);

/// The wall clock in nanoseconds since 1970, to the nanosecond: for what is compared with the clocks of others.
int64_t platform_exact_nanoseconds(void);

/// A clock that is never set, in nanoseconds: clock_gettime(2), CLOCK_MONOTONIC.
int64_t platform_uptime_nanoseconds(void);

/// A clock that is never set, in milliseconds, some of them late: clock_gettime(2), CLOCK_MONOTONIC_COARSE.
int64_t platform_uptime_milliseconds(void);

/// A clock that is never set, in seconds: clock_gettime(2), CLOCK_MONOTONIC_COARSE.
int64_t platform_uptime_seconds(void);

/// How much processor time the calling thread has had, in nanoseconds: clock_gettime(2), CLOCK_THREAD_CPUTIME_ID.
int64_t platform_thread_nanoseconds(void);

/// Whether a descriptor is a terminal: isatty(3).
int platform_is_terminal(int descriptor);

/// How many characters fit into a line of a terminal: ioctl(2), TIOCGWINSZ. 0 if that is not known.
int platform_terminal_columns(int descriptor);

// MARK: Names (demangle.c)

/// What a C++ compiler calls something, as it is in a program; NULL if the name is none of C++'s. Free with free(3).
///
/// It has no limits, neither of the stack nor of what is written: the caller has them.
char *platform_demangle(const char *name);

// MARK: Usage (usage.c); Linux only

/// Files of proc(5) that are kept open, so that they can be read when no descriptor is free. -1: not to be had.
struct platform_usage_files {
    int memory;
    int descriptors;
};

/// What the process takes of the system. -1: not known.
struct platform_usage {
    int64_t virtual_bytes;
    int64_t resident_bytes;
    int64_t open_descriptors;
    /// RLIMIT_NOFILE; -1 also where there is none.
    int64_t descriptor_limit;
    /// User and system time.
    int64_t processor_microseconds;
};

/// Opens what platform_usage_read reads.
void platform_usage_open(struct platform_usage_files *files);

/// Closes what platform_usage_open opened.
void platform_usage_close(struct platform_usage_files *files);

/// Reads the usage. Not from two threads with the same files.
void platform_usage_read(const struct platform_usage_files *files, struct platform_usage *usage);

/// When the process started, in microseconds since 1970. -1: not known.
int64_t platform_start_microseconds(void);

#endif
