// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#include "CPlatform.h"

/// Of the C++ runtime, which Swift's own runtime brings along (Itanium C++ ABI §3.4).
char *__cxa_demangle(const char *name, char *buffer, size_t *length, int *status);

char *platform_demangle(const char *name) {
    int status = 0;
    return __cxa_demangle(name, NULL, NULL, &status);
}
