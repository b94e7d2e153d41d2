// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics

/// Why a certificate, a key or a bundle of authorities cannot be used; it never holds a part of a key.
package struct TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The path of the file that it is about.
    package let file: String
    /// What is wrong with it.
    package let reason: String
    /// What a person can do about it.
    package let remedy: String

    /// Whether the file could not be had at all, whatever it holds.
    package let isUnreadable: Bool

    /// An error of a file.
    package init(file: String, reason: String, remedy: String, isUnreadable: Bool = false) {
        (self.file, self.reason, self.remedy, self.isUnreadable) = (file, reason, remedy, isUnreadable)
    }

    /// One line: the file, the reason, the remedy.
    package var description: String { "\(file): \(reason); \(remedy)" }
}

extension TLSError {
    /// How many certificates a line of a log names.
    private static let namedCount = 4

    /// Of a file in which nothing could ever vouch for anybody.
    init(noneCanVouch anchors: TrustAnchors, of owners: String, in file: String) {
        let isConfined = anchors.ignored.contains { $0.reason == .otherUsage }
        self.init(
            file: file,
            reason: isConfined
                ? "none of its \(anchors.ignored.count) certificates may vouch for \(owners) by its extended key usage"
                : "none of its \(anchors.ignored.count) certificates is an authority's (CA:TRUE)",
            remedy: "put the certificates there of those who issue the \(owners)' certificates"
                + (isConfined ? "" : "; a key usage has to include keyCertSign")
        )
    }

    /// Of a file of which some certificates vouch for nobody now; nil if there are none.
    init?(ignoredOf anchors: TrustAnchors, in file: String) {
        guard !anchors.ignored.isEmpty else { return nil }
        self.init(
            file: file,
            reason: Self.list(anchors.ignored.map(Self.text)),
            remedy: "renew what is still needed, and take out the rest"
        )
    }

    /// Texts on a line of a log: the first of them, and how many others there are.
    static func list(_ texts: [String]) -> String {
        let others = texts.count - namedCount
        return (texts.prefix(namedCount) + (others > 0 ? ["and \(others) others"] : [])).joined(separator: ", ")
    }

    private static func text(_ anchor: IgnoredAnchor) -> String {
        let name = anchor.subject.map { " (\($0))" } ?? ""
        let reason =
            switch anchor.reason {
            case .unreadable: "cannot be read"
            case .notAnAuthority: "is not an authority's (CA:TRUE)"
            case .otherUsage: "is for something else by its extended key usage"
            case .expired(let end): "expired at \(HTTPDate(seconds: end))"
            case .notYetValid(let start): "is not valid before \(HTTPDate(seconds: start))"
            }
        return "certificate number \(anchor.number)\(name) \(reason)"
    }
}
