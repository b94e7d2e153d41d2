// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform

/// The process's standard output and error, written without a buffer in between.
enum StandardStream: Int32 {
    case output = 1
    case error = 2

    /// Prints a line.
    func print(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        // There is nobody left to tell if this fails.
        _ = unsafe platform_write(rawValue, bytes, bytes.count)
    }
}
