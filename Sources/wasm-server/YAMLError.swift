// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why a text of YAML is no configuration of a plugin.
enum YAMLError: Error, Hashable {
    /// It is not YAML; where and why.
    case syntax(String)
    /// It is not one document, but so many.
    case documents(Int)
    /// JSON has nothing for what it says; on which line, what it is, and what to write instead.
    case value(line: Int?, String)
}
