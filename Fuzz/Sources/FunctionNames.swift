// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

@testable import ModuleInspection

extension FuzzTarget {
    /// What a module calls its functions: names of Rust's, C++'s and Go's.
    static let functionNames = FuzzTarget("function-names") { (bytes: [UInt8]) in
        for isGo in [false, true] {
            var effort = 0
            let name = FunctionName(bytes, isGo: isGo, effort: &effort)
            require(effort < 1_000_000, "a name takes \(effort)")
            require(name.text.utf8.count <= max(4096 + 3, bytes.count * 3), "a name is written in bounds")
            require(name.owner?.isEmpty != true, "an owner has a name")
            var again = 0
            require(FunctionName(bytes, isGo: isGo, effort: &again) == name, "a name is always read alike")
        }
        var effort = 0
        let rust = RustName.demangled(bytes, &effort)
        require(rust == nil || bytes.starts(with: "_R".utf8), "only names of Rust's are demangled as those")
    }
}
