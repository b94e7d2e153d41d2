// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The names that whoever sets a catalog's limits has for them: errors say which one to raise.
package struct LimitNames: Hashable, Sendable {
    let moduleSize: String
    let memory: String

    /// The names: of the limit of a module's size, and of that of the memory for modules that are no longer current.
    package init(moduleSize: String = "the largest size", memory: String = "the memory") {
        self.moduleSize = moduleSize
        self.memory = memory
    }
}
