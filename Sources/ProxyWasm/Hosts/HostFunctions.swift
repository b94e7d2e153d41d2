// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import WasmBinary

/// The functions that hosts give to plugins, with their types: `exports.h` and `registerCallbacks` of proxy-wasm-cpp-host.
///
/// Every row was loaded by the Envoys that profiles are named for, with this type and with another.
enum HostFunctions {
    /// How far a host offers WASI: each level has what those before it have.
    enum WASILevel: Sendable {
        /// With what proxy-wasm-cpp-host c4d7bb0 added.
        case of2024
        /// With what proxy-wasm-cpp-host 94091cd added.
        case of2026

        /// The newest level.
        static let newest = WASILevel.of2026

        /// Its functions, by their names.
        var functions: [String: FunctionSignature] {
            switch self {
            case .of2024: HostFunctions.wasiSince2024
            case .of2026: HostFunctions.wasiSince2026
            }
        }
    }

    /// What a function takes and gives that is offered to plugins of an ABI; nil if there is none of that name.
    static func function(
        _ name: String,
        of module: String,
        to abi: ABIVersion,
        at level: WASILevel
    ) -> FunctionSignature? {
        if wasiModules.contains(module) { return level.functions[name] }
        guard module == environmentModule else { return nil }
        return proxy[name] ?? byABI[abi]?[name] ?? environment[name]
    }

    /// Whether any host offers a function of this name to any plugin.
    static func isKnown(_ name: String, of module: String) -> Bool {
        if module == environmentModule { return environmentNames.contains(name) }
        return wasiModules.contains(module) && WASILevel.newest.functions[name] != nil
    }

    private static let environmentNames = Set([proxy, environment].flatMap(\.keys) + byABI.values.flatMap(\.keys))

    /// What may have been meant by an import that no host offers: the same in another module, or a name that is nearly its own.
    static func suggestion(for item: ImportList.Item, to abi: ABIVersion) -> String? {
        let names = names(to: abi)
        return names.first { $0.hasSuffix(".\(item.name)") }
            ?? EditDistance.slips(of: "\(item)", among: names, most: 1).first
    }

    /// The names of all that is offered to plugins of an ABI, as modules import them: `env.proxy_log`.
    private static func names(to abi: ABIVersion) -> [String] {
        let ours = [proxy, byABI[abi] ?? [:], environment].flatMap(\.keys).map { "\(environmentModule).\($0)" }
        return ours + WASILevel.newest.functions.keys.map { "\(wasiModules[0]).\($0)" }
    }

    private static let wasiSince2024 = wasi.merging(wasiOf2024) { first, _ in first }
    private static let wasiSince2026 = wasiSince2024.merging(wasiOf2026) { first, _ in first }

    /// `env.proxy_*`, whatever the ABI.
    static let proxy: [String: FunctionSignature] = [
        "proxy_log": .words(3),
        "proxy_get_status": .words(3),
        "proxy_set_property": .words(4),
        "proxy_get_property": .words(4),
        "proxy_send_local_response": .words(8),
        "proxy_get_shared_data": .words(5),
        "proxy_set_shared_data": .words(5),
        "proxy_register_shared_queue": .words(3),
        "proxy_resolve_shared_queue": .words(5),
        "proxy_dequeue_shared_queue": .words(3),
        "proxy_enqueue_shared_queue": .words(3),
        "proxy_get_header_map_value": .words(5),
        "proxy_add_header_map_value": .words(5),
        "proxy_replace_header_map_value": .words(5),
        "proxy_remove_header_map_value": .words(3),
        "proxy_get_header_map_pairs": .words(3),
        "proxy_set_header_map_pairs": .words(3),
        "proxy_get_header_map_size": .words(2),
        "proxy_get_buffer_status": .words(3),
        "proxy_get_buffer_bytes": .words(5),
        "proxy_set_buffer_bytes": .words(5),
        "proxy_http_call": .words(10),
        "proxy_grpc_call": .words(12),
        "proxy_grpc_stream": .words(9),
        "proxy_grpc_close": .words(1),
        "proxy_grpc_cancel": .words(1),
        "proxy_grpc_send": .words(4),
        "proxy_set_tick_period_milliseconds": .words(1),
        "proxy_get_current_time_nanoseconds": .words(1),
        "proxy_define_metric": .words(4),
        "proxy_get_metric": .words(2),
        "proxy_set_effective_context": .words(1),
        "proxy_done": .words(0),
        "proxy_call_foreign_function": .words(6),
        "proxy_increment_metric": FunctionSignature([.i32, .i64], [.i32]),
        "proxy_record_metric": FunctionSignature([.i32, .i64], [.i32]),
    ]

    /// `env.proxy_*` that only one ABI has.
    static let byABI: [ABIVersion: [String: FunctionSignature]] = [
        .v0_1_0: [
            "proxy_get_configuration": .words(2),
            "proxy_continue_request": .words(0),
            "proxy_continue_response": .words(0),
            "proxy_clear_route_cache": .words(0),
        ],
        .v0_2_0: [
            "proxy_continue_stream": .words(1),
            "proxy_close_stream": .words(1),
        ],
        .v0_2_1: [
            "proxy_continue_stream": .words(1),
            "proxy_close_stream": .words(1),
            "proxy_get_log_level": .words(1),
        ],
    ]

    /// `env.*` for toolchains, and one of Envoy's own.
    static let environment: [String: FunctionSignature] = [
        "pthread_equal": .words(2),
        "emscripten_notify_memory_growth": FunctionSignature([.i32], []),
        "envoy_resolve_dns": .words(3),
    ]

    /// The module that all but WASI is imported from.
    static let environmentModule = "env"

    /// The names of the modules by which WASI is imported.
    static let wasiModules = ["wasi_snapshot_preview1", "wasi_unstable"]

    /// WASI's functions in every host.
    static let wasi: [String: FunctionSignature] = [
        "fd_write": .words(4),
        "fd_read": .words(4),
        "fd_seek": FunctionSignature([.i32, .i64, .i32, .i32], [.i32]),
        "fd_close": .words(1),
        "fd_fdstat_get": .words(2),
        "environ_get": .words(2),
        "environ_sizes_get": .words(2),
        "args_get": .words(2),
        "args_sizes_get": .words(2),
        "clock_time_get": FunctionSignature([.i32, .i64, .i32], [.i32]),
        "random_get": .words(2),
        "proc_exit": FunctionSignature([.i32], []),
        "path_open": FunctionSignature([.i32, .i32, .i32, .i32, .i32, .i64, .i64, .i32, .i32], [.i32]),
        "fd_prestat_get": .words(2),
        "fd_prestat_dir_name": .words(3),
    ]

    /// Those that proxy-wasm-cpp-host c4d7bb0 (2024-12-19) added.
    static let wasiOf2024: [String: FunctionSignature] = [
        "fd_fdstat_set_flags": .words(2),
        "sched_yield": .words(0),
        "poll_oneoff": .words(4),
    ]

    /// Those that proxy-wasm-cpp-host 94091cd (2026-04-06) added; two have other types there than in WASI.
    static let wasiOf2026: [String: FunctionSignature] = [
        "fd_fdstat_set_rights": FunctionSignature([.i32, .i64, .i64], [.i32]),
        "clock_res_get": .words(2),
        "fd_advise": FunctionSignature([.i32, .i64, .i64, .i32], [.i32]),
        "fd_allocate": FunctionSignature([.i32, .i64, .i64], [.i32]),
        "fd_datasync": .words(1),
        "fd_filestat_get": .words(2),
        "fd_filestat_set_size": FunctionSignature([.i32, .i64], [.i32]),
        "fd_filestat_set_times": FunctionSignature([.i32, .i64, .i64, .i32], [.i32]),
        "fd_pread": FunctionSignature([.i32, .i32, .i32, .i64, .i32], [.i32]),
        "fd_pwrite": FunctionSignature([.i32, .i32, .i32, .i64, .i32], [.i32]),
        "fd_readdir": FunctionSignature([.i32, .i32, .i32, .i64, .i32], [.i32]),
        "fd_renumber": .words(2),
        "fd_sync": .words(1),
        "fd_tell": .words(2),
        "path_create_directory": .words(3),
        "path_filestat_get": .words(5),
        "path_filestat_set_times": FunctionSignature([.i32, .i32, .i32, .i32, .i64, .i64, .i32], [.i32]),
        "path_link": .words(6),
        "path_readlink": .words(6),
        "path_remove_directory": .words(3),
        "path_rename": .words(6),
        "path_symlink": .words(4),
        "path_unlink_file": .words(3),
        "sock_accept": .words(3),
        "sock_recv": .words(6),
        "sock_send": .words(5),
        "sock_shutdown": .words(2),
    ]
}

extension FunctionSignature {
    /// So many i32, and one i32 as the result.
    static func words(_ count: Int) -> FunctionSignature {
        FunctionSignature(Array(repeating: .i32, count: count), [.i32])
    }

    /// So many i32, and no result.
    static func silent(_ count: Int) -> FunctionSignature {
        FunctionSignature(Array(repeating: .i32, count: count), [])
    }
}
