// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#ifndef C_VERSION_H
#define C_VERSION_H

/// The version of the program (Semantic Versioning 2.0.0).
const char *version_number(void);

/// The commit of the sources that it was built from, in hexadecimal digits; `unknown` where nobody told the compiler.
const char *version_revision(void);

#endif
