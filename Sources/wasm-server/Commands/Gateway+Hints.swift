// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import GatewayConfiguration

extension Gateway {
    /// What may be meant by the name of a product, of which there are several configurations or only a part of one.
    private static let products = [
        "istio": "for Istio there are \(istioWasmPlugin.rawValue) and \(envoyFilter.rawValue)",
        "kuadrant": """
        for Kuadrant there is \(kuadrantEnv.rawValue), for an operator that reads it; docs/gateways/kuadrant.md and \
        deploy/kubernetes/overlays/kuadrant say what today's operators take
        """,
    ]

    /// What to write in place of a product's name, in words that follow a semicolon; nil for any other word, or where gateways are
    /// not the choices.
    static func hint(for word: String, among choices: [String]) -> String? {
        guard choices == allCases.map(\.rawValue) else { return nil }
        return products[word.lowercased()]
    }
}
