// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import Synchronization

/// A pipe that is read only from a moment on, by a thread of its own.
final class DrainedPipe: Sendable {
    private let pipe = Pipe()
    private let content = Mutex(Data())
    private let ended = DispatchSemaphore(value: 0)

    /// Where to write.
    var descriptor: Int32 { pipe.fileHandleForWriting.fileDescriptor }

    /// What was read so far.
    var received: Data { content.withLock(\.self) }

    /// Begins to read.
    func drain() {
        Thread.detachNewThread { [self] in
            while case let data = pipe.fileHandleForReading.availableData, !data.isEmpty {
                content.withLock { $0 += data }
            }
            ended.signal()
        }
    }

    /// All that was written, once nothing comes any more.
    func finish() throws -> String {
        try pipe.fileHandleForWriting.close()
        ended.wait()
        return String(decoding: received, as: UTF8.self)
    }
}
