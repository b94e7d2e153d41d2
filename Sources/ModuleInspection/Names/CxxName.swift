// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform

/// The names that C++ compilers give to functions (Itanium C++ ABI §5.1), demangled by the C++ runtime.
///
/// It has no limits of its own: a name nests as deep as it is long, and each time that it refers to a type before (`S1_`, `T_`) may
/// treble what is written. So only names are handed to it that are short and do so seldom. Of 34,846 names of Clang and the C++
/// library of GCC, 2 are not.
enum CxxName {
    /// The most bytes of a name.
    static let mostBytes = 1024
    /// The most references in a name: 16 of them make it 350 times as long at most.
    static let mostReferences = 16

    /// Demangles a name.
    ///
    /// - Parameters:
    ///   - bytes: The name.
    ///   - effort: Grows by the bytes that were written.
    /// - Returns: What it is written as; nil if it is none of C++'s, or too large.
    static func demangled(_ bytes: [UInt8], _ effort: inout Int) -> String? {
        guard bytes.starts(with: "_Z".utf8), bytes.count <= mostBytes, !bytes.contains(0),
            references(in: bytes) <= mostReferences
        else { return nil }
        guard let text = unsafe platform_demangle((bytes + [0]).map { CChar(bitPattern: $0) }) else { return nil }
        defer { unsafe free(text) }
        let demangled = unsafe String(cString: text)
        effort += bytes.count + demangled.utf8.count
        return demangled.utf8.count <= DemangledText.mostBytes ? demangled : nil
    }

    /// How often a name refers to what stands before in it, packs included (§5.1.10, §5.1.5.8); the first type of all, `S_`, cannot
    /// have references in it.
    private static func references(in bytes: [UInt8]) -> Int {
        var count = 0
        for index in bytes.indices.dropLast() {
            switch (bytes[index], bytes[index + 1]) {
            case (UInt8(ascii: "S"), UInt8(ascii: "0")...UInt8(ascii: "9")),
                (UInt8(ascii: "S"), UInt8(ascii: "A")...UInt8(ascii: "Z")),
                (UInt8(ascii: "T"), UInt8(ascii: "0")...UInt8(ascii: "9")),
                (UInt8(ascii: "T"), UInt8(ascii: "_")), (UInt8(ascii: "T"), UInt8(ascii: "L")),
                (UInt8(ascii: "D"), UInt8(ascii: "p")), (UInt8(ascii: "s"), UInt8(ascii: "p")):
                count += 1
            default: break
            }
        }
        return count
    }
}
