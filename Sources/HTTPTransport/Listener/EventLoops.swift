// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// What the process's event loops take of the system.
package enum EventLoops {
    /// What `epoll` needs for one: itself, an event and a timer (`Selector`).
    private static let descriptorsEach = 3

    /// How many descriptors they take.
    ///
    /// They begin together, when the first one is used; the process ends if there are too few.
    package static var descriptorCount: Int { descriptorsEach * NIOSingletons.groupLoopCountSuggestion }
}
