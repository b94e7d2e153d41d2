// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CTestPlatform
internal import Dispatch
internal import Foundation
internal import Synchronization

/// A program that runs beside the tests, with files as its input and output.
///
/// Foundation's `Process` is not used: on Linux it reads beyond a buffer when more than a thousand descriptors are open
/// (swift-corelibs-foundation#5472), as they are when many servers are tested at once.
package final class ChildProcess: Sendable {
    private let id: Int32
    /// How it ended; nil while it runs.
    ///
    /// Its id may be another's only after this is set, so signals are sent under this lock.
    private let outcome = Mutex<Int32?>(nil)
    private let ended = DispatchGroup()

    /// The files that a program reads and appends to, by their paths; they have to exist.
    package struct Files {
        let input: String
        let output: String
        let errors: String

        /// The files by what they are for.
        package init(input: String = "/dev/null", output: String, errors: String) {
            (self.input, self.output, self.errors) = (input, output, errors)
        }
    }

    /// Starts a program that has no other descriptors, and no signals blocked or ignored.
    ///
    /// - Parameters:
    ///   - command: The program, by its path or its name in `PATH`, and its arguments.
    ///   - environment: The variables that it sees.
    ///   - files: What it reads and writes.
    /// - Throws: What kept it from starting.
    package init(_ command: [String], environment: [String: String], files: Files) throws {
        let code = unsafe withCStrings(command) { arguments in
            unsafe withCStrings(environment.map { "\($0.key)=\($0.value)" }) { variables in
                unsafe withCStrings([files.input, files.output, files.errors]) { paths in
                    var paths = unsafe (0..<3).map { unsafe UnsafePointer(paths[$0]) }
                    return unsafe test_spawn(arguments, variables, &paths)
                }
            }
        }
        guard code > 0 else { throw Failure(command: command, errno: -code) }
        id = code
        ended.enter()
        // A thread of its own: those of Swift's tasks and of Dispatch are too few to wait on.
        Thread.detachNewThread { [self] in
            _ = test_await(id)
            outcome.withLock { $0 = test_reap(id) }
            ended.leave()
        }
    }

    /// Whether it has not ended yet.
    package var isRunning: Bool { outcome.withLock { $0 == nil } }

    /// Sends it a signal, if it runs.
    package func send(_ signal: Int32) {
        outcome.withLock { outcome in
            if outcome == nil { kill(id, signal) }
        }
    }

    /// Waits for it to end: its exit code, or minus the number of the signal that ended it.
    package func exitCode() async -> Int32 {
        await withCheckedContinuation { continuation in
            ended.notify(queue: .global()) { continuation.resume() }
        }
        return outcome.withLock { $0 ?? -1 }
    }

    /// A program that cannot be started.
    struct Failure: Error {
        let command: [String]
        let errno: Int32
    }
}

/// Gives `body` an array of C strings that ends with NULL.
private func withCStrings<Result>(
    _ strings: [String],
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    let array = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
    for (index, string) in strings.enumerated() { unsafe (array + index).initialize(to: strdup(string)) }
    unsafe (array + strings.count).initialize(to: nil)
    defer {
        for index in strings.indices { unsafe free(array[index]) }
        unsafe array.deallocate()
    }
    return unsafe body(array)
}
