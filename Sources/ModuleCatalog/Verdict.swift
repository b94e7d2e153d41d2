// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Whether a module may be served.
package enum Verdict: Hashable, Sendable {
    case admitted
    case refused(reason: String)
}
