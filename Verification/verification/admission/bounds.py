# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Plugins for the bounds of memories and tables: what is put into them, and how large tables may be."""

from collections.abc import Iterator

from verification.admission.plugin import ABI, MALLOC, Plugin, named, text, with_basis

IMPORTED_MEMORY = '(import "env" "memory" (memory %s))'
IMPORTED_TABLE = '(import "env" "t" (table %s))'
SEGMENTS = {
    "data at a memory's end": with_basis('(data (i32.const 65534) "ab")'),
    "data beyond a memory": with_basis('(data (i32.const 65536) "a")'),
    "data half beyond a memory": with_basis('(data (i32.const 0) "a") (data (i32.const 65535) "ab")'),
    "data far beyond a memory": with_basis('(data (i32.const -1) "a")'),
    "no data at a memory's end": with_basis('(data (i32.const 65536) "")'),
    "no data beyond a memory": with_basis('(data (i32.const 65537) "")'),
    "data beyond a memory that a start function grows": with_basis(
        '(func $f (drop (memory.grow (i32.const 1)))) (start $f) (data (i32.const 65536) "a")'
    ),
    "data of no memory": with_basis('(data "abc")'),
    "data at a sum within a memory": with_basis('(data (i32.add (i32.const -1) (i32.const 2)) "a")'),
    "data at a sum beyond a memory": with_basis('(data (i32.add (i32.const 65530) (i32.const 6)) "a")'),
    "data at a difference of products": with_basis('(data (i32.sub (i32.mul (i32.const 3) (i32.const 5)) (i32.const 15)) "a")'),
    "data at a difference beyond a memory": with_basis('(data (i32.sub (i32.const 1) (i32.const 2)) "a")'),
    "data at a product beyond a memory": with_basis('(data (i32.mul (i32.const 65536) (i32.const 65535)) "a")'),
    "data at a product of 32 bits": with_basis('(data (i32.mul (i32.const 65536) (i32.const 65536)) "a")'),
    "data at a global within a memory": with_basis('(global $g i32 (i32.const 65535)) (data (global.get $g) "a")'),
    "data at a global beyond a memory": with_basis(
        "(global f32 (f32.const 0)) (global $g i32 (i32.const 65535)) (global $h i32 (i32.add (global.get $g) (i32.const 1)))"
        '(data (global.get $h) "a")'
    ),
    "data at the end of a memory of 64 bits": with_basis('(memory $m i64 1) (data (memory $m) (i64.const 65535) "a")'),
    "data beyond a memory of 64 bits": with_basis('(memory $m i64 1) (data (memory $m) (i64.const 4294967296) "a")'),
    "data at a sum beyond a memory of 64 bits": with_basis(
        "(global $g i64 (i64.add (i64.mul (i64.const 2) (i64.const 5)) (i64.sub (i64.const 0) (i64.const 11))))"
        '(memory $m i64 1) (data (memory $m) (global.get $g) "a")'
    ),
    "data at an imported memory's end": text(IMPORTED_MEMORY % "2 5", ABI, MALLOC, '(data (i32.const 131071) "a")'),
    "data beyond an imported memory": text(IMPORTED_MEMORY % "1 5", ABI, MALLOC, '(data (i32.const 65536) "a")'),
    "elements of no table": with_basis("(func $f) (elem func $f) (elem declare func $f)"),
    "elements at a table's end": with_basis("(table 2 funcref) (func $f) (elem (i32.const 1) $f)"),
    "elements beyond a table": with_basis("(table 1 funcref) (func $f) (elem (i32.const 1) $f)"),
    "elements beyond a second table": with_basis(
        "(table 5 funcref) (table $t 1 externref) (elem (table $t) (i32.const 1) externref (ref.null extern))"
    ),
    "elements beyond a table of 64 bits": with_basis("(table i64 1 funcref) (func $f) (elem (i64.const 1) func $f)"),
    "no elements at a table's end": with_basis("(table 1 funcref) (elem (i32.const 1) func)"),
    "no elements beyond a table": with_basis("(table 1 funcref) (elem (i32.const 2) func)"),
    "elements at an imported table's end": with_basis(IMPORTED_TABLE % "1 funcref" + "(func $f) (elem (i32.const 0) $f)"),
    "elements beyond an imported table": with_basis(IMPORTED_TABLE % "1 5 funcref" + "(func $f) (elem (i32.const 1) $f)"),
}

MOST = {
    "as many elements as V8 makes": 10_000_000,
    "one more": 10_000_001,
    "almost 2^31 elements": 2**31 - 1,
    "2^31 elements": 2**31,
}
TABLES = {
    "imported, of references that are not null": with_basis(IMPORTED_TABLE % "1 (ref func)"),
    "imported, of external references that are not null": with_basis(IMPORTED_TABLE % "0 (ref extern)"),
    "exported, of references that are not null": with_basis('(func $f) (table (export "t") 1 (ref func) (ref.func $f))'),
    "exported, of no declared most": with_basis('(table (export "t") 1 funcref)'),
    "within the module, of 2^32 - 1 elements at most": with_basis(f"(table 1 {2**32 - 1} funcref)"),
    "exported, the second, of 2^31 elements at most": with_basis(f'(table 1 funcref) (table (export "t") 1 {2**31} externref)'),
    "exported, of 64 bits, almost 2^31 elements at most": with_basis(f'(table (export "t") i64 1 {2**31 - 1} funcref)'),
    "exported, of 64 bits, 2^31 elements at most": with_basis(f'(table (export "t") i64 1 {2**31} funcref)'),
    "exported, of 64 bits, 2^64 - 1 elements at most": with_basis(f'(table (export "t") i64 1 {2**64 - 1} funcref)'),
    "imported, of at least ten million elements": with_basis(IMPORTED_TABLE % "10000000 funcref"),
    **{f"imported, of {words} at most": with_basis(IMPORTED_TABLE % f"1 {most} funcref") for words, most in MOST.items()},
    **{f"exported, of {words} at most": with_basis(f'(table (export "t") 1 {most} funcref)') for words, most in MOST.items()},
}


def plugins() -> Iterator[Plugin]:
    yield from named("segments", SEGMENTS)
    yield from named("a table", TABLES)
