# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Plugins for what the runtime demands: a valid module of the features that V8 has, and custom sections that a host can read."""

from collections.abc import Iterator

import wasmtime

from verification.admission.plugin import ABI, MALLOC, Plugin, beside_basis, named, text, with_basis

SMALLEST = bytes(wasmtime.wat2wasm(with_basis("")))
CODE = SMALLEST.index(bytes([10, 9, 2]))  # the section of the code: its number, its size and how many functions
NOT_MODULES = {
    "a function that gives no result": with_basis("(func (result i32))"),
    "an operand of another type": with_basis("(func i64.const 1 i32.eqz drop)"),
    "a local that is not there": with_basis("(func local.get 7 drop)"),
    "a function that is not there": with_basis('(export "x" (func 99))'),
    "a memory access without a memory": text(ABI, MALLOC, "(func i32.const 0 i32.load drop)"),
    "two exports of one name": with_basis('(func (export "x")) (func (export "x"))'),
    "a start function with a parameter": with_basis("(func $f (param i32)) (start $f)"),
    "a constant expression that is none": with_basis("(global i32 (i32.clz (i32.const 1)))"),
    "a memory of more than 4 GiB": text('(memory (export "memory") 65537)', ABI, MALLOC),
    "a memory whose most is less than its least": text('(memory (export "memory") 2 1)', ABI, MALLOC),
    "without its last byte": SMALLEST[:-1],
    "with a byte behind it": SMALLEST + b"\0",
    "without its code": SMALLEST[:CODE],
    "code of one function too few": SMALLEST[:CODE] + bytes([10, 4, 1, 2, 0, 11]),
    "sections in another order": SMALLEST[:8] + SMALLEST[CODE:] + SMALLEST[8:CODE],
    "a section of an unknown number": SMALLEST + bytes([99, 1, 0]),
    "a section that is there twice": SMALLEST + SMALLEST[CODE:],
    "a name that is not UTF-8": bytes(wasmtime.wat2wasm(with_basis('(func (export "~"))'))).replace(b"~", b"\xff"),
    "of version 2": SMALLEST[:4] + bytes([2, 0, 0, 0]) + SMALLEST[8:],
    "of no magic number": b"\1" + SMALLEST[1:],
    "the preamble alone": SMALLEST[:8],
    "half a preamble": SMALLEST[:6],
    "in the text format": with_basis("").encode(),
    "a component": "(component)",
    "a component around a plugin": f"(component (core {with_basis('').removeprefix('(')})",
}


def custom(name: str, content: bytes) -> bytes:
    """The smallest plugin with a custom section behind it."""
    section = bytes([len(name)]) + name.encode() + content
    return SMALLEST + bytes([0, len(section)]) + section


CUSTOM_SECTIONS = {
    "of a name that contains precompiled_": custom("my.precompiled_code", b"abc"),
    "names that a compiler wrote": with_basis("(func $with_a_name (param $and i32))").replace("(module", "(module $plugin", 1),
    "producers": with_basis('(@producers (language "C" "17") (processed-by "clang" "16"))'),
    "debugging information": with_basis('(@custom ".debug_info" "abc") (@custom ".debug_line" "def")'),
    "one before all others": with_basis('(@custom "first" (before first) "abc")'),
    "of no name and no content": with_basis('(@custom "" "")'),
    "two of names, the first good": custom("name", b"\1\4\1\0\1f") + custom("name", b"\xff")[len(SMALLEST) :],
    "two of names, the first bad": custom("name", b"\xff") + custom("name", b"\1\4\1\0\1f")[len(SMALLEST) :],
    "whose name is not UTF-8": SMALLEST + bytes([0, 2, 1, 0xFF]),
    "whose name is longer than it": SMALLEST + bytes([0, 2, 5, 0x61]),
    "a signature": with_basis('(@custom "signature_wasmsign" "abc")'),
    "a section of a name that is native code's elsewhere": with_basis('(@custom "precompile" "abc")'),
}
NATIVE_CODE = {
    "for an Envoy": custom("precompiled_wee8_v14.6.202.10_linux_x86_64", b"abc"),
    "for another runtime": custom("precompiled_wamr", b"abc"),
}

# What a section of names has: parts, each with its number, its size and its content. Part 1 has the names of functions: how many,
# and for each the function, the name's size and the name.
NAME_SECTIONS = {
    "empty": b"",
    "of a function": b"\1\4\1\0\1f",
    "of a function that is not there": b"\1\4\1\x63\1f",
    "of a name that is not UTF-8": b"\1\4\1\0\1\xff",
    "of one function twice": b"\1\7\2\0\1f\0\1g",
    "of parts in another order": b"\1\4\1\0\1f\0\2\1m",
    "of a part that nobody knows": b"\x63\2ab",
    "of a part of locals that makes no sense": b"\2\3\xff\xff\xff",
    "that ends in a part's size": b"\1",
    "whose part is longer than it": b"\0\5\1m",
    "whose names are longer than their part": b"\1\3\1\0\1f",
    "whose names are shorter than their part": b"\1\5\1\0\1f\0",
    "of fewer names than it says": b"\1\4\2\0\1f",
    "of more names than it has bytes": b"\1\4\x7f\0\1f",
    "whose name is longer than it": b"\1\4\1\0\5f",
    "of bytes that are nothing": b"\xff\xff",
}

FEATURES = {
    "sign extension": "(func (param i32) (result i32) local.get 0 i32.extend8_s)",
    "saturating conversion": "(func (param f32) (result i32) local.get 0 i32.trunc_sat_f32_u)",
    "multiple results": "(func (result i32 i64) i32.const 1 i64.const 2)",
    "bulk memory": "(func i32.const 0 i32.const 0 i32.const 0 memory.copy)",
    "passive data": '(data $d "abc") (func i32.const 0 i32.const 0 i32.const 1 memory.init $d data.drop $d)',
    "references": "(table 1 externref) (func (param externref) i32.const 0 local.get 0 table.set 0)",
    "vectors": "(func (param v128) (result v128) local.get 0 local.get 0 i8x16.add)",
    "relaxed vectors": "(func (param v128) (result v128) local.get 0 local.get 0 local.get 0 f32x4.relaxed_madd)",
    "tail calls": "(func $f return_call $f)",
    "extended constant expressions": "(global i32 (i32.add (i32.const 1) (i32.const 2)))",
    "a second memory": "(memory $m 1) (func (result i32) i32.const 0 i32.load $m)",
    "a memory of 64 bits": "(memory $m i64 1) (func (result i32) i64.const 0 i32.load $m)",
    "a table of 64 bits": "(table $t i64 1 funcref) (func (result funcref) i64.const 0 table.get $t)",
    "references to functions": "(type $t (func)) (elem declare func $f) (func $f (type $t)) (func ref.func $f call_ref $t)",
    "structures": "(type $s (struct (field i32))) (func (result (ref $s)) i32.const 1 struct.new $s)",
    "arrays": "(type $a (array i8)) (func (result (ref $a)) i32.const 1 array.new_default $a)",
    "casts": "(func (param anyref) (result i32) local.get 0 ref.test (ref i31))",
    "exceptions": "(tag $t (param i32)) (func (result i32) (block $b (result i32) (try_table (catch $t $b)) (i32.const 1)))",
    "exceptions as they were before": "(tag $t) (func try throw $t catch $t catch_all end)",
    "exceptions as they are, and as they were before": "(func try catch_all end) (func try_table end)",
    "exceptions as they were before, and references to them": "(func try catch_all end) (func (local exnref))",
    "exceptions as they were before, and references to them outside of code": (
        "(func try catch_all end) (global exnref (ref.null exn)) (func (param exnref))"
    ),
    "atomic access": "(func (result i32) i32.const 0 i32.const 1 i32.atomic.rmw.add)",
    "atomic access to a shared memory": "(memory $m 1 2 shared) (func (result i32) i32.const 0 i32.atomic.load $m)",
    "arithmetic of 128 bits": "(func (param i64) (result i64 i64) local.get 0 local.get 0 i64.mul_wide_s)",
    "pages of another size": "(memory $m 1 2 (pagesize 1))",
    "continuations": "(type $f (func)) (type $c (cont $f)) (func (param (ref $f)) local.get 0 cont.new $c drop)",
}


PARAMETERS, LOCALS = 1_000, 50_000  # the most that V8 takes (`wasm-limits.h`)
LIMITS = {
    "as many parameters as V8 takes": f"(func (param {'i32 ' * PARAMETERS}))",
    "a parameter too many": f"(func (param {'i32 ' * (PARAMETERS + 1)}))",
    "as many results as V8 takes": f"(func (result {'i32 ' * PARAMETERS}) unreachable)",
    "a result too many": f"(func (result {'i32 ' * (PARAMETERS + 1)}) unreachable)",
    "as many locals as V8 takes": f"(func (local {'i32 ' * LOCALS}))",
    "a local too many": f"(func (local {'i32 ' * (LOCALS + 1)}))",
    "as large a table as V8 takes": "(table 10000000 funcref)",
    "a table of an element too many": "(table 10000001 funcref)",
}


def plugins() -> Iterator[Plugin]:
    yield from named("no module", NOT_MODULES)
    yield from named("custom sections", CUSTOM_SECTIONS)
    yield from named("a name section", {name: custom("name", content) for name, content in NAME_SECTIONS.items()})
    yield from named("native code", NATIVE_CODE, difference="native-code")
    yield from named("a feature", beside_basis(FEATURES))
    yield from named("a limit", beside_basis(LIMITS))
