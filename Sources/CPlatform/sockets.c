// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#if defined(__linux__)
#include <linux/sockios.h>
#include <linux/tcp.h>
#endif

int64_t platform_acknowledged(int descriptor) {
#if defined(__linux__)
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) {
        return -errno;
    }
    return (int64_t)info.tcpi_bytes_acked;
#else
    (void)descriptor;
    return -ENOTSUP;
#endif
}

int platform_unacknowledged(int descriptor) {
#if defined(__linux__)
    int count = 0;
    return ioctl(descriptor, SIOCOUTQ, &count) == 0 ? count : -errno;
#else
    (void)descriptor;
    return -ENOTSUP;
#endif
}

int platform_accept_queue(int descriptor) {
#if defined(__linux__)
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) {
        return -errno;
    }
    return (int)info.tcpi_unacked;
#else
    (void)descriptor;
    return -ENOTSUP;
#endif
}

int platform_reset_on_close(int descriptor) {
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    return setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) == 0 ? 0 : -errno;
}
