// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

int platform_poll_create(void) {
    int descriptor = epoll_create1(EPOLL_CLOEXEC);
    return descriptor >= 0 ? descriptor : -errno;
}

static int control(int poll, int operation, int descriptor, uint32_t events, uint64_t key) {
    struct epoll_event event = {.events = events, .data.u64 = key};
    return epoll_ctl(poll, operation, descriptor, &event) == 0 ? 0 : -errno;
}

static const uint32_t input = EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET;

int platform_poll_add(int poll, int descriptor, uint64_t key, int awaits_output) {
    return control(poll, EPOLL_CTL_ADD, descriptor, awaits_output ? input | EPOLLOUT : input, key);
}

int platform_poll_await_output(int poll, int descriptor, uint64_t key) {
    return control(poll, EPOLL_CTL_MOD, descriptor, input | EPOLLOUT, key);
}

int platform_poll_shared(int poll, int descriptor, uint64_t key) {
    return control(poll, EPOLL_CTL_ADD, descriptor, EPOLLIN | EPOLLEXCLUSIVE, key);
}

int platform_poll_remove(int poll, int descriptor) {
    return control(poll, EPOLL_CTL_DEL, descriptor, 0, 0);
}

int platform_poll_error(int descriptor) {
    int poll = epoll_create1(EPOLL_CLOEXEC);
    if (poll < 0) {
        return 0;
    }
    int outcome = control(poll, EPOLL_CTL_ADD, descriptor, 0, 0);
    close(poll);
    return -outcome;
}

int platform_poll_wait(int poll, struct platform_readiness *readiness, int count, int milliseconds) {
    enum { most = 64 };
    struct epoll_event events[most];
    int found = epoll_wait(poll, events, count < most ? count : most, milliseconds);
    if (found < 0) {
        return errno == EINTR ? 0 : -errno;
    }
    for (int index = 0; index < found; index++) {
        uint32_t flags = events[index].events;
        readiness[index] = (struct platform_readiness){
            .key = events[index].data.u64,
            .is_readable = (flags & EPOLLIN) != 0,
            .is_writable = (flags & EPOLLOUT) != 0,
            .has_more = (flags & (EPOLLPRI | EPOLLRDHUP | EPOLLHUP)) != 0,
            .has_failed = (flags & EPOLLERR) != 0,
        };
    }
    return found;
}

int platform_signal_create(void) {
    int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return descriptor >= 0 ? descriptor : -errno;
}

void platform_signal_raise(int descriptor) {
    uint64_t one = 1;
    // It fails only while it is raised as often as can be counted.
    ssize_t ignored = write(descriptor, &one, sizeof one);
    (void)ignored;
}

void platform_signal_clear(int descriptor) {
    uint64_t count;
    ssize_t ignored = read(descriptor, &count, sizeof count);
    (void)ignored;
}

int platform_listen(const void *address, uint32_t length, int backlog) {
    const struct sockaddr *socket_address = address;
    int descriptor = socket(socket_address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) {
        return -errno;
    }
    int on = 1, off = 0;
    int failed = setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0;
    // Connections inherit it. Otherwise a short answer would wait until the one before it is acknowledged (RFC 9293 §3.7.4).
    failed = failed || setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0;
    if (!failed && socket_address->sa_family == AF_INET6) {
        // It serves IPv4 too, whatever the system's default is.
        failed = setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0;
    }
    failed = failed || bind(descriptor, socket_address, length) != 0 || listen(descriptor, backlog) != 0;
    if (failed) {
        int error = errno;
        close(descriptor);
        return -error;
    }
    return descriptor;
}

static uint64_t number(const uint8_t *bytes) {
    uint64_t number = 0;
    for (int index = 0; index < 8; index++) {
        number = number << 8 | bytes[index];
    }
    return number;
}

static void read_address(const struct sockaddr_storage *storage, struct platform_address *address) {
    *address = (struct platform_address){.is_known = 0};
    if (storage->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)storage;
        *address = (struct platform_address){
            .interface = UINT64_C(0xffff) << 32 | ntohl(in->sin_addr.s_addr), .port = ntohs(in->sin_port), .is_known = 1};
    } else if (storage->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)storage;
        const uint8_t *bytes = in->sin6_addr.s6_addr;
        *address = (struct platform_address){
            .network = number(bytes), .interface = number(bytes + 8), .port = ntohs(in->sin6_port), .is_known = 1};
    }
}

int platform_accept(int descriptor, struct platform_address *client) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    storage.ss_family = AF_UNSPEC;
    int accepted = accept4(descriptor, (struct sockaddr *)&storage, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0) {
        return -errno;
    }
    read_address(&storage, client);
    return accepted;
}

int platform_local_address(int descriptor, struct platform_address *address) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    if (getsockname(descriptor, (struct sockaddr *)&storage, &length) != 0) {
        return -errno;
    }
    read_address(&storage, address);
    return 0;
}

ssize_t platform_receive(int descriptor, void *bytes, size_t length) {
    ssize_t count = recv(descriptor, bytes, length, 0);
    return count >= 0 ? count : -errno;
}

ssize_t platform_send(int descriptor, const struct platform_piece *pieces, int count, int something_follows) {
    int flags = MSG_NOSIGNAL | (something_follows ? MSG_MORE : 0);
    ssize_t sent;
    if (count == 1) {
        sent = send(descriptor, pieces[0].bytes, pieces[0].length, flags);
    } else {
        // Alike to the system: an address and a length.
        struct msghdr message = {.msg_iov = (struct iovec *)pieces, .msg_iovlen = (size_t)count};
        sent = sendmsg(descriptor, &message, flags);
    }
    return sent >= 0 ? sent : -errno;
}
_Static_assert(sizeof(struct platform_piece) == sizeof(struct iovec), "a piece is an iovec");
_Static_assert(offsetof(struct platform_piece, length) == offsetof(struct iovec, iov_len), "a piece is an iovec");

ssize_t platform_send_file(int descriptor, int file, int64_t offset, size_t length) {
    off_t position = offset;
    ssize_t sent = sendfile(descriptor, file, &position, length);
    return sent >= 0 ? sent : -errno;
}

int platform_shut_output(int descriptor) { return shutdown(descriptor, SHUT_WR) == 0 ? 0 : -errno; }

int platform_limit_buffer(int descriptor, int bytes) {
    return setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes) == 0 ? 0 : -errno;
}

int platform_limit_unsent(int descriptor, int bytes) {
    return setsockopt(descriptor, IPPROTO_TCP, platform_not_sent_low_water, &bytes, sizeof bytes) == 0 ? 0 : -errno;
}
#else
int platform_poll_error(int descriptor) {
    (void)descriptor;
    return 0;
}
#endif
