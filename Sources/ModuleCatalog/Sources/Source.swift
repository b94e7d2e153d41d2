// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Where modules come from.
package enum Source: Hashable, Sendable, CustomStringConvertible {
    /// A `.wasm` file, served under its own name; or a directory: every `.wasm` below, at its relative path.
    case path(String)
    /// A file of any name that is served as `/plugin.wasm`, as Kuadrant's `WASM_SERVER_FILE_PATH` is.
    case plugin(file: String)
    /// Bytes that the program brings along.
    case embedded(ModulePath, [UInt8])

    /// The source as it is named in messages.
    package var description: String {
        switch self {
        case .path(let path), .plugin(let path): path
        case .embedded(let path, _): "embedded \(path)"
        }
    }
}
