# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Valid modules in the text format, one for each part of the language; most vectors are what becomes of them by mutation."""

TEXTS = {
    "a number": '(module (func (export "a") (param f64) (result f64) local.get 0 f64.sqrt))',
    "structures and arrays": (
        "(module (type $s (struct (field (mut i32)) (field i8))) (type $a (array (mut (ref null $s)))) (rec "
        "(type $x (struct (field (ref null $y)))) (type $y (struct (field (ref null $x))))) (func (param (ref "
        "null $s)) (result i32) local.get 0 struct.get $s 0) (func (result (ref $a)) i32.const 3 array.new_default "
        "$a) (func (result (ref $x)) ref.null $y struct.new $x))"
    ),
    "a caught exception": (
        "(module (tag $t (param i32)) (func (result i32) (block $h (result i32) (try_table (catch $t $h) i32.const "
        "1 throw $t) i32.const 5)))"
    ),
    "a memory of 64 bits": "(module (memory i64 1) (func (result i32) i64.const 0 i32.load))",
    "a vector": (
        "(module (memory 1) (func (result v128) i32.const 0 v128.load i32.const 0 v128.load i8x16.shuffle "
        "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31))"
    ),
    "two memories": "(module (memory 1) (memory 1) (func (memory.copy 0 1 (i32.const 0) (i32.const 0) (i32.const 1))))",
    "tail calls": (
        "(module (func $f (result i32) return_call $f) (table funcref (elem $f)) (func (result i32) i32.const "
        "0 return_call_indirect (result i32)))"
    ),
    "a reference to a function": (
        "(module (type $t (func (param i32) (result i32))) (elem declare func $f) (func $f (type $t) local.get "
        "0) (func (result i32) i32.const 1 ref.func $f call_ref $t))"
    ),
    "atomic access": "(module (memory 1 1 shared) (func (result i32) i32.const 0 i32.const 1 i32.atomic.rmw.add atomic.fence))",
    "a data segment": ('(module (memory 1) (data "abc") (func i32.const 0 i32.const 0 i32.const 1 memory.init 0 data.drop 0))'),
    "code that cannot be reached": (
        "(module (func (result i32) unreachable i32.add) (func (param i32) (result i64) (block (result i64) "
        "(br_table 0 0 (i64.const 1) (local.get 0)))))"
    ),
    "subtypes and casts": (
        "(module (type $e (sub (struct (field i32)))) (type $f (sub $e (struct (field i32) (field (mut i64))))) "
        "(type $g (sub final $f (struct (field i32) (field (mut i64)) (field anyref)))) (type $ft (func (param "
        "anyref) (result (ref null $e)))) (func (param anyref) (result i32) local.get 0 ref.test (ref $f)) "
        "(func (param anyref) (result (ref null $e)) local.get 0 ref.cast (ref null $g)) (func (param anyref) "
        "(result (ref $f)) (block $l (result (ref $f)) (br_on_cast $l anyref (ref $f) (local.get 0)) unreachable)) "
        "(func (param anyref) (result anyref) (block $l (result anyref) (br_on_cast_fail $l anyref (ref $f) "
        "(local.get 0)) )) (func (param (ref null $f)) (block $l (br_on_null $l (local.get 0)) drop)) (func "
        "(param (ref null $f)) (result (ref $f)) (block $l (result (ref $f)) (br_on_non_null $l (local.get "
        "0)) unreachable)) (func (param externref) (result anyref) local.get 0 any.convert_extern) (func (param "
        "anyref) (result externref) local.get 0 extern.convert_any) (func (param i32) (result i32) local.get "
        "0 ref.i31 i31.get_s) (func (param eqref eqref) (result i32) local.get 0 local.get 1 ref.eq))"
    ),
    "arrays": (
        "(module (type $a (array (mut i8))) (type $b (array i64)) (type $c (array (mut funcref))) (data $d "
        '"abcd") (elem $e funcref (ref.null func)) (func (param (ref $a)) (result i32) local.get 0 i32.const '
        "0 array.get_s $a local.get 0 array.len i32.add) (func (result (ref $a)) i32.const 0 i32.const 2 array.new_data "
        "$a $d) (func (result (ref $c)) i32.const 0 i32.const 1 array.new_elem $c $e) (func (result (ref $b)) "
        "i64.const 1 i64.const 2 array.new_fixed $b 2) (func (param (ref $a) (ref $a)) local.get 0 i32.const "
        "0 local.get 1 i32.const 0 i32.const 1 array.copy $a $a local.get 0 i32.const 0 i32.const 1 i32.const "
        "3 array.fill $a local.get 0 i32.const 0 i32.const 0 i32.const 1 array.init_data $a $d) (func (param "
        "(ref $c)) local.get 0 i32.const 0 i32.const 0 i32.const 1 array.init_elem $c $e) (global (ref $b) "
        "(array.new_fixed $b 1 (i64.const 1))) (global (ref null $a) (array.new_default $a (i32.const 1))))"
    ),
    "control": (
        '(module (type $t (func (param i32 i64) (result i64 i32))) (func (export "a") (type $t) local.get '
        "0 local.get 1 (block (param i32 i64) (result i64 i32) (loop (param i32 i64) (result i64 i32) (local.set "
        "1) (local.set 0) (if (result i64) (local.get 0) (then (i64.const 1)) (else (i64.const 2))) (i32.const "
        "0)))) (func (param i32) (result i32) (block (block (block (local.get 0) (br_table 0 1 2)) (return "
        "(i32.const 1))) (return (i32.const 2))) (i32.const 3)) (func (result i32) (select (i32.const 1) (i32.const "
        "2) (i32.const 0)) (drop) (select (result i64) (i64.const 1) (i64.const 2) (i32.const 0)) (i32.wrap_i64)) "
        "(func (local i32 i64 f32 f64) (local.set 0 (i32.const 1)) (local.set 1 (i64.extend_i32_s (local.tee "
        "0 (i32.const 2)))) (br 0) (unreachable)))"
    ),
    "tables": (
        "(module (table $t 2 10 funcref) (table $x 1 externref) (table i64 1 funcref) (elem (i32.const 0) "
        "$f $f) (elem $p func $f) (elem declare func $f) (func $f) (func (param externref) (table.set $x (i32.const "
        "0) (local.get 0)) (drop (table.get $x (i32.const 0))) (drop (table.grow $x (local.get 0) (i32.const "
        "1))) (table.fill $x (i32.const 0) (local.get 0) (i32.const 1)) (table.init $t $p (i32.const 0) (i32.const "
        "0) (i32.const 1)) (elem.drop $p) (table.copy $t $t (i32.const 0) (i32.const 0) (i32.const 1)) (drop "
        "(table.size $t)) (drop (ref.func $f)) (call_indirect (i32.const 0)) (call_indirect 2 (i64.const 0))))"
    ),
    "memory, globals and imports": (
        '(module (import "env" "m" (memory 1 2)) (import "env" "g" (global i32)) (import "env" "f" (func $i '
        "(param i32) (result i32))) (global $m (mut i32) (global.get 0)) (global i32 (i32.add (global.get "
        '0) (i32.const 4))) (data (i32.const 0) "x") (data (global.get 0) "y") (start $s) (func $s (i32.store8 '
        "offset=4 (i32.const 0) (i32.load16_u align=1 (i32.const 0))) (f64.store (i32.const 0) (f64.load (i32.const "
        "8))) (drop (memory.grow (memory.size))) (memory.fill (i32.const 0) (i32.const 1) (i32.const 2)) (global.set "
        '$m (call $i (i32.const 1)))) (export "s" (func $s)) (export "m" (memory 0)) (export "g" (global 1)))'
    ),
    "exceptions with references": (
        "(module (tag $a (param i32 i64)) (tag $b) (func (result i32) (block $o (block $h (result i32 i64 "
        "exnref) (try_table (result i32) (catch_ref $a $h) (catch $b 1) (i32.const 0)) (return)) (throw_ref)) "
        "(i32.const 2)) (func (throw $b)))"
    ),
    "lanes": (
        "(module (memory 1) (func (param v128 v128) (result v128) (i8x16.swizzle (local.get 0) (local.get "
        "1)) (i32x4.dot_i16x8_s (local.get 0)) (v128.bitselect (local.get 0) (local.get 1)) (f32x4.replace_lane "
        "3 (f32.const 1)) (v128.load8_lane 15 (i32.const 0) (local.get 0)) i8x16.add (i64x2.shl (i32.const 1)) (f32x4.relaxed_madd "
        "(local.get 0) (local.get 1)) ) (func (param v128) (result i32) (i16x8.extract_lane_u 7 (local.get "
        "0)) (i8x16.bitmask (v128.const i32x4 1 2 3 4)) i32.add (v128.any_true (local.get 0)) i32.add))"
    ),
    "types that name each other": (
        "(module (rec (type $a (sub (func (param (ref null $b))))) (type $b (sub (struct (field (ref null "
        "$a)))))) (rec (type $c (sub (func (param (ref null $d))))) (type $d (sub (struct (field (ref null "
        "$c)))))) (func $f (type $a)) (global (ref $c) (ref.func $f)) (elem declare func $f) (func (param "
        "(ref $d)) (result (ref $b)) (local.get 0)) (func (local (ref $a)) (local.set 0 (ref.func $f)) (call_ref "
        "$a (ref.null $b) (local.get 0))))"
    ),
    "equal types behind a group of none": (
        "(module (rec) (type $a (func (param i64))) (type $b (func (param i64))) (func $f (type $b)) (global (ref $a) "
        "(ref.func $f)))"
    ),
    "exceptions as they are and have references": (
        "(module (tag $t (param exnref)) (func (param exnref) (local nullexnref) (block $b (result exnref) (block (result "
        "(ref exn)) (try_table (catch_all_ref 0) (throw $t (local.get 0))) (return)) (br $b)) (throw_ref)))"
    ),
}
