// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The names of functions, as hosts read them: a module that does not have them so is not loaded, though it is valid.
///
/// Hosts read the first custom section called `name` themselves (`getFunctionNameIndex` in `bytecode_util.cc` of proxy-wasm-cpp-host;
/// the format is the specification's, appendix 7.4.1). Of its subsections they look into those of functions only, where names need not
/// be UTF-8, and functions need not exist.
struct FunctionNames {
    private static let subsection: UInt8 = 1
    private let end: Int
    private var offset: Int

    /// What is wrong with a section's content, and where; nil if hosts read it.
    static func fault(in content: Range<Int>, of bytes: Span<UInt8>) -> Fault? {
        var names = FunctionNames(end: content.upperBound, offset: content.lowerBound)
        do throws(Fault) {
            while names.offset < names.end { try names.readSubsection(bytes) }
            return nil
        } catch {
            return error
        }
    }

    /// Why names cannot be read, and where.
    struct Fault: Error, Hashable, Sendable {
        /// A sentence without its full stop.
        let words: String
        /// In bytes from the start of the binary.
        let offset: Int
    }

    private mutating func readSubsection(_ bytes: Span<UInt8>) throws(Fault) {
        let id = bytes[offset]
        offset += 1
        let size = try integer(bytes)
        guard size <= end - offset else { throw fault("a subsection is longer than the section") }
        guard id == Self.subsection else {
            offset += size
            return
        }
        let start = offset
        let count = try integer(bytes)
        guard count <= end - offset else { throw fault("there are more names than bytes") }
        for _ in 0..<count {
            _ = try integer(bytes)
            let length = try integer(bytes)
            guard length <= end - offset else { throw fault("a name is longer than the section") }
            offset += length
        }
        guard offset == start + size else { throw fault("the names end elsewhere than their subsection") }
    }

    /// A number of at most 30 bits in LEB128, which is as much as hosts take.
    private mutating func integer(_ bytes: Span<UInt8>) throws(Fault) -> Int {
        var value = 0
        for shift in stride(from: 0, through: 28, by: 7) {
            guard offset < end else { throw fault("the section ends within a number") }
            let next = bytes[offset]
            guard shift < 28 || next & 0x7f < 4 else { break }
            offset += 1
            value |= Int(next & 0x7f) << shift
            if next & 0x80 == 0 { return value }
        }
        throw fault("a number is too large")
    }

    private func fault(_ words: String) -> Fault { Fault(words: words, offset: offset) }
}
