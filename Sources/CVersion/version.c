// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#include "version.h"

/// The release that these sources are, or are on the way to.
#define RELEASE "0.1.0"

// `make` and the scripts tell both (Scripts/version). A plain `swift build` does not know them, and does not guess.
#ifndef BUILD_VERSION
#define BUILD_VERSION RELEASE "-dev"
#endif
#ifndef BUILD_REVISION
#define BUILD_REVISION "unknown"
#endif

const char *version_number(void) { return BUILD_VERSION; }

const char *version_revision(void) { return BUILD_REVISION; }
