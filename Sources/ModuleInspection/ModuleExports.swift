// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import ProxyWasm
internal import WasmBinary

/// A function that a proxy calls when something happens.
package struct Callback: Hashable, Sendable {
    /// Its name.
    package let name: String
    /// When it is called, or what for.
    package let meaning: String

    /// Those that hosts know, of what a module exports, in the order of a stream.
    package static func known(in exports: ExportList) -> [Callback] {
        ModuleExports.known.filter { exports.functions[$0.name] != nil }.map {
            Callback(name: $0.name, meaning: $0.meaning)
        }
    }
}

/// What a module gives to its host that is no callback.
package struct OtherExport: Hashable, Sendable {
    /// Its name.
    package let name: String
    /// Whether it is a function, a memory or something else.
    package let kind: String
}

/// The exports of a module, sorted by what they are for.
struct ModuleExports {
    private(set) var abiVersions: [String] = []
    private(set) var callbacks: [Callback] = []
    private(set) var others: [OtherExport] = []

    private static let longestName = 200
    private static let abiPrefix = "proxy_abi_version_"

    /// Sorts the exports of a module.
    init(_ module: CoreModule, _ bytes: Span<UInt8>) {
        var found: [String: Callback] = [:]
        for export in module.exports {
            let name = bytes.text(export.name.range, most: Self.longestName)
            if export.kind == .function, let meaning = Self.meanings[name] ?? Self.unknownMeaning(of: name) {
                found[name] = Callback(name: name, meaning: meaning)
            } else if export.kind == .function, name.hasPrefix(Self.abiPrefix) {
                let version = name.dropFirst(Self.abiPrefix.count).split(separator: "_").joined(separator: ".")
                abiVersions.append(version)
            } else {
                others.append(OtherExport(name: name, kind: "\(export.kind)"))
            }
        }
        callbacks = Self.order.compactMap { found.removeValue(forKey: $0) } + found.values.sorted { $0.name < $1.name }
    }

    private static func unknownMeaning(of name: String) -> String? {
        name.hasPrefix("proxy_on_") ? "unknown to Envoy, which does not call it" : nil
    }

    private static let order = known.map(\.name)
    private static let meanings = Dictionary(uniqueKeysWithValues: known.map { ($0.name, $0.meaning) })

    /// The callbacks of proxy-wasm's specification (ABI 0.1.0 to 0.2.1), and Envoy's own, in the order of a stream.
    fileprivate static let known: [(name: String, meaning: String)] = [
        ("_initialize", "sets itself up, before anything else"),
        ("_start", "sets itself up, before anything else"),
        ("main", "runs once, after it is set up"),
        ("__main_void", "runs once, after it is set up"),
        ("malloc", "makes room for what the proxy hands it"),
        ("proxy_on_memory_allocate", "makes room for what the proxy hands it"),
        ("proxy_on_vm_start", "starts, with the configuration of its VM"),
        ("proxy_validate_configuration", "judges a configuration"),
        ("proxy_on_configure", "takes its configuration"),
        ("proxy_on_context_create", "meets a new stream, or a new plugin"),
        ("proxy_on_new_connection", "sees new TCP connections"),
        ("proxy_on_downstream_data", "sees what TCP clients send"),
        ("proxy_on_upstream_data", "sees what TCP servers send"),
        ("proxy_on_downstream_connection_close", "learns that a TCP client is gone"),
        ("proxy_on_upstream_connection_close", "learns that a TCP server is gone"),
        ("proxy_on_request_headers", "sees request headers"),
        ("proxy_on_request_metadata", "sees HTTP/2 metadata of requests"),
        ("proxy_on_request_body", "sees request bodies"),
        ("proxy_on_request_trailers", "sees request trailers"),
        ("proxy_on_response_headers", "sees response headers"),
        ("proxy_on_response_metadata", "sees HTTP/2 metadata of responses"),
        ("proxy_on_response_body", "sees response bodies"),
        ("proxy_on_response_trailers", "sees response trailers"),
        ("proxy_on_http_call_response", "gets answers to its HTTP requests"),
        ("proxy_on_grpc_receive_initial_metadata", "gets metadata of its gRPC calls"),
        ("proxy_on_grpc_receive_trailing_metadata", "gets the last metadata of its gRPC calls"),
        ("proxy_on_grpc_receive", "gets answers to its gRPC calls"),
        ("proxy_on_grpc_close", "learns that a gRPC call has ended"),
        ("proxy_on_queue_ready", "gets messages from queues"),
        ("proxy_on_tick", "runs by a timer"),
        ("proxy_on_foreign_function", "is called by extensions of the proxy"),
        ("envoy_on_resolve_dns", "gets answers to its DNS queries"),
        ("envoy_on_stats_update", "sees Envoy's metrics"),
        ("proxy_on_log", "sees each stream at its end, for a log"),
        ("proxy_on_done", "learns that a stream is done"),
        ("proxy_on_delete", "forgets a stream"),
    ]
}
