// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService
internal import ServerInterface

/// What a span says of an exchange, by OpenTelemetry's semantic conventions for HTTP servers ("HTTP Server" of HTTP spans).
extension Span {
    /// A flag of OTLP: it is known whether the parent is in another process (`SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK`).
    private static let knowsWhereParentIs: UInt32 = 0x100
    /// A flag of OTLP: it is (`SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK`).
    private static let hasRemoteParent: UInt32 = 0x200

    /// The span of an exchange; what its client has not named has an id by a generator.
    init(_ exchange: TracedExchange, using generator: inout some RandomNumberGenerator) {
        trace = exchange.parent?.trace ?? TraceID.random(using: &generator)
        id = SpanID.random(using: &generator)
        parent = exchange.parent?.parent
        flags =
            Self.knowsWhereParentIs
            | (exchange.parent.map { UInt32($0.flags) | Self.hasRemoteParent } ?? UInt32(TraceContext.sampledFlag))
        name = [exchange.methodName, exchange.route].compactMap(\.self).joined(separator: " ")
        (start, end) = (exchange.start, exchange.end)
        attributes = exchange.attributes
        isError = exchange.errorType != nil
    }
}

extension TracedExchange {
    /// The methods of RFC 9110 §9 and RFC 5789, which are told by their names; a client can invent any number of others.
    private static let knownMethods: Set = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
    ]
    /// Stands for the path of a module that is not here, and for its digest by ``InterfacePath/digestSuffix``.
    private static let anyModule = "/{module}\(InterfacePath.moduleSuffix)"

    private static let mostAttributes = 15

    private var hasKnownMethod: Bool { request.method.isRead || Self.knownMethods.contains(request.method.token) }

    /// What a span's name begins with.
    fileprivate var methodName: String { hasKnownMethod ? request.method.token : "HTTP" }

    /// What was asked for, by what is served and not by what a client sent; nil if that was not looked up.
    fileprivate var route: String? {
        guard let resource else { return nil }
        let suffix = resource.content == .digest ? InterfacePath.digestSuffix : ""
        return switch resource.key {
        case .digest: DigestPath.uriTemplate + suffix
        case .name: (resource.paths.first ?? Self.anyModule) + suffix
        }
    }

    /// Why the exchange failed, unless that was the client's fault alone: the status, or that the answer was cut.
    fileprivate var errorType: String? {
        status.isServerError ? "\(status.rawValue)" : isComplete ? nil : "cut"
    }

    fileprivate var attributes: [SpanAttribute] {
        var attributes: [SpanAttribute] = []
        attributes.reserveCapacity(Self.mostAttributes)
        func add(_ name: String, _ value: SpanAttribute.Value?) {
            if let value { attributes.append(SpanAttribute(name, value)) }
        }
        add("http.request.method", .text(hasKnownMethod ? request.method.token : "_OTHER"))
        add("http.request.method_original", hasKnownMethod ? nil : .text(request.method.token))
        add("url.path", .text(request.path))
        add("url.scheme", .text(port.scheme))
        add("http.route", route.map { .text($0) })
        add("http.response.status_code", .number(status.rawValue))
        add("http.response.body.size", isComplete ? .number(request.method == .head ? 0 : contentLength) : nil)
        add("error.type", errorType.map { .text($0) })
        add("network.protocol.name", .text("http"))
        add("network.protocol.version", .text(version.number))
        add("client.address", .text("\(client)"))
        add("server.port", port.number.map { .number($0) })
        add("user_agent.original", request.userAgent.map { .text($0) })
        add("wasm_server.module.sha256", resource?.digest.map { .text($0.hexadecimal) })
        add("wasm_server.from_peer", request.isOwn ? .flag(true) : nil)
        return attributes
    }
}

extension Exchange.ProtocolVersion {
    /// As `network.protocol.version` has it.
    fileprivate var number: String {
        switch self {
        case .http10: "1.0"
        case .http11: "1.1"
        case .http2: "2"
        }
    }
}
