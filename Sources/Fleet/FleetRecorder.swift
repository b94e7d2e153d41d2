// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
package import HTTPService
internal import ServerInterface
internal import Synchronization

/// Notes the fetches among the exchanges of a listener on one thread, and with each module when it was last fetched, and hands them over
/// now and then.
///
/// What comes several times in a row is noted once, which is how most come when there are many.
package final class FleetRecorder: ExchangeObserver {
    private struct State {
        var latest: FetchObservation?
        var pending: [FetchObservation] = []
    }

    private let now: @Sendable () -> Int64
    private let receive: @Sendable ([FetchObservation]) -> Void
    private let state = Mutex(State())

    /// The most that is noted before it is handed over at once.
    private static let mostPending = 256

    /// A recorder that tells the time by `now`, in seconds since 1970, and hands what it has noted to `receive`.
    init(now: @escaping @Sendable () -> Int64, receive: @escaping @Sendable ([FetchObservation]) -> Void) {
        (self.now, self.receive) = (now, receive)
    }

    /// Notes an exchange, if it was a fetch and no peer's.
    package func exchangeEnded(_ exchange: Exchange) {
        guard let outcome = exchange.fetchOutcome, let request = exchange.request else { return }
        let time = now()
        if outcome == .whole, !ProbeProduct.begins(request.userAgent) {
            exchange.response.resource?.wasFetched(at: time)
        }
        let isFull = state.withLock { state in
            if state.latest?.isLike(exchange, request, outcome) ?? false {
                state.latest?.wasSeen(at: time)
                return false
            }
            let former = state.latest
            state.latest = FetchObservation(exchange, request, outcome, at: time)
            guard let former else { return false }
            state.pending.append(former)
            return state.pending.count >= Self.mostPending
        }
        if isFull { settle() }
    }

    /// Hands over what was noted.
    func settle() {
        let pending = state.withLock { state in
            defer { state = State() }
            return state.pending + (state.latest.map { [$0] } ?? [])
        }
        if !pending.isEmpty { receive(pending) }
    }
}

/// Several fetches of one thing by one client, which went alike.
struct FetchObservation: Sendable {
    private let client: ClientAddress.Host
    private let identity: CertifiedIdentity?
    private let request: RequestExcerpt
    private let resource: RequestedResource?
    private let outcome: FetchOutcome
    private let status: Status
    private let version: Exchange.ProtocolVersion
    private let first: Int64
    /// When the last of them ended, in seconds since 1970.
    private var last: Int64

    init(_ exchange: Exchange, _ request: RequestExcerpt, _ outcome: FetchOutcome, at time: Int64) {
        (client, identity) = (exchange.client.host, exchange.identity)
        (self.request, resource, self.outcome) = (request, exchange.response.resource, outcome)
        (status, version) = (exchange.response.head.status, exchange.version)
        (first, last) = (time, time)
    }

    /// Another of them has ended.
    mutating func wasSeen(at time: Int64) {
        // The clock may be set back.
        last = max(last, time)
    }

    /// Whether an exchange that came of a request would be another of them.
    func isLike(_ exchange: Exchange, _ request: RequestExcerpt, _ outcome: FetchOutcome) -> Bool {
        client == exchange.client.host && resource === exchange.response.resource && outcome == self.outcome
            && status == exchange.response.head.status && version == exchange.version && identity === exchange.identity
            && self.request.isSame(as: request)
    }

    /// The client as it is known by this.
    func record(trusting proxies: TrustedProxies) -> ClientRecord {
        let fetch = FetchRecord.Fetch(at: last, outcome, status: status.rawValue, version: version.rawValue)
        let record = FetchRecord(
            first: first,
            last: fetch,
            lastSuccess: outcome.isSuccess ? last : nil,
            modules: resource?.paths ?? []
        )
        return ClientRecord(key(trusting: proxies), userAgent: request.userAgent, subject, record)
    }

    private func key(trusting proxies: TrustedProxies) -> ClientKey {
        let kind = ClientKind(userAgent: request.userAgent, forwardedFor: request.forwardedFor)
        if let identity { return ClientKey(.certificate, identity.names, kind) }
        if let address = proxies.client(of: request.forwardedFor, from: client) {
            return ClientKey(.forwarded, "\(address)", kind)
        }
        return ClientKey(.address, "\(client)", kind)
    }

    private var subject: FetchSubject {
        if let digest = resource?.digest ?? DigestPath(request.path)?.digest { return .digest(digest) }
        return .path(request.path.beginning(ofBytes: FetchSubject.longestPath))
    }
}

extension Exchange {
    /// What came of it as a fetch; nil if it was no fetch of a module, or a peer's.
    fileprivate var fetchOutcome: FetchOutcome? {
        let resource = response.resource
        // Most small answers end here.
        if case .digest? = resource?.content { return nil }
        guard let request, !request.isOwn, case .get = request.method else { return nil }
        let status = response.head.status
        guard resource != nil else {
            // Whoever may not fetch is told so before it is looked what there is.
            return status.isError && request.path.hasSuffix(InterfacePath.moduleSuffix) ? .refused : nil
        }
        switch status {
        case .ok: return isComplete ? .whole : .cut
        case .partialContent: return isComplete ? .part : .cut
        case .notModified: return .notModified
        default: return .refused
        }
    }
}
