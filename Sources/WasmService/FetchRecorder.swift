// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPSemantics
package import HTTPService
internal import ServerInterface

/// Notes when each module was last fetched: sent whole, to anyone but a peer and `wasm-server probe`.
package final class FetchRecorder: ExchangeObserver {
    private let now: @Sendable () -> HTTPDate

    /// A recorder.
    ///
    /// - Parameter now: Tells the present.
    package init(now: @escaping @Sendable () -> HTTPDate) {
        self.now = now
    }

    /// Notes it, if an exchange was a fetch.
    package func exchangeEnded(_ exchange: Exchange) {
        guard let resource = exchange.response.resource, resource.content == .bytes, exchange.isComplete,
            exchange.response.head.status == .ok, let request = exchange.request, request.method == .get,
            !request.isOwn, !ProbeProduct.begins(request.userAgent)
        else { return }
        resource.wasFetched(at: now().seconds)
    }
}
