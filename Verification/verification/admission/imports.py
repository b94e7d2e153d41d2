# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Every function that some Envoy offers, imported with its type; some with another type; and some that none offers.

The functions are those of proxy-wasm-cpp-host (`include/proxy-wasm/exports.h`, `src/wasm.cc`) and of Envoy
(`source/extensions/common/wasm/wasm.cc`).
"""

from collections.abc import Iterator

from verification.admission.plugin import ABI_VERSIONS, Plugin, function_type, with_basis, words

PROXY = {
    name: words(count)
    for count, names in {
        0: "done",
        1: "grpc_close grpc_cancel set_tick_period_milliseconds get_current_time_nanoseconds set_effective_context",
        2: "get_header_map_size get_metric",
        3: "log get_status get_buffer_status register_shared_queue dequeue_shared_queue enqueue_shared_queue "
        "remove_header_map_value get_header_map_pairs set_header_map_pairs",
        4: "set_property get_property grpc_send define_metric",
        5: "get_shared_data set_shared_data resolve_shared_queue get_header_map_value add_header_map_value "
        "replace_header_map_value get_buffer_bytes set_buffer_bytes",
        6: "call_foreign_function",
        8: "send_local_response",
        9: "grpc_stream",
        10: "http_call",
        12: "grpc_call",
    }.items()
    for name in names.split()
} | {"increment_metric": "i32 i64 -> i32", "record_metric": "i32 i64 -> i32"}

PROXY_OF_SOME = {  # which not every version of the ABI has
    "get_configuration": words(2),
    "continue_request": words(0),
    "continue_response": words(0),
    "clear_route_cache": words(0),
    "continue_stream": words(1),
    "close_stream": words(1),
    "get_log_level": words(1),
}

OTHERS = {"pthread_equal": "i32 i32 -> i32", "emscripten_notify_memory_growth": "i32 ->", "envoy_resolve_dns": "i32 i32 i32 -> i32"}

WASI = {
    name: f"{parameters} -> i32"
    for parameters, names in {
        "": "sched_yield",
        "i32": "fd_close fd_datasync fd_sync",
        "i32 i32": "args_get args_sizes_get clock_res_get environ_get environ_sizes_get fd_fdstat_get fd_fdstat_set_flags "
        "fd_filestat_get fd_prestat_get fd_renumber fd_tell random_get sock_shutdown",
        "i32 i32 i32": "fd_prestat_dir_name path_create_directory path_remove_directory path_unlink_file sock_accept",
        "i32 i32 i32 i32": "fd_read fd_write path_symlink poll_oneoff",
        "i32 i32 i32 i32 i32": "path_filestat_get sock_send",
        "i32 i32 i32 i32 i32 i32": "path_link path_readlink path_rename sock_recv",
        "i32 i32 i32 i32 i32 i64 i64 i32 i32": "path_open",
        "i32 i32 i32 i32 i64 i64 i32": "path_filestat_set_times",
        "i32 i32 i32 i64 i32": "fd_pread fd_pwrite fd_readdir",
        "i32 i64": "fd_filestat_set_size",
        "i32 i64 i32": "clock_time_get",
        "i32 i64 i32 i32": "fd_seek",
        "i32 i64 i64": "fd_allocate fd_fdstat_set_rights",
        "i32 i64 i64 i32": "fd_advise fd_filestat_set_times",
    }.items()
    for name in names.split()
} | {"proc_exit": "i32 ->"}

OTHER_TYPES = {
    ("env", "proxy_log"): ["i32 i32 -> i32", "i32 i32 i32 ->", "i32 i32 i32 i32 -> i32", "i32 i32 i32 -> i64"],
    ("env", "proxy_done"): ["->", "i32 -> i32"],
    ("env", "proxy_get_buffer_bytes"): ["i32 i64 i32 i32 i32 -> i32", "i32 i32 i32 i32 i32 -> i32 i32"],
    ("env", "proxy_record_metric"): ["i32 i32 -> i32", "i32 f64 -> i32"],
    ("env", "proxy_call_foreign_function"): ["i32 i32 i32 i32 -> i32"],
    ("env", "emscripten_notify_memory_growth"): ["i32 -> i32"],
    ("wasi_snapshot_preview1", "proc_exit"): ["i32 -> i32"],
    ("wasi_snapshot_preview1", "fd_write"): ["i32 i32 i32 -> i32"],
    ("wasi_snapshot_preview1", "fd_seek"): ["i32 i32 i32 i32 -> i32"],
    ("wasi_unstable", "fd_seek"): ["i32 i64 i32 -> i32", "i32 i64 i32 i32 ->"],
    # As the specification of WASI has them, and Envoy doesn't.
    ("wasi_snapshot_preview1", "path_link"): ["i32 i32 i32 i32 i32 i32 i32 -> i32"],
    ("wasi_snapshot_preview1", "path_symlink"): ["i32 i32 i32 i32 i32 -> i32"],
}

NOT_OFFERED = {
    ("env", "proxy_loog"): "i32 i32 i32 -> i32",
    ("env", "abort"): "i32 i32 i32 i32 ->",
    ("env", "log"): "i32 i32 i32 -> i32",
    ("proxy", "proxy_log"): "i32 i32 i32 -> i32",
    ("", ""): "->",
    ("env", "fd_write"): "i32 i32 i32 i32 -> i32",
    ("wasi_snapshot_preview1", "sock_open"): "i32 i32 i32 -> i32",
    ("wasi_snapshot_preview1", "proc_raise"): "i32 -> i32",
    ("wasi_snapshot_preview2", "fd_write"): "i32 i32 i32 i32 -> i32",
    ("wbindgen", "__wbindgen_throw"): "i32 i32 ->",
    ("gojs", "runtime.wasmExit"): "i32 ->",
}

OTHER_KINDS = {
    "a global": '(import "env" "g" (global i32))',
    "a mutable global": '(import "env" "g" (global (mut i32)))',
    "a global of a function's name": '(import "env" "proxy_log" (global i32))',
    "a table of functions": '(import "env" "t" (table 1 funcref))',
    "a table of external values": '(import "env" "t" (table 1 externref))',
    "a function that exists, as a table": '(import "env" "proxy_log" (table 1 funcref))',
    "two functions, one of which is not offered": '(import "env" "proxy_done" (func (result i32))) (import "env" "f" (func))',
    "two functions that are not offered": '(import "env" "f" (func)) (import "env" "g" (func))',
    "a function twice": '(import "env" "proxy_done" (func (result i32))) (import "env" "proxy_done" (func (result i32)))',
    "a function twice, with two types": '(import "env" "proxy_done" (func (result i32))) (import "env" "proxy_done" (func))',
}


def one(module: str, name: str, notation: str, version: str = "0_2_1") -> Plugin:
    field = f'(import "{module}" "{name}" (func {function_type(notation)}))'
    return Plugin(f"imports {module}.{name}, {notation.strip()}, in {version}", with_basis(field, version))


def plugins() -> Iterator[Plugin]:
    for name, notation in PROXY.items():
        yield one("env", f"proxy_{name}", notation)
    for name in ("log", "call_foreign_function", "get_metric"):
        for version in ABI_VERSIONS[:2]:
            yield one("env", f"proxy_{name}", PROXY[name], version)
    for name, notation in PROXY_OF_SOME.items():
        for version in ABI_VERSIONS:
            yield one("env", f"proxy_{name}", notation, version)
    for name, notation in OTHERS.items():
        yield one("env", name, notation)
    for name, notation in WASI.items():
        yield one("wasi_snapshot_preview1", name, notation)
    for name in ("fd_write", "fd_close", "proc_exit", "sched_yield", "fd_readdir"):
        yield one("wasi_unstable", name, WASI[name])
    for (module, name), notations in OTHER_TYPES.items():
        for notation in notations:
            yield one(module, name, notation)
    for (module, name), notation in NOT_OFFERED.items():
        yield one(module, name, notation)
    for name, fields in OTHER_KINDS.items():
        yield Plugin(f"imports {name}", with_basis(fields))
