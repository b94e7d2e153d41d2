// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why bytes are not a core WebAssembly module, and where that shows.
///
/// Two errors are equal when their codes are.
package struct WasmBinaryError: Error, Equatable, CustomStringConvertible {
    /// The kinds of fault that the walk over a binary can find.
    package enum Code: Hashable, Sendable {
        case truncated
        case wrongMagic
        case wrongVersion
        /// A component instead of a core module.
        case component
        case malformedInteger
        case malformedName
        case unknownSection
        case sectionOutOfOrder
    }

    /// What kind of fault it is.
    package let code: Code
    /// What is wrong, in words that follow a file's name.
    package let message: String
    /// Where, in bytes from the start of the binary.
    package let offset: Int

    /// The message with its offset.
    package var description: String { "\(message) (at byte \(offset))" }

    static func component(at offset: Int) -> WasmBinaryError {
        WasmBinaryError(
            code: .component,
            message: "it is a WebAssembly component, and proxies load core modules only",
            offset: offset
        )
    }

    static func version(_ found: [UInt8], at offset: Int) -> WasmBinaryError {
        WasmBinaryError(
            code: .wrongVersion,
            message: "its version is \(found), and proxies know version 1 only",
            offset: offset
        )
    }

    /// Compares the codes alone.
    package static func == (left: WasmBinaryError, right: WasmBinaryError) -> Bool {
        left.code == right.code
    }
}
