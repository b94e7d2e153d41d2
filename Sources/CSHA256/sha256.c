// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors
//
// By the BoringSSL that swift-nio-ssl brings along for TLS. Its header is not among what that package offers, so another version
// may not have it; Package.swift names one. The alternative is to build BoringSSL once more, as swift-crypto does.

#include "CSHA256.h"

#include <CNIOBoringSSL_sha.h>
#include <string.h>

_Static_assert(sizeof(struct sha256) == sizeof(SHA256_CTX), "it has room for BoringSSL's");
_Static_assert(_Alignof(struct sha256) >= _Alignof(SHA256_CTX), "it lies as BoringSSL's does");
_Static_assert(sha256_size == SHA256_DIGEST_LENGTH, "a digest has 256 bits");

struct sha256 sha256_begin(void) {
    SHA256_CTX context;
    SHA256_Init(&context);
    struct sha256 function;
    memcpy(&function, &context, sizeof context);
    return function;
}

void sha256_update(struct sha256 *function, const void *bytes, size_t count) {
    SHA256_CTX context;
    memcpy(&context, function, sizeof context);
    SHA256_Update(&context, bytes, count);
    memcpy(function, &context, sizeof context);
}

void sha256_finish(struct sha256 function, uint8_t *digest) {
    SHA256_CTX context;
    memcpy(&context, &function, sizeof context);
    SHA256_Final(digest, &context);
}
