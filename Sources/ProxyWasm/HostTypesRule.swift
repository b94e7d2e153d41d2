// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Refuses a module that ends every Envoy which loads it.
///
/// Envoy asks V8's C interface what a module imports and exports, and that ends the process ("unreachable code") at a tag, a vector, or a
/// reference to anything but functions and external values. Seen with Envoy 1.36.2, 1.37.0, 1.38.2, 1.39.0 and 1.40.0.
struct HostTypesRule: AdmissionRule {
    func objection(to facts: ModuleFacts) -> Objection? {
        guard let item = facts.unknownItem else { return nil }
        return Objection(
            "host-types",
            .refuses,
            "ends every Envoy that loads it: its \(item), and Envoy takes i32, i64, f32, f64, funcref and externref only",
            remedy:
                "export and import functions of numbers only: no exception tags, SIMD vectors or garbage-collected types"
        )
    }
}
