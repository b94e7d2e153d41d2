// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import WasmBinary

/// The functions that hosts call in plugins, with their types: `WasmBase::getFunctions` and `wasm.h` of
/// proxy-wasm-cpp-host, and Envoy's own.
///
/// All but the allocator may be missing, but none may have another type: Envoy does not load such a module. Which are called depends on
/// what else there is: `_start` and `proxy_on_memory_allocate` only where `_initialize` and `malloc` are missing, `main` and
/// `__main_void` only beside `_initialize`.
enum Callbacks {
    /// Either must be there.
    static let allocators = ["malloc", "proxy_on_memory_allocate"]

    /// What a callback takes and gives in plugins of an ABI; nil if hosts know none of that name.
    static func signature(of name: String, in abi: ABIVersion) -> FunctionSignature? {
        switch name {
        case "proxy_on_request_headers", "proxy_on_response_headers": .words(abi == .v0_1_0 ? 2 : 3)
        case "proxy_on_foreign_function": abi == .v0_1_0 ? nil : .silent(3)
        default: common[name]
        }
    }

    /// The names of all that hosts call in plugins of any ABI.
    static let names = Array(common.keys) + versioned

    /// Whether hosts look for an export of this name, whatever becomes of it.
    static func isKnown(_ name: String) -> Bool { common[name] != nil || versioned.contains(name) }

    private static let versioned = [
        "proxy_on_request_headers", "proxy_on_response_headers", "proxy_on_foreign_function",
    ]

    private static let common: [String: FunctionSignature] = [
        "_initialize": .silent(0), "_start": .silent(0), "main": .words(2), "__main_void": .words(0),
        "malloc": .words(1), "proxy_on_memory_allocate": .words(1),
        "proxy_validate_configuration": .words(2), "proxy_on_vm_start": .words(2), "proxy_on_configure": .words(2),
        "proxy_on_tick": .silent(1), "proxy_on_context_create": .silent(2),
        "proxy_on_new_connection": .words(1), "proxy_on_downstream_data": .words(3),
        "proxy_on_upstream_data": .words(3), "proxy_on_downstream_connection_close": .silent(2),
        "proxy_on_upstream_connection_close": .silent(2),
        "proxy_on_request_body": .words(3), "proxy_on_request_trailers": .words(2),
        "proxy_on_request_metadata": .words(2), "proxy_on_response_body": .words(3),
        "proxy_on_response_trailers": .words(2), "proxy_on_response_metadata": .words(2),
        "proxy_on_http_call_response": .silent(5), "proxy_on_grpc_receive": .silent(3),
        "proxy_on_grpc_close": .silent(3), "proxy_on_grpc_receive_initial_metadata": .silent(3),
        "proxy_on_grpc_receive_trailing_metadata": .silent(3), "proxy_on_queue_ready": .silent(2),
        "proxy_on_done": .words(1), "proxy_on_log": .silent(1), "proxy_on_delete": .silent(1),
        "envoy_on_resolve_dns": .silent(3), "envoy_on_stats_update": .silent(2),
    ]
}
