// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#define _GNU_SOURCE
#include "CPlatform.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/// Whether getaddrinfo(3) has learned that the name has no address, which is an answer too.
static int is_unknown(int failure) {
#if defined(EAI_NODATA) && EAI_NODATA != EAI_NONAME
    if (failure == EAI_NODATA) {
        return 1;
    }
#endif
    return failure == EAI_NONAME;
}

const char *platform_addresses(
    const char *host, void *context, void (*address)(void *context, const uint8_t *bytes, size_t length)) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *first = NULL;
    int failure = getaddrinfo(host, NULL, &hints, &first);
    if (failure != 0) {
        // What the system lacks is not the name server's doing: descriptors, say. The words for known errors are static.
        const char *reason = failure == EAI_SYSTEM ? strerror(errno) : gai_strerror(failure);
        return is_unknown(failure) ? NULL : reason;
    }
    for (const struct addrinfo *next = first; next != NULL; next = next->ai_next) {
        if (next->ai_family == AF_INET) {
            const struct sockaddr_in *found = (const struct sockaddr_in *)next->ai_addr;
            address(context, (const uint8_t *)&found->sin_addr, sizeof found->sin_addr);
        } else if (next->ai_family == AF_INET6) {
            const struct sockaddr_in6 *found = (const struct sockaddr_in6 *)next->ai_addr;
            address(context, (const uint8_t *)&found->sin6_addr, sizeof found->sin6_addr);
        }
    }
    freeaddrinfo(first);
    return NULL;
}

int platform_parse_address(const char *text, uint8_t bytes[16]) {
    if (inet_pton(AF_INET, text, bytes) == 1) {
        return 4;
    }
    return inet_pton(AF_INET6, text, bytes) == 1 ? 16 : 0;
}
