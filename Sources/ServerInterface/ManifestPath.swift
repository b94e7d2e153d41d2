// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The path of configuration for a gateway: `/modules`, a module's path, the gateway, and `.yaml`.
package struct ManifestPath: Equatable, Sendable {
    /// The module's path, with its slash.
    package let modulePath: String
    /// What stands for the gateway.
    package let gateway: String

    private static let suffix = ".yaml"

    /// The paths of a module's configurations, as a template with the variable `gateway` (RFC 6570).
    ///
    /// - Parameter path: The module's path, percent-encoded, with its slash.
    /// - Returns: The template.
    package static func template(of path: String) -> String { "\(ModuleIndex.path)\(path)/{gateway}\(suffix)" }

    /// The path that a text spells; nil for any other path.
    package init?(_ text: String) {
        let bytes = text.utf8
        guard bytes.starts(with: (ModuleIndex.path + "/").utf8), bytes.ends(with: Self.suffix),
            let slash = bytes.lastIndex(of: UInt8(ascii: "/"))
        else { return nil }
        let module = bytes[..<slash].dropFirst(ModuleIndex.path.utf8.count)
        guard module.ends(with: InterfacePath.moduleSuffix) else { return nil }
        modulePath = String(decoding: module, as: UTF8.self)
        gateway = String(decoding: bytes[slash...].dropFirst().dropLast(Self.suffix.utf8.count), as: UTF8.self)
    }
}

extension BidirectionalCollection<UInt8> {
    /// Bytes, not characters: to Swift a slash and a combining mark are one character.
    fileprivate func ends(with suffix: String) -> Bool { reversed().starts(with: suffix.utf8.reversed()) }
}
