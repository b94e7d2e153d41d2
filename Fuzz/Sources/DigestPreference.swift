// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics

extension FuzzTarget {
    /// The value of `Want-Repr-Digest`.
    static let digestPreference = FuzzTarget("digest-preference") { text in
        let isWanted = DigestPreference.permitsSHA256(text)
        require(
            isWanted || (text.contains("sha-256") && text.contains("0")),
            "only `sha-256=0` rules the digest out"
        )
        // A structured dictionary's last member of a name counts; a malformed one is ignored (RFC 9651 §3.2, §4.2).
        require(DigestPreference.permitsSHA256("\(text), sha-256=5"), "a later preference counts")
        require(isWanted || !DigestPreference.permitsSHA256("\(text), sha-256=0"), "a preference can be repeated")
        require(isWanted || !DigestPreference.permitsSHA256("  \(text)  "), "spaces around it mean nothing")
    }
}
