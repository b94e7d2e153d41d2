// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPService

/// The proxies whose `X-Forwarded-For` is believed; everyone else's says whatever its sender likes.
package struct TrustedProxies: Hashable, Sendable {
    private let networks: [AddressRange]

    /// The proxies of these networks; by default none.
    package init(_ networks: [AddressRange] = []) { self.networks = networks }

    /// The client for whom trusted proxies have forwarded a request; nil if none has, or the field names none.
    ///
    /// Each proxy adds who has asked it at the end of the field, so it is read from there: the first address that is no trusted
    /// proxy's is the client's. What stands before that, anyone may have made up.
    ///
    /// - Parameters:
    ///   - field: The value of `X-Forwarded-For`.
    ///   - sender: Who has sent it.
    /// - Returns: The client.
    package func client(of field: String?, from sender: ClientAddress.Host) -> ClientAddress.Host? {
        guard let field, !networks.isEmpty, trusts(sender) else { return nil }
        var client: ClientAddress.Host?
        // By bytes: a sign that Unicode joins to the comma behind it would hide whom the proxy has added.
        for element in field.utf8.split(separator: UInt8(ascii: ",")).reversed() {
            guard let address = ClientAddress.Host(forwarded: Substring(element)) else { break }
            client = address
            if !trusts(address) { break }
        }
        return client
    }

    private func trusts(_ address: ClientAddress.Host) -> Bool { networks.contains { $0.contains(address) } }
}

extension ClientAddress.Host {
    /// The address in an element of `X-Forwarded-For`, as proxies write it: alone, in brackets, or with a port.
    fileprivate init?(forwarded element: Substring) {
        var text = element[...]
        while let first = text.unicodeScalars.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.unicodeScalars.last, last == " " || last == "\t" { text.removeLast() }
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return nil }
            text = text[text.index(after: text.startIndex)..<end]
        } else if text.utf8.count(where: { $0 == UInt8(ascii: ":") }) == 1, let colon = text.firstIndex(of: ":") {
            text = text[..<colon]
        }
        self.init(text: String(text))
    }
}
