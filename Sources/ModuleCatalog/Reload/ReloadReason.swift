// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why the sources are looked at.
package enum ReloadReason: Sendable {
    /// It is time to see whether something has changed; what has must be at rest.
    case poll
    /// Someone asked for it: what has changed is taken at once.
    case request
    /// Everything is read anew: sizes and times of files can lie.
    case rehash
}
