# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Plugins for what a host demands beside functions: the ABI, an allocator, memories, types, and that what it runs does not fail."""

from collections.abc import Iterator

from verification.admission.plugin import ABI, MALLOC, MEMORY, Plugin, abi, beside_basis, named, text, with_basis

NEWER_HEADERS = '(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) i32.const 0)'
ABI_EXPORTS = {
    "0.1.0": with_basis("", "0_1_0"),
    "0.2.0": with_basis("", "0_2_0"),
    "0.2.1": with_basis(""),
    "none": text(MALLOC, MEMORY),
    "none, and nothing else": text(),
    "of a version that no Envoy knows": with_basis("", "0_3_0"),
    "with dots": with_basis("", "0.2.1"),
    "with more behind it": with_basis("", "0_2_1_"),
    "as a global": text('(global (export "proxy_abi_version_0_2_1") i32 (i32.const 1))', MALLOC, MEMORY),
    "as a memory": text('(memory (export "proxy_abi_version_0_2_1") 1)', MALLOC),
    "as a table": text('(table (export "proxy_abi_version_0_2_1") 1 funcref)', MALLOC, MEMORY),
    "of another signature": text('(func (export "proxy_abi_version_0_2_1") (param i32) (result i64) i64.const 0)', MALLOC, MEMORY),
    "of a function that is imported": text(
        '(import "env" "proxy_done" (func $d (result i32))) (export "proxy_abi_version_0_2_1" (func $d))', MALLOC, MEMORY
    ),
    "two, the older first": text(abi("0_1_0"), abi("0_2_1"), MALLOC, MEMORY, NEWER_HEADERS),
    "two, the newer first": text(abi("0_2_1"), abi("0_1_0"), MALLOC, MEMORY, NEWER_HEADERS),
    "two, an unknown one first": text(abi("0_3_0"), abi("0_1_0"), MALLOC, MEMORY, NEWER_HEADERS),
}

ALLOCATE = '(func (export "proxy_on_memory_allocate") (param i32) (result i32) i32.const 0)'
OTHER_ALLOCATE = '(func (export "proxy_on_memory_allocate") (param i64) (result i32) i32.const 0)'
OTHER_MALLOC = '(func (export "malloc") (param i64) (result i32) i32.const 0)'
ALLOCATORS = {
    "none": text(ABI, MEMORY),
    "free alone": text(ABI, MEMORY, '(func (export "free") (param i32))'),
    "proxy_on_memory_allocate": text(ABI, MEMORY, ALLOCATE),
    "proxy_on_memory_allocate of another type": text(ABI, MEMORY, OTHER_ALLOCATE),
    "malloc of another type": text(ABI, MEMORY, OTHER_MALLOC),
    "malloc without a result": text(ABI, MEMORY, '(func (export "malloc") (param i32))'),
    "malloc as a global": text(ABI, MEMORY, '(global (export "malloc") i32 (i32.const 0))'),
    "both": text(ABI, MEMORY, MALLOC, ALLOCATE),
    "both, malloc of another type": text(ABI, MEMORY, OTHER_MALLOC, ALLOCATE),
    "both, proxy_on_memory_allocate of another type": text(ABI, MEMORY, MALLOC, OTHER_ALLOCATE),
}

MEMORIES = {
    "none": text(ABI, MALLOC),
    "not exported": text("(memory 1)", ABI, MALLOC),
    "under another name": text('(memory (export "m") 1)', ABI, MALLOC),
    "of no pages": text('(memory (export "memory") 0)', ABI, MALLOC),
    "of 1 GiB": text('(memory (export "memory") 16384)', ABI, MALLOC),
    "of 1 GiB and a page": text('(memory (export "memory") 16385)', ABI, MALLOC),
    "of 1 GiB and a page, not exported": text("(memory 16385)", ABI, MALLOC),
    "of 4 GiB": text('(memory (export "memory") 65536)', ABI, MALLOC),
    "of at most 4 GiB": text('(memory (export "memory") 1 65536)', ABI, MALLOC),
    "imported": text('(import "env" "memory" (memory 1))', ABI, MALLOC),
    "imported, of 1 GiB and a page": text('(import "env" "memory" (memory 16385))', ABI, MALLOC),
    "imported and exported": text('(import "env" "m" (memory $m 1)) (export "memory" (memory $m))', ABI, MALLOC),
    "imported, and one beside it": text('(import "env" "m" (memory 1))', MEMORY, ABI, MALLOC),
    "imported, of 64 bits": text('(import "env" "memory" (memory i64 1))', ABI, MALLOC),
    "imported, shared": text('(import "env" "memory" (memory 1 2 shared))', ABI, MALLOC),
    "two, the second of 1 GiB and a page": text(MEMORY, "(memory 16385)", ABI, MALLOC),
    "two": text(MEMORY, "(memory 1)", ABI, MALLOC),
    "of 64 bits": text('(memory (export "memory") i64 1)', ABI, MALLOC),
    "of 64 bits, of 1 GiB and a page": text('(memory (export "memory") i64 16385)', ABI, MALLOC),
    "shared": text('(memory (export "memory") 1 2 shared)', ABI, MALLOC),
    "shared, of at most 4 GiB": text('(memory (export "memory") 1 65536 shared)', ABI, MALLOC),
}

LOG = '(import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))'
LOGGING = LOG + ' (func (export "_initialize") (drop (call $log (i32.const 2) (i32.const 0) (i32.const 1))))'
CALLS = {
    "without a memory": text(LOGGING, ABI, MALLOC),
    "beside a memory that is not exported": text(LOGGING, "(memory 1)", ABI, MALLOC),
    "beside a global of the memory's name": text(LOGGING, '(global (export "memory") i32 (i32.const 1))', ABI, MALLOC),
    "beside a memory": text(LOGGING, MEMORY, ABI, MALLOC),
    "beside a memory of another name": text(LOGGING, '(memory (export "m") 1)', ABI, MALLOC),
    "beside a memory of 64 bits": text(LOGGING, '(memory (export "memory") i64 1)', ABI, MALLOC),
    "beside an imported memory": text(LOG, '(import "env" "m" (memory 1))', LOGGING.removeprefix(LOG), ABI, MALLOC),
    "of two memories, the second exported": text(LOGGING, "(memory 1)", MEMORY, ABI, MALLOC),
}

TWO_OF_A_KIND = {
    "memories": text('(import "env" "a" (memory 1)) (import "env" "b" (memory 1))', ABI, MALLOC),
    "tables": with_basis('(import "env" "a" (table 1 funcref)) (import "env" "b" (table 1 funcref))'),
}

NAMES = {
    "an export with a zero byte at its end": with_basis(r'(func (export "x\00"))'),
    "an export with a zero byte within": with_basis(r'(func (export "x\00y"))'),
    "an export of a zero byte": with_basis(r'(func (export "\00"))'),
}

LOG_TYPE = "(func (param i32 i32 i32) (result i32))"
LOG_IMPORT = '(import "env" "proxy_log" (func (type $l)))'
IMPORTED_TYPES = {
    "final, and alone": with_basis(f"(type $l (sub final {LOG_TYPE})) {LOG_IMPORT}"),
    "open to subtypes": with_basis(f"(type $l (sub {LOG_TYPE})) {LOG_IMPORT}"),
    "below another": with_basis(f"(type $a (sub {LOG_TYPE})) (type $l (sub final $a {LOG_TYPE})) {LOG_IMPORT}"),
    "in a group of two": with_basis(f"(rec (type $l {LOG_TYPE}) (type (func))) {LOG_IMPORT}"),
}

TYPES = "(type $s (struct)) (type $f (func))"
HOST_TYPES = {
    "an exported function of f32 and f64": with_basis('(func (export "x") (param f32 f64))'),
    "an exported function of externref": with_basis('(func (export "x") (param externref))'),
    "an exported function of funcref": with_basis('(func (export "x") (param funcref))'),
    "an exported function of a function's reference": with_basis(f'{TYPES} (func (export "x") (param (ref $f)))'),
    "an exported function of v128": with_basis('(func (export "x") (param v128))'),
    "an exported function that gives v128": with_basis('(func (export "x") (result v128) unreachable)'),
    "an exported function of anyref": with_basis('(func (export "x") (param anyref))'),
    "an exported function of a structure": with_basis(f'{TYPES} (func (export "x") (param (ref $s)))'),
    "an exported function of i31ref": with_basis('(func (export "x") (param i31ref))'),
    "an exported function of exnref": with_basis('(func (export "x") (param exnref))'),
    "an exported global of externref": with_basis('(global (export "g") externref (ref.null extern))'),
    "an exported global of v128": with_basis('(global (export "g") v128 (v128.const i32x4 0 0 0 0))'),
    "an exported global of eqref": with_basis('(global (export "g") eqref (ref.null eq))'),
    "an exported table of externref": with_basis('(table (export "t") 1 externref)'),
    "an exported table of anyref": with_basis('(table (export "t") 1 anyref)'),
    "an exported table of 64 bits": with_basis('(table (export "t") i64 1 funcref)'),
    "an exported tag": with_basis('(tag (export "t") (param i32))'),
    "a callback of v128": with_basis('(func (export "proxy_on_tick") (param v128))'),
    "an imported function of v128": with_basis('(import "env" "f" (func (param v128)))'),
    "an imported function that is offered, of v128": with_basis('(import "env" "proxy_done" (func (param v128) (result i32)))'),
    "an imported function of anyref": with_basis('(import "env" "f" (func (param anyref)))'),
    "an imported global of v128": with_basis('(import "env" "g" (global v128))'),
    "an imported table of anyref": with_basis('(import "env" "t" (table 1 anyref))'),
    "an imported table of 64 bits": with_basis('(import "env" "t" (table i64 1 funcref))'),
    "an imported tag": with_basis('(import "env" "t" (tag (param i32)))'),
    "all of them within the module": with_basis(
        f"{TYPES} (tag (param i32)) (func (param v128 anyref (ref $s) exnref)) (global eqref (ref.null eq)) (table 1 anyref)"
    ),
}

RUNNING = {
    "a start that calls its host": '(import "env" "proxy_done" (func $d (result i32))) (func $s (drop (call $d))) (start $s)',
    "a start function that traps": "(func $f unreachable) (start $f)",
    "an _initialize that traps": '(func (export "_initialize") unreachable)',
    "a _start that traps": '(func (export "_start") unreachable)',
    "a proxy_on_vm_start that answers no": '(func (export "proxy_on_vm_start") (param i32 i32) (result i32) i32.const 0)',
    "a proxy_on_configure that answers no": '(func (export "proxy_on_configure") (param i32 i32) (result i32) i32.const 0)',
}
NOT_RUNNING = {
    "a start function that does nothing": "(func $f) (start $f)",
    "a _start that would trap, beside _initialize": '(func (export "_initialize")) (func (export "_start") unreachable)',
    "a callback that would trap": '(func (export "proxy_on_tick") (param i32) unreachable)',
}

ALL_AT_ONCE = text(
    '(import "env" "f" (func)) (import "env" "proxy_log" (func)) (memory 16385) (tag (export "t"))',
    '(func (export "proxy_on_tick"))',
)


def plugins() -> Iterator[Plugin]:
    yield from named("an ABI export", ABI_EXPORTS)
    yield from named("an allocator", ALLOCATORS)
    yield from named("a memory", MEMORIES)
    yield from named("a call", CALLS)
    yield Plugin("a function that is not called, without a memory", text(LOG, ABI, MALLOC), "memory-export")
    yield from named("imported twice", TWO_OF_A_KIND, is_steady=False)
    yield from named("types for hosts", HOST_TYPES)
    yield from named("names for hosts", NAMES)
    yield from named("an import's type", IMPORTED_TYPES)
    yield from named("running", beside_basis(RUNNING), difference="run")
    yield from named("not running", beside_basis(NOT_RUNNING))
    yield Plugin("everything wrong at once", ALL_AT_ONCE)
