// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// One section of a module: what it is and where its content lies (spec §5.5.2).
package struct Section: Hashable, Sendable {
    /// The kinds of section, by their one-byte ids.
    package enum Kind: UInt8, Sendable {
        case custom = 0
        case type = 1
        case `import` = 2
        case function = 3
        case table = 4
        case memory = 5
        case global = 6
        case export = 7
        case start = 8
        case element = 9
        case code = 10
        case data = 11
        case dataCount = 12
        case tag = 13

        /// The place of the section in a module; custom sections, which may stand anywhere, have none (spec §5.5.16).
        var order: Int? {
            switch self {
            case .custom: nil
            case .type: 1
            case .import: 2
            case .function: 3
            case .table: 4
            case .memory: 5
            case .tag: 6
            case .global: 7
            case .export: 8
            case .start: 9
            case .element: 10
            case .dataCount: 11
            case .code: 12
            case .data: 13
            }
        }
    }

    /// What kind of section it is.
    package let kind: Kind
    /// Where the name of a custom section lies, in bytes from the start of the binary.
    package let name: Range<Int>?
    /// The section's content, in bytes from the start of the binary; without the id and the size.
    package let content: Range<Int>
}
