// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPSemantics
import HTTPService
import ModuleCatalog
import Operations
import TestSupport

/// All that metrics are about, without a network.
struct ServerUnderTest {
    let registry = PrometheusRegistry()
    let readiness = Readiness()
    let metrics: ServerMetrics

    init(serving modules: [String: [UInt8]] = [:]) throws {
        metrics = ServerMetrics(
            in: registry,
            version: "1.2.3",
            revision: "abc",
            serving: try Self.snapshot(modules),
            readiness: readiness,
            sink: LogSink(descriptor: -1, format: .json)
        )
    }

    var scrape: Scrape { Scrape(registry) }

    static func snapshot(_ modules: [String: [UInt8]]) throws -> Snapshot {
        let sources = try modules.map { Source.embedded(try ModulePath($0), $1) }
        return try Catalog(sources: sources, maximumModuleSize: 1000).load()
    }

    /// An exchange about a module, or about none.
    static func exchange(
        _ method: Method = .get,
        _ path: String = "/",
        module: RequestedResource? = nil,
        version: Exchange.ProtocolVersion = .http11,
        status: Status = .ok,
        content: Int = 100,
        isComplete: Bool = true,
        duration: Duration = .milliseconds(2),
        peer: String? = nil
    ) -> Exchange {
        var fields = RequestFields()
        if let peer { fields.add(name: "its-own", value: peer, reading: FieldSelection(own: ["its-own"])) }
        return Exchange(
            request: RequestExcerpt(Request(method: method, path: path, fields: fields)),
            response: Response(
                head: ResponseHead(status, []),
                body: .bytes(SharedBytes([UInt8](repeating: 0, count: content))),
                resource: module
            ),
            version: version,
            client: .example,
            isComplete: isComplete,
            duration: duration
        )
    }
}

extension RequestedResource {
    /// A module that is asked for by its path.
    static func named(_ path: String, _ bytes: [UInt8] = WasmModule.plugin) -> RequestedResource {
        RequestedResource(.name, paths: [path], digest: Digest(of: bytes))
    }
}
