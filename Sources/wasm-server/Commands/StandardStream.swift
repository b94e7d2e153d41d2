// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Content
internal import ServerClient
internal import Synchronization

/// The process's standard output and error, written without a buffer in between.
enum StandardStream: Int32 {
    case output = 1
    case error = 2

    /// The first error of what could not be written, by stream.
    private static let failures = Mutex<[Self: CInt]>([:])

    /// Whether a person reads it, at a terminal.
    var isTerminal: Bool { platform_is_terminal(rawValue) == 1 }

    /// Says something to whoever reads it, in one line: what others have written in it can neither make another nor steer a terminal.
    func say(_ line: String) {
        print(line.printable)
    }

    /// Prints text as it is, and ends the line.
    ///
    /// When whoever read standard output has gone, as `head` does, the process ends by SIGPIPE, without a word: libraries ignore that
    /// signal, and so do some of those who start commands.
    func print(_ line: String) {
        if offer(line) == -EPIPE, self == .output { platform_end_by_broken_pipe() }
    }

    /// Prints text as it is, and ends the line, for whoever may read it: the process goes on if nobody does.
    ///
    /// - Returns: 0, or the negative number of the error.
    @discardableResult
    func offer(_ line: String) -> CInt {
        let bytes = Array("\(line)\n".utf8)
        let result = unsafe platform_write(rawValue, bytes, bytes.count, nil)
        if result < 0 { Self.failures.withLock { $0[self] = $0[self] ?? -result } }
        return result
    }

    /// Requires that all was written so far: whoever reads a part must not take it for the whole.
    ///
    /// - Throws: ``CommandFailure``.
    func requireWritten() throws(CommandFailure) {
        guard let error = Self.failures.withLock({ $0[self] }) else { return }
        let reason = error == ENOSPC ? "no space left" : "error \(error)"
        throw CommandFailure(
            .inputOutput,
            "standard output: cannot be written (\(reason)); what was printed is not complete, so make room or print it elsewhere"
        )
    }
}
