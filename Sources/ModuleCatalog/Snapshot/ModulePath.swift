// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ServerInterface

/// The path under which a module is served, relative to the root: `plugin.wasm`, `ai-proxy/1.0.0/plugin.wasm`.
///
/// It is a name in a table, never a path in a file system.
package struct ModulePath: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The suffix that every module's path has.
    package static let suffix = InterfacePath.moduleSuffix
    /// Where Kuadrant's operator asks for its one module (`wasm_server.go`).
    package static let plugin = ModulePath(checked: "plugin.wasm")

    /// The longest that it may be in a URL, in bytes: gateways limit their requests, and documents and metrics name each path often.
    package static let maximumLength = 1024

    /// The components, joined by `/`, as they are: not percent-encoded.
    package let text: String

    private init(checked text: String) {
        self.text = text
    }

    /// The path that a text spells.
    ///
    /// - Throws: ``CatalogError`` with ``CatalogError/Code/unusableName`` and the reason.
    package init(_ text: String) throws(CatalogError) {
        // Scalars, not characters: to Swift a slash and a combining mark are one character, which is no slash.
        let components = text.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false)
        guard text.hasSuffix(Self.suffix), text.utf8.count > Self.suffix.utf8.count else {
            let remedy = text.hasSuffix(".wat") ? "translate it with wat2wasm" : "if it is a module, rename it"
            throw .unusableName(text, "does not end in \(Self.suffix)", remedy)
        }
        guard !components.contains(where: { $0.isEmpty || $0.first == "." }) else {
            throw .unusableName(text, "has an empty or hidden component", "rename it")
        }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }) else {
            throw .unusableName(text, "has a control character in its name", "rename it")
        }
        if let first = components.first.map(String.init), components.count > 1,
            InterfacePath.reservedComponents.contains(first)
        {
            throw .unusableName(text, "lies below /\(first)/, which the server itself answers", "rename that directory")
        }
        self.text = text
        let length = urlPath.utf8.count
        guard length <= Self.maximumLength else {
            let reason = "has a path of \(length) bytes in a URL, and \(Self.maximumLength) are allowed"
            throw .unusableName(text, reason, "give it and its directories shorter names")
        }
    }

    /// The module's name: for `<name>/<version>/plugin.wasm` its name, otherwise the path without its suffix.
    package var name: String {
        guard let versioned else { return String(text.dropLast(Self.suffix.count)) }
        return versioned.name
    }

    /// The version in `<name>/<version>/plugin.wasm`, the layout of Higress' plugin server.
    package var version: String? { versioned?.version }

    private var versioned: (name: String, version: String)? {
        let components = text.unicodeScalars.split(separator: "/").map(String.init)
        guard components.count >= 3, components.last == "plugin.wasm" else { return nil }
        let name = components.dropLast(2).joined(separator: "/")
        return (name, components[components.count - 2])
    }

    /// The path in a URL, with its leading slash: everything but unreserved characters is percent-encoded
    /// (RFC 3986 §2.1, §2.3).
    package var urlPath: String {
        text.utf8.reduce(into: "/") { path, byte in
            if byte.isAlphanumeric || "-._~/".utf8.contains(byte) {
                path.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                path += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
    }

    /// The path's text.
    package var description: String { text }

    /// Orders by bytes.
    package static func < (left: ModulePath, right: ModulePath) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    /// Compares bytes: to Swift, texts that are canonically equivalent are equal, and file systems and HTTP tell them apart.
    package static func == (left: ModulePath, right: ModulePath) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}

extension String {
    /// What stands for bytes of a name that are not UTF-8.
    private static let replacement: Unicode.Scalar = "\u{fffd}"

    /// Whether bytes of this name were replaced, as they are not UTF-8.
    var hasBytesThatAreNotUTF8: Bool { unicodeScalars.contains(Self.replacement) }

    /// Whether this name was meant to be a module's, and is not: `PLUGIN.WASM`, or one with something at its end that nobody sees.
    var isNearlyNamedAsModule: Bool {
        let scalars = unicodeScalars
        let end = scalars.lastIndex { !Self.isHardlySeen($0) }.map(scalars.index(after:)) ?? scalars.startIndex
        return String(scalars[..<end]).lowercased().hasSuffix(ModulePath.suffix)
    }

    /// Whether a character is white space, a control character, one that shows nothing, a mark on another one, or stands for bytes
    /// that are not UTF-8.
    private static func isHardlySeen(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        if scalar == replacement || properties.isWhitespace || properties.isDefaultIgnorableCodePoint { return true }
        switch properties.generalCategory {
        case .control, .format, .nonspacingMark, .enclosingMark: return true
        default: return false
        }
    }
}
