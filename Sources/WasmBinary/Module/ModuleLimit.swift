// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The most of each thing that a module may have, as V8 has it: JavaScript API, "Implementation-defined Limits".
enum ModuleLimit {
    static let types = 1_000_000
    static let functions = 1_000_000
    static let imports = 1_000_000
    static let exports = 1_000_000
    static let globals = 1_000_000
    static let tags = 1_000_000
    static let tables = 100_000
    static let memories = 100_000
    static let dataSegments = 100_000
    static let elementSegments = 10_000_000
    /// Elements of a table, to begin with, and of a segment.
    static let tableElements = 10_000_000
    /// Pages of a memory with addresses of 32 bits.
    static let memoryPages: UInt64 = 65_536
    /// Pages of a memory with addresses of 64 bits, to begin with and at most: 16 GiB.
    static let memory64Pages: UInt64 = 262_144
    /// Bytes of one function's body.
    static let functionSize = 7_654_321
    /// Locals of a function, with its parameters.
    static let locals = 50_000
    static let parameters = 1_000
    static let results = 1_000
    static let fields = 10_000
    /// Parameters, results and fields of all types together: ours, as each byte of a type takes four or eight here.
    static let typeValues = 4_000_000
    /// Types above a type.
    static let subtypeDepth = 63
    /// Operands of `array.new_fixed`.
    static let arrayOperands = 10_000
    /// Blocks within each other: ours, as V8 has no limit but the size of a function, and each takes memory here.
    static let nesting = 250_000
    /// Steps of work, beside ``stepsPerByte``: ours, as two bytes of code can compare two thousand operands, and six declare
    /// fifty thousand locals.
    static let steps = 4_000_000
    /// Steps of work for each byte of the module; the code of compilers takes one or two.
    static let stepsPerByte = 16
    /// Operands that are there at once, where an instruction adds several: ours, as two bytes can add a thousand.
    static let operands = 1_000_000
    /// Labels of a `br_table`.
    static let branchTableSize = 65_520
    /// Catch clauses of a `try_table`.
    static let catchClauses = 65_520
    /// Bytes of a name: ours, and wasmtime's.
    static let nameLength = 100_000
}
