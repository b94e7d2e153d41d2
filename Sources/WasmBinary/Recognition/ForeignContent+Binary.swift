// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension ForeignContent {
    /// What begins with a known signature, or is nothing but zeros.
    static func binary(_ bytes: Span<UInt8>) -> ForeignContent? {
        if let known = signatures.first(where: { bytes.starts(with: $0.bytes, at: $0.offset) }) { return known.content }
        if bytes.starts(with: fat) { return isJavaClass(bytes) ? .native("a Java class file") : .machO }
        if isTarHeader(bytes) { return .tar }
        return bytes.indices.allSatisfy { bytes[$0] == 0 } ? .zeros : nil
    }

    private struct Signature {
        let bytes: [UInt8]
        let offset: Int
        let content: ForeignContent

        init(_ bytes: [UInt8], at offset: Int = 0, _ content: ForeignContent) {
            self.bytes = bytes
            self.offset = offset
            self.content = content
        }

        init(_ text: String, at offset: Int = 0, _ content: ForeignContent) {
            self.init(Array(text.utf8), at: offset, content)
        }
    }

    /// The first that fits counts.
    private static let signatures: [Signature] = [
        // RFC 1952 §2.3.1.
        Signature([0x1f, 0x8b], .packed("a gzip file", unpackedBy: "gunzip, or tar -xzf")),
        // RFC 8878 §3.1.1.
        Signature([0x28, 0xb5, 0x2f, 0xfd], .packed("a Zstandard file", unpackedBy: "zstd -d, or tar --zstd -xf")),
        Signature([0xfd] + Array("7zXZ".utf8) + [0], .packed("an xz file", unpackedBy: "xz -d, or tar -xJf")),
        Signature("BZh", .packed("a bzip2 file", unpackedBy: "bzip2 -d, or tar -xjf")),
        Signature([0x04, 0x22, 0x4d, 0x18], .packed("an LZ4 file", unpackedBy: "lz4 -d")),
        Signature([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], .packed("a 7z archive", unpackedBy: "7z x")),
        // APPNOTE.TXT §4.3.7, and §4.3.16 of an archive without files.
        Signature("PK\u{3}\u{4}", .packed("a zip archive", unpackedBy: "unzip")),
        Signature("PK\u{5}\u{6}", .packed("a zip archive", unpackedBy: "unzip")),
        // POSIX pax, "ustar Interchange Format": the field magic.
        Signature("ustar", at: 257, .tar),
        Signature("!<arch>\n", .native("a static library")),
        Signature(
            [0x7f] + Array("ELF".utf8),
            .native("an ELF file, a program or library for Linux or a module compiled ahead of time")
        ),
        Signature([0xce, 0xfa, 0xed, 0xfe], .machO),
        Signature([0xcf, 0xfa, 0xed, 0xfe], .machO),
        Signature([0xfe, 0xed, 0xfa, 0xce], .machO),
        Signature([0xfe, 0xed, 0xfa, 0xcf], .machO),
        // LLVM's bitcode file format, "Magic Numbers".
        Signature([0x42, 0x43, 0xc0, 0xde], .native("LLVM bitcode")),
        Signature([0xef, 0xbb, 0xbf] + SectionWalk.magic, .afterByteOrderMark),
        Signature(Array("asm".utf8) + [1], .withoutZeros),
        Signature([0xff, 0xfe], .utf16),
        Signature([0xfe, 0xff], .utf16),
        // X.690 §8.1: a sequence whose length takes two bytes.
        Signature([0x30, 0x82], .der),
        Signature("MZ", .native("a PE file, a program or library for Windows")),
    ]

    private static let tar = packed("a tar archive", unpackedBy: "tar -xf")

    /// Whether an archive begins here that has no magic, as before POSIX: its header's sum, with blanks for the sum itself,
    /// stands in octal digits at byte 148 (tar(5)).
    private static func isTarHeader(_ bytes: Span<UInt8>) -> Bool {
        let sumPlace = 148..<156
        guard bytes.count >= 512 else { return false }
        let sum = (0..<512).reduce(0) { $0 + (sumPlace.contains($1) ? 0x20 : Int(bytes[$1])) }
        let digits = sumPlace.map { bytes[$0] }.drop { $0 == 0x20 }.prefix { (48...55).contains($0) }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8) == sum
    }

    /// Opens Mach-O files for several processors, and Java's classes.
    private static let fat: [UInt8] = [0xca, 0xfe, 0xba, 0xbe]

    /// A class file's version stands where Mach-O has how many processors it is for; Java began with version 45 (JVMS §4.1).
    private static func isJavaClass(_ bytes: Span<UInt8>) -> Bool {
        bytes.count >= 8 && bytes[6] == 0 && bytes[7] >= 45
    }
}
