// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content

/// What the paths of the data port are made of; ``ModuleIndex/path``, ``DigestPath`` and ``ManifestPath`` are the rest.
package enum InterfacePath {
    /// Whether there is a server.
    package static let health = "/health"
    /// What is answered at the operations port only.
    package static let operations = ["/livez", "/readyz", "/startupz", "/metrics"]
    /// What every module's path ends in.
    package static let moduleSuffix = ".wasm"
    /// What the path of a module's digest ends in, behind that.
    package static let digestSuffix = ".sha256"
    /// First components that belong to the interface itself: digest paths, and the OCI Distribution API.
    package static let reservedComponents: Set<String> = ["sha256", "v2"]
}

/// The path of a module, or of its digest, by that digest: `/sha256/<64 hexadecimal digits>.wasm`.
package struct DigestPath: Equatable, Sendable {
    /// What is asked for there.
    package enum Subject: Sendable {
        case module
        case digest
    }

    /// The digest.
    package let digest: Digest
    /// What is asked for.
    package let subject: Subject

    private static let prefix = "/sha256/"

    /// How such paths are spelled.
    package static let template = "\(prefix)<digest>\(InterfacePath.moduleSuffix)"

    /// The same as a template with the variable `digest` (RFC 6570).
    package static let uriTemplate = "\(prefix){digest}\(InterfacePath.moduleSuffix)"

    /// The path under which a digest's bytes are served, whatever their name.
    package static func text(of digest: Digest) -> String { "\(prefix)\(digest)\(InterfacePath.moduleSuffix)" }

    /// Whether a path is one where digests are asked for, well spelled or not.
    package static func isBelow(_ path: String) -> Bool { path.hasPrefix(prefix) }

    /// The path that a text spells; nil for any other path.
    package init?(_ text: String) {
        let (moduleEnd, digestEnd) = (
            InterfacePath.moduleSuffix, InterfacePath.moduleSuffix + InterfacePath.digestSuffix
        )
        subject = text.hasSuffix(digestEnd) ? .digest : .module
        let end = subject == .digest ? digestEnd : moduleEnd
        guard text.hasPrefix(Self.prefix), text.hasSuffix(end),
            let digest = Digest(
                hexadecimal: Substring(text.utf8.dropFirst(Self.prefix.utf8.count).dropLast(end.utf8.count))
            )
        else { return nil }
        self.digest = digest
    }
}

/// The path of configuration for a gateway: `/modules`, a module's path, the gateway, and `.yaml`.
package struct ManifestPath: Equatable, Sendable {
    /// The module's path, with its slash.
    package let modulePath: String
    /// What stands for the gateway.
    package let gateway: String

    private static let suffix = ".yaml"

    /// The paths of a module's configurations, as a template with the variable `gateway` (RFC 6570), of its own path,
    /// which is percent-encoded and has its slash.
    package static func template(of path: String) -> String { "\(ModuleIndex.path)\(path)/{gateway}\(suffix)" }

    /// The paths of any module's configurations, as people read them.
    package static let example = "\(ModuleIndex.path)/<path>\(InterfacePath.moduleSuffix)/<gateway>\(suffix)"

    /// Whether a path is that of a module below the list of modules, without a gateway.
    package static func lacksGateway(_ text: String) -> Bool {
        text.utf8.starts(with: (ModuleIndex.path + "/").utf8) && text.utf8.ends(with: InterfacePath.moduleSuffix)
    }

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
