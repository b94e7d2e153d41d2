// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why bytes are not a core WebAssembly module, and where that shows.
///
/// Two errors are equal when their codes are.
package struct WasmBinaryError: Error, Equatable, CustomStringConvertible {
    /// The kinds of fault.
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
        /// It breaks a rule of the binary format (spec §5).
        case malformed
        /// It breaks a rule of validation (spec §3).
        case invalid
        /// It has more of something than V8 takes.
        case tooLarge
        /// It uses a feature that V8 does not enable by default, or two that V8 does not take together.
        case unsupported
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

extension WasmBinaryError {
    /// A rule of the binary format is broken; the rule is named as the specification's own suite names it.
    static func malformed(_ rule: String, at offset: Int) -> WasmBinaryError {
        WasmBinaryError(code: .malformed, message: rule, offset: offset)
    }

    /// A rule of validation is broken; it is named as the specification's own suite names it.
    static func invalid(_ rule: String, at offset: Int) -> WasmBinaryError {
        WasmBinaryError(code: .invalid, message: rule, offset: offset)
    }

    /// There is too much of something.
    static func tooMany(_ what: String, _ count: some BinaryInteger, limit: some BinaryInteger, at offset: Int)
        -> WasmBinaryError
    {
        WasmBinaryError(
            code: .tooLarge,
            message: "it has \(count) \(what), and V8 takes at most \(limit)",
            offset: offset
        )
    }

    /// There is too much of something for us, though V8 may take it.
    static func tooMany(_ what: String, _ count: Int, ours limit: Int, at offset: Int) -> WasmBinaryError {
        WasmBinaryError(code: .tooLarge, message: "it has \(count) \(what), more than \(limit)", offset: offset)
    }

    /// What a module has declared, taken and given so far is more work than its size allows.
    static func tooCostly(at offset: Int) -> WasmBinaryError {
        WasmBinaryError(
            code: .tooLarge,
            message: "its functions have far more locals, parameters and results than its size allows",
            offset: offset
        )
    }

    /// A feature is used that is not enabled.
    static func unsupported(_ feature: String, at offset: Int) -> WasmBinaryError {
        WasmBinaryError(
            code: .unsupported,
            message: "it uses \(feature), which V8 does not enable by default",
            offset: offset
        )
    }

    /// Code has exceptions as they are (`try_table`, `throw_ref`, `exnref`), and elsewhere as they were before (`try`).
    static func twoKindsOfExceptions(at offset: Int) -> WasmBinaryError {
        WasmBinaryError(
            code: .unsupported,
            message: "it is compiled with exceptions of two kinds, old (try) and new (try_table, throw_ref, exnref), "
                + "and V8 takes only one of them in a module",
            offset: offset
        )
    }

    /// The same error, in the body of a function.
    func inFunction(_ index: Int) -> WasmBinaryError {
        WasmBinaryError(code: code, message: "in function \(index), \(message)", offset: offset)
    }
}
