// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import GatewayConfiguration
internal import YAMLSyntax

extension FuzzTarget {
    /// A file of gateways' configuration.
    static let gatewayManifest = FuzzTarget("gateway-manifest") { (text: String) in
        let lines = 1 + text.count(where: \.isNewline)
        let limits = YAMLLimits(size: 4096, extent: 6000)
        do throws(YAMLError) {
            let file = try ManifestFile(text, named: "file", limits: limits)
            require(Set(file.references).count == file.references.count, "each reference is told once")
            let places = file.references.map(\.place) + (file.otherSources + file.misnomers).map(\.place)
            require(places.allSatisfy { (1...lines).contains($0.line) }, "each is in a line of the text")
            require(places.allSatisfy { $0.object.utf8.count < 3500 }, "no object's name is long")
            require(file.references.allSatisfy { $0.sha256 != "" }, "no sha256 is empty")
            require(file.otherKinds.allSatisfy { $0.count > 0 }, "what is counted is there")
        } catch {
            require(error.reason.contains("; "), "\(error.reason) has a remedy")
            require((1...lines).contains(error.line ?? 1), "\(error) is about a line of the text")
        }
    }
}
