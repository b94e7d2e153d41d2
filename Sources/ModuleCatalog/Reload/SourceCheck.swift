// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// How it stands with the checks of a source.
package struct SourceCheck: Hashable, Sendable {
    /// The source, as a person named it.
    package let source: String
    /// When it was last looked through to its end, in seconds since 1970; 0 if it never was.
    package let lastDate: Int64
    /// For how long the check that is under way has taken; nil if there is none.
    package let running: Duration?

    /// How it stands, from its parts.
    package init(source: String, lastDate: Int64, running: Duration?) {
        self.source = source
        self.lastDate = lastDate
        self.running = running
    }
}
