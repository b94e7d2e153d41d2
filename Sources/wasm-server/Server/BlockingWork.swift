// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Dispatch

/// Work that waits, for the disk say, on a thread that may: neither an event loop nor one of Swift's own.
enum BlockingWork {
    /// Does the work, and comes back when it is done.
    static func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: work()) }
        }
    }
}
