// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// How many gateways are so far with a module.
package struct ClientCount: Sendable {
    let module: String
    let state: String
    let value: Int

    /// So many gateways are in a state with the module of a path.
    package init(module: String, state: String, value: Int) {
        (self.module, self.state, self.value) = (module, state, value)
    }
}

extension PrometheusRegistry {
    /// Exposes how many gateways have what of each module.
    ///
    /// - Parameters:
    ///   - counts: Each module's, in each state, read when they are asked for.
    ///   - forgotten: How many clients and fetches were forgotten.
    package func collectClients(
        _ counts: @escaping @Sendable () -> [ClientCount],
        forgotten: @escaping @Sendable () -> Int
    ) {
        collect {
            let samples = counts().compactMap { count in
                LabelSet([("module", count.module), ("state", count.state)])
                    .map { MetricFamily.Sample(labels: $0, value: Double(count.value)) }
            }
            return [
                MetricName.clients.family(.gauge, samples),
                MetricName.clientsForgotten.family(.counter, Double(forgotten())),
            ]
        }
    }
}
