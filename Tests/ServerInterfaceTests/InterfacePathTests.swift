// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import ServerInterface
import Testing

@Suite("The paths of the interface")
struct InterfacePathTests {
    private static let digits = String(repeating: "0a", count: 32)

    @Test(
        "by digest are those of exactly 64 lowercase digits",
        arguments: [
            ("/sha256/\(digits).wasm", .module), ("/sha256/\(digits).wasm.sha256", .digest), ("/sha256/\(digits)", nil),
            ("/sha256/\(digits.uppercased()).wasm", nil), ("/sha256/\(digits.dropLast()).wasm", nil),
            ("/sha256/\(digits)0.wasm", nil), ("/sha256/.wasm", nil), ("/x/sha256/\(digits).wasm", nil),
            ("/sha256//\(digits).wasm", nil),
        ] as [(String, DigestPath.Subject?)]
    )
    func digests(_ text: String, _ subject: DigestPath.Subject?) {
        let path = DigestPath(text)
        #expect(path?.subject == subject)
        #expect(path.map { $0.digest.hexadecimal == Self.digits } ?? true)
    }

    @Test("by digest are written as they are read")
    func written() throws {
        let digest = try #require(Digest(hexadecimal: Self.digits))
        #expect(DigestPath.text(of: digest) == "/sha256/\(Self.digits).wasm")
        #expect(DigestPath(DigestPath.text(of: digest))?.digest == digest)
    }

    @Test(
        "of configuration name a module and a gateway",
        arguments: [
            ("/modules/a/1.0.0/plugin.wasm/envoy.yaml", "/a/1.0.0/plugin.wasm", "envoy"),
            ("/modules/plugin.wasm/istio.yaml", "/plugin.wasm", "istio"), ("/modules/plugin.wasm", nil, nil),
            ("/modules/plugin/istio.yaml", nil, nil), ("/modules/plugin.wasm/istio.json", nil, nil),
            ("/modules", nil, nil),
            ("/modules/plugin.wasm/.yaml", "/plugin.wasm", ""),
        ] as [(String, String?, String?)]
    )
    func manifests(_ text: String, _ module: String?, _ gateway: String?) {
        let path = ManifestPath(text)
        #expect(path?.modulePath == module && path?.gateway == gateway)
    }
}
