// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The name of a function as a person writes it, and what it belongs to.
package struct FunctionName: Hashable, Sendable {
    /// The name, as it is in a program.
    package let text: String
    /// The crate, package, namespace or file that it belongs to; nil if the name does not tell.
    package let owner: String?

    /// Reads a name.
    ///
    /// - Parameters:
    ///   - bytes: What the module has as its name.
    ///   - isGo: Whether Go's tools made the module, which write a package before a dot.
    ///   - effort: Grows by what it took to read it; once it is ``mostEffort``, names are left as they are.
    package init(_ bytes: [UInt8], isGo: Bool, effort: inout Int) {
        let demangled = effort < Self.mostEffort ? Self.demangled(bytes, &effort) : nil
        let given = demangled ?? String(decoding: bytes, as: UTF8.self)
        if isGo {
            (text, owner) = (GoName.readable(given), GoName.package(of: given))
        } else {
            let isMangled = demangled == nil && bytes.first == UInt8(ascii: "_")
            (text, owner) = (given, isMangled ? nil : NameOwner.of(given))
        }
    }

    /// What reading all names of a module may take together, in steps and bytes: a second or so.
    static let mostEffort = 100_000_000

    private static func demangled(_ bytes: [UInt8], _ effort: inout Int) -> String? {
        // What most names are costs least.
        guard bytes.first == UInt8(ascii: "_") else { return nil }
        return RustName.demangled(bytes, &effort)
            ?? LegacyRustName.demangled(bytes)
            ?? CxxName.demangled(bytes, &effort)
    }
}
