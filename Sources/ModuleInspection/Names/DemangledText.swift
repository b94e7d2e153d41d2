// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why a name is left as it is.
enum DemangleError: Error {
    /// It breaks the grammar.
    case malformed
    /// It would be too long, take too long, or is nested too deep.
    case tooLarge
}

/// What a name is written as, with an end to it: hostile names expand without one.
struct DemangledText {
    /// The most bytes that a name is written as.
    static let mostBytes = 4096
    /// The most steps that one is worth; the longest of real compilers take some hundred.
    private static let mostSteps = 20_000
    /// How deep its parts may lie in each other.
    private static let mostNesting = 100

    private(set) var bytes: [UInt8] = []
    /// How many steps it took so far.
    private(set) var steps = 0
    private var nesting = 0
    /// What is only passed over is not written.
    var isSilent = false

    /// Writes text.
    mutating func write(_ text: StaticString) throws(DemangleError) {
        unsafe try write(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Writes text that is known to be short, or checked.
    mutating func write(contentsOf text: some Collection<UInt8>) throws(DemangleError) {
        guard !isSilent else { return }
        guard bytes.count + text.count <= Self.mostBytes else { throw .tooLarge }
        bytes += text
    }

    /// Writes a number.
    mutating func write(_ number: some BinaryInteger) throws(DemangleError) {
        try write(contentsOf: Array(String(number).utf8))
    }

    /// Counts a part that lies in another, as long as it does.
    mutating func enter() throws(DemangleError) {
        steps += 1
        nesting += 1
        guard steps <= Self.mostSteps, nesting <= Self.mostNesting else { throw .tooLarge }
    }

    mutating func leave() { nesting -= 1 }
}
