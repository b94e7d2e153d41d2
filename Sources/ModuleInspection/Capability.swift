// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import ProxyWasm
internal import WasmBinary

/// What an import lets a plugin do.
package enum Capability: String, CaseIterable, Sendable {
    case log
    case readHeaders
    case changeHeaders
    case readBodies
    case changeBodies
    case respond
    case steerStreams
    case callHTTP
    case callGRPC
    case resolveNames
    case shareData
    case useQueues
    case readProperties
    case changeProperties
    case readConfiguration
    case countMetrics
    case setTimers
    case callHostExtensions
    case readTime
    case getRandomBytes
    case readEnvironment
    case writeToConsole
    case useFiles
    case useSockets
    case endProcess
    case runtime
    case unknown

    /// It in words that follow "it may"; of the last two, what they are.
    package var words: String {
        switch self {
        case .log: "write to the proxy's log"
        case .readHeaders: "read headers and trailers"
        case .changeHeaders: "change headers and trailers"
        case .readBodies: "read bodies and other buffers"
        case .changeBodies: "change bodies and other buffers"
        case .respond: "answer requests itself"
        case .steerStreams: "hold, resume and end streams"
        case .callHTTP: "send HTTP requests"
        case .callGRPC: "call gRPC services"
        case .resolveNames: "resolve DNS names"
        case .shareData: "share data between workers"
        case .useQueues: "pass messages through queues"
        case .readProperties: "read the proxy's properties"
        case .changeProperties: "set the proxy's properties"
        case .readConfiguration: "read its configuration"
        case .countMetrics: "keep metrics"
        case .setTimers: "be called by a timer"
        case .callHostExtensions: "call functions of one proxy only"
        case .readTime: "read the clock"
        case .getRandomBytes: "get random bytes"
        case .readEnvironment: "read arguments and environment"
        case .writeToConsole: "write to standard output"
        case .useFiles: "ask for files"
        case .useSockets: "use sockets that are open"
        case .endProcess: "end itself, and wait"
        case .runtime: "its language's runtime"
        case .unknown: "unknown"
        }
    }

    /// What a module takes for one capability.
    package struct Use: Hashable, Sendable {
        /// What it may do.
        package let capability: Capability
        /// The imports, each once, in their order: the module that it is taken from, a dot, its name, and its kind if it is no function.
        package internal(set) var imports: [String]
    }

    private static let longestName = 200
    private static let hosts: Set<String> = ["env", "wasi_snapshot_preview1", "wasi_unstable"]

    /// What the imports of a module let it do, in the order of the cases.
    static func uses(of module: CoreModule, _ bytes: Span<UInt8>) -> [Use] {
        var uses: [Capability: [String]] = [:]
        var seen: Set<String> = []
        for item in module.imports {
            let from = bytes.text(item.module.range, most: longestName)
            let name = bytes.text(item.name.range, most: longestName)
            let text = item.kind == .function ? "\(from).\(name)" : "\(from).\(name) (\(item.kind))"
            guard seen.insert(text).inserted else { continue }
            let isOffered = item.kind == .function && hosts.contains(from)
            uses[isOffered ? of(name, isWASI: from != "env") : .unknown, default: []].append(text)
        }
        return allCases.compactMap { capability in
            uses[capability].map { Use(capability: capability, imports: $0) }
        }
    }

    /// What imports let a module do, in the order of the cases; of those that no host has, as many as are in the list.
    package static func uses(of imports: ImportList) -> [Use] {
        var uses: [Capability: [String]] = [:]
        for item in imports.items {
            let isOffered = item.kind == .function && hosts.contains(item.module.text)
            let capability = isOffered ? of(item.name.text, isWASI: item.module.text != "env") : .unknown
            let text = item.kind == .function ? "\(item)" : "\(item) (\(item.kind))"
            if uses[capability]?.last != text { uses[capability, default: []].append(text) }
        }
        return allCases.compactMap { capability in uses[capability].map { Use(capability: capability, imports: $0) } }
    }

    private static func of(_ name: String, isWASI: Bool) -> Capability {
        (isWASI ? wasi[name] ?? ofFiles(name) : proxy[name]) ?? .unknown
    }

    private static func ofFiles(_ name: String) -> Capability? {
        if name.hasPrefix("path_") || name.hasPrefix("fd_") { return .useFiles }
        return name.hasPrefix("sock_") ? .useSockets : nil
    }

    /// The functions of the module `env` (proxy-wasm's specification, ABI 0.1.0 to 0.2.1, and what Envoy adds).
    private static let proxy: [String: Capability] = [
        "proxy_log": .log, "proxy_get_log_level": .log,
        "proxy_get_header_map_value": .readHeaders, "proxy_get_header_map_pairs": .readHeaders,
        "proxy_get_header_map_size": .readHeaders,
        "proxy_add_header_map_value": .changeHeaders, "proxy_replace_header_map_value": .changeHeaders,
        "proxy_remove_header_map_value": .changeHeaders, "proxy_set_header_map_pairs": .changeHeaders,
        "proxy_get_buffer_bytes": .readBodies, "proxy_get_buffer_status": .readBodies,
        "proxy_set_buffer_bytes": .changeBodies,
        "proxy_send_local_response": .respond,
        "proxy_continue_stream": .steerStreams, "proxy_close_stream": .steerStreams,
        "proxy_continue_request": .steerStreams, "proxy_continue_response": .steerStreams,
        "proxy_clear_route_cache": .steerStreams, "proxy_set_effective_context": .steerStreams,
        "proxy_done": .steerStreams,
        "proxy_http_call": .callHTTP,
        "proxy_grpc_call": .callGRPC, "proxy_grpc_stream": .callGRPC, "proxy_grpc_send": .callGRPC,
        "proxy_grpc_close": .callGRPC, "proxy_grpc_cancel": .callGRPC, "proxy_get_status": .callGRPC,
        "envoy_resolve_dns": .resolveNames,
        "proxy_get_shared_data": .shareData, "proxy_set_shared_data": .shareData,
        "proxy_register_shared_queue": .useQueues, "proxy_resolve_shared_queue": .useQueues,
        "proxy_enqueue_shared_queue": .useQueues, "proxy_dequeue_shared_queue": .useQueues,
        "proxy_get_property": .readProperties, "proxy_set_property": .changeProperties,
        "proxy_get_configuration": .readConfiguration,
        "proxy_define_metric": .countMetrics, "proxy_increment_metric": .countMetrics,
        "proxy_record_metric": .countMetrics, "proxy_get_metric": .countMetrics,
        "proxy_set_tick_period_milliseconds": .setTimers,
        "proxy_call_foreign_function": .callHostExtensions,
        "proxy_get_current_time_nanoseconds": .readTime,
        "pthread_equal": .runtime, "emscripten_notify_memory_growth": .runtime,
    ]

    /// The functions of WASI preview 1 that are not of files or sockets.
    private static let wasi: [String: Capability] = [
        "clock_time_get": .readTime, "clock_res_get": .readTime,
        "random_get": .getRandomBytes,
        "environ_get": .readEnvironment, "environ_sizes_get": .readEnvironment, "args_get": .readEnvironment,
        "args_sizes_get": .readEnvironment,
        "fd_write": .writeToConsole,
        "proc_exit": .endProcess, "sched_yield": .endProcess, "poll_oneoff": .endProcess,
    ]
}
