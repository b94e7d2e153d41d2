// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content

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
