// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import HTTPService
internal import ServerInterface

/// An exchange that becomes a span: what is noted of it on the thread of its connection.
///
/// It holds what others hold anyway, and no content: a module that is no longer served is let go of.
struct TracedExchange: Sendable {
    /// Where it took place.
    let port: TracedPort
    let request: RequestExcerpt
    /// What it was about; nil if the client was refused before that was looked up.
    let resource: RequestedResource?
    let status: Status
    /// How much content the answer has, in bytes.
    let contentLength: Int
    let version: Exchange.ProtocolVersion
    let client: ClientAddress.Host
    let isComplete: Bool
    /// The client's span; nil if it names none.
    let parent: TraceContext?
    /// When it ended, in nanoseconds since 1970.
    let end: Int64
    /// How long it took.
    let duration: Duration

    /// What is noted of an exchange; nil if it becomes no span.
    ///
    /// Those do that are about a module or its digest, whether the client got it or was refused it. A client that says which trace it
    /// belongs to also decides whether that is recorded; what comes without a trace always is (`parentbased_always_on`,
    /// OpenTelemetry's specification of the tracing SDK, "Sampling").
    init?(_ exchange: Exchange, at port: TracedPort, end: Int64) {
        guard let request = exchange.request, exchange.isAboutModule(request) else { return nil }
        parent = request.traceparent.flatMap(TraceContext.init)
        guard parent?.isSampled ?? true else { return nil }
        (self.port, self.request, self.end, duration) = (port, request, end, exchange.duration)
        let response = exchange.response
        (resource, status, contentLength) = (response.resource, response.head.status, response.contentLength)
        (version, client, isComplete) = (exchange.version, exchange.client.host, exchange.isComplete)
    }

    /// When it began, in nanoseconds since 1970.
    var start: Int64 {
        let (seconds, attoseconds) = duration.components
        return end - (seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

/// The port of modules at which an exchange took place.
package struct TracedPort: Sendable {
    private let isSecure: Bool
    /// Its number; nil if the system has chosen it.
    let number: Int?

    /// A port; 0 stands for one that the system has chosen.
    package init(isSecure: Bool, number: Int) {
        self.isSecure = isSecure
        self.number = number == 0 ? nil : number
    }

    /// The scheme of URLs there.
    var scheme: String { isSecure ? "https" : "http" }
}

extension Exchange {
    /// Whether it is about a module or its digest.
    fileprivate func isAboutModule(_ request: RequestExcerpt) -> Bool {
        if response.resource != nil { return true }
        // Whoever may not fetch is told so before it is looked what there is.
        guard response.head.status.isError else { return false }
        let path = request.path
        return path.hasSuffix(InterfacePath.moduleSuffix)
            || path.hasSuffix(InterfacePath.moduleSuffix + InterfacePath.digestSuffix)
    }
}
