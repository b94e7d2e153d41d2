// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// The URL of a module, or of its digest, by that digest.
struct DigestURL: Equatable {
    /// What is asked for there.
    enum Subject {
        case module
        case digest
    }

    let digest: Digest
    let subject: Subject

    private static let prefix = "/sha256/"
    private static let suffix = ".wasm"
    /// What the path of a module's digest ends in.
    static let digestSuffix = ".sha256"

    /// The path under which a digest's bytes are served, whatever their name.
    static func path(of digest: Digest) -> String {
        "\(prefix)\(digest)\(suffix)"
    }

    /// Whether a path is one where digests are asked for, well spelled or not.
    static func isBelow(_ path: String) -> Bool { path.hasPrefix(prefix) }

    /// The URL that a path spells; nil for any other path.
    init?(path: String) {
        subject = path.hasSuffix(Self.suffix + Self.digestSuffix) ? .digest : .module
        let ending = subject == .digest ? Self.suffix + Self.digestSuffix : Self.suffix
        guard path.hasPrefix(Self.prefix), path.hasSuffix(ending),
            let digest = Digest(hexadecimal: path.utf8.dropFirst(Self.prefix.utf8.count).dropLast(ending.utf8.count))
        else { return nil }
        self.digest = digest
    }
}

extension Digest {
    fileprivate init?(hexadecimal: Substring.UTF8View) {
        self.init(hexadecimal: Substring(hexadecimal))
    }
}
