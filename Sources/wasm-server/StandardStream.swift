// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import ServerClient

/// The process's standard output and error, written without a buffer in between.
enum StandardStream: Int32 {
    case output = 1
    case error = 2

    /// Whether a person reads it, at a terminal.
    var isTerminal: Bool { platform_is_terminal(rawValue) == 1 }

    /// Says something to whoever reads it, in one line: what others have written in it can neither make another nor steer a terminal.
    func say(_ line: String) {
        print(line.printable)
    }

    /// Prints text as it is, and ends the line.
    func print(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        // There is nobody left to tell if this fails.
        _ = unsafe platform_write(rawValue, bytes, bytes.count)
    }
}
