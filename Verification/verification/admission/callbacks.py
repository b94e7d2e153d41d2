# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Every function that a host calls, exported with its type, and with another.

The functions are those of proxy-wasm-cpp-host (`FOR_ALL_MODULE_FUNCTIONS` in `include/proxy-wasm/wasm.h`) and of Envoy
(`source/extensions/common/wasm/wasm.cc`).
"""

from collections.abc import Iterator

from verification.admission.plugin import ABI_VERSIONS, Plugin, function_type, with_basis, words

ANSWERING = {
    f"proxy_{name}": words(count)
    for count, names in {
        1: "on_new_connection on_done",
        2: "validate_configuration on_vm_start on_configure on_request_trailers on_request_metadata on_response_trailers "
        "on_response_metadata",
        3: "on_downstream_data on_upstream_data on_request_body on_response_body",
    }.items()
    for name in names.split()
}
SILENT = {
    name: words(count).removesuffix(" i32")
    for count, names in {
        1: "proxy_on_tick proxy_on_log proxy_on_delete",
        2: "proxy_on_context_create proxy_on_downstream_connection_close proxy_on_upstream_connection_close proxy_on_queue_ready "
        "envoy_on_stats_update",
        3: "proxy_on_grpc_receive proxy_on_grpc_close proxy_on_grpc_receive_initial_metadata "
        "proxy_on_grpc_receive_trailing_metadata envoy_on_resolve_dns",
        5: "proxy_on_http_call_response",
    }.items()
    for name in names.split()
}
OF_SOME = {  # in 0.1.0, and later; nothing where it is no callback
    "proxy_on_request_headers": (words(2), words(3)),
    "proxy_on_response_headers": (words(2), words(3)),
    "proxy_on_foreign_function": (None, "i32 i32 i32 ->"),
}
ENTRY_POINTS = {  # beside other fields, which decide whether the type matters
    "_initialize": [("->", ""), ("-> i32", ""), ("i32 ->", "")],
    "_start": [("->", ""), ("i32 ->", ""), ("i32 ->", '(func (export "_initialize"))')],
    "main": [(words(2), '(func (export "_initialize"))'), (words(1), '(func (export "_initialize"))'), (words(1), "")],
    "__main_void": [("-> i32", '(func (export "_initialize"))'), ("->", '(func (export "_initialize"))'), ("->", "")],
}
OTHERS = {
    "a callback's name, of a global": '(global (export "proxy_on_configure") i32 (i32.const 1))',
    "a callback's name, of a memory": '(memory 1) (export "proxy_on_tick" (memory 0))',
    "a callback that is imported": '(import "env" "proxy_done" (func $d (result i32))) (export "proxy_on_done" (func $d))',
    "a name that no host calls": '(func (export "proxy_on_nothing") (param f64))',
    "a callback of later versions of the ABI": '(func (export "proxy_on_plugin_start") (param i64))',
    "two callbacks of other types": '(func (export "proxy_on_tick")) (func (export "proxy_on_log"))',
}


def body(notation: str) -> str:
    """Something that gives the results: ones, as what answers nothing is stopped."""
    results = notation.split("->")[1].split()
    return " ".join(f"{result}.const 1" for result in results)


def one(name: str, notation: str, version: str = "0_2_1", beside: str = "") -> Plugin:
    function = f'(func (export "{name}") {function_type(notation)} {body(notation)})'
    where = f"in {version}" + (f", beside {beside}" if beside else "")
    return Plugin(f"exports {name}, {notation.strip()}, {where}", with_basis(f"{function} {beside}", version))


def plugins() -> Iterator[Plugin]:
    for name, notation in ANSWERING.items():
        yield one(name, notation)
        yield one(name, f"i32 {notation}")
        yield one(name, notation.removesuffix(" i32"))
    for name, notation in SILENT.items():
        yield one(name, notation)
        yield one(name, f"i32 {notation}")
        yield one(name, f"{notation} i32")
    for version in ABI_VERSIONS[:2]:
        for name in ("proxy_on_configure", "proxy_on_tick", "envoy_on_stats_update"):
            yield one(name, (ANSWERING | SILENT)[name], version)
            yield one(name, "i64 ->", version)
    for version in ABI_VERSIONS:
        for name in OF_SOME:
            for notation in (words(2), words(3), "i32 i32 i32 ->"):
                yield one(name, notation, version)
    for name, ways in ENTRY_POINTS.items():
        for notation, beside in ways:
            yield one(name, notation, beside=beside)
    for name, fields in OTHERS.items():
        yield Plugin(f"exports {name}", with_basis(fields))
