// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import ServerClient

/// Where a collector takes spans by OTLP over HTTP: the base of its URLs, as `OTEL_EXPORTER_OTLP_ENDPOINT` has it.
///
/// The path of spans is put behind that of the URL (specification of OpenTelemetry's OTLP exporter, "Endpoint URLs for OTLP/HTTP").
package struct CollectorEndpoint: Hashable, Sendable, CustomStringConvertible {
    /// Who is asked.
    package let origin: Origin
    /// The path before that of spans, without a slash at its end.
    private let base: String

    /// Where spans are taken below the base.
    private static let signalPath = "/v1/traces"
    /// The port at which collectors take OTLP over gRPC, which is not spoken here.
    private static let grpcPort = 4317

    private static let remedies = HTTPURL.Remedies(
        example: "write it as http://HOST:PORT, such as http://otel-collector:4318",
        withoutUser: "leave it out: spans are sent without credentials, as settings are no place for secrets"
    )

    /// The endpoint that a URL names; without a port, that of its scheme.
    ///
    /// - Throws: ``ServerNameError`` with the reason and the remedy.
    package init(_ text: String) throws(ServerNameError) {
        let failure = { (reason: String, remedy: String) in
            ServerNameError(text: HTTPURL.withoutSecrets(text), reason: reason, remedy: remedy)
        }
        guard !text.utf8.starts(with: "$(".utf8) else {
            throw failure("is a variable that Kubernetes has not replaced", "write the URL itself")
        }
        let url = try HTTPURL(text, remedies: Self.remedies)
        guard !url.rest.utf8.contains(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }) else {
            throw failure("has more than a path behind the host", "leave out what begins with '?' or '#'")
        }
        guard url.rest.utf8.allSatisfy(\.isOfPath) else {
            throw failure("has a character in its path that no URL has", "percent-encode it")
        }
        let path = url.rest.utf8.reversed().drop { $0 == UInt8(ascii: "/") }.reversed()
        base = String(decoding: Array(path), as: UTF8.self)
        guard !base.hasSuffix(Self.signalPath) else {
            throw failure("ends in \(Self.signalPath), which is put behind it", "leave that out")
        }
        let port = url.name.port ?? (url.isSecure ? 443 : 80)
        origin = Origin(isSecure: url.isSecure, name: url.name, port: port)
    }

    /// The path where spans are sent.
    package var path: String { base + Self.signalPath }

    /// Whether it is most likely one that takes gRPC alone.
    package var isLikelyOfGRPC: Bool { origin.port == Self.grpcPort }

    /// The URL of the base, with its port.
    package var description: String { "\(origin)\(base)" }
}

extension UInt8 {
    /// Whether a path may have it: unreserved, a part of `%41`, a sub-delimiter, `:`, `@` or a slash (RFC 3986 §3.3).
    fileprivate var isOfPath: Bool { isAlphanumeric || "-._~%!$&'()*+,;=:@/".utf8.contains(self) }
}
