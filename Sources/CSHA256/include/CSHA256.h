// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#ifndef WASM_SERVER_CSHA256_H
#define WASM_SERVER_CSHA256_H

#include <stddef.h>
#include <stdint.h>

enum { sha256_size = 32 };

/// What SHA-256 (FIPS 180-4 §6.2) makes of the bytes that it has seen so far. It may be copied.
struct sha256 {
    uint64_t words[14];
};

/// A function that has seen nothing.
struct sha256 sha256_begin(void);

/// Has it see further bytes.
void sha256_update(struct sha256 *function, const void *bytes, size_t count);

/// Writes the digest of all bytes so far, sha256_size of them.
void sha256_finish(struct sha256 function, uint8_t *digest);

#endif
