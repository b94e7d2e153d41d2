// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The version of the program.
enum Version {
    /// What `--version` prints and the metrics tell.
    static let current = "0.1.0"
}
