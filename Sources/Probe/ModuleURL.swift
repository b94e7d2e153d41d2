// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import GatewayConfiguration
internal import ServerClient
internal import ServerInterface

/// The URL of a module, as a gateway takes it apart: who is asked, and for which path.
struct ModuleURL: Hashable {
    /// Why a text is no such URL: the reason, and the remedy.
    struct Fault: Error, Hashable {
        let reason: String
        let remedy: String
    }

    /// Who is asked.
    let origin: Origin
    /// The path, percent-encoded, without what servers of modules ignore behind it.
    let path: String

    /// The digest that the path names, if it is one by digest.
    var digest: Digest? {
        guard let path = DigestPath(path), path.subject == .module else { return nil }
        return path.digest
    }

    /// Whether the path may be that of a module.
    var isOfModule: Bool {
        let first = path.split(separator: "/").first.map(String.init)
        return path.hasSuffix(InterfacePath.moduleSuffix)
            && (digest != nil || !InterfacePath.reservedComponents.contains(first ?? ""))
    }

    /// The URL that a text spells.
    ///
    /// The error does not repeat the text, which may have a password in it.
    ///
    /// - Throws: ``Fault``.
    init(_ text: String) throws(Fault) {
        let lowercase = text.lowercased()
        guard let scheme = ["http://", "https://"].first(where: { lowercase.utf8.starts(with: $0.utf8) }) else {
            throw Fault(reason: "begins with neither http:// nor https://", remedy: Self.example)
        }
        let rest = text.utf8.dropFirst(scheme.utf8.count)
        // No gateway escapes what it is given, and some of it would end the request.
        guard rest.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw Fault(reason: "has a character that no URL has", remedy: "percent-encode it")
        }
        let end = rest.firstIndex { "/?#".utf8.contains($0) } ?? rest.endIndex
        let authority = String(decoding: rest[..<end], as: UTF8.self)
        let path = rest[end...].prefix { !"?#".utf8.contains($0) }
        do throws(ServerNameError) {
            let name = try ServerName(authority)
            let isSecure = scheme == "https://"
            // RFC 9110 §4.2.
            origin = Origin(isSecure: isSecure, name: name, port: name.port ?? (isSecure ? 443 : 80))
        } catch {
            let reason = authority.contains("@") ? "has a user's name in it, which no gateway sends" : error.reason
            throw Fault(reason: reason, remedy: Self.example)
        }
        self.path = path.isEmpty ? "/" : String(decoding: path, as: UTF8.self)
    }

    private static let example = "write it as http://HOST:PORT/PATH"
}
